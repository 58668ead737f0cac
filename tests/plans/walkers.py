"""A hundred walkers for a year of plans: who they are, and what comes of a walk that they are offered.

The model is crude on purpose: effort follows from how much a walk asks of how much the walker can do, and practice adds
to that. It stands for no real person; it is there to try the rules with lives that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from treadctl.model.answers import Answers, Morning
from treadctl.model.outcome import Dose, Outcome, Stop
from treadctl.model.person import Attested, Level, Person
from treadctl.model.units import Speed

ADULT = Person(age=41, screened="2030-01-07", attested=(Attested.INCLINE, Attested.HANDS_FREE))
WITH_SPOTTER = Person(age=44, screened="2030-01-07", attested=(Attested.SPOTTER, Attested.INCLINE), clinician="Dr A")
ELDERLY = Person(
    age=71, fell_past_year=True, screened="2030-01-07", attested=(Attested.SPOTTER,), clinician="Dr B",
    comfortable_forward=Speed(360),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of walker. `learns`: capacity added by a walk; `hurts`: chance of a walk that hurts; `loses`: chance that
    link or machine end a walk; `tells`: chance of an answer; `away`: days without a walk, begun on these days."""

    name: str
    count: int
    person: Person = ADULT
    starts: float = 1.0
    learns: float = 0.03
    hurts: float = 0.01
    loses: float = 0.02
    tells: float = 0.97
    comes: float = 0.7
    falls: float = 0.0
    away: tuple[tuple[int, int], ...] = ()


KINDS = (
    Kind("fast learner", 20, learns=0.06, starts=1.4),
    Kind("usual learner", 18, person=WITH_SPOTTER),
    Kind("slow learner", 16, learns=0.012, starts=0.8),
    Kind("comes when it suits", 8, comes=0.35),
    Kind("with gaps", 10, away=((60, 10), (120, 18), (200, 32), (280, 60))),
    Kind("often in pain", 8, hurts=0.18, learns=0.02),
    Kind("bad link", 8, loses=0.35),
    Kind("says nothing", 3, tells=0.0),
    Kind("says half", 3, tells=0.8),
    Kind("falls once", 2, falls=0.03, person=WITH_SPOTTER),
    Kind("elderly with flags", 4, person=ELDERLY, learns=0.02, starts=0.9),
)


@dataclass(slots=True)
class Walker:
    """One life. `capacity` is how much backward walking is moderate: minutes at 1 km/h, about."""

    number: int
    kind: Kind
    dice: Random = field(init=False)
    capacity: float = field(init=False)
    fell: bool = False

    def __post_init__(self) -> None:
        self.dice = Random(self.number)
        self.capacity = 4 * self.kind.starts

    def comes(self, day: int) -> bool:
        """Whether this walker opens treadctl on this day."""
        away = any(first <= day < first + days for first, days in self.kind.away)
        return not away and self.dice.random() < self.kind.comes

    def minute(self) -> int:
        """The minute of the day: before work, or in the evening."""
        return (7 if self.number % 3 == 0 else 18) * 60 + int(self.dice.random() * 120)

    def walk(self, session: str, at: int, profile: str, level: Level, dose: Dose) -> Outcome:
        """What comes of a walk."""
        done, stops = dose.total, list[Stop]()
        if self.dice.random() < self.kind.loses:
            lost = (Stop.LINK, Stop.MACHINE, Stop.SLIP)[int(self.dice.random() * 3)]
            done, stops = int(done * self.dice.random()), [lost]
        elif self.kind.falls and not self.fell and self.dice.random() < self.kind.falls:
            self.fell = True
            done, stops = done // 2, [Stop.FALL]
        elif self.dice.random() < 0.02:
            done, stops = int(done * 0.8), [Stop.CHOICE]
        load = dose.total / 60 * (0.5 + dose.speed / 200) * (1 + dose.incline / 50)
        answers = self._answers(load / self.capacity, stopped=Stop.FALL in stops)
        self.capacity += self.kind.learns * load * (done / dose.total if dose.total else 1)
        return Outcome(session, at, profile, level, dose, done, tuple(stops), answers=answers)

    def _answers(self, strain: float, *, stopped: bool) -> Answers:
        """Strain 1 is a moderate walk, effort 3."""
        effort = min(10, max(0, round(3 * strain + self.dice.random() * 2 - 1)))
        before = 1 if self.dice.random() < 0.2 else 0
        hurts = self.dice.random() < self.kind.hurts * max(0.5, strain)
        peak = before + (1 + int(self.dice.random() * 6) if hurts else 0)
        worse = hurts and self.dice.random() < 0.4
        morning = Morning.WORSE if worse else (Morning.SAME, Morning.BETTER)[self.dice.random() < 0.3]
        confidence = 2 if stopped else min(5, max(1, round(6 - 1.2 * strain - self.dice.random())))
        told = [value if self.dice.random() < self.kind.tells else None for value in (effort, peak, confidence)]
        later = morning if self.dice.random() < self.kind.tells else None
        return Answers(told[0], before, told[1], told[2], later)


def walkers() -> list[Walker]:
    """All hundred, numbered."""
    kinds = [kind for kind in KINDS for _ in range(kind.count)]
    return [Walker(number, kind) for number, kind in enumerate(kinds, 1)]
