"""Set-points that follow the weather or the load."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError

WEEK = ("run.start=2025-03-20", "run.duration=7d")
OUTDOOR = "{{kind: outdoor, low_outdoor_c: 15, high_outdoor_c: 25, set_at_low_c: {}, set_at_high_c: {}}}"
AIR, WATER = "halls.ai.air.supply_air_reset", "plants.main.supply_reset"
LOAD = "{kind: load, light_load_kw: 500, full_load_kw: 1500, set_at_light_c: 8.5, set_at_full_c: 6.5}"
STEADY = ("halls.ai.rack_groups.gpu.utilisation={kind: constant, value_frac: .5}",
          "halls.enterprise.rack_groups.web.utilisation={kind: constant, value_frac: .4}")  # fmt: skip


def series(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].values[0]


@pytest.fixture(scope="module")
def reset() -> xr.Dataset:
    return simulate(shipped("technologies/setpoint_resets", *WEEK))


def test_supply_air_follows_the_line_between_its_two_points(reset: xr.Dataset) -> None:
    wanted = np.interp(series(reset, "weather.dry_bulb_c"), (18, 30), (25, 22))
    held = series(reset, "halls.ai.air.unmet_kw") == 0
    assert held.mean() > 0.9
    assert np.ptp(wanted[held]) > 1.0
    np.testing.assert_allclose(series(reset, "halls.ai.air.supply_c")[held], wanted[held], atol=1e-9)


def test_chilled_and_condenser_water_follow_the_wet_bulb(reset: xr.Dataset) -> None:
    wet_c = series(reset, "weather.wet_bulb_c")
    np.testing.assert_array_equal(series(reset, "plants.main.set_c"), np.interp(wet_c, (15, 24), (8.8, 7.5)))
    np.testing.assert_allclose(series(reset, "plants.main.supply_c"), series(reset, "plants.main.set_c"), atol=1e-6)
    wanted = np.interp(wet_c, (14, 26), (18, 29))
    np.testing.assert_array_equal(series(reset, "plants.main.condenser.target_c"), wanted)


@pytest.mark.parametrize(("field", "plain", "value"), [
    (AIR, "halls.ai.air.supply_air_c", 24), (WATER, "plants.main.supply_c", 7.5),
])  # fmt: skip
def test_a_reset_between_equal_set_points_is_a_set_point(field: str, plain: str, value: float) -> None:
    level = simulate(shipped("quickstart", *WEEK, f"{field}={OUTDOOR.format(value, value)}"), keep="none")
    fixed = simulate(shipped("quickstart", *WEEK, f"{plain}={value}"), keep="none")
    np.testing.assert_allclose(level["total"].values, fixed["total"].values, rtol=1e-9, atol=1e-9)


def test_warmer_chilled_water_in_cool_weather_saves_chiller_power() -> None:
    fixed, warmer = (
        float(
            ds["total"].sel(output=[f"plants.main.chillers.{c}.power_kw" for c in ("large", "medium", "small")]).sum()
        )
        for ds in (
            simulate(shipped("quickstart", *WEEK, "plants.main.supply_c=6.5", *more), keep="none")
            for more in ((), (f"{WATER}={OUTDOOR.format(8.5, 6.5)}",))
        )
    )
    assert 0.9 * fixed < warmer < fixed


@pytest.mark.parametrize("step", ["1h", "5min", "1min"])
def test_a_reset_by_load_settles_on_its_line_at_any_step(step: str) -> None:
    times = ("run.start=2025-03-20", "run.duration=6h", "run.warmup_h=200", f"run.step={step}")
    ds = simulate(shipped("quickstart", *times, *STEADY, f"{WATER}={LOAD}"))
    load_kw, set_c = (series(ds, f"plants.main.{name}")[1:] for name in ("load_kw", "set_c"))
    assert 500 < load_kw.min() < load_kw.max() < 1500
    np.testing.assert_allclose(set_c, np.interp(load_kw, (500, 1500), (8.5, 6.5)), atol=0.02)
    assert np.abs(np.diff(set_c)).max() < 0.01, "it hunts"


def test_a_jump_of_the_load_is_seen_with_the_stated_lag() -> None:
    """63.2 % of the way after one time constant: 1 - 1/e, whatever the step."""
    swing = (
        "halls.ai.rack_groups.gpu.utilisation={kind: daily, weekday_frac: [" + ", ".join(["0"] * 12 + ["1"] * 12) + "]}"
    )
    lagged = LOAD.replace("}", ", lag_min: 60}")
    times = ("run.step=1min", "run.start=2025-03-20 09:00", "run.duration=7h")
    ds = simulate(shipped("quickstart", *times, STEADY[1], swing, f"{WATER}={lagged}"))
    set_c = series(ds, "plants.main.set_c")
    at = int(np.argmin(np.diff(set_c)))  # where the fall is steepest: the jump
    end_c = np.interp(series(ds, "plants.main.load_kw")[-1], (500, 1500), (8.5, 6.5))
    assert set_c[at] - end_c > 0.5
    assert (set_c[at + 60] - end_c) / (set_c[at] - end_c) == pytest.approx(np.exp(-1), abs=0.06)


@pytest.mark.parametrize(("override", "message"), [
    (f"{AIR}={OUTDOOR.format(9, 20)}", "supply_air_reset.set_at_low_c: must be from 10 to 40, got 9"),
    (f"{WATER}={OUTDOOR.format(8, 2.5)}", "supply_reset.set_at_high_c: must be from 3 to 50, got 2.5"),
    (f"{AIR}={OUTDOOR.format(20, 22).replace('25', '15')}",
     "high_outdoor_c: must be at least 0.1 K above low_outdoor_c (15), got 15"),
    (f"{WATER}={LOAD.replace('500, full', '1500, full')}",
     "full_load_kw: must be above light_load_kw (1500), got 1500"),
    (f"{WATER}={LOAD.replace('8.5', '5.5')}", "set_at_light_c: must not be below set_at_full_c (6.5)"),
    ("plants.main.condenser.setpoint=reset", "condenser.reset: is required with setpoint: reset"),
    (f"plants.main.condenser.reset={OUTDOOR.format(20, 24)}", "reset: has no meaning with setpoint: approach"),
    (f"{WATER}={OUTDOOR.format(26, 24)}", "air of 23 degC cannot be had: plants.main supplies water of 24 degC"),
])  # fmt: skip
def test_a_reset_that_cannot_be_is_refused(override: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        shipped("quickstart", override)
    assert message in str(error.value)
