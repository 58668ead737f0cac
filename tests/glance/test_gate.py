"""Who comes in, and for what: every way past the gate that is no way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from treadctl.clients.glance.gate import Allowed, Denied, Gate, Request, View, Want
from treadctl.model.intents import ALLOWED, Attend, Role, Shown, Spoken, Stop

TOKENS = {View.HAND: "hand-token", View.WALL: "wall-token", View.SPOTTER: "spotter-token"}
GATE = Gate(TOKENS, ("treadmill.local",), 8470)
HERE = "192.168.1.7"
HOST = ("host", f"{HERE}:8470")
ORIGIN = ("origin", f"http://{HERE}:8470")


def judged(method: str, target: str, *headers: tuple[str, str], address: str = HERE) -> Allowed | Denied:
    return GATE.judge(Request(method, target, headers), address)


def status(found: Allowed | Denied) -> int:
    return found.status if isinstance(found, Denied) else 200


@pytest.mark.parametrize(
    ("target", "want", "view"),
    [("/hand-token/", Want.PAGE, View.HAND), ("/wall-token/", Want.PAGE, View.WALL),
     ("/spotter-token/events/ab12", Want.EVENTS, View.SPOTTER), ("/hand-token/sound/0f", Want.SOUND, View.HAND)],
)
def test_what_a_token_opens_may_be_read(target: str, want: Want, view: View) -> None:
    found = judged("GET", target, HOST)
    assert isinstance(found, Allowed) and (found.want, found.view) == (want, view)


def test_a_stop_comes_from_the_page_itself() -> None:
    assert judged("POST", "/hand-token/stop", HOST, ORIGIN) == Allowed(Want.STOP, View.HAND)


@pytest.mark.parametrize("host", ["192.168.1.7:8470", "treadmill.local:8470", "TREADMILL.local:8470"])
def test_this_host_goes_by_its_address_and_by_the_names_it_was_given(host: str) -> None:
    assert status(judged("GET", "/hand-token/", ("host", host))) == 200


@pytest.mark.parametrize(
    "headers",
    [(), (("host", "evil.example:8470"),), (("host", "192.168.1.7"),), (("host", "192.168.1.7:80"),),
     (("host", "192.168.1.8:8470"),), (("host", ""),), (HOST, HOST), (("host", "treadmill.local.evil.example:8470"),),
     (("host", "192.168.1.7:8470@evil.example"),)],
)
def test_another_host_gets_nothing(headers: tuple[tuple[str, str], ...]) -> None:
    assert status(GATE.judge(Request("GET", "/hand-token/", headers), HERE)) == 421


def test_an_address_counts_only_where_it_was_reached() -> None:
    assert status(judged("GET", "/hand-token/", HOST, address="10.0.0.1")) == 421
    assert status(judged("GET", "/hand-token/", ("host", "[fe80::1]:8470"), address="fe80::1")) == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "https://192.168.1.7:8470", "http://192.168.1.7", "http://192.168.1.7:8470/"]
)
@pytest.mark.parametrize(("method", "target"), [("POST", "/hand-token/stop"), ("GET", "/hand-token/events/a")])
def test_a_page_of_another_origin_gets_nothing(method: str, target: str, origin: str) -> None:
    assert status(judged(method, target, HOST, ("origin", origin))) == 403


def test_what_acts_has_to_say_where_it_is_from() -> None:
    assert status(judged("POST", "/hand-token/stop", HOST)) == 403


@pytest.mark.parametrize(
    "target", ["/", "", "hand-token", "/hand-toke/", "/hand-token", "/hand-tokenx/", "/HAND-TOKEN/", "//hand-token/",
               "/hand-token//", "/hand-token/../wall-token/", "/hand-token/?x",
               "/hand-token/events", "/hand-token/events/", "/hand-token/events/A%41", "/hand-token/events/" + "a" * 33,
               "/hand-token/start", "/hand-token/faster", "/\u00e9/", "*", "http://192.168.1.7:8470/hand-token/"],
)
def test_what_is_no_page_is_not_there(target: str) -> None:
    assert status(judged("GET", target, HOST)) == 404


@pytest.mark.parametrize("rest", ["stop/1", "attend/", "shown", "shown/x", "shown/1/2", "shown/9999999999",
                                  "speak", "speak/A", "speak/" + "a" * 33, "tap", "tap/a/b",
                                  "spoken", "spoken/..", "spoken/a/b"])
def test_what_is_more_than_the_deed_is_not_there(rest: str) -> None:
    assert status(judged("POST", f"/hand-token/{rest}", HOST, ORIGIN)) == 404


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/hand-token/stop"), ("PUT", "/hand-token/stop"), ("POST", "/hand-token/"),
                           ("DELETE", "/hand-token/"), ("POST", "/hand-token/events/a"), ("HEAD", "/hand-token/"),
                           ("POST", "/hand-token/sound/a"), ("GET", "/hand-token/speak/a"),
                           ("GET", "/hand-token/tap/a"),
                           ("GET", "/hand-token/spoken/a")],
)
def test_each_thing_is_asked_in_one_way_only(method: str, target: str) -> None:
    assert status(judged(method, target, HOST, ORIGIN)) == 405


@given(some.text(max_size=60), some.text(max_size=20), some.lists(some.tuples(some.text(), some.text()), max_size=4))
def test_whatever_comes_it_is_let_in_only_with_a_token_and_from_here(
    target: str, method: str, headers: list[tuple[str, str]]
) -> None:
    found = GATE.judge(Request(method, target, tuple(headers)), HERE)
    assert isinstance(found, Denied)


def test_the_role_of_the_page_can_neither_start_nor_speed_up_a_belt() -> None:
    assert set(ALLOWED[Role.DISPLAY]) == {Stop, Attend, Shown, Spoken}
