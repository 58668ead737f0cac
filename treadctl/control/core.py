"""The core: inputs and time in, effects out. The same seed and inputs give byte-identical effects.

Order inside a step: decode, observe, faults, session, decide, control point, publish. Whatever the session wants, the
Supervisor has seen the newest sample before it decides. The core never sleeps and never asks for the time.
"""

from __future__ import annotations

from typing import assert_never

from treadctl.ftms.codec import RecordAssembler, TreadmillData, decode_status, decode_treadmill_data
from treadctl.ftms.control_point import decode_response
from treadctl.ftms.heart_rate import decode_heart_rate
from treadctl.model import api
from treadctl.model.limits import effective_limits
from treadctl.model.program import Facing
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, soonest

from . import cueing, prompts
from .alarm import Alarm
from .beginning import Beginning, not_still
from .belt import Sample, plausible
from .commissioning import Commissioning
from .control_point import ControlPoint, Outcome
from .cueing import Voice
from .events import (
    INTERRUPTED,
    Asked,
    Attended,
    Capture,
    Captured,
    ClientGone,
    Close,
    Connect,
    Context,
    Effect,
    Exit,
    Input,
    Lagged,
    Learnt,
    LinkDown,
    LinkUp,
    Notice,
    Notified,
    Priority,
    Publish,
    Quit,
    Rate,
    ReadAnew,
    Reconnect,
    Rehearsed,
    Reply,
    Reread,
    Scan,
    Seen,
    Shown,
    Source,
    SpeechFailed,
    Spoken,
    StrapIs,
    Suspended,
    Tick,
    Tone,
    Watched,
    Wear,
    WriteDone,
    WriteFailed,
)
from .faults import Action, told_as
from .heart import Beeper
from .keeping import Keeping, Present
from .ladder import StopWish
from .rehearsal import Rehearsal
from .screen import Screen
from .session import Session
from .supervisor import Supervisor

QUIT_PATIENCE: Ms = 10_000
HEART_LOST = "heart rate lost"
FASTEST = 10
CAPTURE_MAX_S = 600
UNDER_WAY = "Refused: a session is under way; end it first."


class Core:
    """Everything treadctl decides about one machine. Two methods: `step` and `deadline`."""

    def __init__(self, context: Context) -> None:
        self._out: list[Effect] = []
        self._voice = Voice(self._out)
        self._sup = Supervisor(effective_limits(context.person), context.attendance)
        self._pages = self._sup.lookout.pages
        self._pages.rate = max(1, context.attendance // api.ATTENDANCE_LIMIT)
        self._point, self._assembler = ControlPoint(), RecordAssembler()
        self._session: Present | None = None
        self._keeping = Keeping(context, self._out)
        self._beginning = Beginning(self._sup, self._voice, self._keeping)
        self._begun, self._read_anew = 0, False
        self._alarm = Alarm(self._out)
        self._screen = Screen(self._alarm)
        self._beeper, self._strap = Beeper(), context.strap
        self._quit_until: Ms | None = None
        self._address = ""
        self._now: Ms = 0

    def step(self, now: Ms, item: Input) -> list[Effect]:
        """What is to be done about this input at this time. `now` never runs backward."""
        self._now = now
        self._take(now, item)
        self._faults(now)
        if self._session is not None:
            self._session.step(now)
        self._decide(now)
        self._housekeeping(now)
        self._publish(now)
        effects = self._out[:]
        self._out.clear()
        return effects

    def deadline(self) -> Ms:
        """When `step` wants to be called again with a `Tick` if nothing else happens. What was due has been done."""
        now = self._now
        due = soonest(
            now, self._sup.deadline(now), self._point.deadline(), self._keeping.tally.deadline(),
            self._screen.deadline(), self._quit_until, self._beeper.deadline(),
            None if self._session is None else self._session.deadline(now),
        )
        return now if due is None else due

    # --- inputs -----------------------------------------------------------------------------------------------------

    def _take(self, now: Ms, item: Input) -> None:  # noqa: C901, PLR0912 - one case an input
        match item:
            case Attended():
                self._sup.attendance.beat(now, item.client, item.keyboard)
            case Notified():
                self._notified(now, item)
            case Tick() | WriteDone():
                pass
            case LinkUp():
                self._link_up(now, item)
            case LinkDown():
                self._link_down(now, item)
            case WriteFailed():
                if self._point.hung(item.id, item.att):
                    self._sup.stop_hung(now)
                self._outcome(now, self._point.failed(item.id, item.why, item.att))
            case Asked():
                self._asked(now, item)
            case ClientGone():
                self._sup.attendance.gone(item.client)
                self._pages.gone(item.client)
            case Spoken() | Shown():
                if self._pages.visual == isinstance(item, Shown):
                    self._spoken(now, item.id)
            case Watched():
                self._pages.watched(now, item.client, item.page)
            case SpeechFailed():
                self._speech_failed(now, item)
            case Seen():
                self._screen.saw(item.found)
            case StrapIs():
                self._strap_is(now, item.strap)
            case Captured():
                self._screen.captured, self._screen.notice = item.file, safe_text(item.why, 400)
            case Learnt():
                if isinstance(self._session, Commissioning):
                    self._session.kept(item.record, safe_text(item.why, 400))
            case Rehearsed():
                if isinstance(self._session, Rehearsal):
                    self._session.kept(safe_text(item.why, 400))
            case Reread():
                self._reread(item)
            case Suspended():
                self._sup.slept(now, item.gap)
            case Lagged():
                self._sup.host(late=item.late, overflow=item.overflow)
            case Quit():
                self._quit(now, item)
            case _:
                assert_never(item)

    def _notified(self, now: Ms, item: Notified) -> None:
        match item.source:
            case Source.TREADMILL_DATA:
                record = self._assembler.feed(decode_treadmill_data(item.data))
                if record is not None and plausible(record.speed):
                    self._sampled(now, record)
            case Source.CONTROL_POINT:
                response = decode_response(item.data)
                if response is not None:
                    self._sup.answered(response)
                    self._outcome(now, self._point.answered(response))
            case Source.STATUS:
                status = decode_status(item.data)
                if status is not None and self._sup.status(now, status):
                    self._disturb(now)
            case Source.HEART_RATE:
                self._sup.heart.strap(now, decode_heart_rate(item.data), walking=self._sup.engaged)
            case Source.TRAINING:
                pass

    def _sampled(self, now: Ms, record: TreadmillData) -> None:
        assert record.speed is not None
        sample = Sample(now, record.speed, record.distance_m, record.incline, record.heart_rate)
        self._sup.observe(now, sample)
        self._keeping.tally.measured(sample, self._sup.facing)

    def _outcome(self, now: Ms, outcome: Outcome | None) -> None:
        if outcome is not None:
            self._sup.outcome(now, outcome)
            text = f"{outcome.command.op.name} {outcome.result.value} {outcome.why or outcome.code or ''}".strip()
            self._out.append(Notice(text))
            self._keeping.tally.event(now, "procedure", text)

    def _link_up(self, now: Ms, item: LinkUp) -> None:
        self._point.reset()
        self._assembler = RecordAssembler()
        self._address = item.info.address
        self._sup.link_up(now, item.info, item.record)
        if not self._sup.empty:
            level = self._session.program.level if self._session is not None and not self._session.ended else None
            self._sup.ramp.limits = effective_limits(self._keeping.person, item.record, level)
        self._screen.linked(item.info.name or item.info.model or item.info.address, item.info.simulated)
        if self._strap:  # the one that was worn last; the machine's link always comes first
            self._wear(self._strap)
        if self._session is not None:
            self._session.link_back(now)

    def _link_down(self, now: Ms, item: LinkDown) -> None:
        self._point.reset()
        self._sup.link_down()
        self._screen.unlinked(item.why)
        self._out.append(Notice(f"link down: {item.why}"))
        if self._session is not None and not self._sup.lost:
            self._session.link_lost_still(now)

    def _spoken(self, now: Ms, id: int) -> None:
        if self._voice.spoken(id):
            self._sup.heard(now, id)
            if self._session is not None:
                self._session.spoken(now, id)

    def _speech_failed(self, now: Ms, item: SpeechFailed) -> None:
        broken = item.why != INTERRUPTED
        if broken and self._pages.visual:  # nobody listens; what was never begun to be shown is still asked anew
            return
        self._voice.failed(item.id, broken)
        if broken and not self._pages.unheard():
            self._voice.why = safe_text(item.why)
            self._screen.notice = f"No voice: {self._voice.why}"
        if self._session is not None:
            self._session.speech_failed(now, item.id)

    def _reread(self, news: Reread) -> None:
        """What was read before a session began may be older than what it brought about: it is read once more."""
        if news.number == self._begun:
            self._keeping.take(news)
        else:
            self._read_anew = True

    def _quit(self, now: Ms, item: Quit) -> None:
        self._stop(now, f"treadctl was asked to end ({item.signal}).")
        self._quit_until = now + QUIT_PATIENCE

    # --- intents ----------------------------------------------------------------------------------------------------

    def _asked(self, now: Ms, asked: Asked) -> None:
        reason = self._intent(now, asked.client, asked.intent)
        self._out.append(Reply(asked.client, asked.id, reason is None, reason or ""))

    def _intent(self, now: Ms, client: str, intent: api.Intent) -> str | None:  # noqa: C901, PLR0912 - one case each
        """Carry it out; the reason when it is refused."""
        session = self._session
        match intent:
            case api.Stop():
                if isinstance(session, Session) and not self._sup.may_move:
                    session.preparation.stopped(now, client)
                elif isinstance(session, Rehearsal) and self._pages.in_hand(now, client):
                    session.stopped(now)
                self._stop(now, safe_text(intent.why) or "You stopped.")
            case api.Press():
                self._press(now, client, intent)
            case api.Load() | api.Commission() | api.Rehearse():
                return self._begin(now, intent)
            case api.Connect():
                return self._connect(intent)
            case api.Scan():
                self._out.append(Scan(max(1, min(intent.seconds, 60))))
                self._screen.scanning()
            case api.Acknowledge():
                self._acknowledge(now)
            case api.Repeat():
                self._disturb(now)
                self._voice.again(still=self._sup.belt.still(now), awaits=self._sup.awaits)
            case api.Resume():
                return self._resume()
            case api.Message() | api.Preselect():
                self._screen.sent(now, intent)
            case api.Attend():
                self._sup.attendance.beat(now, client, intent.keyboard)
            case api.Answer() | api.Abort() | api.Ease() | api.Pain() | api.End():
                return "no program is loaded" if session is None else self._to_session(now, session, intent)
            case api.Confirm():
                return "a start is confirmed by pressing a key: press, tone, press"
            case api.FastForward():
                return self._fast_forward(now, intent.rate)
            case api.Capture():
                return self._capture(intent.seconds)
            case api.Clear():
                self._read_anew = True
            case api.PickStrap():
                self._wear(safe_text(intent.address))
            case api.Shown() | api.Spoken():  # the server makes an input of it
                return "what a page has shown or said is no wish"
            case _:
                assert_never(intent)
        return None

    def _wear(self, who: str) -> None:
        self._strap = ""
        self._out.append(Wear(who))

    def _strap_is(self, now: Ms, strap: api.Strap | None) -> None:
        before, self._screen.strap = self._screen.strap, strap
        if strap is not None and (before is None or before.link is not strap.link):
            self._keeping.tally.event(now, "strap", f"{strap.link.value} {strap.why}".strip())

    def _capture(self, seconds: int) -> str | None:
        if self._sup.info is None:
            return "no machine is connected; connect one first"
        self._screen.captured = ""
        self._out.append(Capture(max(1, min(seconds, CAPTURE_MAX_S))))
        return None

    def _fast_forward(self, now: Ms, rate: int) -> str | None:
        """Attendance stays in real time, so its limit grows with the rate."""
        if not self._screen.simulated:
            return "only a simulated treadmill can be fast forwarded"
        rate = max(1, min(rate, FASTEST))
        self._sup.attendance.at_rate(now, api.ATTENDANCE_LIMIT * rate)
        self._pages.at_rate(now, rate)
        self._out.append(Rate(rate))
        return None

    def _to_session(
        self, now: Ms, session: Present, intent: api.Answer | api.Abort | api.Ease | api.Pain | api.End
    ) -> str | None:
        match intent:
            case api.Answer():
                if self._sup.may_move:
                    return "no question is answered while the belt may move"
                return None if session.answer(now, intent.question, intent.choice) else "that is not what is asked"
            case api.Abort():
                session.abort(now)
            case api.Ease():
                session.ease(now)
            case api.Pain():
                self._sup.hurts()
            case api.End():
                if self._sup.may_move:
                    self._stop(now, "You ended the session.")
                else:
                    session.end(now)
        return None

    def _press(self, now: Ms, client: str, press: api.Press) -> None:
        """Moving or unknown: stop. A question open: part of a confirm. Countdown: abort. Still: nothing."""
        if self._sup.may_move:
            self._stop(now, "You pressed stop.")
        elif self._session is not None:
            self._session.press(now, press.key, press.held, client)

    def _stop(self, now: Ms, reason: str) -> None:
        """Stop from wherever it comes. A belt at rest is left alone; a countdown is aborted."""
        if not self._sup.stop(now, StopWish(reason)):
            self._disturb(now)
        elif self._session is not None and not self._session.ended:
            self._session.stopped_by(now, reason)

    def _disturb(self, now: Ms) -> None:
        """Whatever a person does between a confirm and its Start, or within a confirm, undoes it."""
        if self._session is not None:
            self._session.abort(now)

    def _resume(self) -> str | None:
        """Lift the ceilings. No key makes the belt faster while the person faces away."""
        if self._sup.may_move and self._sup.facing is not Facing.FORWARD:
            return "nothing gets faster while you face away; resume when the belt is still"
        self._sup.ramp.lift_ceilings()
        return None

    def _connect(self, intent: api.Connect) -> str | None:
        if self._sup.info is not None and intent.address.upper() in ("", self._address.upper()):
            return None
        if self._under_way and (self._sup.info is not None or isinstance(self._session, Rehearsal)):
            return UNDER_WAY
        if self._sup.info is not None and self._sup.may_move:
            return not_still(self._now, self._sup)
        if self._sup.may_move:  # the belt may still move: a link is made to stop it, and for nothing else
            self._out.append(Reconnect(self._address))
            return None
        if self._sup.info is not None:  # another machine: the driver leaves this one
            self._point.reset()
            self._sup.link_down()
        self._out.append(Connect(intent.address))
        self._screen.connecting()
        return None

    def _begin(self, now: Ms, wish: api.Load | api.Commission | api.Rehearse) -> str | None:
        if self._under_way:
            return UNDER_WAY
        begun = self._beginning.begin(now, wish, self._address)
        if isinstance(begun, str):
            return begun
        self._session, self._begun = begun, self._begun + 1
        self._screen.opened(begun.program.name)
        return None

    @property
    def _under_way(self) -> bool:
        return self._session is not None and not self._session.ended

    def _acknowledge(self, now: Ms) -> None:
        self._alarm.acknowledge()
        if isinstance(self._session, Rehearsal):
            self._session.acknowledged(now)

    # --- every step -------------------------------------------------------------------------------------------------

    def _faults(self, now: Ms) -> None:
        self._sup.lookout.mute = self._voice.broken
        begun = self._sup.look(now)
        if self._pages.page_mute(now):  # the table has a row for it, and the laptop says that
            self._voice.by(self._pages.hush())
        if self._beeper.due(now, self._sup.watch.acts(HEART_LOST)):
            self._voice.tone(Tone.HEART)
        if not begun:
            return
        spoken = next((fault.spoken for fault in begun if fault.spoken), "")
        if spoken:
            self._disturb(now)  # who is told something new between a confirm and its Start is asked anew
            self._voice.say(cueing.for_hand(spoken) if self._sup.guided else spoken, told_as(begun))
        if self._session is not None:
            self._session.faults(now, begun)
        for fault in begun:
            self._out.append(Notice(f"fault: {fault.name}"))
            if fault.action >= Action.STOP:
                self._screen.reason = fault.spoken or fault.name
            if fault.alarm:
                self._alarm.sound(fault.spoken, anew=True)

    def _decide(self, now: Ms) -> None:
        self._outcome(now, self._point.step(now))
        decision = self._sup.decide(now, self._point.busy)
        if decision.cleared is not None:
            write, lost = self._point.send(now, decision.cleared)
            self._out.append(write)
            text = f"{decision.cleared.op.name} {write.data.hex()} {decision.cleared.why}"
            self._keeping.tally.event(now, "write", text)
            self._outcome(now, lost)
        if decision.relink:
            self._relink(now)
        if decision.call_key and not self._alarm.heard:
            call = prompts.STOP_AT_CONSOLE if self._sup.guided else prompts.PULL_KEY
            self._voice.say(call, Priority.SAFETY)
            self._alarm.sound(call)

    def _relink(self, now: Ms) -> None:
        """The last rung: this link cannot be trusted, so a new one is made, only to stop."""
        self._alarm.sound(prompts.LINK_LOST, anew=True)
        self._out.append(Reconnect(self._address))
        if self._session is not None:
            self._session.given_up(now)

    def _housekeeping(self, now: Ms) -> None:
        practised = self._session.alarm if isinstance(self._session, Rehearsal) else ""
        if practised:
            self._alarm.sound(practised)
        elif not self._sup.stopping and not self._sup.lost:
            self._alarm.over()
        quitting = self._quit_until is not None and (now >= self._quit_until or not self._sup.may_move)
        if quitting and self._session is not None:
            self._session.abandon(now)
        summary = None if self._session is None else self._keeping.step(now, self._sup, self._session)
        self._screen.summary = summary or self._screen.summary
        if self._read_anew and not self._under_way:  # after all that the session itself has to have written down
            self._read_anew = False
            self._out.append(ReadAnew(self._begun))
        if quitting:
            self._quit_until = None
            self._out.extend((Close(), Exit(0)))

    def _publish(self, now: Ms) -> None:
        snapshot = self._screen.snapshot(now, self._sup, self._session, self._voice, self._keeping.tally)
        if snapshot is not None:
            self._out.append(Publish(snapshot))
