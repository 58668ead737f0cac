"""The person's files as the screens use them: what is asked, what was told, and the plan. Every method blocks.

Kept apart because profiles and plans take longer to load than a first frame may: what is needed is imported in the
thread that calls. Nothing here touches a belt, and a simulated walk never comes among a person's own files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treadctl.clients.evening import Step, done
from treadctl.clients.hear import Trial, answered, say_number
from treadctl.clients.known import Due, Known, Words
from treadctl.files.answers import ASKED, load_asked, update_asked
from treadctl.files.person import load_person, update_person
from treadctl.model.answers import Answers
from treadctl.model.checkup import Finding, Level
from treadctl.model.limits import effective_limits
from treadctl.model.person import Person
from treadctl.model.plan import Plan
from treadctl.model.screening import Screening, screened, tightened
from treadctl.model.text import safe_text
from treadctl.paths import Paths, is_simulated
from treadctl.plans.today import Offer as Walk

from .choosing import Offer

if TYPE_CHECKING:
    from treadctl.clients.past import Found, Past
    from treadctl.clients.past_words import Ahead, Sums
    from treadctl.sessions.session import Session

NO_VOICE = Finding("voice", Level.PROBLEM, "The voice could not be tried out.", "treadctl doctor")
CHANGED = "{}, changed for today"


@dataclass(frozen=True, slots=True)
class First:
    """What is asked before the list. `you`: nobody has answered the first questions, and they were never offered."""

    due: Due | None = None
    you: bool = False


@dataclass(frozen=True, slots=True)
class You:
    """What is known of the walker, in lines: a label, its value, and why. A line without a label is a sentence."""

    lines: tuple[tuple[str, str, str], ...]
    screened: bool


class Papers:
    """`wall` is the local time of day (`model.outcome`), `today` the local date."""

    def __init__(self, paths: Paths, wall: Callable[[], int], today: Callable[[], str]) -> None:
        self._paths, self._wall, self._today = paths, wall, today

    @property
    def now(self) -> int:
        return self._wall()

    # --- before and after a walk -------------------------------------------------------------------------------------

    def first(self) -> First:
        """Raises InvalidFile, OSError."""
        from treadctl.clients.after import morning_due  # noqa: PLC0415 - see the top

        simulated = is_simulated(self._paths.socket)
        asked = load_asked(self._paths.state / ASKED)
        you = not simulated and not asked.you and not load_person(self._paths.person).screened
        return First(morning_due(self._paths, self._wall()), you)

    def evening(self) -> frozenset[Step] | None:
        """Which ticks of the first evening are made; None where there is none, as in a demo. Raises OSError."""
        return None if is_simulated(self._paths.socket) else done(self._paths)

    def hear(self) -> Trial:
        """Say a number aloud, where this computer can speak. Takes seconds."""
        from treadctl.clients.doctor import host  # noqa: PLC0415 - see the top

        found = next((one for one in host("") if one.about == "voice"), NO_VOICE)
        return Trial(found) if found.level is Level.PROBLEM else say_number()

    def heard(self, digit: int, typed: str) -> Finding:
        """Whether that was the number; a right one is a tick, for today's walks as well. Raises OSError."""
        return answered(self._paths.day, self._today(), digit, typed)

    def room(self) -> str:
        """That there is too little of it on the disk, or nothing."""
        from treadctl.clients.room import little_room  # noqa: PLC0415 - see the top

        return little_room(self._paths)

    def you_offered(self) -> None:
        """The first questions were offered: they wait behind their key from now on. Raises OSError."""
        update_asked(self._paths.state / ASKED, lambda before: replace(before, you=True))

    def keep_morning(self, due: Due, key: str) -> None:
        """Raises ValueError for a key that answers nothing, InvalidFile, OSError."""
        from treadctl.clients.after import keep_morning  # noqa: PLC0415 - see the top

        keep_morning(self._paths, due, key)

    def keep_answers(self, session: str, told: Answers, simulated: bool) -> None:
        """Raises OSError."""
        from treadctl.clients.after import keep_answers  # noqa: PLC0415 - see the top

        keep_answers(self._paths, session, told, simulated=simulated)

    def keep_slip(self, session: str, simulated: bool) -> None:
        """Raises InvalidFile, OSError."""
        from treadctl.clients.after import keep_slip  # noqa: PLC0415 - see the top

        keep_slip(self._paths, session, simulated=simulated)

    def words(self, session: str) -> Words | None:
        """What follows from this walk; None while it is not in the book. Raises InvalidFile, OSError."""
        from treadctl.clients.after import words_after  # noqa: PLC0415 - see the top

        return words_after(self._paths, session, self._wall())

    # --- what was walked ---------------------------------------------------------------------------------------------

    def past(self, watch: Callable[[int, int], None]) -> tuple[Found, Sums]:
        """Every walk, and the weeks. `watch` is told how many files were read, of how many; what it raises ends it."""
        from treadctl.clients.past import find  # noqa: PLC0415 - see the top
        from treadctl.clients.past_words import sums_of  # noqa: PLC0415 - see the top

        found = find(self._paths, self._wall(), watch=watch)
        return found, sums_of(found, self._wall())

    def ahead(self) -> Ahead:
        """The sentence, and what the next level still needs."""
        from treadctl.clients.history_stats import ahead_of  # noqa: PLC0415 - see the top

        return ahead_of(self._paths, self._wall())

    def session(self, name: str) -> tuple[Session, Past]:
        """One walk, read whole. Raises UsageError, InvalidFile."""
        from treadctl.clients.history import opened  # noqa: PLC0415 - see the top

        session, one, _ = opened(self._paths, name, self._wall())
        return session, one

    # --- the person --------------------------------------------------------------------------------------------------

    def person(self) -> Person:
        """Raises InvalidFile."""
        return load_person(self._paths.person)

    def you(self) -> You:
        """Raises InvalidFile."""
        from treadctl.clients.person import known_words, limit_rows  # noqa: PLC0415 - see the top

        person = self.person()
        limits = effective_limits(person)
        known = (text.replace("treadctl person screen", "press a") for text in known_words(person, self._today()))
        told = [("", safe_text(text, 300), "") for text in known]
        if person.refusal is not None:
            return You((*told, ("", f"So no walk is possible: {person.refusal}.", "")), bool(person.screened))
        rows = [(label, value, safe_text(limit.reason, 300)) for label, value, limit in limit_rows(limits)]
        if limits.heart is None:
            rows.append(("heart rate", "no cap", "your age is not known"))
        if limits.careful:
            rows.append(("helper", "beside you", "at every walk on the belt"))
        return You((*told, *rows), bool(person.screened))

    def tighten(self, given: Screening) -> None:
        """What makes walks gentler counts at once. Raises InvalidFile, OSError."""
        update_person(self._paths.person, lambda old: tightened(old, given))

    def screen(self, given: Screening) -> None:
        """Every answer counts. Raises InvalidFile, OSError."""
        update_person(self._paths.person, lambda old: screened(old, given, self._today()))

    # --- plans -------------------------------------------------------------------------------------------------------

    def known(self) -> Known:
        """Raises InvalidFile, OSError."""
        from treadctl.clients.planning import known  # noqa: PLC0415 - see the top

        return known(self._paths, self._wall())

    def plans(self) -> tuple[tuple[Plan, str], ...]:
        """Every plan, and what keeps this person from it; those that can be started first. Raises InvalidFile."""
        from treadctl.clients.planning import all_plans  # noqa: PLC0415 - see the top

        return tuple(sorted(all_plans(self.person()), key=lambda one: (bool(one[1]), not one[0].profiles, one[0].name)))

    def offer(self, walk: Walk) -> Offer:
        """Today's walk, judged like every profile of the list. A changed copy says that it is one."""
        from .profiles import Profiles  # noqa: PLC0415 - see the top

        offer = Profiles(self._paths, self._paths.data, self._today()).offer(walk.program)
        return replace(offer, name=CHANGED.format(offer.name)) if walk.changes else offer

    def start(self, file: str) -> None:
        """Raises InvalidFile, Refused, OSError."""
        from treadctl.clients.planning import start  # noqa: PLC0415 - see the top

        start(self._paths, file, self._wall())

    def level_up(self, before: Known) -> Known:
        """Raises Refused, InvalidFile, OSError."""
        from treadctl.clients.planning import raise_level  # noqa: PLC0415 - see the top

        return raise_level(self._paths, before, self._wall())
