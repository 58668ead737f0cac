"""The glance page: what the screen shows, on a phone or tablet behind the treadmill, and a stop.

A client process of its own in the role `display`: the guardian refuses it everything but a stop and signs of life,
whatever this code can do. Off unless asked for; on the loopback unless told otherwise.
"""
