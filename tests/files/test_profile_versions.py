"""The version of a profile: today's is read as it is, an older one is upgraded, a newer one refused in one sentence."""

from __future__ import annotations

import pytest

from treadctl.files.profile import events, parse_profile
from treadctl.files.profile.events import Mapping, Node, Scalar
from treadctl.files.profile.models import FORMAT
from treadctl.files.profile.versions import UPGRADES, upgraded
from treadctl.model.errors import InvalidFile

PLAIN = "treadctl: {}\nname: Plain\nsegments: [{{rest: 30s}}]\n"


def test_todays_format_is_the_newest_in_the_table_and_is_read_as_it_is() -> None:
    root = events.read(PLAIN.format(FORMAT))
    assert max(UPGRADES) == FORMAT
    assert upgraded(root) is root


@pytest.mark.parametrize("version", ["2", "17", "999999999"])
def test_a_profile_of_a_newer_format_is_refused_with_that_one_sentence(version: str) -> None:
    text = PLAIN.format(version) + "of the future: yes\n"
    with pytest.raises(InvalidFile) as caught:
        parse_profile(text, "p.yaml")
    told = f"p.yaml:1:11: '{version}' is a format that this treadctl cannot read yet; update treadctl"
    assert str(caught.value) == told


@pytest.mark.parametrize("version", ["one", "1.0", "-1", "0", "01x", "9" * 400, "[1]"])
def test_what_is_no_version_is_told_to_be_written_as_1(version: str) -> None:
    with pytest.raises(InvalidFile, match=r"^p.yaml:1:11: ('|one value)") as caught:
        parse_profile(PLAIN.format(version), "p.yaml")
    assert "update" not in str(caught.value)


def _from_zero(root: Node) -> Node:
    """As if there had been a format 0 that said `title` for `name`."""
    assert isinstance(root, Mapping)
    pairs = {"name" if key == "title" else key: pair for key, pair in root.pairs.items()}
    begun = pairs["treadctl"]
    version = events.Pair(begun.key, Scalar(str(FORMAT), begun.value.mark))
    return Mapping({**pairs, "treadctl": version}, root.mark)


def test_an_older_format_is_upgraded_on_the_tree_and_keeps_the_places_of_its_file() -> None:
    old = events.read("treadctl: 0\ntitle: Old\nsegments: [{rest: 30s}]\n")
    new = upgraded(old, {0: _from_zero, **UPGRADES})
    assert isinstance(new, Mapping)
    assert new.plain == {"treadctl": "1", "name": "Old", "segments": [{"rest": "30s"}]}
    assert new.pairs["name"].value.mark == events.Mark(2, 8)
