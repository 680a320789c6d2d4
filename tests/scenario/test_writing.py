"""What is written reads again to the same, and is written as the same bytes again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from tests.scenario.toy import Battery, Chiller, Curve, DryCooler, Flat, Hall, Run, Site, Spot, Windows
from twin import yaml_source
from twin.quantities import Spec
from twin.scenario.reading import read_model
from twin.scenario.writing import dump, dump_model
from twin.yaml_source import parse_value

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [
        *("on", "NO", "y", "12:30", "1e5", "null", "~", "", "0x1", ".inf", "2024-07-01", "1_000", "=", "<<"),
        *(" a", "a ", "a: b", "a #b", "- a", "key:", "'", '"', "C:\\new", "a\nb", "\ufeff", "\x85", "\u2028", "😀"),
        *("pvlib:723170TYA.CSV", "/tmp/a b.csv", "x" * 2000),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
DATA = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=5) | st.dictionaries(TEXTS, part, max_size=5), max_leaves=20
)


def same(one: Any, other: Any) -> bool:
    """Equal in value and in type, with nan equal to nan and -0.0 apart from 0.0."""
    return json.dumps(one) == json.dumps(other)


@given(DATA)
def test_data_reads_again_to_the_same_and_is_written_as_the_same_text(data: Any) -> None:
    text = dump(data)
    again = parse_value(text, "x")
    assert again.faults == ()
    assert same(again.data, data)
    assert dump(again.data) == text


@given(DATA)
def test_the_parser_in_plain_python_reads_it_too(data: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_source, "_LOADER", yaml.SafeLoader)
        assert same(parse_value(dump(data), "x").data, data)


@given(st.recursive(st.floats(allow_nan=False) | TEXTS, lambda part: st.lists(part, max_size=4)))
def test_readers_of_yaml_1_1_take_floats_for_floats_and_texts_for_texts(data: Any) -> None:
    assert same(yaml.safe_load(dump(data)), data)


def test_the_text_is_what_a_person_would_write() -> None:
    data = {
        "name": "Ashburn north",
        "weather": "pvlib:723170TYA.CSV",
        "file": "/data/a.csv",
        "window": "12:30",
        "answer": "on",
        "empty": {},
        "none": None,
        "flag": True,
        "halls": {"a": {"rated_cop": 5.0, "tiny_kw": 1e-7, "points": [[0.0, 1], [1.0, 2]]}},
        "tariff": [{"kind": "flat", "windows": []}, {"kind": "tou"}],
        "long": [0.123456789] * 10,
        "nested": [[[]], {"a": [{"b": 1}]}],
    }
    assert dump(data) == (
        "name: Ashburn north\nweather: pvlib:723170TYA.CSV\nfile: /data/a.csv\n"
        'window: "12:30"\nanswer: "on"\nempty: {}\nnone: null\nflag: true\n'
        "halls:\n  a:\n    rated_cop: 5.0\n    tiny_kw: 1.0e-07\n    points:\n      - [0.0, 1]\n      - [1.0, 2]\n"
        "tariff:\n  - kind: flat\n    windows: []\n  - kind: tou\n"
        "long:\n" + "  - 0.123456789\n" * 10 + "nested:\n  - - []\n  - a:\n      - b: 1\n"
    )


def test_what_is_not_plain_data_is_refused() -> None:
    for data in ({1: 2}, {None: 2}, {"a": object()}, [Path("x")], b"x"):
        with pytest.raises(TypeError):
            dump(data)


CHILLERS = st.builds(
    Chiller,
    rated_cop=st.floats(1, 10) | st.just("auto") | st.just(Curve(points_cop=((0, 1), (1, 5)))),
    units_count=st.integers(1, 20),
)
SITES = st.builds(
    Site,
    name=st.text(st.characters(codec="utf-8"), max_size=9),
    run=st.builds(Run, step_s=st.floats(1e-9, 1e9), from_h=st.floats(0, 24)),
    halls=st.dictionaries(
        st.from_regex(r"\A[a-z][a-z0-9_]{0,6}\Z"),
        st.builds(
            Hall,
            racks_kw=st.floats(1e-6, 1e6),
            contained=st.booleans(),
            cooling=CHILLERS | st.just(DryCooler(kind="dry_cooler", approach_k=0.1)),
            profile_frac=st.lists(st.floats(0, 1), max_size=30).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ),
    tariff=st.lists(
        st.builds(Flat) | st.just(Windows(kind="tou", windows=(("12:30", "24:00"),), peak_per_kwh=1)), max_size=3
    ),
    battery=st.none() | st.builds(Battery, energy_kwh=st.just(5.0), power_kw=st.none() | st.just(1.0)),
)


@given(SITES)
def test_a_model_reads_again_to_an_equal_one_and_is_written_as_the_same_bytes(site: Site) -> None:
    text = dump_model(site)
    again = read_model(Site, "f.yaml", text=text)
    assert again == site
    assert dump_model(again) == text


def test_defaults_are_written_and_only_none_by_default_stays_away() -> None:
    site = Site(name="x", halls={"a": Hall(racks_kw=1)}, battery=Battery(energy_kwh=1, power_kw=None))
    written = parse_value(dump_model(site), "x").data
    assert list(written) == ["name", "run", "halls", "tariff", "battery", "weather", "margin_kw"]
    assert written["run"] == {"step_s": 3600.0, "from_h": 0.0, "mode": "design"}
    assert written["battery"] == {"energy_kwh": 1.0, "power_kw": None}, "its default is another: null must be written"
    assert "trace" not in written["halls"]["a"]
    assert written["tariff"] == [{"kind": "flat", "price_per_kwh": 0.08}]


def test_a_field_with_another_name_in_files_is_written_under_that_name() -> None:
    class Aliased(Spec):
        """A field whose name is a word of the language."""

        from_: int = Field(1, alias="from")
        factor: dict[str, int | None] = Field(default_factory=dict)

    instance = read_model(Aliased, "f.yaml", text="from: 5\nfactor: {a: null, b: 1}\n")
    assert dump_model(instance) == "from: 5\nfactor:\n  a: null\n  b: 1\n"


def test_a_resolved_scenario_reads_the_same_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "spot.csv").write_text("")
    path = tmp_path / "in" / "site.yaml"
    path.write_text("name: x\nhalls: {a: {racks_kw: 5}}\ntariff: [{kind: spot, file: spot.csv}]\n")
    site = read_model(Site, path)
    assert isinstance(site.tariff[0], Spot)
    elsewhere = tmp_path / "out.yaml"
    elsewhere.write_text(dump_model(site))
    monkeypatch.chdir("/")
    assert read_model(Site, elsewhere) == site


def test_numbers_keep_their_last_bit() -> None:
    values = [0.1 + 0.2, math.pi, 5e-324, 1.7976931348623157e308, -0.0, 1e16, 1e22, 123456789.123456789]
    assert [value.hex() for value in parse_value(dump(values), "x").data] == [value.hex() for value in values]
