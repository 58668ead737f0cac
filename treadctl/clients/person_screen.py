"""`treadctl person screen`: the questions before the first walk. Each answer is followed by what it leads to.

An answer that makes walks gentler is written down at once, so that whoever leaves in the middle is not freer than they
said. Everything else counts when the last question was answered.
"""

from __future__ import annotations

from treadctl.files.person import load_person, replace_damaged, update_person
from treadctl.model.errors import ExitCode, InvalidFile, Refused
from treadctl.model.limits import effective_limits
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.screening import Screening, screened, tightened
from treadctl.model.text import safe_text
from treadctl.paths import Paths

from .asking import read, require_person, tell, yes
from .person import follows, tell_guardians
from .screening_talk import COUNT, NOT_YET, Kind, Step, Talk

DAMAGED = (
    "What was kept of you cannot be read any more. Will you answer everything anew? Then you begin at level 0, and the "
    "old file is kept under another name."
)
UNCHANGED = "Nothing was changed; while that file cannot be read, nobody walks."


def run_screen(paths: Paths, today: str) -> int:
    """Ask everything, save it, and say what follows. Raises UsageError, Refused, OSError."""
    require_person("call treadctl person screen on a terminal, and answer it yourself")
    readable = _readable(paths)
    tell(
        f"About you: about {COUNT} questions. The answers stay in a file on this computer that only "
        "you can read. Answer them again whenever something changes. This is no medical advice: if in doubt, ask a "
        "doctor."
    )
    given = _asked(paths if readable else None)
    person = _saved(paths, given, today, readable)
    for text in ("", "Saved.", *follows(person, effective_limits(person)), *tell_guardians()):
        print(text)
    return int(ExitCode.OK)


def _readable(paths: Paths) -> bool:
    """Whether the file can be read. A damaged one is never "nobody": it makes way only when all was answered anew."""
    try:
        load_person(paths.person)
    except InvalidFile as error:
        tell(str(error))
        if not yes(DAMAGED):
            raise Refused(UNCHANGED) from None
        return False
    return True


def _saved(paths: Paths, given: Screening, today: str, readable: bool) -> Person:
    if readable:
        return update_person(paths.person, lambda old: screened(old, given, today))
    person = screened(UNKNOWN_PERSON, given, today)
    aside = replace_damaged(paths.person, person)
    tell(f"The old file is now {safe_text(str(aside), 300)}.")
    return person


def _asked(paths: Paths | None) -> Screening:
    """All answers; what makes walks gentler is in the file before the next question. `paths` None: it is damaged."""
    talk = Talk()
    while (step := talk.step) is not None:
        consequence = _answered(talk, step)
        if consequence:
            tell(consequence, "  ")
        if paths is not None:
            update_person(paths.person, lambda old, given=talk.given: tightened(old, given))  # type: ignore[misc]
    if talk.refusal:
        raise Refused(talk.refusal)
    if not talk.understood:
        raise Refused(NOT_YET if paths is not None else UNCHANGED)
    return talk.given


def _answered(talk: Talk, step: Step) -> str:
    """Ask this question until it is answered; what the answer leads to."""
    if step.kind is Kind.YES:
        return talk.answer("y" if yes(step.text) else "n")
    return read(step.text, talk.answer)
