"""What a run prints: figures with units, shares that add up, warnings, and lines that fit their terminal."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from twin.outputs.numbers import THIN, figure
from twin.outputs.summary import print_summary, print_warnings, warnings_of

VALUES = {
    "pue": (1.4123, "1"),
    "facility_energy_kwh": (9_300_000.0, "kWh"),
    "it_energy_kwh": (6_600_000.0, "kWh"),
    "it_fan_energy_kwh": (360_000.0, "kWh"),
    "chiller_energy_kwh": (2_640_000.0, "kWh"),
    "lighting_energy_kwh": (60_000.0, "kWh"),
    "water_use_m3": (14_606.0, "m3"),
    "emissions_kgco2": (3_430_000.0, "kgCO2e"),
    "max_rack_inlet_c": (27.13, "degC"),
    "energy_cost": (500_000.0, "USD"),
    "demand_cost": (400_000.0, "USD"),
    "fixed_cost": (0.0, "USD"),
    "total_cost": (900_000.0, "USD"),
    "unmet_cooling_kwh": (0.0, "kWh"),
    "curve_extrapolation_h": (14.0, "h"),
}


def document(**changes: tuple[float | None, str]) -> dict[str, Any]:
    metrics = {
        name: {"value": value, "unit": unit, "long_name": name, "basis": "at the utility meter, over the whole period"}
        for name, (value, unit) in {**VALUES, **changes}.items()
    }
    period = {"start": "2023-01-01T00:00:00-05:00", "end": "2024-01-01T00:00:00-05:00", "step_s": 300.0}
    return {"schema_version": 1, "scenario": "miami", "period": period, "metrics": metrics, "provenance": {}}


def printed(data: dict[str, Any], width: int = 80) -> str:
    screen = Console(file=io.StringIO(), width=width, highlight=False)
    print_summary(data, [Path("runs/quickstart/results.nc")], screen)
    return screen.file.getvalue().replace(THIN, " ")  # type: ignore[attr-defined]


SHOWN = """miami 2023-01-01 to 2023-12-31, steps of 5 min
1.412; 9.300 GWh; 14 610 m³; 3.430 kt CO2e; 27.1 °C; 900 000 USD; 14 h outside
IT equipment 6 600 MWh 71.0 %; of which server fans 360 MWh 3.9 %; Chillers 2 640 MWh 28.4 %
Facility 9 300 MWh 100.0 %; Demand 400 000 USD 44.4 %; Average 0.09677 USD/kWh"""


@pytest.mark.parametrize("words", re.split("; |\n", SHOWN))
def test_the_table_shows(words: str) -> None:
    assert words in " ".join(printed(document()).split())


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(document(), width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_a_wide_terminal_shows_what_each_figure_rests_on() -> None:
    assert "at the utility meter" in printed(document(), 140)
    assert "at the utility meter" not in printed(document(), 80)


def test_the_longest_bar_is_the_largest_use() -> None:
    bars = {line.split()[0]: line.count("█") for line in printed(document()).splitlines() if "█" in line}
    assert bars["IT"] == max(bars.values()) == 18
    assert bars["Chillers"] == 7


@pytest.mark.parametrize("gone", [["total_cost"], ["facility_energy_kwh"], ["it_energy_kwh"], list(VALUES)])
def test_names_that_are_not_there_are_left_out(gone: list[str]) -> None:
    data = document()
    for name in gone:
        del data["metrics"][name]
    assert "Files written" in printed(data)


def test_fuel_and_export_stand_beside_the_bill_and_in_the_average() -> None:
    both = {"fuel_cost": (50_000.0, "USD"), "export_credit": (20_000.0, "USD"), "net_cost": (930_000.0, "USD")}
    words = " ".join(printed(document(**both)).split())
    told = "Total 900 000 USD 100.0 % Fuel 50 000 USD Export -20 000 USD Together 930 000 USD Average 0.1000 USD/kWh"
    assert told in words


def test_an_island_shows_what_it_pays_although_it_buys_nothing() -> None:
    nothing = dict.fromkeys(("energy_cost", "demand_cost", "total_cost", "export_credit"), (0.0, "USD"))
    words = " ".join(printed(document(**nothing, fuel_cost=(93e3, "USD"), net_cost=(93e3, "USD"))).split())
    assert "Total 0 USD Fuel 93 000 USD Together 93 000 USD Average 0.01000 USD/kWh" in words


def test_a_site_that_was_dark_all_the_time_is_told_before_all_else() -> None:
    lost = {"lost_server_h": (8760.0, "h"), "unserved_it_kwh": (0.0, "kWh")}
    assert warnings_of(document(**lost, it_energy_kwh=(0.0, "kWh")))[0].startswith("no server had power in this run")
    assert not any("no server" in text for text in warnings_of(document(**lost)))


def test_a_figure_without_a_value_is_a_dash() -> None:
    assert "–" in printed(document(pue=(None, "1")))


def test_nothing_to_warn_of_prints_no_warning() -> None:
    calm = document(curve_extrapolation_h=(0.0, "h"))
    assert warnings_of(calm) == []
    assert "Worth a look" not in printed(calm)


def test_clamped_curves_are_told_by_the_parts_that_they_belong_to() -> None:
    hours = {"curve_extrapolation_h": (52.0, "h"), "tower_fan_clamped_h": (40.0, "h")}
    (told,) = warnings_of(document(**hours, crac_clamped_h=(12.0, "h"), chiller_clamped_h=(0.0, "h")))
    assert told.startswith("52 h outside the range of a performance curve, summed over units")
    assert told.endswith("; tower fans 40 h; DX units 12 h")


def test_warnings_go_to_stderr_and_come_with_the_runs_own_notes(capsys: pytest.CaptureFixture[str]) -> None:
    print_warnings({**document(unmet_cooling_kwh=(1500.0, "kWh")), "warnings": ["demand leaves the tariff's range"]})
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0].startswith("warning: 1.500 MWh of cooling short of the set-point")
    assert err.splitlines()[-1] == "warning: demand leaves the tariff's range"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.0, "kWh", ("0", "kWh")),
        (999.96, "kW", ("1 000.0", "kW")),
        (1432.0, "kW", ("1.432", "MW")),
        (-0.5, "kW", ("-0.5000", "kW")),
        (1.3e-13, "1", ("1.30e-13", "")),
        (8760.0, "h", ("8 760", "h")),
        (12.083333, "h", ("12.08", "h")),
        (float("nan"), "degC", ("–", "°C")),
        (float("inf"), "kW", ("–", "kW")),
        (0.0981, "USD/kWh", ("0.09810", "USD/kWh")),
    ],
)
def test_a_number_is_written_for_people(value: float, unit: str, expected: tuple[str, str]) -> None:
    number, name = figure(value, unit)
    assert (number.replace(THIN, " "), name) == expected
