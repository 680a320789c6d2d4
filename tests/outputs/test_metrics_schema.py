"""metrics.json is what its schema says: each figure stands alone, and a value that is missing has a reason."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xarray as xr

from twin.engine.simulate import simulate
from twin.outputs.files import metrics_document, metrics_text
from twin.outputs.metrics_schema import metrics_schema, metrics_schema_text, site_schema_text
from twin.scenario.reading import read_scenario
from twin.studies.facts import boundary, is_interim, period_of, stated
from twin.studies.kpis import kpis, notes, warnings
from twin.studies.months import factor_files, months

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
PERIOD = period_of(1735689600_000_000_000, 365 * 86400.0, 1.0)  # 2025 from midnight UTC, an hour east


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    return simulate(read_scenario(QUICKSTART, ("run.start=2025-01-30", "run.duration=3d")))


@pytest.fixture(scope="module")
def document(results: xr.Dataset) -> dict[str, Any]:
    made = metrics_document(
        results, kpis(results), warnings(results), notes=notes(results), factors=factor_files(results),
        months=months(results),
    )  # fmt: skip
    return dict(json.loads(metrics_text(made)))


def validate(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(metrics_schema()).validate(document)


def test_the_schema_is_a_schema_and_its_text_is_the_same_each_time() -> None:
    jsonschema.Draft202012Validator.check_schema(metrics_schema())
    assert json.loads(metrics_schema_text()) == metrics_schema()


def test_the_schema_of_a_site_knows_its_fields_and_their_units() -> None:
    schema = json.loads(site_schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate({"installed_it_kw": 500, "commissioned": "2026-07-01"})
    assert "kW" in json.dumps(schema["properties"]["installed_it_kw"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"instaled_it_kw": 500})


def test_the_document_of_a_run_is_valid_and_says_that_it_is_simulated(document: dict[str, Any]) -> None:
    validate(document)
    assert document["statement"] == "simulated, not a metered disclosure"
    assert document["provenance"]["data_nature"] == "simulated"
    assert document["provenance"]["seed"] is None
    assert list(document["provenance"]["factors_sha256"]) == ["data:emission_factors.yaml"]


def test_a_run_of_three_days_is_interim_and_not_annualised(document: dict[str, Any]) -> None:
    pue = document["metrics"]["pue"]
    assert document["period"]["interim"] is True
    assert "interim" in pue["category"]
    assert document["metrics"]["it_energy_kwh"]["value"] < 3 * 24 * 1200.0, "the energy of three days, not of a year"


def test_months_add_up_to_the_figures_of_the_run(document: dict[str, Any]) -> None:
    assert len(document["months"]) == 2
    assert document["months"][0]["period"]["end_local"] == "2025-02-01T00:00:00-05:00"
    for name in document["months"][0]["values"]:
        total = sum(month["values"][name] for month in document["months"])
        assert total == pytest.approx(document["metrics"][name]["value"], rel=1e-12), name
    assert {"facility_energy_kwh", "it_energy_kwh", "water_use_m3", "emissions_kgco2", "cooling_energy_kwh"} <= set(
        document["months"][0]["values"]
    )


def test_months_with_generation_on_site_add_up_too() -> None:
    solar = Path(__file__).parents[2] / "scenarios" / "grid" / "solar_battery.yaml"
    found = simulate(read_scenario(solar, ("run.start=2021-06-29", "run.duration=4d")))
    figures, parts = kpis(found), months(found)
    assert len(parts) == 2
    assert {"facility_energy_kwh", "grid_import_kwh", "emissions_kgco2"} <= set(parts[0]["values"])
    assert figures["onsite_renewable_kwh"]["value"] > 0
    for name in parts[0]["values"]:
        assert sum(p["values"][name] for p in parts) == pytest.approx(figures[name]["value"], rel=1e-12), name


def test_location_based_emissions_are_energy_times_factor(document: dict[str, Any]) -> None:
    figures = document["metrics"]
    expected = figures["facility_energy_kwh"]["value"] * 0.355979  # FRCC, data/emission_factors.yaml
    assert figures["emissions_kgco2"]["value"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("key", ["unit", "basis", "period", "boundary", "category", "quality", "source"])
def test_a_metric_without_one_of_its_parts_is_refused(document: dict[str, Any], key: str) -> None:
    broken = copy.deepcopy(document)
    del broken["metrics"]["pue"][key]
    with pytest.raises(jsonschema.ValidationError):
        validate(broken)


def test_a_missing_value_without_a_reason_is_refused(document: dict[str, Any]) -> None:
    broken = copy.deepcopy(document)
    broken["metrics"]["pue"]["value"] = None
    with pytest.raises(jsonschema.ValidationError, match="reason"):
        validate(broken)
    broken["metrics"]["pue"]["reason"] = "no IT energy"
    validate(broken)


def test_a_value_that_is_not_a_number_becomes_null_with_a_reason() -> None:
    metric = {"value": float("nan"), "unit": "1", "long_name": "PUE", "basis": "x"}
    assert (
        stated({"pue": metric}, PERIOD, "s")["pue"] | {"reason": "not a finite number", "value": None}
        == stated({"pue": metric}, PERIOD, "s")["pue"]
    )


def test_a_year_is_not_interim_and_its_ends_are_told_twice() -> None:
    assert not is_interim(PERIOD)
    assert PERIOD["start_local"] == "2025-01-01T01:00:00+01:00"
    assert PERIOD["end_utc"] == "2026-01-01T00:00:00Z"
    assert is_interim(period_of(0, 364 * 86400.0, 0.0))


def test_boundaries_follow_names() -> None:
    assert boundary("it_energy_ups_output_kwh") == "IT equipment and all else that UPS feed, at UPS outputs"
    assert boundary("facility_energy_kwh") == "whole site, at the grid meter"
    assert boundary("ups_loss_kwh") == "power chain of the site"
    assert boundary("demand_cost") == "electricity account of the site"
    assert boundary("wue_l_per_kwh").startswith("site, water")
