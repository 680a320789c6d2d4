"""The scenario to start from: complete, commented, and true to the model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from twin.outputs.template import commented, scenario_text, scenarios_folder
from twin.quantities import Spec
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario


class Fan(Spec):
    """A fan."""

    kind: Literal["fan"] = "fan"
    """Kind of mover."""
    power_kw: float = Field(gt=0, le=50)
    """Rated power."""
    control: Literal["fixed", "variable"] = "fixed"
    """How its speed is set."""


class Pump(Spec):
    """A pump."""

    kind: Literal["pump"] = "pump"
    """Kind of mover."""
    head_kpa: float = Field(200.0, ge=0)
    """Head."""


class Toy(Spec):
    """A toy."""

    name: str
    """Name."""
    movers: dict[str, Annotated[Fan | Pump, Field(discriminator="kind")]]
    """Fans and pumps, by name."""
    stages: tuple[Pump, ...] = ()
    """Pumps in a row."""
    spare: Pump = Pump()
    """A spare pump."""
    limit_c: float | None = None
    """Limit, or none."""


TOY = Toy.model_validate(
    {
        "name": "yes",
        "movers": {"a": {"kind": "fan", "power_kw": 3}, "b": {"kind": "fan", "power_kw": 4.5}},
        "stages": [{"head_kpa": 90}, {}],
    }
)
EXPECTED = """\
name: "yes"                                   # Name.

movers:                                       # Fans and pumps, by name.
  a:
    kind: fan                                 # Kind of mover. one of fan, pump
    power_kw: 3.0                             # Rated power. kW, above 0, up to 50
    # control: fixed                          # How its speed is set. one of fixed, variable
  b:
    kind: fan
    power_kw: 4.5

stages:                                       # Pumps in a row.
  - kind: pump                                # Kind of mover.
    head_kpa: 90.0                            # Head. kPa, at least 0
  - kind: pump

# spare:                                      # A spare pump.
#   kind: pump                                # Kind of mover.
#   head_kpa: 200.0                           # Head. kPa, at least 0
# limit_c:                                    # Limit, or none. degC
"""


def uncommented(text: str) -> str:
    """The text with every field that was commented out taken in; notes stand behind ## or further right."""
    return "\n".join(re.sub(r"^( {0,40})# ", r"\1", line) for line in text.splitlines()) + "\n"


@pytest.fixture(scope="module")
def start() -> str:
    return scenario_text("my-site")


def read(text: str, folder: Path) -> Scenario:
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return read_scenario(folder / "scenario.yaml")


def test_a_model_is_written_with_meaning_unit_bounds_and_choices() -> None:
    assert commented(TOY) == EXPECTED


def test_the_start_is_the_quickstart_under_another_name(start: str, tmp_path: Path) -> None:
    quickstart = read_scenario(scenarios_folder() / "quickstart.yaml")
    assert read(start, tmp_path) == quickstart.model_copy(update={"name": "my-site"})


def test_what_is_commented_out_are_the_defaults(start: str, tmp_path: Path) -> None:
    _, body = start.split("\n\n", 1)
    assert uncommented(body) != body
    assert read(uncommented(body), tmp_path) == read(start, tmp_path)


def test_every_line_of_the_start_fits_a_wide_screen(start: str) -> None:
    assert [line for line in start.splitlines() if len(line) > 120] == []


def test_the_start_is_the_same_each_time(start: str) -> None:
    assert scenario_text("my-site") == start
