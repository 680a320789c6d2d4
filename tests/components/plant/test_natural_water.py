"""Lake and sea water at the condensers and before the chillers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.physics.natural_water import SEA_WATER_CP_KJ_KG_K, SEA_WATER_KG_M3
from twin.studies.inputs import read_for_run
from twin.studies.kpis import kpis
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

LAKE = "technologies/lake_water"
DEEP, SHORE = "plants.main.economizer", "plants.main.condenser.towers.shore"
SUMMER = ("run.start=2025-08-01", "run.duration=20d")


def series(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].values[0]


@pytest.fixture(scope="module")
def year() -> xr.Dataset:
    return simulate(shipped(LAKE))


def test_the_intake_follows_its_wave_over_the_year(year: xr.Dataset) -> None:
    day = 1.0 + (np.arange(8760) + 0.5) / 24.0
    expected = 12.0 - 9.0 * np.cos(2 * np.pi * (day - 45.0) / 365.0)
    np.testing.assert_allclose(series(year, f"{SHORE}.intake_c"), expected, atol=1e-9)


@pytest.mark.parametrize(("path", "heat"), [(DEEP, "heat_kw"), (SHORE, "rejected_kw")])
@pytest.mark.parametrize(("water", "rate"), [
    ("fresh", WATER_KG_M3 * WATER_CP_KJ_KG_K), ("sea", SEA_WATER_KG_M3 * SEA_WATER_CP_KJ_KG_K),
])  # fmt: skip
def test_the_water_given_back_has_taken_up_the_heat(path: str, heat: str, water: str, rate: float) -> None:
    ds = simulate(shipped(LAKE, *SUMMER, f"{path}.water={water}"))
    carried = series(ds, f"{path}.withdrawn_m3_h") / 3600.0 * rate * series(ds, f"{path}.warming_k")
    assert carried.min() > 0
    np.testing.assert_allclose(carried, series(ds, f"{path}.{heat}"), rtol=1e-9)


def test_the_loop_never_comes_below_the_water_that_cools_it(year: xr.Dataset) -> None:
    heat, flow = series(year, f"{DEEP}.heat_kw"), series(year, "plants.main.flow_kg_s") * WATER_CP_KJ_KG_K
    leaving_c = series(year, "plants.main.return_c") - heat / flow
    assert (leaving_c - series(year, f"{DEEP}.intake_c")).min() > 0
    assert (series(year, f"{SHORE}.leaving_c") - series(year, f"{SHORE}.intake_c")).min() >= 0
    warmed_c = series(year, f"{DEEP}.intake_c") + series(year, f"{DEEP}.warming_k")
    assert (series(year, "plants.main.return_c") - warmed_c).min() > 0


def test_at_its_design_point_the_exchanger_has_its_capacity() -> None:
    """A load of 900 kW with the design flow, natural water 3 K below the supply: just carried, at the full intake."""
    deep = "intake={kind: yearly, mean_c: 5.5}"
    rise_k = 900 / (0.045 * WATER_KG_M3 * WATER_CP_KJ_KG_K)
    alone = [f"{part}=null" for part in ("halls.ai", "halls.enterprise", "rooms.electrical", "power", "loads")]
    loop = ("pump.heat_to_water_frac=0", "volume_m3=0.1", "fed_by=grid",
            f"process={{load: {{heat_kw: 900, water_rise_k: {rise_k}}}}}")  # fmt: skip
    site = (*alone, *(f"plants.main.{part}" for part in loop))
    ds = simulate(shipped(LAKE, f"{DEEP}.{deep}", "run.duration=2d", *site))
    np.testing.assert_allclose(series(ds, f"{DEEP}.heat_kw"), 900.0, rtol=1e-6)
    np.testing.assert_allclose(series(ds, f"{DEEP}.intake_frac"), 1.0, atol=1e-4)


def test_a_stricter_permit_takes_in_more_water_and_more_power() -> None:
    def taken(permit: str) -> tuple[float, float, float, float]:
        ds = simulate(shipped(LAKE, *SUMMER, "plants.main.condenser.set_c=27", f"{SHORE}.permit_rise_k={permit}"))
        return (series(ds, f"{SHORE}.withdrawn_m3_h").sum(), series(ds, f"{SHORE}.pump_kw").sum(),
                series(ds, f"{SHORE}.warming_k").max(), series(ds, f"{SHORE}.over_permit").sum())  # fmt: skip

    loose, strict, impossible = (taken(permit) for permit in ("null", "1", "0.05"))
    assert loose[0] < strict[0] < impossible[0]
    assert loose[1] < strict[1] < impossible[1]
    assert strict[2] <= 1.0 * (1 + 1e-9) < loose[2]
    assert strict[3] == loose[3] == 0
    assert impossible[3] > 0


def test_withdrawal_stands_beside_water_use_and_not_in_it(year: xr.Dataset) -> None:
    figures = kpis(year)
    withdrawn = sum(series(year, f"{path}.withdrawn_m3_h").sum() for path in (DEEP, SHORE))
    assert figures["natural_water_withdrawn_m3"]["value"] == pytest.approx(withdrawn)
    assert figures["water_use_m3"]["value"] == 0
    assert "natural_water_withdrawn_m3" not in kpis(simulate(shipped("quickstart", "run.duration=1d")))


def test_colder_water_leaves_less_to_the_chillers(year: xr.Dataset) -> None:
    def free(mean_c: float) -> float:
        ds = simulate(shipped(LAKE, *SUMMER, f"{DEEP}.intake.mean_c={mean_c}"), keep="none")
        return float(ds["total"].sel(output="plants.main.free_kw").values[0])

    cold, mild, warm = (free(t) for t in (4.0, 6.5, 12.0))
    assert cold > mild > warm > 0


def test_without_an_intake_the_chillers_carry_all() -> None:
    out = "{kind: outages, outages: [{at: '2025-08-03 00:00', duration_h: 48}]}"
    ds = simulate(shipped(LAKE, *SUMMER, f"{DEEP}.availability={out}"))
    free = series(ds, "plants.main.free_kw")
    assert (free == 0).sum() == 48
    assert free[0] > 0


def test_an_intake_from_a_file_is_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "lake.csv"
    hours = np.arange("2025-07-31", "2025-08-23", dtype="datetime64[h]")
    file.write_text("time,lake\n" + "".join(f"{h}:00Z,6.5\n" for h in hours))
    course = f"{DEEP}.intake={{kind: csv, file: {file}, column: lake}}"
    from_file = simulate(shipped(LAKE, *SUMMER, course), keep="none")
    wave = simulate(shipped(LAKE, *SUMMER, f"{DEEP}.intake={{kind: yearly, mean_c: 6.5}}"), keep="none")
    np.testing.assert_array_equal(from_file["total"].values, wave["total"].values)
    assert str(file) in from_file.attrs["inputs"]
    scenario = Path(__file__).parents[3] / "scenarios" / f"{LAKE}.yaml"
    with pytest.raises(InputError, match="no column 'sea'") as error:
        read_for_run(scenario, (*SUMMER, course.replace("column: lake", "column: sea")))
    assert "plants.main.economizer.intake.file" in str(error.value)


def test_an_exchanger_that_cannot_be_built_is_refused() -> None:
    with pytest.raises(InputError) as error:
        shipped(LAKE, f"{DEEP}.intake_flow_m3_s=0.02")
    assert "intake_flow_m3_s: must be at least 0.02" in str(error.value)
