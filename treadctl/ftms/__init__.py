"""Octets to words and back: the Fitness Machine Service as a treadmill speaks it.

Pure: no clock, no log, no I/O, no state but the assembler of split records. Lenient to machines (a decoder never raises
and keeps every complete field and unknown code), strict towards what treadctl sends.
"""
