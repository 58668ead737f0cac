"""The heart rate and its strap in words: for the screens, the plain lines and the summary. Pure."""

from __future__ import annotations

from treadctl.model.api import LinkState, Snapshot, Strap, Summary
from treadctl.model.heart import ZONE_NAMES
from treadctl.model.text import safe_text
from treadctl.model.units import clock

NONE = "none"
"""What is said on the command line for no strap."""


def rate_words(snapshot: Snapshot) -> str:
    """The rate and what it may not exceed; that there is none; empty where nobody expects one."""
    cap = "" if snapshot.heart_cap is None else f", cap {snapshot.heart_cap}"
    if snapshot.heart_rate is not None:
        return f"HR {snapshot.heart_rate}{cap}"
    return "no heart rate" if snapshot.heart_why or strap_words(snapshot.strap) else ""


def cap_words(snapshot: Snapshot) -> str:
    """The cap with its reason; empty where there is none."""
    if snapshot.heart_cap is None:
        return ""
    return f"heart rate at most {snapshot.heart_cap}: {safe_text(snapshot.heart_cap_why, 80)}"


def strap_words(strap: Strap | None) -> str:
    """What is the matter with the strap; empty where nothing is, or none is worn."""
    return "" if strap is None or strap.link is LinkState.UP else safe_text(strap.why, 200)


def zone_words(zones: tuple[int, ...]) -> str:
    """The time in each zone in which there was any."""
    return ", ".join(f"{name} {clock(spent)}" for name, spent in zip(ZONE_NAMES, zones, strict=False) if spent >= 1000)


def summary_words(summary: Summary) -> str:
    """The heart of a walk in one line; empty where it was not measured."""
    if summary.top_heart is None:
        return ""
    zones = zone_words(summary.zones)
    return f"Heart rate up to {summary.top_heart}{': ' if zones else ''}{zones}."
