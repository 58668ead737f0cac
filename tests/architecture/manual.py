"""The man pages and the completions of the shells, made from the parsers of the two programs.

    .venv/bin/python -P -m tests.architecture.manual

writes all of them into `share/`, from where the wheel takes them; `test_manual.py` holds them to the parsers. Nothing
of treadctl reads them. The completions are those of shtab; what only this project knows (names of profiles, plans,
machines) is put into the parsers first, on copies that nobody parses with.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import shtab
from treadsim.cli import parser as treadsim_parser

from treadctl import __version__
from treadctl.cli import parsers
from treadctl.clients.words import STANDING_SENTENCE
from treadctl.files.plans import shipped_plans
from treadctl.files.profile import shipped_profiles
from treadctl.files.quirks import quirk_names

ROOT = Path(__file__).resolve().parents[2]
SHARE = ROOT / "share"
FILES = (
    ("~/.config/treadctl/config.toml", "the settings (treadctl config)"),
    ("~/.config/treadctl/person.json", "what is known of you (treadctl person), readable by you alone"),
    ("~/.local/state/treadctl/", "what was learnt of treadmills, what is locked, which walks were rehearsed"),
    ("~/.local/share/treadctl/sessions/", "one file for each walk"),
)
ENVIRONMENT = (
    ("TREADCTL_NAME", "the setting NAME of treadctl config, such as TREADCTL_ADAPTER=hci1, in place of the file's"),
    ("TREADCTL_DEBUG", "where this is 1, a bug shows its traceback"),
    ("TREADCTL_VOICE_FILE", "write what would be heard into this file (simulated treadmills only)"),
    ("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME", "other places for the files above"),
)
PROFILE = {"bash": "_treadctl_profile", "zsh": "_treadctl_profile", "fish": "(_treadctl_profile)"}
NAMES_OR_FILES = {
    "bash": """_treadctl_profile() {{
  compgen -W "{names}" -- "$1"
  compgen -f -X '!*.@(yaml|yml)' -- "$1"
  compgen -d -S '/' -- "$1"
}}
shopt -q extglob || shopt -s extglob""",
    "zsh": """_treadctl_profile() {{
  _alternative 'names:profile:({names})' 'files:file:_files -g "*.(yaml|yml)"'
}}""",
    "fish": """function _treadctl_profile
  string split ' ' '{names}'
  __fish_complete_suffix .yaml
end""",
}
"""How each shell completes a PROFILE: a name that treadctl brings, or a file."""
SHELLS = {
    "bash": "bash-completion/completions/{}",
    "zsh": "zsh/site-functions/_{}",
    "fish": "fish/vendor_completions.d/{}.fish",
}
"""Where each shell looks for the completion of a program."""
HIDDEN = argparse.SUPPRESS
WIDTH = 78


def main() -> None:
    """Write every file."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


def pages() -> dict[Path, str]:
    """Every file that belongs into `share/`, with its text."""
    found = {}
    for name in ("treadctl", "treadsim"):
        found[SHARE / "man/man1" / f"{name}.1"] = man_page(whole(name))
        for shell, place in SHELLS.items():
            found[SHARE / place.format(name)] = completion(whole(name), shell)
    return found


def whole(program: str) -> argparse.ArgumentParser:
    """Everything that can be said to this program; a new one at every call."""
    return parsers(None, whole=True)[0] if program == "treadctl" else treadsim_parser()


def verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """This parser and all below it, in the order in which they were added."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from verbs(below)


# --- completions -----------------------------------------------------------------------------------------------------


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """What completes this program's words in a shell."""
    for one in verbs(parser):
        for action in one._actions:
            _teach(action)
    names = " ".join(path.stem for path in shipped_profiles())
    preamble = NAMES_OR_FILES[shell].format(names=names) if parser.prog == "treadctl" else ""
    written: str = shtab.complete(parser, shell=shell, preamble=preamble)
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


def _teach(action: argparse.Action) -> None:
    """What shtab has to know beyond the parser."""
    if action.metavar == "PROFILE":
        action.complete = PROFILE  # type: ignore[attr-defined]  # shtab reads it
    elif action.metavar == "FILE":
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    elif action.metavar == "DIR":
        action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    elif action.metavar == "PLAN":
        action.choices = [path.stem for path in shipped_plans()]
    elif action.dest == "quirk":
        action.choices = quirk_names()


# --- man pages -------------------------------------------------------------------------------------------------------


def man_page(parser: argparse.ArgumentParser) -> str:
    """Section 1, in the macros of man(7)."""
    first = (parser.description or "").rstrip(".")
    lines = [
        f".\\\" Made by python -m tests.architecture.manual: do not edit.\n.TH {parser.prog.upper()} 1 \"\" "
        f"\"{parser.prog} {__version__}\" \"User Commands\"",
        ".SH NAME", f"{parser.prog} \\-", roff(first[:1].lower() + first[1:]),
        ".SH SYNOPSIS", f".B {parser.prog}", "[\\fIoptions\\fR] \\fICOMMAND\\fR ...",
        ".SH DESCRIPTION", roff(f"{first}."), ".PP", roff(STANDING_SENTENCE),
        *_options(parser), ".SH COMMANDS",
    ]  # fmt: skip
    for one in list(verbs(parser))[1:]:
        typed = " ".join(roff(synopsis(one)).splitlines())
        lines += [f'.SS "{typed}"', roff(_sentence(one.description or "")), *_words(one)]
    return "\n".join([*lines, *_ending(parser.prog)]) + "\n"


def _options(parser: argparse.ArgumentParser) -> list[str]:
    return [".SH OPTIONS", *_words(parser)]


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """Its options and what follows it, each with its help; --help is said once, at the top."""
    lines = []
    for action in parser._actions:
        if action.help in (None, HIDDEN) or isinstance(action, argparse._SubParsersAction):
            continue
        if isinstance(action, argparse._HelpAction) and " " in parser.prog:
            continue
        lines += [".TP", _named(action), roff(_sentence(action.help or ""))]
    return lines


def _named(action: argparse.Action) -> str:
    """An option or a place in the line, as it is typed."""
    value = "" if action.nargs == 0 else f" \\fI{roff(_value(action))}\\fR"
    if not action.option_strings:
        return value.strip()
    return ", ".join(f"\\fB{roff(name)}\\fR{value}" for name in action.option_strings)


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def synopsis(parser: argparse.ArgumentParser) -> str:
    """One line: what is typed."""
    shown = []
    for action in parser._actions:
        if action.help == HIDDEN or isinstance(action, argparse._HelpAction):
            continue
        if isinstance(action, argparse._SubParsersAction):
            shown.append("VERB ..." if action.required else "[VERB ...]")
        elif action.option_strings:
            typed = action.option_strings[0] + ("" if action.nargs == 0 else f" {_value(action)}")
            shown.append(typed if action.required else f"[{typed}]")
        else:
            more = {"+": "{0} ...", "?": "[{0}]", "*": "[{0} ...]"}.get(str(action.nargs), "{0}")
            shown.append(more.format(_value(action)))
    return " ".join([parser.prog, *shown])


def _ending(program: str) -> list[str]:
    """What stands below the commands."""
    if program != "treadctl":
        return [".SH SEE ALSO", ".BR treadctl (1)"]
    lines = [".SH EXIT STATUS"]
    for code, means in exit_codes():
        lines += [".TP", f".B {code}", roff(_sentence(means))]
    for heading, rows in (("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)):
        lines.append(f".SH {heading}")
        for what, means in rows:
            lines += [".TP", f".I {roff(what)}", roff(_sentence(means))]
    return [*lines, ".SH SEE ALSO", ".BR treadsim (1)"]


def exit_codes() -> list[tuple[str, str]]:
    """As the README has them."""
    _, _, below = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Exit codes")
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", below, re.MULTILINE)
    return [(code, means.replace("`", "")) for code, means in rows]


def _sentence(text: str) -> str:
    """As a line of a page: with a capital and a full stop, argparse's % signs undone."""
    plain = " ".join(text.replace("%%", "%").replace("%(prog)s", "the program").split())
    return f"{plain[:1].upper()}{plain[1:].removesuffix('.')}."


def roff(text: str) -> str:
    """Text that roff shows as it is, in lines: one that began with a dot or a quote would be an order to roff."""
    shown = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    lines = textwrap.wrap(shown, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line[:1] in {".", "'"} else line for line in lines)


if __name__ == "__main__":
    main()
