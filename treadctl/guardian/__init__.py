"""The process that owns the belt: link, core, voice, journal and socket, and nothing that shows anything.

It must not import what a screen needs, and no client can make it wait.
"""
