"""Every screen in a moment that says something of it, by name: what the pictures in `docs/screens` show.

`python -m tests.tui.take_pictures` draws them anew; `test_screens.py` compares them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tests.cli.records import CELLAR
from tests.plans.made import at
from tests.tui.a_past import AHEAD, ONE, PAST, SUMS, TROUBLED
from tests.tui.fakes import FakeAccess, FakeClock
from tests.tui.moments import (
    ALL,
    BACKWARD,
    CHECKING,
    DONE,
    FORWARD,
    PLAN,
    PROGRAM,
    READY,
    SEGMENTS,
)
from treadctl.clients.evening import Step
from treadctl.clients.found import sightings
from treadctl.clients.hear import QUESTION, judge
from treadctl.clients.known import Words
from treadctl.clients.past_words import sums_of
from treadctl.clients.planning import known, start
from treadctl.clients.reading import Units
from treadctl.clients.screening_talk import Talk
from treadctl.clients.settings import rows
from treadctl.clients.tui.after_page import After, paint_after
from treadctl.clients.tui.canvas import Canvas
from treadctl.clients.tui.card_page import paint_card
from treadctl.clients.tui.cards import card_of
from treadctl.clients.tui.chart import History
from treadctl.clients.tui.choosing import Downloads, Offer
from treadctl.clients.tui.glance import paint_beside_code
from treadctl.clients.tui.home_page import paint_all_keys, paint_home
from treadctl.clients.tui.interview import question_card
from treadctl.clients.tui.look import Letters, Look
from treadctl.clients.tui.papers import Papers
from treadctl.clients.tui.past_page import Part, PastView, paint_past
from treadctl.clients.tui.picker_page import paint_picker
from treadctl.clients.tui.picking import Linked, Picking
from treadctl.clients.tui.plan_page import PlanView, paint_plan
from treadctl.clients.tui.preview_page import paint_preview
from treadctl.clients.tui.settings_page import paint_settings
from treadctl.clients.tui.shared_page import paint_shared
from treadctl.clients.tui.strap_page import paint_straps
from treadctl.clients.tui.view import Away, Local
from treadctl.clients.tui.walk_page import paint_walk
from treadctl.clients.tui.you_page import Asking as AskingYou
from treadctl.clients.tui.you_page import paint_asking, paint_hear, paint_offer_of_questions, paint_you
from treadctl.control.preparation import HELPER, TAP, WITHOUT
from treadctl.control.sound import AGAIN, DIGITS, LAPTOP
from treadctl.files.config import Settings, Source
from treadctl.files.person import save_person
from treadctl.files.sharing import Shared
from treadctl.model.answers import Answers, Interview, morning_question
from treadctl.model.api import Asking, Found, LinkState, Phase, Question, Snapshot, Strap
from treadctl.model.checkup import Finding, Level
from treadctl.model.person import Level as PersonLevel
from treadctl.model.person import Person
from treadctl.model.program import Facing
from treadctl.model.units import Speed
from treadctl.paths import Paths
from treadctl.plans.colour import Colour

SIZES = ((80, 24), (200, 60))
Painter = Callable[[Canvas], None]
LOCAL = Local(beginning=False)
ABOUT = replace(
    PROGRAM,
    summary="Three minutes backward in three bouts, with rests on your feet between them.",
    author="Ada",
    basis="Chosen: short bouts first.",
    dose="2 times a week",
    note="Stop above pain 3.",
)
FIRST = Offer(PROGRAM.name, ABOUT, SEGMENTS, 0, 990_000, 180_000, walked="3 days ago")
STRANGERS = replace(
    FIRST, name="Annas Abendrunde", walked="", shared=Shared("Anna", True), file="annas.yaml", data=b"x"
)
OFFERS = (
    replace(FIRST, name="First minute", length=420_000, backward=60_000, walked="8 days ago"),
    FIRST,
    replace(FIRST, name="Knee care, ten minutes", level=1, length=1_500_000, backward=600_000, walked="",
            refusal="it needs level 1; you are at level 0", short="level 1"),
    replace(FIRST, name="Incline steps", level=2, length=2_100_000, backward=720_000, walked="",
            refusal="line 9 climbs 3.0 % backward, which needs level 2; you are at level 0 (0.0 %)", short="level 2"),
    Offer("broken", None, (), refusal="broken.yaml:7:3: unknown key 'sped'; did you mean 'speed'?"),
)  # fmt: skip
SET = Settings(theme="high-contrast", sources={"theme": Source.FILE})
STRAP = Found("AA:01", "Polar H10", -55, fitness=False, treadmill=False, strap=True)
PAGE = "http://192.168.178.123:8470/AbCdEfGhIjKlMnOpQrStUv/"
TAPPED = Question("page", TAP, Asking.CHOICE, (LAPTOP,), "", True)
SOUND = Question("sound-page", "Which number does the page say?", Asking.CHOICE, (*DIGITS, LAPTOP), AGAIN, True)
HELPED = Question("helper-page", HELPER, Asking.CHOICE, WITHOUT, "", True)
MORNING = morning_question("2030-01-07", "2030-01-08") or Question("", "", Asking.CHOICE)


def history(until: int = 199) -> History:
    """A walk up to this second: forward at 2.5, then backward at 1.0, and a heart that follows."""
    found = History()
    for second in range(until + 1):
        backward = second >= 180
        top = 100 if backward else 250
        rising = min(top, 80 + (second - (180 if backward else 0)) * 20)
        facing = Facing.BACKWARD if backward else Facing.FORWARD
        found.see(FORWARD._replace(
            walked=second * 1000, speed=Speed(rising), target=Speed(top), facing=facing,
            heart_rate=84 + min(28, second // 6),
        ))  # fmt: skip
    return found


def walk(snapshot: Snapshot, local: Local = LOCAL) -> Painter:
    """What the walk screen shows of this moment."""

    def paint(canvas: Canvas) -> None:
        card = card_of(snapshot, PLAN, local)
        if card is None:
            paint_walk(canvas, snapshot, PLAN, local, history())
        else:
            paint_card(canvas, card, snapshot, PLAN, local)

    return paint


def waiting(local: Local) -> Painter:
    def paint(canvas: Canvas) -> None:
        card = card_of(None, None, local)
        assert card is not None
        paint_card(canvas, card, None, None, local)

    return paint


def _picking(linked: Linked | None) -> Picking:
    async def link(_address: str) -> str:
        return ""

    found = Picking(FakeAccess(), FakeClock(), link)
    heard = (
        Found("11:22:33:44:55:66", "Horizon 7.4", -60, treadmill=True),
        Found(CELLAR.address, "HORIZON_7", -85, known=True),
    )
    found.seen = sightings(heard, (CELLAR,))
    found.chosen, found.linked = found.seen[0].address, linked
    return found


def _home(chosen: int, linked: Linked | None = None) -> Painter:
    return lambda canvas: paint_home(canvas, OFFERS, chosen, Local(), linked)


def _after(after: After) -> Painter:
    return lambda canvas: paint_after(canvas, after, DONE, PLAN, LOCAL, history(239))


def screens() -> dict[str, Painter]:
    """All of them."""
    parts = (_walks(), _cards(), _pages(), _straps(), _plans(), _past())
    return {name: painter for part in parts for name, painter in part}


def _walks() -> Iterator[tuple[str, Painter]]:
    for name, moment in ALL.items():
        yield f"walk-{name}", walk(moment)


def _cards() -> Iterator[tuple[str, Painter]]:
    real = READY._replace(simulated=False, machine="Horizon 7.4")
    number = Question("n", "Which speed does the console show?", Asking.NUMBER, detail="It runs as slowly as it can.")
    yield "card-starting", waiting(Local())
    yield (
        "card-refused",
        waiting(
            Local(refused="Refused: line 12 walks 3.0 km/h backward, which needs level 3; you are at level 1 (1.8).")
        ),
    )
    yield "card-controller-hangs", walk(BACKWARD, Local(hung=True))
    yield (
        "card-controller-lost",
        walk(BACKWARD, Local(closed="The controller closed the connection.", moving_then=True)),
    )
    yield "card-ended", walk(READY, Local(closed="The controller ended.", moving_then=False))
    yield "card-keys-elsewhere", walk(BACKWARD, Local(away=(Away.FOCUS,)))
    yield (
        "card-commissioning",
        walk(
            real._replace(phase=Phase.HOLDING, belt=FORWARD.belt, footer=FORWARD.footer, speed=Speed(80)),
            Local(commissioning=True, beginning=False),
        ),
    )
    yield (
        "card-number",
        walk(
            real._replace(phase=Phase.CHECKING, question=number),
            Local(commissioning=True, beginning=False, typed="0.8"),
        ),
    )
    yield (
        "card-checklist",
        walk(
            CHECKING._replace(simulated=False),
            Local(beginning=False, answered=(("Do you feel well: no dizziness, no chest pain, no alcohol?", "yes"),)),
        ),
    )
    yield "glance-code", lambda canvas: paint_beside_code(canvas, PAGE, walk(CHECKING))
    for name, question in (("tap-the-page", TAPPED), ("sound-of-the-page", SOUND), ("helpers-page", HELPED)):
        yield f"card-{name}", walk(CHECKING._replace(question=question))
    yield (
        "card-rehearsal",
        walk(
            READY._replace(phase=Phase.REACHING, question=ALL["reach"].question),
            Local(beginning=False, rehearsing=True),
        ),
    )


def _pages() -> Iterator[tuple[str, Painter]]:
    yield "home", _home(1)
    yield "home-refused", _home(3, Linked("a", "Horizon 7.4", "", False))
    yield "settings", lambda canvas: paint_settings(canvas, rows(SET), 3, "", Local())
    yield (
        "home-first-evening",
        lambda canvas: paint_home(canvas, OFFERS, 0, Local(), None, frozenset({Step.HEAR, Step.YOU})),
    )
    yield (
        "hear-me",
        lambda canvas: paint_hear(canvas, Finding("sound", Level.OK, QUESTION), "", None, Local(), asked=True),
    )
    yield (
        "hear-me-heard",
        lambda canvas: paint_hear(canvas, judge(7, "7"), "", None, Local(), asked=False),
    )
    yield "home-keys", lambda canvas: paint_all_keys(canvas, Local())
    yield "preview", lambda canvas: paint_preview(canvas, replace(OFFERS[3], walked=""), 0, Local())
    yield "preview-shared", lambda canvas: paint_preview(canvas, STRANGERS, 0, Local())
    yield (
        "shared",
        lambda canvas: paint_shared(
            canvas, Downloads("~/Downloads", found=(STRANGERS, OFFERS[4]), others=2), 0, Local()
        ),
    )
    yield (
        "treadmills",
        lambda canvas: paint_picker(
            canvas, _picking(None), READY._replace(link=LinkState.SCANNING, simulated=False), Local()
        ),
    )
    linked = Linked(
        "11:22:33:44:55:66",
        "Horizon 7.4",
        "Not learnt yet, so it may be watched only: press c to commission it, on an empty belt.",
        False,
    )
    yield (
        "treadmills-connected",
        lambda canvas: paint_picker(canvas, _picking(linked), READY._replace(simulated=False), Local()),
    )
    yield "you-offer", lambda canvas: paint_offer_of_questions(canvas, None, Local())
    yield "you-question", lambda canvas: paint_asking(canvas, AskingYou(_answered()), None, None, Local())
    yield (
        "morning",
        lambda canvas: paint_card(
            canvas, question_card(MORNING, "GOOD MORNING", "", "- skips it · it is asked once"), None, None, Local()
        ),
    )
    assert DONE.summary is not None
    yield "after-question", _after(After(DONE.summary, Interview(Answers(pain_before=2))))
    told = Words(
        "9 walks, 34 min backward, 1.0 to 1.4 km/h, pain before walking 4 to 2.",
        "Green: next Thursday, the same again.",
        Colour.GREEN,
    )
    yield "after", _after(After(DONE.summary, _all_answered(), told))


def _straps() -> Iterator[tuple[str, Painter]]:
    worn = Strap(STRAP.address, STRAP.name, LinkState.UP)
    reached = READY._replace(simulated=False, straps=(STRAP, replace(STRAP, address="AA:02", name="TICKR", rssi=-78)))
    yield (
        "straps",
        lambda canvas: paint_straps(
            canvas, reached._replace(strap=worn, heart_rate=88), STRAP.address, Local(), looking=5
        ),
    )
    yield "straps-none", lambda canvas: paint_straps(canvas, READY._replace(simulated=False), "", Local())


def _answered() -> Talk:
    talk = Talk()
    talk.answer("44")
    return talk


def _all_answered() -> Interview:
    interview = Interview(Answers(pain_before=2))
    while interview.question is not None:
        interview = interview.answer(interview.question.choices[1].key)
    return interview


def _plans() -> Iterator[tuple[str, Painter]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = Paths(root / "run", root / "state", root / "data", root / "config")
        save_person(paths.person, Person(PersonLevel.L0, age=40, screened="2030-01-01"))
        papers = Papers(paths, lambda: at(0.1), lambda: "2030-01-08")
        you, plans, before = papers.you(), papers.plans(), known(paths, at(0.1))
        start(paths, "starter", at(0) - 60)
        after = known(paths, at(0.1))
    yield "you", lambda canvas: paint_you(canvas, you.lines, 0, "", Local())
    yield "plans", lambda canvas: paint_plan(canvas, PlanView(before, at(0.1), plans), Local())
    yield "plan", lambda canvas: paint_plan(canvas, PlanView(after, at(0.1), plans), Local())


def _past() -> Iterator[tuple[str, Painter]]:
    def page(**more: object) -> Painter:
        view = replace(PastView(PAST, SUMS, AHEAD), **more)  # type: ignore[arg-type]
        return lambda canvas: paint_past(canvas, view, Local())

    yield "past", page()
    yield "past-walks", page(part=Part.WALKS, chosen=2)
    yield "past-walk", page(part=Part.ONE, one=ONE)
    yield "past-trouble", page(found=TROUBLED, sums=sums_of(TROUBLED, at(0.1)))


LOOKS = {
    "walk-backward-mph": ("walk-backward", Look(units=Units.MPH)),
    "walk-backward-high-contrast": ("walk-backward", Look(theme="high-contrast")),
    "walk-soon-colour-blind": ("walk-soon", Look(theme="colour-blind")),
    "walk-backward-linux-console": ("walk-backward", Look(Letters.CONSOLE)),
    "walk-backward-ascii": ("walk-backward", Look(Letters.ASCII)),
}
"""The same screens for other readers and terminals."""


def pictures() -> Iterator[tuple[str, Canvas]]:
    """Every picture: the name of its file without the suffix, and the painted canvas."""
    painters = screens()
    looked = {**{name: (name, Look()) for name in painters}, **LOOKS}
    for name, (screen, look) in looked.items():
        for width, height in SIZES:
            canvas = Canvas(width, height, look)
            painters[screen](canvas)
            yield f"{name}-{width}x{height}", canvas
