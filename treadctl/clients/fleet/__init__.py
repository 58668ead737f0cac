"""All treadmills of a house on one broker, in one table that can stop each of them and do nothing else.

It hears what every node tells of itself and sends one word. A message that was sent is no proof of anything: stopped is
what the belt's own state says afterwards.
"""
