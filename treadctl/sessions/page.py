"""What every page of ours is put together with: escaping, tables, and a style for screen, dark screen and paper.

A page is one file: no script, nothing is loaded, and its own policy forbids both. All text from files and devices goes
through `shown` and nothing else; what is not text is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from treadctl.model.text import safe_text

from .report_svg import Scale

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MOST_TEXT = 300
WORDS = ' class="words"'
STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--panel:#f6f8fa;
--forth:#d6e8f7;--back:#fbe3b0;--stripe:#c98a1b;--speed:#0b5394;--target:#1b1f24;--heart:#b3261e;--slope:#6f42a8;
--alarm:#b3261e;--badge:#7a3d00}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#a5b0bb;--paper:#0f1419;--line:#3b444d;--panel:#1a2129;
--forth:#1d3448;--back:#3d3116;--stripe:#8f6a1f;--speed:#7cc0ff;--target:#e6edf3;--heart:#ff8f86;--slope:#c9a6f5;
--alarm:#ff8f86;--badge:#ffc46b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.4rem 0}.soft{color:var(--soft)}
.first{font-size:1.25rem;line-height:1.4;margin:1rem 0}
.notice{border:2px solid var(--badge);border-radius:.4rem;padding:.5rem .8rem;margin:.8rem 0}
.notice b{color:var(--badge)}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin:1rem 0}
dl.facts div{background:var(--panel);border-radius:.4rem;padding:.5rem .8rem}
dl.facts dt{color:var(--soft);font-size:.85rem}dl.facts dd{margin:0;font-size:1.3rem;font-variant-numeric:tabular-nums}
figure{margin:1rem 0}figcaption{font-size:.9rem;color:var(--soft)}
.scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid var(--speed);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:600}tbody th{font-weight:400}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
thead th.n{white-space:normal}th.n:first-child{width:1%}td.words{overflow-wrap:anywhere}
svg{display:block;width:100%;min-width:38rem;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
svg .way{font-weight:700;text-anchor:middle;fill:var(--ink)}svg .value{text-anchor:end}svg .time{text-anchor:middle}
.forth{fill:var(--forth)}.back{fill:var(--back)}.stripe{fill:var(--stripe);opacity:.45}.hatch{fill:url(#back)}
.lost{fill:none;stroke:var(--soft);stroke-dasharray:2 4}
.grid{stroke:var(--line);stroke-width:.6}.axis{stroke:var(--soft)}
polyline{fill:none;stroke-linejoin:round}
.speed{stroke:var(--speed);stroke-width:2.2}.target{stroke:var(--target);stroke-width:1.3;stroke-dasharray:5 3}
.incline{stroke:var(--slope);stroke-width:2}.heart{stroke:var(--heart);stroke-width:1.8}
.cue{stroke:var(--soft);stroke-width:1.5}.alarm line{stroke:var(--alarm);stroke-width:1.5}
svg .alarm text{fill:var(--alarm);font-weight:700;text-anchor:middle;font-size:15px}
.key{display:inline-block;width:2.2rem;height:.9rem;min-width:0;vertical-align:-.1rem;margin:0 .3rem 0 0}
.legend span{display:inline-block;margin-right:1.1rem}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.8rem;font-size:.85rem;color:var(--soft)}
@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--line:#999;--panel:#fff;--forth:#e2eef8;--back:#fdeecb;
--stripe:#a87412;--speed:#00407a;--target:#000;--heart:#8c1d18;--slope:#4f2d80;--alarm:#8c1d18;--badge:#5c2e00}
body{font-size:10.5pt}
table{font-size:9pt}th,td{padding:.16rem .5rem .16rem 0}
main{max-width:none;padding:0}svg{min-width:0}.scroll{overflow:visible}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h2{break-after:avoid;margin-top:1.1rem}.first{font-size:12.5pt;margin:.6rem 0}dl.facts dd{font-size:11pt}
dl.facts{grid-template-columns:repeat(auto-fit,minmax(6.2rem,1fr))}dl.facts div{padding:.2rem .5rem}
dl.facts dt{font-size:8pt}
footer{margin-top:1rem}
tr,figure,dl.facts div{break-inside:avoid}thead{display:table-header-group}
dl.facts div{border:1px solid var(--line)}@page{margin:15mm}}
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is for: how speeds are read, a time of a session in words, and the last line of every page."""

    scale: Scale
    words: Callable[[str], str]
    when: str
    foot: str

    def text(self, text: str) -> str:
        """Foreign text, or a sentence of the model, as it may stand in a page."""
        return shown(self.words(text))

    def speed(self, speed: int) -> str:
        return f"{self.scale.words(speed)} {self.scale.unit}"


def shown(text: str) -> str:
    """Foreign text as it may stand in a page."""
    return escape(safe_text(text, MOST_TEXT))


def page(title: str, body: Iterable[str]) -> str:
    """The whole file; `title` is foreign, `body` is made of what is escaped."""
    return "\n".join((
        '<!doctype html>', '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">', f"<title>{shown(title)}</title>",
        f"<style>{STYLE}</style>", "</head>", "<body>", "<main>", *body, "</main>", "</body>", "</html>", "",
    ))  # fmt: skip


def table(caption: str, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterable[str]:
    """A table whose cells are escaped already. "#" before a head: a column of numbers. The first column heads rows."""
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table><thead><tr>'
    kinds = [' class="n"' if head.startswith("#") else "" for head in heads]
    named = zip((head.removeprefix("#") for head in heads), kinds, strict=True)
    yield "".join(f'<th scope="col"{kind}>{head}</th>' for head, kind in named)
    yield "</tr></thead><tbody>"
    for line in lines:
        first, *rest = line
        cells = "".join(
            f'<td{kind or WORDS}>{cell}</td>' for cell, kind in zip(rest, kinds[1:], strict=True)
        )
        yield f'<tr><th scope="row"{kinds[0]}>{first}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A row of figures."""
    return f'<dl class="facts">{"".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs)}</dl>'


def notice(head: str, text: str) -> str:
    return f'<p class="notice"><b>{head}</b> {text}</p>'
