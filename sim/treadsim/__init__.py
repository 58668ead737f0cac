"""treadsim: the other end of treadctl's wire. A treadmill and a walker that exist only as arithmetic.

It may import the words, the codec and the machine files of treadctl; only `world` also imports its core.
"""
