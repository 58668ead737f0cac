"""The terminal screen: what a walker sees from 3 m away, and the keys that stop the belt.

A client: it sends intents and shows snapshots, and may die at any moment without harm. It must never import what can
reach a belt (`control`, `guardian`, `ftms`, bleak).
"""

import os

ESCAPE_DELAY_MS = 25
"""Chosen, because Escape is a stop key; still long enough for the octets of an arrow key to arrive together."""

os.environ["ESCDELAY"] = str(ESCAPE_DELAY_MS)  # Textual reads it once, when it is first imported
