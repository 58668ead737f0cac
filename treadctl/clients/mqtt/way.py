"""The way to the broker as this user has set it, for the bridge and for the table of all treadmills."""

from __future__ import annotations

import os
import sys

from treadctl.paths import real_paths

from .broker import Access
from .settings import FILE, context, load_broker, password

STANDING = "A stop over MQTT is a convenience, never a safety device: the clipped safety key is the emergency stop."


def access() -> Access:
    """The way to the broker as it is set. Raises InvalidFile, UsageError, Refused."""
    settings = load_broker(real_paths().config / FILE, os.environ)
    if not settings.encrypted and not settings.here:
        print(f"Warning: nothing is encrypted on the way to {settings.host}.", file=sys.stderr, flush=True)
    return Access(settings, password(settings, os.environ), context(settings))
