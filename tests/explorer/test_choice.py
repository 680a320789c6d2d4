"""What is on the screen fits in an address and comes back the same, whatever the address holds."""

from __future__ import annotations

import base64
import tomllib
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InputError
from twin.explorer.choice import Choice, from_address
from twin.explorer.settings import OPTIONS, command
from twin.explorer.study_address import KEYS, Shown
from twin.explorer.study_address import from_address as from_study_address
from twin.studies.visitors import LARGEST_UPLOAD

ROOT = Path(__file__).parents[2]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS, st.dictionaries(st.from_regex(r"[a-z_]{1,9}(\.[a-z_]{1,9}){0,3}", fullmatch=True), st.integers()))
def test_a_choice_comes_back_from_its_address(text: str, changes: dict[str, int]) -> None:
    choice = Choice("a.yaml", text, tuple((path, str(value)) for path, value in changes.items()))
    assert from_address(choice.address()) == choice


def test_a_change_replaces_the_one_before_and_can_be_taken_back() -> None:
    once = Choice().changed("a.b_c", "1").changed("a.b_c", "2")
    assert once.overrides == (("a.b_c", "2"),)
    assert once.changed("a.b_c", None) == Choice()


@pytest.mark.parametrize("packed", ["%%%", "AAAA", base64.urlsafe_b64encode(zlib.compress(b"\xff")).decode()])
def test_a_damaged_address_is_told(packed: str) -> None:
    with pytest.raises(InputError, match="the scenario in the address is damaged"):
        from_address({"file": ["x"], "yaml": [packed]})


def test_an_address_cannot_unfold_to_more_than_an_upload() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"#" * (40 * LARGEST_UPLOAD), 9)).decode()
    with pytest.raises(InputError, match="too large"):
        from_address({"yaml": [bomb]})


def test_streamlit_and_twin_app_are_served_with_the_same_options() -> None:
    tables = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    flat: dict[str, object] = {}
    for section, entries in tables.items():
        for key, value in entries.items():
            inner = value.items() if isinstance(value, dict) else [(None, value)]
            flat |= {".".join(part for part in (section, key, name) if part): entry for name, entry in inner}
    assert flat == OPTIONS
    assert OPTIONS["server.address"] == "127.0.0.1"
    assert "--browser.gatherUsageStats=false" in command(8501)


def test_what_is_shown_of_a_store_comes_back_from_its_address() -> None:
    ranges = {"halls.*.air.supply_air_c": (19.5, 25.0), "total_cost": (-1.0, 966173.25)}
    words = {"weather.file": ["a=b", "c"]}
    shown = Shown("small", "pue", "total_cost", "max_rack_inlet_c", words, ranges, False, "Runs", 7)
    assert from_study_address(shown.address()) == shown
    assert from_study_address({}) == Shown()


@given(st.dictionaries(st.sampled_from(KEYS), st.lists(TEXTS, max_size=3)))
def test_no_address_of_a_study_is_an_error(parts: dict[str, list[str]]) -> None:
    address = from_study_address(parts).address()
    assert from_study_address(address).address() == address
