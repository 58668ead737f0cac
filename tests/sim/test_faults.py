"""Faults as text: what is read, what is refused and how, and that each of the catalogue does what it says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from treadsim.backend import open_backend
from treadsim.catalogue import BY_NAME, CATALOGUE, UNSEEN, Family
from treadsim.channel import Channel
from treadsim.faults import Fault, fault, listing, parse_fault, parse_faults
from treadsim.host import Host
from treadsim.invariants import violations
from treadsim.peripheral import Outgoing
from treadsim.world import Scene, World

from treadctl.ftms import uuids
from treadctl.model.api import Phase
from treadctl.model.errors import UsageError
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import kmh

FORWARD = Program("Forward", (Walk(Facing.FORWARD, 60, kmh("1.5"), line=1),))


def walked(*specs: str, until: int = 150_000) -> World:
    world = World(Scene(FORWARD, faults=parse_faults(specs)), diary=False)
    world.run(until)
    return world


def test_a_fault_is_read_with_its_times_and_parameters() -> None:
    read = parse_fault("write.drop( at = 90s, for=1500ms, p=0.3, op=stop)")
    assert (read.at, read.until) == (90_000, 91_500)
    assert (read.value("p"), read.value("op"), read.family) == (0.3, "stop", Family.WRITE)


def test_what_is_not_said_is_the_default_and_lasts_to_the_end() -> None:
    read = parse_fault("link.drop")
    assert read.at == 0 and read.until > 1 << 30
    assert parse_fault("machine.jump(at=2min)") == Fault(120_000, "machine.jump", 120_000)
    assert parse_fault("machine.jump").number("by") == 100


def test_faults_come_in_order_of_time() -> None:
    found = parse_faults(["link.drop(at=9s)", "machine.key(at=1s)"])
    assert [one.name for one in found] == ["machine.key", "link.drop"]


@pytest.mark.parametrize(
    "spec",
    [
        "", "help", "link", "link.", "link.dorp(at=1s)", "link.drop(at)", "link.drop(at=)", "link.drop(at=1)",
        "link.drop(at=-1s)", "link.drop(at=1e9s)", "link.drop(at=1s,at=2s)", "link.drop(p=0.1)", "link.drop(at=1s",
        "write.drop(p=1.1)", "write.drop(p=nan)", "write.drop(op=faster)", "machine.jump(by=-1)",
        "machine.jump(by=999)",
        "machine.key(for=3s)", "link.refuse(n=1.5)", "key@1", "link.drop()()", "\x1b[2J",
    ],
)
def test_nonsense_is_answered_with_the_list_of_faults_and_their_parameters(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)
    assert listing() in str(caught.value) and "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("help", "The faults there are, and how they are written:"),
        ("link.drop(at=1s", "The fault 'link.drop(at=1s' makes no sense: write it as link.drop(at=0s, for=…)."),
        ("time.wall(q=1)", "The fault 'time.wall(q=1)' makes no sense: it takes no 'q'; write it as time.wall(at=0s)."),
        ("write.drop(p=7)", "The fault 'write.drop(p=7)' makes no sense: '7' is not a share from 0 to 1."),
        ("zzz", "There is no fault 'zzz'."),
    ],
)
def test_one_sentence_says_what_is_wrong_before_the_list(spec: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)
    assert str(caught.value) == f"{sentence}\n{listing()}" and caught.value.exit_code == 2


def test_a_near_miss_is_guessed() -> None:
    with pytest.raises(UsageError, match=r"did you mean link\.drop\?"):
        parse_fault("link.dorp(at=1s)")


def test_the_list_names_every_fault_with_its_parameters() -> None:
    assert all(spec.signature in listing() and spec.text in listing() for spec in CATALOGUE)
    assert {spec.family for spec in CATALOGUE} == set(Family)


@given(st.sampled_from(sorted(BY_NAME)), st.integers(0, 10**7), st.integers(1, 10**6))
def test_what_is_written_is_read_again(name: str, at: int, length: int) -> None:
    one = fault(name, at, length)
    assert parse_fault(str(one)) == one


@given(st.text(max_size=60))
def test_any_text_is_a_fault_or_one_sentence(text: str) -> None:
    try:
        assert isinstance(parse_fault(text), Fault)
    except UsageError as error:
        assert str(error).startswith(("There is no fault", "The fault"))


@pytest.mark.parametrize("name", [spec.name for spec in CATALOGUE if spec.lasts or spec.family is not Family.DISK])
def test_every_fault_can_be_walked_with_and_the_belt_ends_at_rest(name: str) -> None:
    world = World(Scene(FORWARD, faults=(fault(name, 75_000, 5_000),)), diary=False)
    world.run(200_000)
    assert world.machine.belt.speed == 0


PLAYED_BY = {
    "link": "drop zombie refuse slow flap adapter fading",
    "write": "hang late drop busy error twice swapped ineffective",
    "indication": "missing late twice wrong_op malformed result",
    "telemetry": "off stuck garbage bits scaled offset slow late burst lossy zero ghost flipped truncated sentinel "
                 "shifted no_zero jitter",
    "machine": "ignores resumes toggles starts_on_control self_start self_stop jump inverted console_faster "
               "console_slower key other_client bad_range deaf mph creeps brakes_slowly control_lost console_start "
               "console_stop",
    "process": "client_killed client_hung hangup quit blocked overrun keys_elsewhere mute voice_hung stuck_key flood",
    "time": "suspended wall strobe summer slow fast late",
    "disk": "full error read_only slow locked",
    "heart": "off stuck jump garbage",
}
"""Every fault by its family, written out once more. Not here, because only real processes,
files and brokers have them: the death of the guardian or of both, EINTR, damaged files, a broker.
"""


def test_the_catalogue_has_a_fault_for_every_row_of_the_hazards_page() -> None:
    assert {spec.name for spec in CATALOGUE} == {
        f"{family}.{name}" for family, names in PLAYED_BY.items() for name in names.split()
    }


@pytest.mark.parametrize("name", sorted(UNSEEN))
def test_a_fault_that_control_must_not_see_changes_nothing_at_all(name: str) -> None:
    plain, faulty = walked(until=200_000).trace, walked(f"{name}(at=75s)", until=200_000).trace
    assert plain.writes == faulty.writes and plain.samples == faulty.samples
    assert plain.notes == faulty.notes


def test_wrong_bits_are_as_many_as_asked_for() -> None:
    data = bytes.fromhex("8404fa0055aaff")
    channel = Channel((fault("telemetry.bits", n=3),))
    channel.begin(0)
    [came] = channel.outgoing(Outgoing(5, uuids.TREADMILL_DATA, data))
    wrong = int.from_bytes(data, "big") ^ int.from_bytes(came.data, "big")
    assert wrong.bit_count() == 3 and len(came.data) == len(data)


def test_a_belt_at_rest_falls_silent() -> None:
    world = walked("telemetry.no_zero", until=60_000)
    assert world.trace.samples == [] and world.trace.links


def test_a_second_write_overtakes_the_first() -> None:
    channel = Channel((fault("write.swapped"),))
    channel.begin(0)
    first, second, third = (channel.write(at, b"\7") for at in (1, 2, 3))
    assert first.overtaken and first.late and not (second.overtaken or second.late) and third.overtaken


@pytest.mark.parametrize(("op", "moves"), [("stop", False), ("speed", True), ("control", True)])
def test_another_program_stops_the_belt_or_sets_a_speed_or_only_takes_control(op: str, moves: bool) -> None:
    world = World(Scene(FORWARD, faults=(fault("machine.other_client", 75_000, op=op, speed=150),)), diary=False)
    world.run_until(75_350)
    assert world.machine.belt.started is moves and world.connected_at < 350


def test_another_program_starts_the_belt() -> None:
    world = World(Scene(FORWARD, faults=(fault("machine.other_client", 5_000, op="start"),)), diary=False)
    world.run_until(5_350)
    assert world.machine.belt.started


def test_a_dropped_link_comes_back_after_its_time() -> None:
    links = walked("link.drop(at=75s,for=5s)").trace.links
    assert [link.up for link in links] == [True, False, True]
    assert 75_000 <= links[1].at - links[0].at < 75_100 and links[2].at - links[1].at >= 5_000


def test_a_refused_link_is_tried_again_and_again() -> None:
    links = walked("link.refuse(at=75s,n=3)").trace.links
    assert 1_500 <= links[2].at - links[1].at <= 4_000


def test_a_hung_write_fails_after_a_second_and_never_arrives() -> None:
    world = walked("write.hang(at=72s,op=stop)", "process.quit(at=75s)", until=77_000)
    assert world.machine.belt.speed > 0


def test_samples_stop_and_come_again() -> None:
    times = [sample.at for sample in walked("telemetry.off(at=20s,for=3s)", until=40_000).trace.samples]
    assert not any(20_300 < at < 23_300 for at in times) and any(at > 23_300 for at in times)


def test_a_lossy_air_loses_no_more_in_a_row_than_it_says() -> None:
    times = [sample.at for sample in walked("telemetry.lossy(p=0.9,row=2)", until=40_000).trace.samples]
    gaps = [two - one for one, two in pairwise(times)]
    assert max(gaps) == 1500 and min(gaps) >= 500


def test_a_sleeping_computer_hears_nothing_and_its_clock_stands_still() -> None:
    world = walked("time.suspended(at=20s,for=30s)", until=60_000)
    assert [note.number for note in world.trace.noted("slept")] == [30_000]
    assert world.snapshot.now <= world.now - 30_000


def test_a_killed_client_attends_no_more() -> None:
    world = walked("process.client_killed(at=75s)")
    assert max(beat.at for beat in world.trace.beats) <= 75_400
    assert world.snapshot.phase is Phase.HALTED


def test_a_machine_that_cannot_be_trusted_is_not_loaded() -> None:
    for spec in ("machine.bad_range", "disk.locked"):
        assert walked(spec).trace.writes == []


def test_the_backend_refuses_faults_that_only_a_real_computer_can_have() -> None:
    with pytest.raises(UsageError, match="only `treadctl dry-run`"):
        open_backend(faults=("process.quit(at=3s)",))
    assert open_backend(faults=("link.drop(at=3s)",)).simulated


def hold_of(world: World) -> int:
    """From the first motion to the first rise, by the treadmill's time."""
    moved = next(sample.at for sample in world.trace.samples if sample.speed > 10)
    return next(wire.at for wire in world.trace.writes if wire.speed is not None and wire.speed > 80) - moved


@pytest.mark.parametrize(("spec", "hold"), [
    ("time.slow", 10_050), ("time.slow(permille=100)", 11_111),
    ("time.fast", 9_950), ("time.fast(permille=100)", 9_091),
    ("time.slow(at=90s)", 10_000), ("time.fast(at=0s,for=20s)", 10_000),
])
def test_a_clock_that_drifts_makes_what_is_waited_for_longer_or_shorter(spec: str, hold: int) -> None:
    assert abs(hold_of(walked(spec, until=90_000)) - hold) <= 2  # a ms is the least there is


@pytest.mark.parametrize("spec", ["time.slow(permille=8)", "time.fast(permille=8)", "time.fast(at=50s,for=60s)"])
def test_a_walk_on_a_clock_that_drifts_is_finished_and_breaks_no_rule(spec: str) -> None:
    world = walked(spec, until=300_000)
    assert world.trace.summary is not None and world.trace.summary.finished
    assert violations(world.trace) == []


def test_a_clock_that_drifts_and_sleeps_never_runs_backward() -> None:
    host = Host(parse_faults(("time.slow(at=1s,for=9s,permille=500)", "time.fast(at=20s,for=9s,permille=9999)")))
    host.begin(1_000)
    shown = [host.reads(now) for now in range(0, 40_000, 7)]
    assert shown == sorted(shown) and host.reads(11_000) == 6_500 and host.reads(40_000) == 40_000
    for due in range(1, 39_000, 11):
        at = host.when(0, due)
        assert host.reads(at - 1) < due <= host.reads(at)
