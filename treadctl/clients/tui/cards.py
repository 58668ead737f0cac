"""The full-screen cards: one sentence, one action, one key, for every moment at which nobody walks on a moving belt.

Which card is right follows from the snapshot and from what this client sees itself; an alarm of either outranks all.
Pure; `paint` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from treadctl.clients.known import asks
from treadctl.clients.words import STANDING_SENTENCE
from treadctl.model.api import Asking, Belt, Choice, Footer, LinkState, Phase, Plan, Question, Snapshot, Summary
from treadctl.model.program import Facing
from treadctl.model.units import clock

from .view import (
    EMPTY_BELT,
    MOVING_PHASES,
    REHEARSAL,
    Local,
    age_words,
    fresh_speed,
    may_move,
    next_words,
    one_decimal,
    segment_name,
)


class Mood(Enum):
    """How a full-screen card is framed."""

    CALM = "calm"
    ATTENTION = "attention"
    ALARM = "alarm"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Card:
    """A whole screen with one thing on it: one sentence, one action, one key.

    `number` is drawn as big as there is room; `lines` are the small print above, `small` the one below; `figures` are
    pairs of a word and its value; `picture`: show the programme's timeline; `near`: read at the console, not from afar.
    """

    title: str
    sentence: str
    action: str = ""
    keys: tuple[Choice, ...] = ()
    lines: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    number: str = ""
    mood: Mood = Mood.CALM
    picture: bool = False
    near: bool = False


def card_of(snapshot: Snapshot | None, plan: Plan | None, local: Local) -> Card | None:
    """The full-screen card of this moment, or None: the belt moves and the walk screen is shown."""
    if local.closed is not None:
        return _closed_card(local)
    if local.hung:
        return Card("ALARM", "The controller hangs. Pull the key.", mood=Mood.ALARM)
    if snapshot is None or (_nothing_yet(snapshot, local) and not snapshot.alarm):
        return _waiting_card(snapshot, local)
    if snapshot.alarm or snapshot.phase is Phase.LOST:
        return _alarm_card(snapshot, local)
    if snapshot.phase in MOVING_PHASES:
        return _empty_belt_card(snapshot) if local.commissioning else None
    return _still_card(snapshot, plan, local)


def _nothing_yet(snapshot: Snapshot, local: Local) -> bool:
    """Nothing asked, nothing walked; a summary of the walk before counts as nothing."""
    return (snapshot.phase is Phase.IDLE and snapshot.question is None) or (
        snapshot.phase is Phase.DONE and local.beginning
    )


def _closed_card(local: Local) -> Card:
    reason = local.closed or ""
    if not local.moving_then:
        words = reason or "The controller has ended."
        return Card("ENDED", words, "", (Choice("q", "quit"),), mood=Mood.ATTENTION, near=True)
    trying = "Rescue has ended. Watch the belt." if local.rescued else "Reconnecting, only to stop."
    keys = (Choice("q", "quit"),) if local.rescued else ()
    return Card("ALARM", "Controller lost. Pull the key.", trying, keys, lines=(reason,), mood=Mood.ALARM)


def _waiting_card(snapshot: Snapshot | None, local: Local) -> Card:
    keys: tuple[Choice, ...] = (Choice("q", "quit"),)
    if local.refused:
        return Card("REFUSED", local.refused, "", (Choice("enter", "back"), *keys), mood=Mood.ATTENTION, near=True)
    waiting = local.starting
    if snapshot is not None:
        waiting = _LINKING.get(snapshot.link, waiting)
        if may_move(snapshot):  # nobody leaves now
            waiting, keys = "Looking at the belt: is it still?", ()
    reason = (snapshot.notice,) if snapshot is not None and snapshot.notice else ()
    title = _title(local, "ONE MOMENT")
    return Card(title, waiting, "", keys, lines=reason, small=(STANDING_SENTENCE,), near=True)


def _title(local: Local, title: str) -> str:
    """What is no walk says so on every card."""
    return EMPTY_BELT if local.commissioning else REHEARSAL if local.rehearsing else title


def _empty_belt_card(snapshot: Snapshot) -> Card:
    """The belt moves and nobody walks. The speed is not shown: it is to be read off the console, and compared."""
    stopping = snapshot.stop_sent or snapshot.phase is Phase.STOPPING
    said = snapshot.caption or "The belt moves. Stay off it."
    sentence = "Stopping. Stay off the belt." if stopping else said
    small = ("You are asked for the console's speed afterwards. It is not shown here, so that two are compared.",)
    return Card(EMPTY_BELT, sentence, "", small=small, mood=Mood.ATTENTION)


_LINKING = {
    LinkState.SCANNING: "Searching the treadmill.", LinkState.CONNECTING: "Connecting to the treadmill.",
}


def _alarm_card(snapshot: Snapshot, local: Local) -> Card:
    sentence = snapshot.alarm or "Connection lost. Pull the key."
    speed = fresh_speed(snapshot)
    still = snapshot.belt is Belt.STILL
    belt = "Belt stopped." if still else f"Belt {speed} km/h." if speed else f"Belt unknown: {age_words(snapshot)}."
    if local.rehearsing and snapshot.footer is Footer.NOTHING:
        belt = ""  # practice without a treadmill
    reason = (snapshot.reason,) if snapshot.reason and snapshot.reason != sentence else ()
    return Card("ALARM", sentence, belt, (Choice("a", "silence the alarm"),), lines=reason, mood=Mood.ALARM)


def _still_card(snapshot: Snapshot, plan: Plan | None, local: Local) -> Card:
    if snapshot.countdown is not None:
        return _countdown_card(snapshot)
    if snapshot.question is not None:
        return _question_card(snapshot, local, snapshot.question)
    if local.commissioning and snapshot.phase is Phase.DONE:
        return Card(LEARNT, snapshot.reason or "Done.", "", (Choice("enter", "done"),), near=True)
    if local.rehearsing and snapshot.phase is Phase.DONE:
        return Card(REHEARSED, snapshot.reason or "Done.", "", (Choice("enter", "done"),), near=True)
    if snapshot.summary is not None and snapshot.phase is Phase.DONE:
        return _summary_card(snapshot, snapshot.summary)
    return _phase_card(snapshot, plan, local)


def _countdown_card(snapshot: Snapshot) -> Card:
    way = {Facing.BACKWARD: "Facing away. ", Facing.FORWARD: "Facing the console. ", None: ""}[snapshot.facing]
    sentence, left = f"{way}Feet on the side rails.", str(snapshot.countdown)
    return Card("BELT STARTS IN", sentence, "Any key aborts.", number=left, mood=Mood.ATTENTION)


def _question_card(snapshot: Snapshot, local: Local, question: Question) -> Card:
    title = _title(local, _TITLES.get(snapshot.phase, "QUESTION"))
    why = (snapshot.reason,) if snapshot.phase is Phase.HALTED and snapshot.reason else ()
    if why and question.text.startswith(snapshot.reason):
        question = replace(question, text=question.text.removeprefix(snapshot.reason).strip() or question.text)
    match question.asking:
        case Asking.CHOICE:
            return _choice_card(snapshot, local, question, title, why)
        case Asking.REACH:
            sentence = question.text if question.heard or not question.detail else question.detail
            return Card(title, sentence, "" if question.heard else "Listen.", lines=why, mood=Mood.ATTENTION)
        case Asking.NUMBER:
            return _number_card(local, question, title, why)
        case Asking.CONFIRM:
            lines = (*why, question.detail) if question.detail else why
            mood = Mood.GOOD if question.tone else Mood.ATTENTION
            sentence = question.text.removesuffix(GESTURE).strip() or question.text
            return Card(title, sentence, _gesture(question, local), lines=lines, mood=mood)


def _choice_card(snapshot: Snapshot, local: Local, question: Question, title: str, why: tuple[str, ...]) -> Card:
    """One question and its keys. Where the detail says more than the question, it is the sentence (the briefing)."""
    checking = snapshot.phase is Phase.CHECKING
    answered = tuple(f"✓ {asked} {answer}" for asked, answer in local.answered) if checking else ()
    warned = (*local.unwatched, *([local.room] if local.room else []))
    small = (*warned, STANDING_SENTENCE) if checking else ()
    mood = Mood.ATTENTION if snapshot.phase is Phase.HALTED else Mood.CALM
    lines, keys = (*why, *answered), question.choices
    figures = _figures(question.detail)
    if figures:
        return Card(title, question.text, "", keys, why, figures=figures, mood=mood, near=True)
    if len(question.detail) > len(question.text):
        return Card(title, question.detail, question.text, keys, lines, small, mood=mood, near=True)
    detail = (question.detail,) if question.detail else ()
    return Card(title, question.text, "", keys, (*lines, *detail), small, mood=mood, near=checking)


def _figures(detail: str) -> tuple[tuple[str, str], ...]:
    """What was measured, where the detail is a list of it: a word, a colon, its value."""
    parts = [part.partition(": ") for part in detail.split(" · ")]
    return tuple((name, value) for name, _, value in parts) if len(parts) > 1 and all(p[2] for p in parts) else ()


def _number_card(local: Local, question: Question, title: str, why: tuple[str, ...]) -> Card:
    """A number off the console: what is typed stands as large as it can be compared with it."""
    lines = (*why, question.detail) if question.detail else why
    keys = (Choice("enter", "that is it"), Choice("backspace", "take one back")) if local.typed else ()
    action = "" if local.typed else "Type it as the console shows it."
    return Card(title, question.text, action, keys, lines, number=local.typed, mood=Mood.ATTENTION, near=True)


_TITLES = {
    Phase.CHECKING: "BEFORE THE WALK", Phase.REACHING: "REACH TEST", Phase.ASKING: "READY?",
    Phase.TURNING: "TURN ROUND",
    Phase.RESTING: "REST", Phase.HALTED: "STOPPED", Phase.DONE: "AFTER THE WALK", Phase.PUSHING: "PUSH",
    Phase.OFF: "OFF", Phase.IDLE: "QUESTION",
}


LEARNT = "COMMISSIONING ENDED"
REHEARSED = "REHEARSAL ENDED"
GESTURE = "Press, tone, press."
"""The confirm in three words. The spoken question ends with them; on the screen they are the action below it."""


def _gesture(question: Question, local: Local) -> str:
    """What to do with the key now. The confirm is press, tone, the same key again."""
    if question.tone:
        return "Now the same key again." if local.tone_over else "Tone. Let go."
    return GESTURE if question.heard else "Listen."


def _summary_card(snapshot: Snapshot, summary: Summary) -> Card:
    """Where somebody walked, nothing else is asked or shown before they say that they are off the belt."""
    title = "WALK FINISHED" if summary.finished else "WALK ENDED"
    mood = Mood.GOOD if summary.finished else Mood.ATTENTION
    sentence = "Belt stopped. Hold on. Breathe. Step off."
    if asks(summary):
        lines = () if summary.finished or not summary.reason else (summary.reason,)
        return Card(title, sentence, "", (Choice("enter", "I am off"),), lines, mood=mood)
    keys = (Choice("enter", "done"),)
    small = (f"Recorded in {summary.file}",) if summary.file else ()
    return Card(title, sentence, "", keys, small=small, figures=figures(summary), mood=mood, picture=True)


def figures(summary: Summary) -> tuple[tuple[str, str], ...]:
    """The figures of a walk: a word and its value each; five, and the heart rate where it was measured."""
    bouts = "1 bout" if summary.bouts == 1 else f"{summary.bouts} bouts"
    return (
        ("walked", f"{clock(summary.walked)}  ·  {(summary.forward_m + summary.backward_m):.0f} m"),
        ("backward", f"{clock(summary.backward)}  ·  {summary.backward_m:.0f} m  ·  {bouts}"),
        ("forward", f"{clock(summary.forward)}  ·  {summary.forward_m:.0f} m"),
        ("top backward", f"{one_decimal(summary.top_backward)} km/h" if summary.top_backward else "–"),
        *((("heart rate", f"up to {summary.top_heart}"),) if summary.top_heart is not None else ()),
        ("ended", "as planned" if summary.finished else summary.reason or "early"),
    )


def _phase_card(snapshot: Snapshot, plan: Plan | None, local: Local) -> Card:
    """Standing still without a question: prompts, rests and waiting. The caption is what is being said."""
    title = _title(local, _TITLES.get(snapshot.phase, ""))
    sentence = snapshot.caption or _PROMPTS.get(snapshot.phase, "One moment.")
    number = ""
    if snapshot.phase in (Phase.RESTING, Phase.PUSHING, Phase.OFF) and snapshot.segment_left > 0:
        number = clock(snapshot.segment_left)
    following = next_words(snapshot)
    lines = tuple(line for line in (segment_name(snapshot, plan), snapshot.reason) if line)
    small = (f"Next: {following}",) if following and snapshot.phase is not Phase.TURNING and not number else ()
    return Card(title, sentence, "", lines=lines, small=small, number=number, picture=plan is not None)


_PROMPTS = {
    Phase.TURNING: "Belt stopped. Wait for the next prompt.", Phase.RESTING: "Rest. Feet on the side rails.",
    Phase.PUSHING: "Push with your feet.", Phase.OFF: "The belt is off.", Phase.HALTED: "Belt stopped. Hold the rails.",
    Phase.DONE: "Belt stopped. Hold on. Breathe. Step off.", Phase.CHECKING: "Looking at the treadmill.",
    Phase.REACHING: "Listen.", Phase.ASKING: "Listen.",
}
