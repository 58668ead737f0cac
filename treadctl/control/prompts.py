"""Every sentence that is spoken: names and words, nothing else. When and why one is said stands where it is used.

One idea, at most eight words, verbs first, numbers last; what is longer is named in `LONGER`. One word a thing: "stop",
"ease", "turn round", "rest", "push"; the same words are spoken and shown. Numbers stand as digits, because captions are
read from 3 m; the voice reads them out (`model.speech`). Programmes bring words of their own (`say`).
"""

from __future__ import annotations

from treadctl.model.portrait import BRIEFING
from treadctl.model.program import Facing

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# --- before the walk -------------------------------------------------------------------------------------------------

BY_ITSELF = BRIEFING.removesuffix(".")
START_BY_HAND = "Start is pressed at the console; it stops and changes speed by itself"
ALL_BY_HAND = "You start, stop and set the speed at the console"
SOUND = "Type this number: {}."
HEARD_AGAIN = "Do you hear this? Then begin again."
REACH_FIRST = "Face away, both hands on the rails."
REACH_NOW = "Press your stop key now."
REACH_AGAIN = "Once more. Press your stop key now."
NO_REACH = "Refused: no stop key within reach facing away; a clicker or a keyboard on the rail solves it."

# --- from standstill to the start ------------------------------------------------------------------------------------

STOPPED = "Belt stopped."
TURN_TO = {
    Facing.BACKWARD: "Back to the console, hands along the rail.",
    Facing.FORWARD: "Face the console, hands along the rail.",
}
"""Names the goal, never "turn" relative to a facing nobody knows."""
TURN_BY = {Facing.BACKWARD: "Turn left.", Facing.FORWARD: "Turn right."}
"""Where it is known from where: one way there and the other way back, so that the key's cord does not wind."""
ON_THE_FLOOR = "Or step off and turn on the floor."
FEET = "Feet on the side rails."
CONFIRM = {
    Facing.BACKWARD: "Facing away? Press, tone, press.",
    Facing.FORWARD: "Facing the console? Press, tone, press.",
}
CONFIRM_HINT = "Let go. Press, tone, press."
LEVEL_BY_HAND = "Set the incline to zero first."
MACHINE_COUNTS = "Now the treadmill counts. Stay on the rails."
PRESS_START = "Press start at the console."
SPOTTER_STARTS = "Spotter: press start."
NO_START = "Do not start the belt."
STEP_ON = {
    Facing.BACKWARD: "Belt is slow. Step on, toes first.",
    Facing.FORWARD: "Belt is slow. Step on.",
}
NOT_STARTED = "The belt did not start."
REFUSED = "Refused: {}."
REFUSALS = {
    "no link": "there is no link to the machine; connect first",
    "no record": "this machine is not commissioned; commission it first",
    "not still": "the belt is not measured still; wait until it is",
    "not attended": "the screen that confirms does not attend",
    "no keys": "keys do not reach the screen that confirms",
    "stopping": "a stop is under way",
}
"""Why a confirm came to nothing."""

# --- on the belt -----------------------------------------------------------------------------------------------------

FASTER = "Faster, to {}."
SLOWER = "Slower, to {}."
SET_AT_CONSOLE = "At the console: {}."
HILL = "Hill, {} percent."
LESS_HILL = "Less hill, {} percent."
LEVEL = "Level."
NEXT = "Next: {}."
TURN_ROUND, REST_NEXT, SWITCH_OFF_NEXT, STEP_OFF_NEXT, END_NEXT = (
    "turn round", "rest", "switch off", "step off", "the end",
)
STOPPING_SOON = "Stopping soon. Hold both rails."
STOPPING = "Stopping. Hold both rails."
PRESS_STOP = "Press stop at the console."
REMINDERS = ("Toes first, then heel.", "Small steps.", "Tall, eyes level.", "Hips square.", "Lift your toes.")
"""Said in turn in a long backward walk, but for what the programme's own words say already (the first word tells).

None of them is about hands: a programme says itself what they do.
"""
LOOK = "Not measured. Look at the belt."

# --- standing, pushing and the end -----------------------------------------------------------------------------------

REST = "Rest. Feet on the rails."
STEP_OFF_TREADMILL = "Step off the treadmill."
STEP_OFF = "Belt stopped. Hold on. Breathe. Step off."
DONE = "Done."
SWITCH_OFF = "Step off. Switch the treadmill off."
NOTHING_TO_SWITCH_OFF = "Step off."
KEY_OUT = "Key out. Step on, face away."
FACE_AWAY = "Step on, face away."
PUSH = "Push with your feet."
MACHINE_ON = "The machine is on. Step off."

# --- what stops or holds a walk --------------------------------------------------------------------------------------

PULL_KEY = "Pull the key."
STOP_AT_CONSOLE = "Stop at the console."
"""In the place of "Stopping.", where nothing but a hand at the console stops the belt."""
LINK_LOST = "Connection lost. Pull the key."
KEY_PULLED = "Safety key pulled. Stopped."
CONSOLE_STOPPED = "Stopped at the console."
SPEED_NOT_TOLD = "Speed not told. Stopping."
STOPPED_BY_ITSELF = "The belt stopped by itself."
CONTROL_LOST = "Control lost. Stopping."
WRONG_UNIT = "Wrong speed unit. Stopping."
NOT_AS_SET = "Speed not as set. Stopping."
GAINS_SPEED = "The belt gains speed. Stopping."
CONSOLE_FASTER = "Faster at the console. Resume or stop."
NOT_OUR_SPEED = "Not our speed. Stopping."
SLOWS_DOWN = "The belt slows down."
TOO_FAST = "Too fast. Stopping."
LIMIT_IN_THE_WAY = "A limit was in the way. Stopping."
BELT_MOVES = "The belt moves. Hold on."
CONSOLE_STARTED = "Started at the console. Hold on."
SCREEN_GONE = "The screen is gone. Stopping."
HELPER_SILENT = "The helper's page is silent."
PAGE_GONE = "The page is gone. Stopping."
PAGE_SILENT = "The page is silent. The laptop speaks."
KEYS_ELSEWHERE = "Keys go elsewhere."
KEYS_GONE = "Keys go elsewhere. Stopping."
HUNG = "The controller hung. Stopping."
OVERRUN = "The controller is overrun. Stopping."
SLEPT = "The computer slept. Stopping."
PAIN_NOTED = "Pain noted."
HEART_HIGH = "Heart rate high. Slower."
HEART_STOPS = "Heart rate high. Stopping."
NO_HEART = "No heart rate."
NO_HEART_STOPS = "No heart rate. Stopping."
LONG_ENOUGH = "Long enough. Stopping."

# --- learning a machine, and the rehearsal ---------------------------------------------------------------------------

NOBODY_ON_IT = "Nobody on the belt. It starts slowly."
BELT_EMPTY = "Belt empty? Press, tone, press."
READ = "Read the console. Remember the speed."
DROPPING = "Now the link is dropped on purpose."
OPENING = "This is practice. The belt stays still."
PRESS = "Facing away, press your stop key."
STOPS = "That stops the belt."
ALARM = "Now the alarm. Any key silences it."
HEARD = "Did you hear it? Answer at the screen."

LONGER = (BY_ITSELF, START_BY_HAND, ALL_BY_HAND, NO_REACH, *REFUSALS.values())
"""More than eight words: what a walk will do by itself, and what refuses one and what helps. All said at standstill."""
