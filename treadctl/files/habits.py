"""What machines were reported to do otherwise than the standard says: one word each, what it forbids, and what an owner
should know about it.

Data only. A habit takes permissions away and never gives one; `quirks` lays it under a record, the simulator plays it.
"""

from __future__ import annotations

from enum import Enum


class Habit(Enum):
    """The value is the word in a machine file."""

    __hash__ = object.__hash__
    """Members are looked up many times in every step; Enum would hash their names anew each time."""

    # Request Control
    CONTROL_REFUSED_FIRST = "first-request-control-refused"
    CONTROL_UNANSWERED = "request-control-unanswered"
    CONTROL_TWICE = "control-at-the-second-request"
    SILENT_WITHOUT_CONTROL = "silent-without-control"
    # nothing obeys
    SILENT_UNTIL_UNLOCKED = "silent-until-unlocked"
    NEEDS_UNLOCK = "needs-a-vendor-unlock"
    NO_EFFECT = "success-without-effect"
    NEEDS_KEEP_ALIVE = "needs-start-every-second"
    # Start, Stop and Pause
    START_TOGGLES = "start-toggles"
    START_REFUSED = "no-remote-start"
    START_WITHOUT_MOTION = "start-without-motion"
    STARTS_AT_CONNECT = "starts-at-connect"
    STOP_WITHOUT_EFFECT = "stop-without-effect"
    STOP_ANSWER_VARIES = "stop-answer-varies"
    STOP_STARTS_PAUSED = "stop-starts-a-paused-belt"
    NO_PAUSE = "no-pause"
    RESUMES_SPEED = "resumes-last-speed"
    # speed
    TARGET_IN_MPH = "target-in-mph"
    REPORTS_IN_MPH = "reports-in-mph"
    CONSOLE_IN_MPH = "mph-when-the-console-is"
    RANGE_WITHOUT_INCREMENT = "range-without-increment"
    ONLY_FASTER = "only-ever-faster"
    SPIN_UP_DROPS_LINK = "speed-in-spin-up-drops-the-link"
    # incline
    INCLINE_RANGE_MISSING = "incline-range-missing"
    INCLINE_RANGE_ZERO = "incline-range-zero"
    INCLINE_NOT_TOLD = "incline-not-told"
    INCLINE_TOLD_WRONG = "incline-told-wrong"
    INCLINE_WHOLE = "whole-inclines-only"
    INCLINE_FAILS = "incline-fails"
    INCLINE_STOPS_BELT = "incline-stops-the-belt"
    INCLINE_ONLY_RUNNING = "incline-only-while-running"
    # what it tells
    SILENT_AT_STANDSTILL = "silent-at-standstill"
    ONLY_ZEROS = "tells-only-zeros"
    SPEED_WHILE_PAUSED = "tells-speed-while-paused"
    DISTANCE_ZERO = "distance-always-zero"
    ECHOES_STATUS = "echoes-status"
    REPLAYS_STATUS = "replays-status"
    # what it advertises
    NAMELESS = "no-name"
    NO_SERVICE_DATA = "no-service-data"
    NO_SERVICE = "service-not-advertised"


H = Habit
Habits = frozenset[Habit]

LOCKED: Habits = frozenset({H.SILENT_UNTIL_UNLOCKED, H.NEEDS_UNLOCK, H.NO_EFFECT, H.NEEDS_KEEP_ALIVE})
"""A person at the console does what treadctl cannot. A vendor's unlock or a Start every second is never sent."""
BLIND: Habits = frozenset({H.SILENT_UNTIL_UNLOCKED, H.ONLY_ZEROS})
"""Nothing can be measured."""
NO_START: Habits = LOCKED | {H.START_REFUSED, H.START_WITHOUT_MOTION, H.ONLY_ZEROS}
NO_STOP: Habits = LOCKED | {H.STOP_WITHOUT_EFFECT, H.ONLY_ZEROS}
PAUSE_HARMS: Habits = LOCKED | {H.NO_PAUSE, H.STOP_STARTS_PAUSED, H.SPEED_WHILE_PAUSED}
IN_MILES: Habits = frozenset({H.TARGET_IN_MPH, H.REPORTS_IN_MPH})
NO_INCLINE: Habits = LOCKED | {
    H.INCLINE_RANGE_MISSING, H.INCLINE_RANGE_ZERO, H.INCLINE_NOT_TOLD, H.INCLINE_TOLD_WRONG, H.INCLINE_FAILS,
    H.INCLINE_STOPS_BELT,
}
FASTER_THAN_TOLD: Habits = IN_MILES | {H.RESUMES_SPEED, H.STARTS_AT_CONNECT, H.STOP_WITHOUT_EFFECT, H.ONLY_FASTER}
"""Its belt may run faster than any command: no controller can be blamed for that, only for not stopping it."""

_NO_SLOPE = "treadctl walks on it level"

HINTS: dict[Habit, str] = {
    H.CONTROL_REFUSED_FIRST: "It refuses the first request for control of every connection, and obeys all the same.",
    H.CONTROL_UNANSWERED: "It never answers the request for control, and obeys all the same.",
    H.CONTROL_TWICE: "It gives control at the second request only: the first start may be refused, so confirm again.",
    H.SILENT_WITHOUT_CONTROL: "It ignores everything until control was requested.",
    H.SILENT_UNTIL_UNLOCKED: "It is silent until its maker's app unlocks it, which treadctl does not: use its console.",
    H.NEEDS_UNLOCK: "It obeys only its maker's app, which unlocks it: use its console.",
    H.NO_EFFECT: "It answers success and does nothing: use its console.",
    H.NEEDS_KEEP_ALIVE: "It wants Start every second, which treadctl never sends: use its console.",
    H.START_TOGGLES: "A second Start stops its belt; treadctl sends one for each confirm.",
    H.START_REFUSED: "It has to be started at its console.",
    H.START_WITHOUT_MOTION: "It answers success to Start and does not move: start it at its console.",
    H.STARTS_AT_CONNECT: "Its belt may start when something connects: keep off the belt until it is measured still.",
    H.STOP_WITHOUT_EFFECT: "Stop was reported to do nothing: the safety key is the only way to stop it.",
    H.STOP_ANSWER_VARIES: "It answers success or failure to the same Stop; only the measured speed counts.",
    H.STOP_STARTS_PAUSED: "Stop on a paused belt starts it, so treadctl never pauses it.",
    H.NO_PAUSE: "It cannot pause; treadctl stops it instead.",
    H.RESUMES_SPEED: "It starts again at the speed it was stopped at: start from the side rails.",
    H.TARGET_IN_MPH: "It reads speeds as miles an hour, 1.6 times too fast, so treadctl does not drive it.",
    H.REPORTS_IN_MPH: "It tells its speed in miles an hour, so treadctl does not drive it.",
    H.CONSOLE_IN_MPH: "With its console set to miles it reads miles an hour: set the console to kilometres.",
    H.RANGE_WITHOUT_INCREMENT: "It does not tell the steps of its speed, so treadctl cannot set one.",
    H.ONLY_FASTER: "A lower speed was reported to be ignored or to speed it up.",
    H.SPIN_UP_DROPS_LINK: "A speed sent before its belt moves drops the connection; treadctl waits for motion.",
    H.INCLINE_RANGE_MISSING: f"It does not tell the range of its incline; {_NO_SLOPE}.",
    H.INCLINE_RANGE_ZERO: f"It tells an incline range of zero; {_NO_SLOPE}.",
    H.INCLINE_NOT_TOLD: f"It never tells its incline; {_NO_SLOPE}.",
    H.INCLINE_TOLD_WRONG: f"The incline that it tells is wrong; {_NO_SLOPE}. Set it to 0 at the console first.",
    H.INCLINE_WHOLE: "It takes whole percents of incline only.",
    H.INCLINE_FAILS: f"It has no incline motor, and fails when one is set; {_NO_SLOPE}.",
    H.INCLINE_STOPS_BELT: f"Setting an incline stops its belt; {_NO_SLOPE}.",
    H.INCLINE_ONLY_RUNNING: "It takes an incline only while its belt runs.",
    H.SILENT_AT_STANDSTILL: "It falls silent when its belt stands, so standstill cannot be measured.",
    H.ONLY_ZEROS: "It tells only zeros whatever its belt does, so nothing can be measured.",
    H.SPEED_WHILE_PAUSED: "It goes on telling a speed while it is paused.",
    H.DISTANCE_ZERO: "It never counts distance; treadctl counts its own.",
    H.ECHOES_STATUS: "It tells every command as if its console had been used.",
    H.REPLAYS_STATUS: "It tells an old stop to everybody who connects.",
    H.NAMELESS: "It advertises no name: choose it by its address.",
    H.NO_SERVICE_DATA: "Its advertisement does not say that it is a treadmill.",
    H.NO_SERVICE: "Its advertisement does not say that it is a fitness machine: choose it by its name or address.",
}
"""One sentence a habit, for the owner."""
