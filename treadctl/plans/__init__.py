"""What to walk next: colours, progression, weekly caps, rest, levels and plans, as pure functions of the past.

Nothing here reads a file, asks the time or moves a belt: a walk that is offered is a program like any other and passes
every limit again when it is walked.
"""
