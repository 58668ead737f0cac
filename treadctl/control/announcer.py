"""Says the cues of a walk and tells the Supervisor what they announced: a rise is cleared only by its own words.

It decides neither when a change comes (the engine) nor whether (the Supervisor).
"""

from __future__ import annotations

from treadctl.model.units import Incline, Ms, Speed

from .arming import REMIND
from .commanded import tolerance
from .cueing import Cue, CueKind, Voice, incline_words, set_words, speed_words
from .events import Priority, Tone
from .prompts import CONSOLE_FASTER, NEXT, TURN_ROUND
from .supervisor import Supervisor

TURN_NEXT = NEXT.format(TURN_ROUND)


class Announcer:
    """The voice of a moving belt."""

    def __init__(self, supervisor: Supervisor, voice: Voice) -> None:
        self._sup, self._voice = supervisor, voice
        self._held_at: Ms = 0
        self._told_at: Ms = 0

    def cue(self, now: Ms, cue: Cue) -> None:
        """Say or sound one cue of the program."""
        match cue.kind:
            case CueKind.TICK:
                self._voice.tone(Tone.TICK)
            case CueKind.SPEED:
                self._change(now, "speed", cue.target, cue.text)
            case CueKind.INCLINE:
                self._change(now, "incline", cue.target, cue.text)
            case CueKind.TECHNIQUE:
                self._voice.say(cue.text, Priority.TECHNIQUE)
            case CueKind.HEADS_UP | CueKind.ACTION:
                if cue.text == TURN_NEXT:
                    self._voice.tone(Tone.TURN)
                self._voice.say(cue.text)

    def late_rise(self, now: Ms) -> None:
        """Announce anew what rises late: it was held back, or nobody heard it."""
        match self._sup.needs_announcement(now):
            case ("speed", target):
                self._change(now, "speed", target, speed_words(Speed(target), 0, self._voice.scale))
            case ("incline", target):
                self._change(now, "incline", target, incline_words(Incline(target), 0))
            case _:
                pass

    def held(self, now: Ms) -> None:
        """The walk waits for a resume: said again every 20 s; the fault that holds it says it first."""
        if not self._sup.held:
            self._held_at = now
        elif now - self._held_at >= REMIND:
            self._held_at = now
            self._voice.say(CONSOLE_FASTER)

    def guide(self, now: Ms) -> None:
        """Where a hand at the console sets the speed, it is told again every 20 s until the samples show it."""
        wished, speed = self._sup.target, self._sup.belt.speed
        if wished is None or speed is None or abs(speed - wished) <= tolerance(wished):
            self._told_at = now
        elif now - self._told_at >= REMIND:
            self._change(now, "speed", wished, speed_words(wished, speed, self._voice.scale))

    def _change(self, now: Ms, what: str, target: int, text: str) -> None:
        """Words of less announce no rise: a belt that was held below what they name rises by words of its own."""
        less = text.startswith(("Slower", "Less", "Level"))
        self._voice.tone(Tone.SLOWER if less else Tone.FASTER)
        self._told_at = now
        words = set_words(target, self._voice.scale) if self._sup.guided else text
        self._sup.announce(now, what, 0 if less else target, self._voice.say(words))
