"""Loss of cooling in a hall of 500 kW: the published two-node check case, run through ``simulate`` at 5 s."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate

LOST_AT_S = 120.0
P_KW, CA_KJ_K, CS_KJ_K, HA_KW_K, T0_C = 500.0, 1810.8, 41400.0, 40.0, 22.0


def closed_form_c(seconds: np.ndarray) -> np.ndarray:
    both = CA_KJ_K + CS_KJ_K
    tau = CA_KJ_K * CS_KJ_K / (both * HA_KW_K)
    slow = P_KW * seconds / both
    return T0_C + slow + (P_KW / CA_KJ_K - P_KW / both) * tau * (1.0 - np.exp(-seconds / tau))


@pytest.fixture(scope="module")
def inlet() -> tuple[np.ndarray, np.ndarray]:
    """Seconds since the loss at the end of each step, and the inlet air there."""
    ds = simulate(shipped("loss_of_cooling"))
    air = ds["halls.hall.air.air_c"].values[0]
    seconds = (np.arange(air.size) + 1) * 5.0 - LOST_AT_S
    return seconds, air


def test_inlet_air_goes_from_22_to_32_in_70_seconds(inlet) -> None:
    seconds, air = inlet
    assert air[seconds == 0] == pytest.approx(T0_C, abs=1e-6)
    assert np.interp(32.0, air[seconds >= 0], seconds[seconds >= 0]) == pytest.approx(70.3, abs=5.0)


def test_the_course_is_the_closed_form(inlet) -> None:
    seconds, air = inlet
    after = seconds >= 0
    np.testing.assert_allclose(air[after], closed_form_c(seconds[after]), atol=0.01)
    for at_s, published_c in ((60, 31.292), (120, 34.141), (300, 36.934)):
        assert np.interp(at_s, seconds, air) == pytest.approx(published_c, abs=0.01)


def test_the_chilled_water_loop_rides_through_with_its_own_mass() -> None:
    """All chillers out: the loop's water warms at the load over its heat capacity, until coils can no longer hold."""
    out = "plants.main.chillers.one.availability={kind: outages, outages: [{at: '2025-07-01 12:02', duration_h: 1}]}"
    steady = "halls.hall.air.availability={kind: constant, value_frac: 1}"
    ds = simulate(shipped("loss_of_cooling", out, steady, "run.duration=5min"))
    supply, load = ds["plants.main.supply_c"].values[0], ds["plants.main.load_kw"].values[0]
    kwh_per_k = 20.0 * 998.0 * 4.186 / 3600.0
    warmed = load[24] * 5 / 3600 / kwh_per_k
    assert supply[23] == pytest.approx(8.0, abs=1e-6)
    assert supply[24] - supply[23] == pytest.approx(warmed, rel=1e-6)
    assert math.isclose(supply[35] - supply[23], load[24:36].sum() * 5 / 3600 / kwh_per_k, rel_tol=1e-6)
