"""The invariants I1 to I31, as predicates over a trace: the one place where "safe" is written down.

They are what hypothesis tests, the fault campaign, the matrix and a replayed walk are judged by. What the
pure world cannot see is listed with the place where it is proved instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from treadctl.model.units import Ms, clock

from . import rules_commands as commands
from . import rules_starting as starting
from . import rules_watch as watch
from .facts import Facts
from .rules_commands import Found, Wrong
from .trace import Trace

MOST = 3
"""So many violations of one invariant are told; the rest say nothing new."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant. `checks` empty: the world cannot see it, and `elsewhere` says which test does."""

    name: str
    text: str
    checks: tuple[Callable[[Facts], Found], ...] = ()
    elsewhere: str = ""

    def violations(self, facts: Facts) -> list[Violation]:
        """What this trace does against it."""
        found: list[Wrong] = []
        for check in self.checks:
            for wrong in check(facts):
                found.append(wrong)
                if len(found) >= MOST:
                    break
        return [Violation(self.name, wrong.at, wrong.text) for wrong in found[:MOST]]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """Something that must never happen, and did."""

    invariant: str
    at: Ms
    text: str

    def __str__(self) -> str:
        return f"{self.invariant} at {clock(self.at)} ({self.at} ms): {self.text}"


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I1", "no command outside the limits of facing, person, profile and machine",
              (commands.command_in_reach,)),
    Invariant("I2", "the belt never exceeds the limit, and what is measured too fast is stopped",
              (commands.belt_under_cap,)),
    Invariant("I3", "one Start for one local confirm on a belt measured still", (starting.start_confirmed,)),
    Invariant("I4", "rises are small, spaced and after the hold; eases are gentle", (commands.rises_are_gentle,)),
    Invariant("I5", "a facing changes only at measured standstill and by a confirm",
              (commands.facing_changes_at_rest,)),
    Invariant("I6", "a stop is written within 100 ms, and nothing but the ladder follows", (watch.stops_at_once,)),
    Invariant("I7", "no rise while anything is stale, unknown or not as commanded", (commands.rises_need_knowledge,)),
    Invariant("I8", "the age of a sample is never under-told; silence while moving stops", (watch.silence_is_noticed,)),
    Invariant("I9", "a lost link alarms and is made again", (watch.lost_link_alarms,)),
    Invariant("I10", "a new link to a belt that may move does nothing but stop it", (watch.reconnect_only_stops,)),
    Invariant("I11", "every write has an end, and only its own answer accepts it", (watch.every_write_ends,)),
    Invariant("I12", "nothing is written to a still belt that nobody asked for", (starting.still_belt_is_left_alone,)),
    Invariant("I13", "a Stop that does nothing is followed by the next rung; while the speed falls nothing is written",
              (watch.ladder_climbs,)),
    Invariant("I14", "the first speed is met before anything faster; miles are noticed",
              (commands.first_speed_is_met,)),
    Invariant("I15", "stopped is shown and said only when it is so", (watch.claims_are_true,)),
    Invariant("I16", "nothing that comes in makes it raise, spin or talk without end", (watch.never_breaks,),
              "tests/ftms/test_treadmill_data.py"),
    Invariant("I17", "console and key win, and control is never fought for", (commands.console_wins,)),
    Invariant("I18", "a client's death or silence stops the belt", (watch.attended_or_stopped,)),
    Invariant("I19", "the guardian's death is answered by its client", elsewhere="tests/e2e/test_dying.py"),
    Invariant("I20", "after a gap in time nothing moves the belt but the ladder", (commands.nothing_after_a_gap,)),
    Invariant("I21", "no wall clock in control", elsewhere="tests/architecture/test_time_is_an_argument.py"),
    Invariant("I22", "a kill loses at most a second of samples", elsewhere="tests/guardian/test_journal.py"),
    Invariant("I23", "no disk, voice or client delays control", elsewhere="tests/guardian/test_clock_and_shell.py"),
    Invariant("I24", "a file is a valid profile or one error with its place",
              elsewhere="tests/files/test_profile_hostile.py"),
    Invariant("I25", "no control character of data is shown", (watch.shown_text_is_plain,), "tests/tui/test_view.py"),
    Invariant("I26", "nobody on the network starts or speeds up the belt", (commands.only_locals_start,)),
    Invariant("I27", "void: a stop is never limited, wherever it comes from (I6)",
              elsewhere="tests/properties/test_campaign.py"),
    Invariant("I28", "I1 to I17 hold while network, heart rate and disk fail",
              elsewhere="tests/properties/test_matrix.py"),
    Invariant("I29", "heart rate, network and faults only lower or hold", (commands.never_above_the_plan,)),
    Invariant("I30", "every rise is announced and every fault's stop has words",
              (commands.rises_are_announced, watch.fault_stops_have_words)),
    Invariant("I31", "a calm walk is finished as planned, without a needless stop", (watch.calm_walks_finish,)),
)
BY_NAME = {invariant.name: invariant for invariant in INVARIANTS}


def violations(trace: Trace) -> list[Violation]:
    """Everything that this trace does against the invariants, in their order."""
    facts = Facts(trace)
    return [found for invariant in INVARIANTS for found in invariant.violations(facts)]
