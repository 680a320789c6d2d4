"""Quantities of a run: what it tells is taken up, what it does not is a reason, and what cannot be is no figure."""

from __future__ import annotations

from typing import Any

import pytest

from twin.errors import InputError
from twin.studies.facts import period_of
from twin.studies.reporting.fact import Fact
from twin.studies.reporting.forms import EED_VERSIONS, eed_form
from twin.studies.reporting.quantities import KEYS, from_run
from twin.studies.reporting.report import all_facts, with_site
from twin.studies.reporting.site import Site

YEAR = period_of(1735689600_000_000_000, 365 * 86400.0, 0.0)


def run(**figures: float) -> dict[str, Any]:
    """metrics.json of a run with these figures."""
    metrics = {name: {"value": value, "unit": "u", "long_name": name, "basis": "b"} for name, value in figures.items()}
    return {"schema_version": 2, "scenario": "s", "period": YEAR, "metrics": metrics}


def reported(site: Site | None = None, **figures: float) -> dict[str, Fact]:
    told = site or Site()
    return {one.name: one for one in all_facts(with_site(from_run(run(**figures)), told), told)[0]}


def test_a_run_tells_every_quantity_or_why_not() -> None:
    period = from_run(run(facility_energy_kwh=1250.0, it_energy_ups_output_kwh=1000.0))
    assert set(period.quantities) == set(KEYS)
    for key, one in period.quantities.items():
        assert (one.value is None) == bool(one.reason), key
    assert period.quantities["grid_import_kwh"].value == 1250.0, "without generation on site all is drawn"


def test_with_generation_on_site_the_energy_drawn_is_not_that_of_the_facility() -> None:
    figures = {"facility_energy_kwh": 1250.0, "onsite_generation_kwh": 100.0, "onsite_renewable_kwh": 90.0}
    assert from_run(run(**figures)).quantities["grid_import_kwh"].value is None
    assert from_run(run(**figures, grid_import_kwh=1160.0)).quantities["grid_import_kwh"].value == 1160.0
    assert from_run(run(**figures)).quantities["eres_os_kwh"].value == 90.0


def test_fuel_of_test_runs_and_of_generators_on_site_is_added() -> None:
    assert from_run(run(fuel_l=10.0, onsite_fuel_l=5.0)).quantities["diesel_l"].value == 15.0
    assert from_run(run(onsite_fuel_l=5.0)).quantities["diesel_l"].value == 5.0
    assert from_run(run(fuel_l=10.0)).quantities["diesel_l"].value == 10.0
    assert from_run(run()).quantities["diesel_l"].value is None


def test_market_based_emissions_and_carbon_free_shares_of_a_run_are_taken_up() -> None:
    own = {"emissions_market_kgco2": 7.0, "emissions_market_hourly_kgco2": 8.0, "cfe_score": 0.7, "cfe_by_volume": 0.9}
    facts = reported(facility_energy_kwh=10.0, **own)
    assert facts["ghg.scope2_market"].value == 7.0
    assert facts["ghg.scope2_market_hourly"].value == 8.0
    assert "draft" in facts["ghg.scope2_market_hourly"].long_name
    assert facts["cfe.score"].value == 0.7
    assert facts["cfe.by_volume"].value == 0.9
    assert reported(facility_energy_kwh=10.0)["ghg.scope2_market"].value is None


def test_a_document_of_another_version_is_refused() -> None:
    with pytest.raises(InputError, match="run the scenario again"):
        from_run(run() | {"schema_version": 1})


@pytest.mark.parametrize(("name", "figures", "reason"), [
    ("iso30134.pue_category_1", {"facility_energy_kwh": 900.0, "it_energy_ups_output_kwh": 1000.0}, "0.9 lies outside"),
    ("iso30134.erf", {"facility_energy_kwh": 900.0, "reused_energy_kwh": 1000.0}, "1.11111 lies outside 0 to 1"),
    ("iso30134.cue", {"emissions_kgco2": 900.0, "it_energy_ups_output_kwh": 0.0}, "the denominator is zero"),
])  # fmt: skip
def test_a_ratio_that_cannot_be_is_no_figure(name: str, figures: dict[str, float], reason: str) -> None:
    fact = reported(**figures)[name]
    assert fact.value is None
    assert reason in fact.reason


def test_identities_hold_between_figures() -> None:
    """CUE is PUE times the factor; WUE in L/kWh is in m3/MWh."""
    facts = reported(facility_energy_kwh=1250.0, it_energy_ups_output_kwh=1000.0, emissions_kgco2=1250.0 * 0.4,
                     water_use_m3=1.5)  # fmt: skip
    assert facts["iso30134.cue"].value == pytest.approx(1.25 * 0.4)
    assert facts["iso30134.wue_category_2"].value == pytest.approx(1.5)


@pytest.mark.parametrize("version", EED_VERSIONS)
def test_keys_of_a_form_are_told_once(version: str) -> None:
    keys = [one.key for one in eed_form(version).fields]
    assert len(keys) == len(set(keys)) >= 35


def test_the_obligation_begins_at_500_kw() -> None:
    assert reported(Site(installed_it_kw=500.0))["eed.scope"].value == "to be reported"
    assert reported(Site(installed_it_kw=499.9))["eed.scope"].value == "below the threshold"
    assert reported()["eed.scope"].value is None


def test_refrigerants_leak_by_the_year_and_a_leap_year_is_one() -> None:
    assert from_run(run()).years == 1.0
    leap = run() | {"period": period_of(1704067200_000_000_000, 366 * 86400.0, 0.0)}
    assert from_run(leap).years == 1.0
    half = run() | {"period": period_of(1704067200_000_000_000, 4380 * 3600.0, 0.0)}
    assert from_run(half).years == 0.5


def test_a_scenario_without_heat_reuse_or_generation_has_none_by_fact_and_a_site_may_know_better() -> None:
    facts = reported(facility_energy_kwh=1250.0)
    assert (facts["iso30134.erf"].value, facts["eed.EREUSE"].value) == (0.0, 0.0)
    assert "no plant of the scenario hands heat over" in facts["quantity.ereuse_kwh"].source
    assert facts["quantity.eres_os_kwh"].value == 0.0
    assert reported(Site(stated={"ereuse_kwh": 125}), facility_energy_kwh=1250.0)["iso30134.erf"].value == 0.1
    assert reported(facility_energy_kwh=1250.0, onsite_generation_kwh=5.0)["quantity.eres_os_kwh"].value is None
    assert reported()["iso30134.erf"].value is None, "what is no whole run tells nothing"


def test_what_is_from_memory_is_not_verified() -> None:
    facts = reported(facility_energy_kwh=1250.0, it_energy_ups_output_kwh=1000.0)
    for name in ("iso30134.pue_category_2", "iso30134.pue_category_3", "iso30134.iteesv", "iso30134.iteusv",
                 "ashrae904.mlc", "ghg.scope3_category2", "ghg.scope3_category3", "cfe.score"):  # fmt: skip
        assert facts[name].verified is False, name
    assert facts["iso30134.pue_category_1"].verified is True


def test_location_based_emissions_of_a_run_are_energy_times_the_factor_that_is_cited() -> None:
    document = run(facility_energy_kwh=1250.0, emissions_kgco2=500.0)
    document["provenance"] = {"factors_sha256": {"data:emission_factors.yaml": "a" * 64}}
    facts, factors = all_facts(with_site(from_run(document), Site()), Site())
    location = next(one for one in facts if one.name == "ghg.scope2_location")
    (used,) = factors
    assert (used.value, used.unit, used.sha256) == (0.4, "kgCO2e/kWh", "a" * 64)
    assert location.number == pytest.approx(1250.0 * used.value, rel=1e-15)
    assert location.inputs == ("quantity.scope2_location_kgco2", "quantity.grid_import_kwh")
    assert "0.4 kgCO2e/kWh" in location.factors[0]


def test_a_life_cycle_factor_of_a_run_is_not_mixed_with_a_direct_residual_mix() -> None:
    document = run(facility_energy_kwh=1250.0, emissions_kgco2=500.0)
    document["metrics"]["emissions_kgco2"]["basis"] = "location-based average, life cycle; my table"
    site = Site.model_validate({"residual": {"kgco2_per_kwh": 0.5, "data_year": 2024, "source": "AIB"}})
    with pytest.raises(
        InputError, match=r"scope 2: mixes bases: life_cycle in electricity of the run .*, direct in the"
    ):
        all_facts(with_site(from_run(document), site), site)
