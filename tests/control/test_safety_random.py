"""Random people, networks, links and belts: whatever happens in whatever order, these hold of the octets on the wire.

The invariants: no command above the limit, no rise too soon or too large or
unannounced, no Start without a fresh local confirm, one Start each, nothing written to a still belt that nobody asked
for, after a lost link nothing but stopping.
"""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.control.rig import CONTROL, LOWEST, ME, PRACTISED, RESET, START, STOP, THERE_AND_BACK, B, F, Rig, Wrote
from treadctl.control import events as ev
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.program import InclineSteps, Program, Rest, Walk
from treadctl.model.units import Incline, Ms, Speed

MIXED = Program(
    "mixed",
    (
        Walk(F, 30, Speed(250)), Walk(F, 20, Speed(150), Incline(10)), Rest(10),
        Walk(B, 40, Speed(160), InclineSteps(Incline(0), Incline(10), 5, 20)), Walk(F, 20, Speed(300)),
    ),
    level=PRACTISED.level,
)
BACKWARD = Program("b", (Walk(B, 120, Speed(200)), Walk(B, 60, Speed(250), Incline(20))), level=PRACTISED.level)
NETWORK = st.one_of(
    st.builds(api.Stop, st.text(max_size=8)), st.builds(api.Message, st.text(max_size=8)),
    st.builds(api.Preselect, st.text(max_size=8)),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(NETWORK, st.integers(0, 6000)), max_size=25), st.sampled_from(["asked", "counting", "linked"])
)
def test_no_sequence_of_network_messages_starts_or_speeds_up_the_belt(
    messages: list[tuple[api.Intent, Ms]], scene: str
) -> None:
    rig = Rig()
    if scene == "linked":
        rig.link().still()
    else:
        rig.asked()
    if scene == "counting":
        rig.confirm().phase(Phase.COUNTDOWN)
        messages = [(api.Stop(), 0), *messages]  # the one that the message has to undo
    before = len(rig.writes)
    for intent, wait in messages:
        rig.ask(intent, "broker")
        rig.run(wait)
    rig.run(8000)
    assert rig.writes[before:] == []


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(NETWORK, st.integers(0, 3000)), min_size=1, max_size=10), st.integers(0, 60_000))
def test_a_network_message_on_a_moving_belt_can_only_slow_it(messages: list[tuple[api.Intent, Ms]], when: Ms) -> None:
    rig = Rig().walking().run(when)
    for intent, wait in messages:
        moving = rig.shot.phase in (Phase.HOLDING, Phase.WALKING, Phase.EASING)
        before = len(rig.writes)
        rig.ask(intent, "broker")
        written = [wrote.data for wrote in rig.writes[before:]]
        assert written == ([STOP] if moving and isinstance(intent, api.Stop) else [])
        rig.run(wait)


KEYS = st.sampled_from(["space", "enter", "x", "escape", "ctrl+c"])
INTENTS = st.sampled_from(
    [api.Stop(), api.Ease(), api.Pain(), api.Repeat(), api.Resume(), api.Acknowledge(), api.Abort(), api.Confirm(),
     api.Load(THERE_AND_BACK), api.Load(MIXED), api.Connect()]
)


class Anything(RuleBasedStateMachine):
    """A person of level 2, a belt that mostly obeys, and everything that may come in between."""

    @initialize(scene=st.sampled_from(["begun", "counting", "starting", "walking", "uphill", "turned", "backward"]))
    def begin(self, scene: str) -> None:
        rig = self.rig = Rig(person=PRACTISED)
        self.checked = 0
        self.confirms = 0
        rig.begin(BACKWARD if scene == "backward" else MIXED)
        if scene in ("begun", "counting", "starting"):
            self._confirmed(Phase.ASKING if scene == "begun" else Phase.COUNTDOWN)
            rig.run(3000 if scene == "starting" else 100)
            return
        self._confirmed(Phase.WALKING)
        if scene == "uphill":
            rig.until(lambda: bool(rig.inclines))
        elif scene == "turned":
            rig.phase(Phase.RESTING)
            self._confirmed(Phase.WALKING)

    def _confirmed(self, phase: Phase) -> None:
        """Go on to this phase by a good gesture, or just before it."""
        self.rig.ready()
        if phase is not Phase.ASKING:
            self.confirms += 1
            self.rig.confirm().phase(phase)

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule()
    def end(self) -> None:
        self.rig.ask(api.End())

    @rule(key=KEYS, held=st.booleans())
    def press(self, key: str, held: bool) -> None:
        may_move = self.rig.shot.phase in api.MOVING_PHASES and self.rig.shot.phase is not Phase.STOPPING
        linked = self.rig.linked
        written = self.rig.press(key, held)
        if may_move and linked and self.rig.shot.link is api.LinkState.UP:
            assert STOP in written

    @rule(intent=INTENTS)
    def wish(self, intent: api.Intent) -> None:
        self.rig.ask(intent)

    @precondition(lambda self: self.rig.shot.question is not None)
    @rule(number=st.integers(0, 3))
    def answer(self, number: int) -> None:
        question = self.rig.shot.question
        assert question is not None
        if question.choices:
            self.rig.ask(api.Answer(question.id, question.choices[number % len(question.choices)].key))

    @precondition(lambda self: self.rig.shot.phase in (Phase.TURNING, Phase.ASKING))
    @rule()
    def confirm(self) -> None:
        """The gesture, done well, as far as anybody listens."""
        rig = self.rig
        rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard, 30_000, must=False)
        if rig.shot.phase is Phase.ASKING:
            rig.press()
            rig.run(900)
            rig.press()
            self.confirms += 1
            rig.run(8000)

    # --- what the world does ----------------------------------------------------------------------------------------

    @rule(ms=st.sampled_from([1000, 4000, 15_000]))
    def walk_on(self, ms: Ms) -> None:
        self.rig.run(ms)

    @rule(ms=st.sampled_from([10, 100, 500, 2000, 9000, 30_000]))
    def wait(self, ms: Ms) -> None:
        self.rig.run(ms)

    @rule(what=st.sampled_from(["sampling", "answers", "speaks", "attends", "keyboard", "obeys"]), on=st.booleans())
    def turn(self, what: str, on: bool) -> None:
        setattr(self.rig, what, on)

    @rule()
    def mend(self) -> None:
        for what in ("sampling", "answers", "speaks", "attends", "keyboard", "obeys"):
            setattr(self.rig, what, True)
        self.rig.results = {}
        if not self.rig.linked:
            self.rig.link()
        self.rig.run(4000)

    @rule(op=st.sampled_from([2, 3, 7, 8]), result=st.sampled_from([4, 5]))
    def refuse(self, op: int, result: int) -> None:
        self.rig.results = {op: result}

    @rule(speed=st.integers(0, 400))
    def shove(self, speed: int) -> None:
        """The console, or a belt of its own mind."""
        self.rig.target = speed

    @precondition(lambda self: self.rig.linked)
    @rule()
    def lose_link(self) -> None:
        self.rig.unlink()

    @precondition(lambda self: not self.rig.linked)
    @rule()
    def link(self) -> None:
        self.rig.link()

    @rule(octets=st.sampled_from([b"\x02\x01", b"\x03", b"\xff", b"\x04", b"", b"\x05\x64\x00"]))
    def status(self, octets: bytes) -> None:
        self.rig.feed(ev.Notified(ev.Source.STATUS, octets))

    @rule(source=st.sampled_from(list(ev.Source)), octets=st.binary(max_size=20))
    def noise(self, source: ev.Source, octets: bytes) -> None:
        self.rig.feed(ev.Notified(source, octets))

    @rule(item=st.sampled_from([ev.ClientGone(ME), ev.Suspended(700), ev.Lagged(300), ev.Lagged(1500), ev.Tick()]))
    def host(self, item: ev.Input) -> None:
        self.rig.feed(item)

    # --- what holds -------------------------------------------------------------------------------------------------

    @invariant()
    def one_start_for_each_confirm(self) -> None:
        assert self.rig.count(START) <= self.confirms

    @invariant()
    def nothing_but_six_kinds_of_commands_is_ever_written(self) -> None:
        kinds = (CONTROL, RESET, START, STOP)
        assert all(wrote.data in kinds for wrote in self.rig.writes if wrote.data[0] not in (2, 3))

    @invariant()
    def a_reset_is_only_written_after_a_stop_that_did_not_work(self) -> None:
        stops = [wrote.at for wrote in self.rig.writes if wrote.data == STOP]
        for wrote in self.rig.writes:
            if wrote.data == RESET:
                assert any(wrote.at - at >= 2000 for at in stops)

    @invariant()
    def no_speed_is_zero_off_the_grid_or_above_the_limit(self) -> None:
        for wrote in self.rig.speeds:
            assert wrote.speed is not None and 80 <= wrote.speed <= 550 and wrote.speed % 10 == 0
        facing = self.rig.shot.facing
        if facing is B and self.rig.shot.target is not None:
            assert self.rig.shot.target <= 250

    @invariant()
    def rises_are_small_slow_and_announced(self) -> None:
        wrote = [w for w in self.rig.writes if w.data[0] in (Op.SET_TARGET_SPEED, Op.START_OR_RESUME)]
        for before, after in itertools.pairwise(wrote):
            if after.speed is None or after.speed <= (before.speed or 80):
                continue
            assert after.speed - (before.speed or 80) <= 20 and after.at - before.at >= 1000
        for after in wrote[self.checked:]:
            if after.speed is not None and after.speed > 80 and self._rose(wrote, after):
                words = [at for at, text in self.rig.said if text.startswith("Faster")]
                assert any(after.at - at >= 3000 for at in words)
        self.checked = len(wrote)

    @staticmethod
    def _rose(wrote: list[Wrote], after: Wrote) -> bool:
        return (after.speed or 0) > (wrote[wrote.index(after) - 1].speed or 80)

    @invariant()
    def speed_and_incline_never_change_together(self) -> None:
        assert not {w.at for w in self.rig.speeds} & {w.at for w in self.rig.inclines if w.incline != 0}

    @invariant()
    def after_a_lost_link_there_is_nothing_but_stopping(self) -> None:
        times = [at for at, effect in self.rig.effects if isinstance(effect, ev.Reconnect)]
        if times and self.rig.shot.footer is api.Footer.NO_LINK:
            after = {wrote.data for wrote in self.rig.writes if wrote.at > times[-1]}
            assert after <= {CONTROL, STOP, RESET, LOWEST}

    @invariant()
    def stopped_is_never_said_of_a_belt_that_moves(self) -> None:
        if self.rig.said and self.rig.said[-1] == (self.rig.now, "Belt stopped."):
            assert self.rig.speed <= 40  # what the belt did in the last half second nobody has seen

    @invariant()
    def the_core_always_has_a_next_moment(self) -> None:
        assert self.rig.core.deadline() >= self.rig.now


TestAnything = Anything.TestCase
TestAnything.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
