"""Whatever comes of the walks, in whatever order: the rules of plans hold at every step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.plans.life import EPOCH, FIRST_DAY, plan_named, programs_for
from tests.plans.made import WELL
from tests.plans.rules import BOUT, HOURS_OF_REST, INCLINE, SPEED, TOTAL, iso_week, raised, rises, weeks_before
from treadctl.model.answers import UNASKED, Answers, Morning
from treadctl.model.outcome import DAY, HOUR, Dose, Outcome, Stop
from treadctl.model.person import Attested, Level, Person
from treadctl.model.plan import Book, Walked
from treadctl.plans.colour import Colour, judge
from treadctl.plans.editing import dose
from treadctl.plans.standing import read, stand
from treadctl.plans.today import Offer, Today, today

PLANS = ("starter", "regular", "six-week", "four-week-30", "flex-4", "balance-10", "knee-6", "30-days")
ANSWERS = st.sampled_from([WELL] * 6 + [UNASKED]) | st.builds(
    Answers, st.none() | st.integers(0, 10), st.none() | st.integers(0, 3), st.none() | st.integers(0, 10),
    st.none() | st.integers(1, 5), st.none() | st.sampled_from(Morning),
)  # fmt: skip
STOPS = st.sampled_from([()] * 6) | st.lists(st.sampled_from(Stop), max_size=2, unique=True).map(tuple)
PERSONS = st.builds(
    Person, level=st.sampled_from(Level), age=st.sampled_from((30, 64, 65, 80)), fell_past_year=st.booleans(),
    attested=st.sampled_from(((), (Attested.INCLINE,), (Attested.SPOTTER, Attested.INCLINE))),
    clinician=st.sampled_from(("", "Dr A")),
)  # fmt: skip


class Plans(RuleBasedStateMachine):
    """One walker, one plan after the other."""

    @initialize(person=PERSONS, plan=st.sampled_from(PLANS))
    def begin(self, person: Person, plan: str) -> None:
        self.now = int((FIRST_DAY - EPOCH).total_seconds()) + 18 * HOUR
        level = min(person.level, Level.L2) if person.careful else person.level
        self.person = replace(person, level=Level(level))
        self.book = Book(plan, self.now, self.person.level, self.now)
        self.last: dict[str, Dose] = {}
        self.number = 0
        self._look()

    def _look(self) -> Today:
        self.said = today(
            plan_named(self.book.plan), self.book, programs_for(self.book.plan), self.person, self.now
        )
        level = self.said.standing.level
        assert level in (self.person.level, max(0, self.person.level - 1))
        if level != self.person.level:
            self.person = replace(self.person, level=level)
            self.book = replace(self.book, level=level, level_since=self.said.standing.level_since)
        return self.said

    @rule(days=st.sampled_from((1, 1, 2, 2, 2, 3, 5, 9, 15, 29)), hours=st.integers(0, 6))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += days * DAY + hours * HOUR
        self._look()

    @rule(plan=st.sampled_from(PLANS))
    def another_plan(self, plan: str) -> None:
        self.book = replace(self.book, plan=plan, begun=self.now)
        self._look()

    @precondition(lambda self: self.said.up.offered)
    @rule()
    def take_the_level(self) -> None:
        level = self.said.up.level
        assert level == self.person.level + 1
        assert not (self.person.careful and level > Level.L2)
        here = [one for one in read(self.book.walked) if one.counted and one.at >= self.book.level_since]
        assert len(here) >= 5
        assert sum(one.colour is Colour.GREEN for one in here[-4:]) >= 3
        assert max(one.walked.outcome.planned.total for one in here) >= 0.75 * TOTAL[self.person.level]
        assert self.person.level == Level.L0 or self.now - self.book.level_since >= 14 * DAY
        self.person = replace(self.person, level=level)
        self.book = replace(self.book, level=level, level_since=self.now)
        self._look()

    @precondition(lambda self: isinstance(self.said.next, Offer))
    @rule(answers=ANSWERS, stops=STOPS, share=st.sampled_from((0.0, 0.3, 0.6, 0.8, 0.95)))
    def walk(self, answers: Answers, stops: tuple[Stop, ...], share: float) -> None:
        offer = self.said.next
        assert isinstance(offer, Offer)
        planned = dose(offer.program)
        self._one_thing_at_a_time(offer, planned)
        done = int(planned.total * share) if stops else planned.total
        self.number += 1
        outcome = Outcome(
            str(self.number), self.now, offer.program.name, self.person.level, planned, done, stops, answers=answers
        )
        self.book = replace(self.book, walked=(*self.book.walked, Walked(outcome, offer.tuning, offer.full)))
        self.now += HOUR
        self._look()

    def _one_thing_at_a_time(self, offer: Offer, planned: Dose) -> None:
        name = offer.program.name
        if not offer.full or any(text.startswith("The rest of") for text in offer.changes):
            return
        if name in self.last:
            practised = self.person.level >= Level.L2 and not self.person.careful
            assert list(raised(self.last[name], planned, practised=practised)) == []
            if rises(self.last[name], planned):
                assert all(one.colour is Colour.GREEN for one in read(self.book.walked)[-1:] if one.counted)
        self.last[name] = planned

    @invariant()
    def nothing_above_the_caps(self) -> None:
        if isinstance(self.said.next, Offer):
            asked, level = dose(self.said.next.program), self.person.level
            assert asked.total <= TOTAL[level]
            assert asked.bout <= BOUT[level]
            assert asked.speed <= min(SPEED[level], 200 if self.person.careful else 500)
            assert asked.incline <= INCLINE[level]

    @invariant()
    def nothing_above_the_weekly_cap(self) -> None:
        if isinstance(self.said.next, Offer):
            done = [0, 0, 0, 0]
            weeks = [iso_week(self.now), *weeks_before(self.now)]
            for walked in self.book.walked:
                if (week := iso_week(walked.outcome.at)) in weeks:
                    done[weeks.index(week)] += walked.outcome.done
            best = max(done[1:])
            cap = max(best * 1.1, best + 180) if best else 2 * TOTAL[self.person.level]
            assert done[0] + dose(self.said.next.program).total <= cap

    @invariant()
    def rest_after_every_counted_walk(self) -> None:
        counted = [one.at for one in read(self.book.walked) if one.counted]
        if isinstance(self.said.next, Offer) and counted:
            rest = any(text.startswith("The rest of") for text in self.said.next.changes)
            assert rest or self.now - counted[-1] >= HOURS_OF_REST[self.person.level] * HOUR

    @invariant()
    def a_lost_link_takes_nothing(self) -> None:
        if self.book.walked and judge(self.book.walked[-1].outcome).colour is Colour.GREY:
            one, other = (
                stand(book, self.person.level, self.now)
                for book in (self.book, replace(self.book, walked=self.book.walked[:-1]))
            )
            assert one.level >= other.level
            assert not one.ease or other.ease
            assert one.hold_until <= other.hold_until


Plans.TestCase.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


TestPlans = pytest.mark.timeout(300)(Plans.TestCase)
