"""Location-based emissions and the factors behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from twin.components.grid.carbon import CarbonSeries, FlatCarbon, SubregionCarbon
from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.series.carbon_intensity import intensity
from twin.series.files import resolve
from twin.studies.emissions import emissions_kgco2
from twin.yaml_source import load

YEAR = year_axis(2025, 3600.0)
KG_PER_LB = 0.45359237  # exact by definition, NIST SP 811


def test_a_gigawatt_hour_in_virginia_is_270_5_tonnes() -> None:
    # EPA eGRID2023 rev2, SRVC: 596.3 lb/MWh.
    grid = intensity(SubregionCarbon(subregion="SRVC"), YEAR)
    load = np.full(YEAR.count, 1e6 / YEAR.count)
    assert emissions_kgco2(load, YEAR, grid).sum() == pytest.approx(270_500, abs=50)
    assert grid.basis == "direct"
    assert grid.source == "eGRID2023 rev2, total output CO2e, subregion SRVC, 2025-06-12"


@pytest.mark.parametrize(("subregion", "kgco2_per_kwh"), [("FRCC", 0.3560), ("SRVC", 0.2705), ("US", 0.3497)])
def test_published_factors_come_out_to_four_digits(subregion: str, kgco2_per_kwh: float) -> None:
    assert intensity(SubregionCarbon(subregion=subregion), YEAR).average_kgco2_per_kwh[0] == pytest.approx(
        kgco2_per_kwh, abs=5e-5
    )


def test_every_factor_of_the_table_is_its_pounds_in_kilograms() -> None:
    subregions = load(resolve("data:emission_factors.yaml")).data["subregions"]
    assert len(subregions) == 28  # 27 subregions and the United States
    for name, row in subregions.items():
        expected = row["total_output_co2e_lb_per_mwh"] * KG_PER_LB / 1000
        assert row["average_kgco2_per_kwh"] == pytest.approx(expected, abs=5.1e-7), name


def test_an_unknown_subregion_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"no subregion 'SRVA' \(did you mean 'SRVC'\?\)"):
        intensity(SubregionCarbon(subregion="SRVA"), YEAR)


def test_a_flat_factor_is_the_same_in_every_step() -> None:
    grid = intensity(FlatCarbon(average_kgco2_per_kwh=0.4, basis="life_cycle", source="a table"), YEAR)
    assert emissions_kgco2(np.full(YEAR.count, 100.0), YEAR, grid).sum() == pytest.approx(0.4 * 876_000)
    assert (grid.basis, grid.source) == ("life_cycle", "a table")


def series(folder: Path, values: list[float]) -> CarbonSeries:
    rows = "".join(f"2025-01-01T{hour:02d}:00Z,{value}\n" for hour, value in enumerate(values))
    (folder / "carbon.csv").write_text(f"time_utc,g\n{rows}")
    return CarbonSeries(file=str(folder / "carbon.csv"), column="g", unit="g_per_kwh", basis="direct")


def test_emissions_follow_the_hours_of_a_series(tmp_path: Path) -> None:
    axis = TimeAxis(np.datetime64("2025-01-01", "ns"), 1800.0, 8)
    grid = intensity(series(tmp_path, [100, 200, 300, 400]), axis)
    load = np.array([1.0, 1, 2, 2, 3, 3, 4, 4]) * 1000
    assert emissions_kgco2(load, axis, grid).tolist() == pytest.approx([50, 50, 200, 200, 450, 450, 800, 800])


def test_a_series_with_negative_values_is_no_average(tmp_path: Path) -> None:
    axis = TimeAxis(np.datetime64("2025-01-01", "ns"), 3600.0, 4)
    with pytest.raises(InputError, match="negative values: an average factor has none"):
        intensity(series(tmp_path, [100, -1, 300, 400]), axis)


def test_a_series_must_state_its_basis() -> None:
    with pytest.raises(ValidationError, match="basis"):
        CarbonSeries.model_validate({"file": "a.csv", "column": "g"})
