"""What comes in from the house: three orders, and everything that is ignored, each counted under its reason."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.mqtt.crafted import crafted
from treadctl.clients.mqtt.orders import GAP, LATE, MOST, QUIET, TWICE, WITHIN, Came, Greeted, Meaning, Orders, Why
from treadctl.clients.mqtt.topics import Topics
from treadctl.model.api import ALLOWED, Message, Preselect, Role, Stop

MINE = Topics("treadctl_00000001")
STOP = Stop("Stopped from the network.")


class Desk:
    """Orders with a clock that a test moves, with a sign of life every half second."""

    def __init__(self) -> None:
        self.now = 100_000
        self.orders = Orders(MINE, self.now, ("Demo", "Retro 5 x 1"))

    def wait(self, ms: int) -> None:
        until = self.now + ms
        while self.now < until:
            self.now = min(until, self.now + 500)
            self.orders.beat(self.now)

    def hear(
        self, topic: str, payload: bytes, *, retained: bool = False, waited: int = 0, somebody: bool = True
    ) -> Meaning:
        return self.orders.judge(Came(topic, payload, retained, self.now - waited), self.now, somebody=somebody)

    def counted(self) -> dict[Why, int]:
        return dict(self.orders.ignored)


@pytest.mark.parametrize(
    ("topic", "payload", "meaning"),
    [
        (MINE.stop, b"STOP", STOP),
        (MINE.message, b"Dinner is ready", Message("Dinner is ready")),
        (MINE.message, "Grüße, 夕食".encode(), Message("Grüße, 夕食")),
        (MINE.message, b"\x1b[31mred\n", Message("\\x1b[31mred\\x0a")),
        (MINE.message, "\u202eevil".encode(), Message("\\u202eevil")),
        (MINE.select, b"Demo", Preselect("Demo")),
        (MINE.status, b"online", Greeted(True)),
        (MINE.status, b"offline", Greeted(False)),
    ],
)
def test_an_order_is_understood(topic: str, payload: bytes, meaning: Meaning) -> None:
    desk = Desk()
    assert desk.hear(topic, payload) == meaning and desk.counted() == {}


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        (MINE.stop, b"", Why.MALFORMED),
        (MINE.stop, b"stop", Why.MALFORMED),
        (MINE.stop, b"STOP\n", Why.MALFORMED),
        (MINE.stop, b"START", Why.MALFORMED),
        (MINE.message, b"", Why.MALFORMED),
        (MINE.message, b"\xff\xfe", Why.MALFORMED),
        (MINE.message, b"a" * 1025, Why.MALFORMED),
        (MINE.select, b"Nobody knows this", Why.MALFORMED),
        (MINE.select, b"demo", Why.MALFORMED),
        (MINE.status, b"maybe", Why.MALFORMED),
        (MINE.of("cmd/start"), b"START", Why.UNKNOWN),
        (MINE.of("cmd/speed"), b"5.0", Why.UNKNOWN),
        (Topics("treadctl_00000002").stop, b"STOP", Why.UNKNOWN),
        ("", b"STOP", Why.UNKNOWN),
    ],
)
def test_what_is_no_order_is_ignored_and_counted(topic: str, payload: bytes, why: Why) -> None:
    desk = Desk()
    assert desk.hear(topic, payload) is why and desk.counted() == {why: 1}


@pytest.mark.parametrize(("topic", "payload"), [(MINE.stop, b"STOP"), (MINE.message, b"hi"), (MINE.select, b"Demo")])
def test_what_was_retained_is_ignored(topic: str, payload: bytes) -> None:
    desk = Desk()
    assert desk.hear(topic, payload, retained=True) is Why.RETAINED
    assert desk.hear(MINE.status, b"online", retained=True) == Greeted(False)


def test_without_a_guardian_nothing_is_kept_for_later() -> None:
    desk = Desk()
    assert desk.hear(MINE.stop, b"STOP", somebody=False) is Why.NOBODY
    assert desk.hear(MINE.stop, b"STOP") == STOP


def test_what_waited_too_long_is_late() -> None:
    desk = Desk()
    assert desk.hear(MINE.stop, b"STOP", waited=LATE + 1) is Why.LATE
    assert desk.hear(MINE.stop, b"STOP", waited=LATE) == STOP


def test_what_lay_in_the_socket_while_the_computer_slept_is_late() -> None:
    desk = Desk()
    desk.now += GAP + 1  # no sign of life in between
    assert desk.hear(MINE.stop, b"STOP") is Why.LATE
    desk.wait(QUIET - 1)
    assert desk.hear(MINE.stop, b"STOP") is Why.LATE
    desk.wait(1)
    assert desk.hear(MINE.stop, b"STOP") == STOP


def test_the_same_again_within_a_second_is_one() -> None:
    desk = Desk()
    assert desk.hear(MINE.stop, b"STOP") == STOP
    desk.wait(TWICE - 1)
    assert desk.hear(MINE.stop, b"STOP") is Why.TWICE
    desk.wait(1)
    assert desk.hear(MINE.stop, b"STOP") == STOP


def test_a_stop_that_was_not_taken_may_come_again_at_once() -> None:
    desk = Desk()
    assert desk.hear(MINE.stop, b"STOP") == STOP
    desk.orders.refused(STOP)
    assert desk.hear(MINE.stop, b"STOP") == STOP and desk.counted() == {Why.REFUSED: 1}


def test_no_flood_of_texts_takes_the_place_of_a_stop() -> None:
    desk = Desk()
    taken = [desk.hear(MINE.message, f"{n}".encode()) for n in range(1000)]
    assert sum(isinstance(one, Message) for one in taken) == MOST
    assert desk.counted() == {Why.OFTEN: 1000 - MOST}
    assert desk.hear(MINE.stop, b"STOP") == STOP
    desk.wait(WITHIN)
    assert desk.hear(MINE.message, b"later") == Message("later")


@given(some.binary(max_size=2000), some.sampled_from([*MINE.incoming, MINE.of("state"), "#"]), some.booleans())
def test_whatever_comes_in_can_only_stop_show_or_offer(payload: bytes, topic: str, retained: bool) -> None:
    meaning = Desk().hear(topic, payload, retained=retained)
    assert isinstance(meaning, (Greeted, Why, *ALLOWED[Role.NETWORK]))
    if isinstance(meaning, Message):
        assert len(meaning.text) <= 200 and meaning.text.isprintable()


def test_a_storm_of_crafted_messages_is_ten_texts_and_one_stop_a_second_at_most() -> None:
    desk, lots = Desk(), random.Random(7)
    storm: Iterator[tuple[str, bytes, bool]] = crafted(MINE, lots, ("Demo", "Retro 5 x 1"))
    begun, taken = desk.now, []
    for n, (topic, payload, retained) in zip(range(20_000), storm, strict=False):
        taken.append(desk.hear(topic, payload, retained=retained))
        if n % 10 == 0:
            desk.now += 1
            desk.orders.beat(desk.now)
    seconds = (desk.now - begun) // 1000 + 1
    assert 0 < sum(isinstance(one, Stop) for one in taken) <= seconds
    assert 0 < sum(isinstance(one, Message | Preselect) for one in taken) <= (MOST + 1) * seconds
    assert set(desk.counted()) >= {Why.RETAINED, Why.MALFORMED, Why.TWICE, Why.OFTEN}
