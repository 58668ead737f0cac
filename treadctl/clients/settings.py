"""The settings of this user as clients read them: how it is shown, never what is walked.

They are the person's own for a simulated walk too: whoever reads miles reads them in a demo.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from treadctl.files.config import Settings, load_settings
from treadctl.model.errors import TreadctlError
from treadctl.model.text import safe_text
from treadctl.paths import real_paths

FILE = "config.toml"


def settings_file() -> Path:
    """Where they stand. Raises Refused where the user's folders cannot be used."""
    return real_paths().config / FILE


def shown_settings() -> Settings:
    """What is set, or the defaults and why: a misspelt setting must keep nobody from a screen with a stop on it."""
    try:
        return load_settings(settings_file(), os.environ)
    except TreadctlError as error:
        print(f"{safe_text(str(error).splitlines()[0], 400)} The defaults are shown.", file=sys.stderr)
        return Settings()
