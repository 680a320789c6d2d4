"""Liquid cooling: glycol against CoolProp's values, plates, distribution units and rear doors by balances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ht
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import liquid as q
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

CHECKS = "checks_liquid.csv"


def rise_per_kw(flow_l_min: float) -> float:
    """Temperature rise of water in K for 1 kW."""
    return 1.0 / q.capacity_kw_per_k(flow_l_min, WATER_KG_M3, WATER_CP_KJ_KG_K)


def glycol_flow_ratio(t_c: float) -> float:
    """Volume flow of PG25 over that of water for the same heat and rise."""
    water = q.capacity_kw_per_k(1.0, WATER_KG_M3, WATER_CP_KJ_KG_K)
    fraction = q.PG25_MASS_FRAC
    return water / q.capacity_kw_per_k(1.0, q.glycol_density_kg_m3(t_c, fraction), q.glycol_cp_kj_kg_k(t_c, fraction))


QUANTITIES: dict[str, Callable[..., float]] = {
    "cp": q.glycol_cp_kj_kg_k,
    "density": q.glycol_density_kg_m3,
    "freezing": q.glycol_freezing_c,
    "rise_per_kw": rise_per_kw,
    "glycol_flow_ratio": glycol_flow_ratio,
    "plate": q.plate_k_per_kw,
    "case": q.case_c,
    "cdu_supply": lambda **i: q.unit_supply_c(**i)[0],
    "cdu_effectiveness": q.approach_effectiveness_frac,
    "rear_door": lambda **i: q.rear_door_kw(**i)[0],
}
WATER_C = st.floats(4, 45)


def test_liquid_cooling_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(t=st.floats(-45, 110), fraction=st.floats(0, 0.7))
def test_glycol_is_between_water_and_pure_glycol(t: float, fraction: float) -> None:
    assert 2.8 < q.glycol_cp_kj_kg_k(t, fraction) < 4.45  # supercooled water at the cold end
    assert 930.0 < q.glycol_density_kg_m3(t, fraction) < 1090.0
    assert -62.0 < q.glycol_freezing_c(fraction) < 0.0


def test_glycol_without_glycol_is_water() -> None:
    assert q.glycol_density_kg_m3(20.0, 0.0) == pytest.approx(998.2, rel=1e-3)
    assert q.glycol_cp_kj_kg_k(20.0, 0.0) == pytest.approx(4.184, rel=6e-3)


@given(t=st.floats(5, 60), low=st.floats(0, 0.6), high=st.floats(0, 0.6))
def test_more_glycol_is_denser_carries_less_and_freezes_later(t: float, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    assert q.glycol_density_kg_m3(t, low) <= q.glycol_density_kg_m3(t, high) + 0.5
    assert q.glycol_cp_kj_kg_k(t, low) >= q.glycol_cp_kj_kg_k(t, high) - 5e-3
    assert q.glycol_freezing_c(low) >= q.glycol_freezing_c(high) - 1e-9


@given(supply=WATER_C, heat=st.floats(0, 2), flow=st.floats(0.05, 2))
def test_a_case_is_warmer_than_its_coolant_and_cooler_with_more_flow(supply: float, heat: float, flow: float) -> None:
    def case(f: float) -> float:
        return q.case_c(supply, heat, q.plate_k_per_kw(15.0, 15.0, f), 0.07 * f)

    assert supply <= case(1.2 * flow) <= case(flow)


def test_a_plate_without_flow_stays_finite() -> None:
    assert math.isfinite(q.case_c(30.0, 1.0, q.plate_k_per_kw(15.0, 15.0, 0.0), 0.0))


@given(heat=st.floats(1, 2000), facility=WATER_C, approach=st.floats(2, 8), rise=st.floats(5, 15), more=st.floats(1, 3))
def test_a_unit_built_for_an_approach_keeps_it_and_part_load_comes_nearer(
    heat: float, facility: float, approach: float, rise: float, more: float
) -> None:
    coolant = heat / rise
    water = more * coolant
    effectiveness = q.approach_effectiveness_frac(heat, approach, coolant, water)
    supply, returned = q.unit_supply_c(heat, facility, effectiveness * coolant, coolant)
    assert supply - facility == pytest.approx(approach, abs=1e-9)
    assert returned - supply == pytest.approx(rise, abs=1e-9)
    assert q.unit_supply_c(0.5 * heat, facility, effectiveness * coolant, coolant)[0] < supply


def test_a_unit_agrees_with_ht_at_part_flow() -> None:
    coolant, water, ua = 50.0, 30.0, 120.0
    effectiveness = ht.effectiveness_from_NTU(ua / water, water / coolant, subtype="counterflow")
    supply, returned = q.unit_supply_c(400.0, 20.0, effectiveness * water, coolant)
    solved = ht.effectiveness_NTU_method(mh=coolant, Cph=1.0, mc=water, Cpc=1.0, Tci=20.0, Thi=returned, UA=ua,
                                         subtype="counterflow")  # fmt: skip
    assert solved["Q"] == pytest.approx(400.0, rel=1e-9)
    assert solved["Tho"] == pytest.approx(supply, rel=1e-9)


def test_a_loop_at_rest_ends_in_a_number() -> None:
    assert all(map(math.isfinite, q.unit_supply_c(500.0, 20.0, 0.0, 0.0)))


@given(exhaust=st.floats(10, 60), water=WATER_C, effectiveness=st.floats(0, 1), air=st.floats(0, 20))
def test_a_rear_door_cools_no_further_than_its_water(
    exhaust: float, water: float, effectiveness: float, air: float
) -> None:
    heat, leaving = q.rear_door_kw(exhaust, water, effectiveness * air, air)
    assert heat >= 0.0
    assert min(exhaust, water) - 1e-9 <= leaving <= exhaust
    assert heat == pytest.approx(air * (exhaust - leaving), abs=1e-9)
