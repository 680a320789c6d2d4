"""Whatever one value is replaced by, reading gives a scenario, or faults with their places; never a crash."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.scenario.reading import read_model, read_scenario
from twin.scenario.resolved import resolved_yaml
from twin.scenario.writing import dump
from twin.yaml_source import DataPath, dotted, parse

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LONGEST = 1000  # characters of a fault: one line that can still be read
WORDS = (
    *("", "x", "grid", "main", "halls.ai", "\n", "\0", "é" * 300, "a" * 5000, "1h", "99999999s", "pvlib:", "data:.."),
    *("/", "~nobody/x", "2025-02-30 12:00", "9999-12-31 23:59", "0001-01-01 00:00", "USD", "America/Nowhere"),
)
NUMBERS = (0, -1, 1, 24, 2.5, -0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 10**30, 10**400)
OTHERS = ([], {}, [[]], [1, 2], [None] * 24, [0.5] * 24, {"x": {}}, {"kind": "x"}, {"kind": None}, {"kind": ["flat"]})
VALUES = (*WORDS, *NUMBERS, *OTHERS, None, True, False)


def paths(data: Any, path: DataPath = ()) -> Iterator[DataPath]:
    """Every path below data, inner ones too."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from paths(value, (*path, key))


def at(data: Any, path: DataPath) -> Any:
    """What stands at a path."""
    for key in path:
        data = data[key]
    return data


def with_value(data: Any, path: DataPath, value: Any) -> Any:
    """A copy of data with another value at a path."""
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


DATA = {
    name: parse(resolved_yaml(read_scenario(SCENARIOS / f"{name}.yaml")), name).data
    for name in ("quickstart", "loss_of_cooling")
}
PLACES = [(name, path) for name, data in DATA.items() for path in paths(data)]


def read(name: str, path: DataPath, value: Any) -> Scenario | None:
    """The scenario with a value changed, or None where it is refused as it should be."""
    try:
        return read_model(Scenario, "site.yaml", (), dump(with_value(DATA[name], path, value)))
    except InputError as error:
        faults = error.faults
    assert faults
    for fault in faults:
        assert fault.place is not None
        assert fault.place.line > 0, fault
        assert len(str(fault)) < LONGEST, str(fault)
        assert "\n" not in str(fault)
    return None


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(PLACES), value=st.sampled_from(VALUES))
@example(place=("quickstart", ("grid", "tariff", "file")), value="a" * 5000)
@example(place=("quickstart", ("site", "timezone")), value="\n")
@example(place=("quickstart", ("grid", "carbon", "file")), value="data:chillers.yaml")
@example(place=("quickstart", ("run", "duration")), value="99999999s")
def test_a_value_replaced_by_any_other_gives_a_scenario_or_faults_with_places(
    place: tuple[str, DataPath], value: Any
) -> None:
    found = read(*place, value)  # which looks at every fault, where there are any
    assert found is None or isinstance(found, Scenario)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(PLACES), value=st.floats() | st.integers() | st.text(max_size=20))
def test_a_value_replaced_by_a_drawn_number_or_text_gives_a_scenario_or_faults_with_places(
    place: tuple[str, DataPath], value: Any
) -> None:
    found = read(*place, value)  # which looks at every fault, where there are any
    assert found is None or isinstance(found, Scenario)


ASIDE = ("name", "description", "source", "note")  # texts that may be any


@pytest.mark.parametrize("value", [float("nan"), {"a": {"b": 1}}], ids=["nan", "mapping"])
def test_no_place_of_the_quickstart_takes_a_value_that_is_never_right(value: Any) -> None:
    leaves = [p for n, p in PLACES if n == "quickstart" and not isinstance(at(DATA[n], p), dict)]
    places = [p for p in leaves if p[-1] not in ASIDE and p[-1] not in range(1, 24)]  # of a list the first item
    taken = [dotted(path) for path in places if read("quickstart", path, value) is not None]
    assert taken == []
