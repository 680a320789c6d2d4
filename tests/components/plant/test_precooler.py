"""A dry section in series before a waterside economizer: who carries what, what fans are worth, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from tests.reference import energyplus
from twin.engine.simulate import simulate
from twin.series.weather import read_weather
from twin.studies.kpis import kpis

SITE = "sites/esif"
DRY, TOWERS = "plants.erw.precooler", "plants.erw.condenser.towers.cells"
WINTER, SPRING, SUMMER = ("2025-01-10", "2025-04-10", "2025-07-10")


def run(start: str, *overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, f"run.start={start}", "run.duration=6d", *overrides))


def values(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].values[0]


def figure(ds: xr.Dataset, name: str) -> float:
    return float(kpis(ds)[name]["value"])


@pytest.mark.parametrize("start", [WINTER, SPRING, SUMMER])
def test_dry_section_and_economizer_carry_the_loop_together(start: str) -> None:
    ds = run(start)
    dry, wet = values(ds, f"{DRY}.heat_kw"), values(ds, "plants.erw.economizer.heat_kw")
    reused = values(ds, "plants.erw.heat_reuse.source_kw")
    np.testing.assert_allclose(dry + wet + reused, values(ds, "plants.erw.removed_kw"), rtol=1e-12)
    flow_kw_per_k = values(ds, "plants.erw.flow_kg_s") * 4.186
    behind = values(ds, "plants.erw.heat_reuse.leaving_c") - dry / flow_kw_per_k
    np.testing.assert_allclose(values(ds, f"{DRY}.leaving_c"), behind, atol=1e-3)
    np.testing.assert_array_equal(values(ds, "plants.erw.return_c"), values(ds, f"{DRY}.leaving_c"))
    assert figure(ds, "energy_balance_residual_frac") < 1e-9
    assert figure(ds, "unmet_cooling_kwh") == 0.0


def test_in_the_cold_no_water_evaporates_and_no_tower_pump_turns() -> None:
    ds = run(WINTER)
    alone = values(ds, "plants.erw.economizer.heat_kw") == 0.0
    assert 0.1 < alone.mean() < 1.0
    for idle in (f"{TOWERS}.make_up_m3_h", f"{TOWERS}.fan_kw", "plants.erw.condenser.pump.power_kw"):
        assert not values(ds, idle)[alone].any(), idle
    np.testing.assert_allclose(values(ds, "plants.erw.supply_c")[alone], 24.0, atol=1e-9)


def test_it_stands_still_where_outdoor_air_is_as_warm_as_the_return_water() -> None:
    ds = run(SUMMER)
    warm = values(ds, "weather.dry_bulb_c") > values(ds, "plants.erw.heat_reuse.leaving_c") - 2.0
    assert warm.any()
    assert not values(ds, f"{DRY}.heat_kw")[warm].any()
    assert not values(ds, f"{DRY}.fan_kw")[warm].any()


def test_dearer_fan_power_means_less_dry_heat_more_water_and_less_fan_energy() -> None:
    runs = [run(SPRING, f"{DRY}.fan_worth_ratio={worth}") for worth in (0, 10, 30, 100)]
    heat = [values(ds, f"{DRY}.heat_kw").sum() for ds in runs]
    fans = [values(ds, f"{DRY}.fan_kw").sum() for ds in runs]
    water = [figure(ds, "water_use_m3") for ds in runs]
    assert heat == sorted(heat, reverse=True)
    assert fans == sorted(fans, reverse=True)
    assert water == sorted(water)
    assert heat[0] > 1.2 * heat[-1]


def test_a_kilowatt_hour_less_of_fans_costs_as_much_heat_as_it_is_worth() -> None:
    """Between two prices, heat lost per fan energy saved lies between the two: the fans are set at the margin."""
    less, more = (run(SPRING, f"{DRY}.fan_worth_ratio={worth}", f"{DRY}.air_minimum_frac=.05") for worth in (20, 24))
    heat, fans = ((values(less, f"{DRY}.{x}") - values(more, f"{DRY}.{x}")).sum() for x in ("heat_kw", "fan_kw"))
    assert 20 < heat / fans < 24


def test_without_it_towers_carry_everything_and_use_more_water() -> None:
    with_it, without = run(SPRING), run(SPRING, f"{DRY}=null")
    assert f"{DRY}.heat_kw" not in without
    load = values(without, "plants.erw.removed_kw") - values(without, "plants.erw.heat_reuse.source_kw")
    np.testing.assert_allclose(values(without, "plants.erw.economizer.heat_kw"), load, rtol=1e-12)
    assert figure(without, "water_use_m3") > 1.5 * figure(with_it, "water_use_m3")


def test_the_weather_of_golden_is_that_of_the_file_that_energyplus_ships() -> None:
    try:
        theirs = read_weather(str(energyplus.weather_file("Golden")), 2025)
    except energyplus.EnergyPlusUnavailable as reason:
        pytest.skip(str(reason))
    ours = read_weather(shipped(SITE).weather, 2025)
    assert ours.typical
    np.testing.assert_array_equal(ours.seconds, theirs.seconds - 3600.0)  # the year's last midnight is also its first
    for name in ("dry_bulb_c", "wet_bulb_c", "pressure_pa", "density_kg_m3"):
        np.testing.assert_allclose(ours.columns[name], np.roll(theirs.columns[name], 1), atol=1e-9, err_msg=name)
