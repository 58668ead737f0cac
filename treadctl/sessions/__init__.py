"""After the walk: what a recorded session says, as history, as a report and as files for other programs.

Everything here reads; only an index that can be made anew and files that somebody asked for are written.
"""
