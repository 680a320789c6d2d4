"""Contracts beside the tariff: each equation by hand, and a total that stays the sum of its lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from twin.components.grid.contracts import Contracts, DemandResponse, TwoSettlement
from twin.components.grid.tariffs import FlatTariff, KnownTariff, MarketPrice, TimeOfUseTariff
from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.studies.billing import Bill, bill
from twin.studies.contracts import Flows, with_contracts

DAY = TimeAxis(np.datetime64("2025-01-15T00:00", "ns"), 3600.0, 24)
HOURS = np.arange(24.0)
LOAD = 1000.0 + 100.0 * HOURS
FLAT = FlatTariff(currency="USD", energy_per_kwh=0.1, tax_frac=0.05)


def series(folder: Path, name: str, values: NDArray[np.float64], axis: TimeAxis = DAY) -> dict[str, Any]:
    """A file with a value for each step."""
    stamps = axis.utc().strftime("%Y-%m-%dT%H:%MZ")
    rows = "\n".join(f"{stamp},{value}" for stamp, value in zip(stamps, values, strict=True))
    (folder / f"{name}.csv").write_text(f"time_utc,{name}\n{rows}", encoding="utf-8")
    return {"file": str(folder / f"{name}.csv"), "column": name}


def market(folder: Path, values: NDArray[np.float64], adder: float = 0.0) -> MarketPrice:
    return MarketPrice.model_validate(
        {"currency": "USD", "price": series(folder, "day_ahead", values), "adder_per_kwh": adder}
    )


def no_flows(axis: TimeAxis) -> Flows:
    return Flows(*(np.zeros(axis.count) for _ in range(3)))


def paid(
    contracts: dict[str, Any], tariff: KnownTariff, load: NDArray[np.float64] = LOAD, axis: TimeAxis = DAY,
    flows: Flows | None = None, zone: str = "UTC",
) -> Bill:  # fmt: skip
    terms = Contracts.model_validate(contracts)
    plain = bill(load, axis, tariff, zone, power_factor_frac=terms.power_factor_frac)
    found = with_contracts(plain, terms, load, flows or no_flows(axis), axis, tariff, zone)
    assert found.total == pytest.approx(sum(found.by_line().values()))
    assert found.total == pytest.approx(sum(found.by_month().values()))
    kinds = ("energy", "demand", "fixed", "tax", "ppa", "carbon", "demand_response", "water")
    assert found.total == pytest.approx(sum(found.share(kind) for kind in kinds))  # type: ignore[arg-type]
    return found


def test_two_settlement_pays_the_schedule_a_day_ahead_and_the_deviation_in_real_time(tmp_path: Path) -> None:
    ahead, real = 30.0 + HOURS, np.where(HOURS == 18, 2000.0, 20.0)  # USD/MWh
    scheduled = np.full(24, 2000.0)
    terms = {
        "real_time": {"price": series(tmp_path, "real_time", real)},
        "schedule": series(tmp_path, "scheduled", scheduled),
    }
    found = paid({"two_settlement": terms}, market(tmp_path, ahead))
    by_hand = (ahead * scheduled + real * (LOAD - scheduled)).sum() / 1000  # PHYSICS: DA q_DA + RT (q - q_DA)
    assert found.share("energy") == pytest.approx(by_hand)
    flat = paid({"two_settlement": {**terms, "schedule": None, "schedule_kw": 2000}}, market(tmp_path, ahead))
    assert flat.total == pytest.approx(found.total)


def test_a_load_that_keeps_its_schedule_pays_the_day_ahead_price_alone(tmp_path: Path) -> None:
    ahead = 30.0 + HOURS
    terms = {
        "real_time": {"price": series(tmp_path, "real_time", 9999.0 - HOURS)},
        "schedule": series(tmp_path, "scheduled", LOAD),
    }
    tariff = market(tmp_path, ahead)
    assert paid({"two_settlement": terms}, tariff).total == pytest.approx(bill(LOAD, DAY, tariff, "UTC").total)


def test_a_physical_purchase_pays_strike_for_generation_and_market_for_the_rest(tmp_path: Path) -> None:
    price, generated = 40.0 + HOURS, np.where((HOURS > 6) & (HOURS < 18), 4000.0, 0.0)
    terms = {"solar": {"kind": "physical", "generation": series(tmp_path, "solar", generated), "strike_per_kwh": 0.035}}
    found = paid({"power_purchase": terms}, market(tmp_path, price))
    residual, excess = np.maximum(LOAD - generated, 0), np.maximum(generated - LOAD, 0)
    by_hand = (
        0.035 * generated.sum() + (price * (residual - excess)).sum() / 1000
    )  # PPA gen + LMP residual - LMP excess
    assert excess.sum() > 0
    assert found.total == pytest.approx(by_hand)
    with_fee = {"solar": {**terms["solar"], "sleeve_per_kwh": 0.004}}
    fee = 0.004 * np.minimum(generated, LOAD).sum()
    assert paid({"power_purchase": with_fee}, market(tmp_path, price)).total == pytest.approx(by_hand + fee)


def test_a_contract_for_differences_fixes_the_price_of_energy_that_follows_the_load(tmp_path: Path) -> None:
    price = np.where(HOURS > 12, -50.0, 120.0)
    terms = {"wind": {"kind": "difference", "generation": series(tmp_path, "wind", LOAD), "strike_per_kwh": 0.05}}
    found = paid({"power_purchase": terms}, market(tmp_path, price))
    assert found.total == pytest.approx(0.05 * LOAD.sum())  # market price paid and received cancel
    assert found.by_line()["ppa.wind"] == pytest.approx(((0.05 - price / 1000) * LOAD).sum())


def test_under_a_rate_physical_energy_saves_the_rate_with_its_tax_and_sells_the_rest_at_market(tmp_path: Path) -> None:
    price = {"price": series(tmp_path, "hub", np.full(24, 30.0))}
    terms = {
        name: {"kind": "physical", "generation": series(tmp_path, name, np.full(24, kw)), "strike_per_kwh": 0.04,
               "market": price}
        for name, kw in (("first", 900.0), ("second", 1100.0))
    }  # fmt: skip
    found = paid({"power_purchase": terms}, FLAT, np.full(24, 1500.0))
    lines = found.by_line()
    assert lines["ppa.first"] == pytest.approx(24 * 900 * 0.04)
    assert lines["ppa.first.displaced"] == pytest.approx(-24 * 900 * 0.105)
    assert lines["ppa.second.displaced"] == pytest.approx(-24 * (600 * 0.105 + 500 * 0.03))  # 600 kW were left to serve


def test_a_purchase_without_a_market_price_is_refused_where_the_tariff_has_none(tmp_path: Path) -> None:
    terms = {"wind": {"kind": "difference", "generation": series(tmp_path, "wind", LOAD), "strike_per_kwh": 0.05}}
    with pytest.raises(InputError, match="needs `market`: the price that its energy is sold at"):
        paid({"power_purchase": terms}, FLAT)
    ahead = {"real_time": {"price": series(tmp_path, "rt", LOAD)}, "schedule_kw": 5}
    with pytest.raises(InputError, match="two_settlement needs a market tariff"):
        paid({"two_settlement": ahead}, FLAT)


def test_a_carbon_price_is_paid_on_each_steps_emissions() -> None:
    flows = Flows(LOAD * 0.4, np.zeros(24), np.zeros(24))
    found = paid({"carbon_price": {"price_per_t": 80.0}}, FLAT, flows=flows)
    assert found.share("carbon") == pytest.approx(80.0 * 0.4 * LOAD.sum() / 1000)


def test_prices_of_the_tariff_rise_from_their_year_and_those_of_contracts_do_not() -> None:
    axis = TimeAxis(np.datetime64("2028-01-15T00:00", "ns"), 3600.0, 24)
    terms = {"escalation": {"per_year_frac": 0.03, "from_year": 2025}, "carbon_price": {"price_per_t": 80.0}}
    flows = Flows(LOAD * 0.4, np.zeros(24), np.zeros(24))
    found = paid(terms, FLAT, axis=axis, flows=flows)
    assert found.share("energy") == pytest.approx(1.03**3 * 0.1 * LOAD.sum())
    assert found.share("tax") == pytest.approx(0.05 * found.share("energy"))
    assert found.share("carbon") == pytest.approx(80.0 * 0.4 * LOAD.sum() / 1000)
    assert "prices of 2025 raised by 3 % a year: times 1.093" in found.warnings


def test_water_and_sewer_are_billed_apart_on_make_up_and_blowdown() -> None:
    flows = Flows(np.zeros(24), np.full(24, 5.0), np.full(24, 1.0))
    terms = {"supply_per_m3": 1.5, "sewer_per_m3": 4.0}
    lines = paid({"water": terms}, FLAT, flows=flows).by_line()
    assert lines["water.supply"] == pytest.approx(24 * 5 * 1.5)
    assert lines["water.sewer"] == pytest.approx(24 * 1 * 4.0)
    share = {**terms, "sewer_on": "make_up", "sewer_share_frac": 0.7, "fixed_per_month": 31.0}
    found = paid({"water": share}, FLAT, flows=flows)
    assert found.by_line()["water.sewer"] == pytest.approx(24 * 5 * 0.7 * 4.0)
    assert found.by_line()["water.fixed"] == pytest.approx(1.0)  # a day of January
    assert found.share("water") == pytest.approx(180 + 336 + 1)


EVENT = {"at": "2025-07-15 14:00", "duration_h": 3}
SUMMER = TimeAxis(np.datetime64("2025-07-01T04:00", "ns"), 900.0, 20 * 96)  # New York's first of July
PROGRAMME = {
    "committed_kw": 250,
    "capacity_per_kw": 5,
    "energy_per_kwh": 0.5,
    "penalty_per_kwh": 2.0,
    "events": [EVENT],
}


def responding(kw: float) -> NDArray[np.float64]:
    """1 MW, and ``kw`` from 14 to 17 h on the day of the event; 1.2 MW on weekends."""
    civil = SUMMER.civil("America/New_York")
    load = np.where(civil.day_of_week >= 5, 1200.0, 1000.0)
    load[(civil.day == 15) & (civil.hour >= 14) & (civil.hour < 17)] = kw
    return load


@pytest.mark.parametrize(
    ("kw", "energy", "penalty"),
    [(750.0, -375.0, 0.0), (900.0, -150.0, 900.0), (1300.0, 0.0, 1500.0), (100.0, -375.0, 0.0)],
)
def test_demand_response_pays_what_was_reduced_up_to_the_promise_and_fines_the_rest(
    kw: float, energy: float, penalty: float
) -> None:
    # Ten weekdays before are at 1 MW: 250 kW for three hours are 750 kWh.
    found = paid({"demand_response": PROGRAMME}, FLAT, responding(kw), SUMMER, zone="America/New_York")
    lines = found.by_line()
    assert lines["demand_response.energy"] == pytest.approx(energy)
    assert lines["demand_response.penalty"] == pytest.approx(penalty)
    assert lines["demand_response.capacity"] == pytest.approx(-5 * 250 * 20 / 31)


def test_an_event_with_fewer_than_ten_similar_days_before_it_is_told() -> None:
    load, zone = responding(750.0), "America/New_York"
    assert len(paid({"demand_response": PROGRAMME}, FLAT, load, SUMMER, zone=zone).warnings) == 1  # the month in part
    early = {**PROGRAMME, "events": [{**EVENT, "at": "2025-07-02 14:00"}]}
    said = "demand response of 2025-07-02 14:00: 1 of 10 similar days lie before it; their mean is its baseline"
    assert paid({"demand_response": early}, FLAT, load, SUMMER, zone=zone).warnings[1:] == (said,)
    first = {**PROGRAMME, "events": [{**EVENT, "at": "2025-07-01 14:00"}]}
    said = (
        "demand response of 2025-07-01 14:00: 0 of 10 similar days lie before it; the mean of the run is its baseline"
    )
    assert paid({"demand_response": first}, FLAT, load, SUMMER, zone=zone).warnings[1:] == (said,)


def test_a_stated_baseline_goes_before_that_of_the_days_before() -> None:
    programme = {**PROGRAMME, "baseline_kw": 1100}
    found = paid({"demand_response": programme}, FLAT, responding(1000.0), SUMMER, zone="America/New_York")
    assert found.by_line()["demand_response.energy"] == pytest.approx(-0.5 * 100 * 3)


def test_days_with_events_are_no_part_of_a_baseline() -> None:
    load = responding(750.0)
    civil = SUMMER.civil("America/New_York")
    load[(civil.day == 16) & (civil.hour >= 14) & (civil.hour < 17)] = 750.0
    programme = {**PROGRAMME, "events": [EVENT, {**EVENT, "at": "2025-07-16 14:00"}]}
    found = paid({"demand_response": programme}, FLAT, load, SUMMER, zone="America/New_York")
    assert found.by_line()["demand_response.energy"] == pytest.approx(-750.0)


def tou(**demand: Any) -> TimeOfUseTariff:
    energy = {"periods": {"all": {"base_per_kwh": 0.1}}}
    charges = {"demand_interval_min": 60, "flat": [{"base_per_kw": 10.0}], "periods": {"all": {"base_per_kw": 2.0}}}
    return TimeOfUseTariff.model_validate({"currency": "USD", "energy": energy, "demand": {**charges, **demand}})


def test_apparent_power_is_billed_as_real_power_over_its_factor() -> None:
    found = paid({"power_factor_frac": 0.8}, tou(billed_in="kva"), np.full(24, 800.0))
    assert found.by_line()["flat_demand"] == pytest.approx(10_000.0)  # 800 kW are 1000 kVA
    assert found.by_line()["demand.all"] == pytest.approx(2000.0)
    assert found.billed_kw.tolist() == [800.0]


def test_reactive_power_beyond_what_is_free_is_billed() -> None:
    tariff = tou(reactive_per_kvar=0.66, reactive_free_frac=0.25)
    lines = paid({"power_factor_frac": 0.8}, tariff, np.full(24, 800.0)).by_line()
    assert lines["reactive_demand"] == pytest.approx(0.66 * (600 - 200))  # 800 kW at .8 have 600 kvar
    assert paid({"power_factor_frac": 1.0}, tariff, np.full(24, 800.0)).by_line()["reactive_demand"] == 0.0


def test_a_factor_below_the_least_raises_demand_charges_in_proportion() -> None:
    tariff = tou(least_power_factor_frac=0.9)
    low = paid({"power_factor_frac": 0.8}, tariff, np.full(24, 800.0))
    assert low.by_line()["power_factor"] == pytest.approx((0.9 / 0.8 - 1) * (8000 + 1600))
    assert low.share("demand") == pytest.approx(0.9 / 0.8 * 9600)
    assert paid({"power_factor_frac": 0.95}, tariff, np.full(24, 800.0)).by_line()["power_factor"] == 0.0


def test_a_tariff_that_bills_by_power_factor_says_when_none_is_given() -> None:
    expected = "the tariff bills by power factor and none is given (grid.contracts.power_factor_frac): 1 is assumed"
    assert expected in bill(LOAD, DAY, tou(billed_in="kva"), "UTC").warnings
    assert expected not in bill(LOAD, DAY, tou(), "UTC").warnings


def test_no_contracts_leave_the_bill_as_it_is() -> None:
    load, axis = np.full(8760, 1000.0), year_axis(2025, 3600.0)
    found, plain = paid({}, FLAT, load, axis), bill(load, axis, FLAT, "UTC")
    assert found.lines == plain.lines
    assert np.array_equal(found.cost, plain.cost)


def test_a_schedule_is_stated_once() -> None:
    for terms in ({}, {"schedule": {"file": "a", "column": "b"}, "schedule_kw": 1}):
        with pytest.raises(ValidationError, match="a schedule is either schedule"):
            TwoSettlement.model_validate({"real_time": {"price": {"file": "a", "column": "b"}}, **terms})


def test_events_of_demand_response_are_moments_that_exist() -> None:
    with pytest.raises(ValidationError, match="events"):
        DemandResponse.model_validate({"committed_kw": 1, "events": [{"at": "2025-02-30 10:00", "duration_h": 1}]})
