"""What the screens know, and how it changes with messages and time. No terminal, no socket; time is an argument."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from treadctl.clients.numbers import typed
from treadctl.model.api import SNAPSHOT_LOST, Goodbye, Ms, Phase, Plan, Question, Said, Snapshot, Verdict

from .chart import History
from .view import Away, Local, change_soon, fresh_speed, may_move

TONE: Ms = 400
"""As long as the tone of the confirm lasts; a question's `tone` stays true until the same key is too late."""
YOUNG: Ms = 300
"""An answer sooner than this after its question appeared was meant for the one before (chosen: nobody reads faster)."""
HELD: Ms = 600
"""Two beats of this client's own loop and a little: a later one was held itself (chosen)."""
CAPTION_STAYS: Ms = 4000
"""A caption of the guardian stays this long where the snapshot carries none (chosen: eight words read twice)."""


class State:
    """The newest of everything. `local` is what this client found out itself."""

    def __init__(self, *, simulated: bool, rate: int = 1) -> None:
        self.snapshot: Snapshot | None = None
        self.plan: Plan | None = None
        self.local = Local(simulated=simulated, rate=rate)
        self.history = History()
        self._seen: Ms | None = None
        self._asked: tuple[str, Ms] = ("", 0)
        self._readable = True
        self._toned: Ms | None = None
        self._said: tuple[str, Ms] = ("", 0)
        self._ticked: Ms = 0

    @property
    def moving(self) -> bool:
        """Whether the belt may move, by the last thing known."""
        return self.snapshot is not None and may_move(self.snapshot)

    @property
    def may_leave(self) -> bool:
        """Only at standstill; and when the controller is gone, after the rescue."""
        if self.local.closed is not None:
            return not self.local.moving_then or self.local.rescued
        return not self.moving

    @property
    def moment(self) -> Hashable:
        """Names what has to be seen at once when it changes; figures that only go on are not in it."""
        snapshot = self.snapshot
        if snapshot is None or not self.moving:
            return snapshot, self.local
        return snapshot._replace(
            seq=0, now=0, sample_age=0, speed=None, distance_m=0.0, walked=0, left=0, segment_left=0, heart_rate=None,
            incline=None, target=None, next=None,
        ), fresh_speed(snapshot) is None, change_soon(snapshot), self.local

    @property
    def reason(self) -> str:
        """What the guardian says is the matter."""
        return "" if self.snapshot is None else self.snapshot.notice or self.snapshot.reason

    def take(self, message: Snapshot | Plan | Said | Goodbye, now: Ms) -> None:
        """A message of the guardian."""
        match message:
            case Snapshot():
                self._take_snapshot(message, now)
            case Plan():
                self.plan = message
            case Said():
                self._said = (message.text, now)
            case Goodbye():
                self.close(message.reason)

    def _take_snapshot(self, snapshot: Snapshot, now: Ms) -> None:
        before = self.snapshot.question if self.snapshot is not None else None
        self._watch_question(before, snapshot.question, now)
        if not snapshot.caption and now - self._said[1] <= CAPTION_STAYS and snapshot.phase is not Phase.IDLE:
            snapshot = snapshot._replace(caption=self._said[0])
        self.snapshot, self._seen = snapshot, now
        self.history.see(snapshot)
        begun = snapshot.phase not in {Phase.IDLE, Phase.DONE}
        self.local = replace(self.local, hung=False, beginning=self.local.beginning and not begun)

    def _watch_question(self, before: Question | None, after: Question | None, now: Ms) -> None:
        """When a question appeared, and when its tone began: after it the second press is awaited."""
        same = before is not None and after is not None and before.id == after.id
        if after is not None and self._asked[0] != after.id + after.text:
            self._asked = (after.id + after.text, now)
            self.local = replace(self.local, typed="")
        if after is None or not same or not after.tone:
            self._toned = now if after is not None and after.tone else None
        elif self._toned is None:
            self._toned = now
        self._show_tone(now)

    def _show_tone(self, now: Ms) -> None:
        over = self._toned is not None and now - self._toned >= TONE
        if over != self.local.tone_over:
            self.local = replace(self.local, tone_over=over)

    def tick(self, now: Ms) -> None:
        """Time passed: does the guardian still send snapshots? If this loop was held, they may lie there unread."""
        self._show_tone(now)
        held, self._ticked = now - self._ticked > HELD, now
        if held or self._seen is None or self.local.closed is not None:
            return
        if now - self._seen > SNAPSHOT_LOST:
            self.local = replace(self.local, hung=True)

    def close(self, reason: str) -> None:
        """The guardian is gone. The first reason stays."""
        if self.local.closed is None:
            self.local = replace(self.local, closed=reason, moving_then=self.moving, hung=False)

    def rescued(self, report: str) -> None:
        self.local = replace(self.local, rescued=True, closed=report)

    def room(self, words: str) -> None:
        """What is to be said of the disk before a start."""
        self.local = replace(self.local, room=words)

    def refuse(self, reason: str) -> None:
        self.local = replace(self.local, refused=reason)

    def begin(self, waiting: str, *, commissioning: bool = False, rehearsing: bool = False) -> None:
        """Something new is being waited for: nothing refused, nothing answered yet."""
        self.local = replace(
            self.local, starting=waiting, refused="", answered=(), beginning=True, commissioning=commissioning,
            rehearsing=rehearsing, typed="",
        )

    def type(self, key: str) -> str:
        """One more key of a number. Answers what is to be sent, with enter; empty before."""
        if key == "enter":
            text = self.local.typed
            self.local = replace(self.local, typed="")
            return text
        self.local = replace(self.local, typed=typed(self.local.typed, key))
        return ""

    def keyboard(self, here: bool, away: Away = Away.FOCUS) -> None:
        """Whether keys reach this client, as far as this goes."""
        if here is (away in self.local.away):
            others = tuple(other for other in self.local.away if other is not away)
            self.local = replace(self.local, away=others if here else (*others, away))

    def key(self) -> None:
        """A key arrived: whatever looked otherwise, keys reach this client."""
        for away in self.local.away:
            self.keyboard(True, away)

    def unwatched(self, *words: str) -> None:
        """In which ways keys may go elsewhere unseen."""
        found = tuple(word for word in words if word)
        if found != self.local.unwatched:
            self.local = replace(self.local, unwatched=found)

    @property
    def in_session(self) -> bool:
        """Whether it matters that keys arrive: from the checklist to the summary, and while the belt may move."""
        snapshot = self.snapshot
        return snapshot is not None and (self.moving or snapshot.phase not in {Phase.IDLE, Phase.DONE})

    def forwarded(self, verdict: Verdict, rate: int) -> None:
        """The simulated clock runs at this rate, if the guardian agreed."""
        if verdict.accepted:
            self.local = replace(self.local, rate=rate)

    def accepts_answer(self, question: str, now: Ms) -> bool:
        """Whether this question is still open and was on the screen long enough to be read."""
        open_now = self.snapshot.question if self.snapshot is not None else None
        here = self._readable and open_now is not None and open_now.id == question
        return here and now - self._asked[1] >= YOUNG

    def readable(self, readable: bool, now: Ms) -> None:
        """Whether the terminal is large enough for a question; where it has become so, the question is a new one."""
        if readable and not self._readable:
            self._asked = (self._asked[0], now)
        self._readable = readable

    def answered(self, key: str) -> None:
        """Keep the answer of a checklist question on the screen."""
        question = self.snapshot.question if self.snapshot is not None else None
        if question is None or self.snapshot is None or self.snapshot.phase is not Phase.CHECKING:
            return
        label = next((c.label for c in question.choices if c.key == key), key)
        self.local = replace(self.local, answered=(*self.local.answered, (question.text, label)))
