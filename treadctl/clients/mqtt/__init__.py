"""The MQTT bridge: what a walk is doing goes to the house, and a stop, a text to show or a profile to offer comes back.

A client process of its own in the role `network`: the guardian refuses it everything else, whatever this code can do.
There is no topic for start, resume, faster or steeper, so no setting can turn one on. A broker that is slow, gone or
hostile delays nothing: whatever waits for it is dropped, oldest first.
"""
