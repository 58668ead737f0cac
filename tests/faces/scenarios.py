"""All scenarios, in the order of the page."""

from __future__ import annotations

from . import scenarios_finding, scenarios_link, scenarios_losing, scenarios_writing
from .registry import LISTED, Scenario

PARTS = (scenarios_finding, scenarios_writing, scenarios_losing, scenarios_link)

SCENARIOS: dict[str, Scenario] = {
    play.__name__: play for part in PARTS for play in LISTED if play.__module__ == part.__name__
}


def title(name: str) -> str:
    """The row's name on the page."""
    return (SCENARIOS[name].__doc__ or name).strip().partition("\n")[0].removesuffix(".")
