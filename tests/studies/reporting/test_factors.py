"""Factor tables: printed values, what they state, and mixtures that are refused by name."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.studies.reporting.factors import Factor, FactorName, factor, refuse_mixture
from twin.yaml_source import load

FACTORS = Path(__file__).parents[3] / "data" / "factors"
OWN = """
title: mine
publisher: our supplier
data_year: 2026
source: contract 17
licence: ours
factors:
  supplier: {value: 0.05, unit: kgCO2e/kWh, basis: direct}
"""


def shipped(file: str, name: str, unit: str = "kgCO2e/kWh") -> Factor:
    return factor(FactorName(file=f"data:{file}", name=name), unit)


@pytest.mark.parametrize(
    ("region", "grams"), [("SRVC", "270.5"), ("US", "349.7"), ("CAMX", "195.0"), ("ERCT", "334.1"), ("NYUP", "110.1")]
)
def test_egrid_in_grams_is_what_the_table_prints(region: str, grams: str) -> None:
    """U.S. EPA eGRID2023 rev2: 596.3 lb/MWh of SRVC are 270.5 g/kWh."""
    assert f"{1000 * shipped('emission_factors.yaml', region).value:.1f}" == grams


def test_a_thousand_litres_of_diesel_are_2705_kg_and_follow_from_epas_components() -> None:
    diesel = shipped("factors/fuels.yaml", "diesel", "kgCO2e/L")
    assert f"{1000 * diesel.value:.0f}" == "2705"
    per_gal = (73.96 + 0.003 * 28 + 0.0006 * 265) * 0.138  # kg/mmBtu, CH4 and N2O at AR5, mmBtu/gal (EPA)
    assert f"{per_gal:.2f}" == "10.24"
    assert diesel.value == pytest.approx(per_gal / 3.785411784, abs=5e-5)
    assert diesel.gwp_set == "AR5"


@pytest.mark.parametrize(("report", "r32", "r125", "blend"), [("ar5", 677, 3170, 1923.5), ("ar6", 771, 3740, 2255.5)])
def test_a_blend_is_the_sum_of_its_components_by_mass(report: str, r32: float, r125: float, blend: float) -> None:
    file = f"factors/refrigerants_{report}.yaml"
    assert shipped(file, "R-410A", "kgCO2e/kg").value == 0.5 * r32 + 0.5 * r125 == blend
    assert shipped(file, "R-32", "kgCO2e/kg").value == r32
    assert shipped(file, "R-410A", "kgCO2e/kg").gwp_set == report.upper()


def test_every_shipped_table_states_source_year_licence_and_each_factor_basis_or_report() -> None:
    files = sorted(FACTORS.glob("*.yaml"))
    assert len(files) >= 5
    for path in files:
        for name, entry in load(path).data["factors"].items():
            one = shipped(f"factors/{path.name}", name, entry["unit"])
            assert one.source, name
            assert one.licence, name
            assert one.basis or one.gwp_set, name


def test_countries_are_life_cycle_and_never_direct() -> None:
    entries = load(FACTORS / "countries_ember_2024.yaml").data["factors"]
    assert {entry["basis"] for entry in entries.values()} == {"life_cycle"}
    assert entries["GBR"]["value"] == 0.21579
    assert entries["DEU"]["value"] == 0.34206


def test_a_table_of_ones_own_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN)
    one = factor(FactorName(file="mine.yaml", name="supplier"), "kgCO2e/kWh", tmp_path)
    assert (one.value, one.source, one.licence) == (0.05, "contract 17", "ours")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("supplier: {", "suplier: {", r"mine\.yaml: factors: no factor 'supplier' \(did you mean 'suplier'\?\)"),
        ("kgCO2e/kWh", "kgCO2e/L", r"factors\.supplier: is in kgCO2e/L, kgCO2e/kWh is needed"),
        ("kgCO2e/kWh", "g/kWh", r"mine\.yaml:8:\d+: factors\.supplier\.unit: Input should be"),
        ("licence: ours\n", "", r"mine\.yaml:.*licence: Field required"),
        ("value: 0.05", "value: .nan", r"factors\.supplier\.value: Input should be"),
        ("value: 0.05", "value: -1", r"factors\.supplier\.value: Input should be greater than or equal to 0"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (tmp_path / "mine.yaml").write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=message):
        factor(FactorName(file="mine.yaml", name="supplier"), "kgCO2e/kWh", tmp_path)


def test_bases_that_differ_are_refused_by_name() -> None:
    direct, life = shipped("emission_factors.yaml", "SRVC"), shipped("factors/countries_ember_2024.yaml", "USA")
    refuse_mixture([direct, direct], "scope 2")
    with pytest.raises(InputError, match=r"scope 2: mixes bases: direct in SRVC of .*, life_cycle in USA of Ember"):
        refuse_mixture([direct, life], "scope 2")


def test_assessment_reports_that_differ_are_refused_by_name() -> None:
    diesel = shipped("factors/fuels.yaml", "diesel", "kgCO2e/L")
    leak = shipped("factors/refrigerants_ar6.yaml", "R-410A", "kgCO2e/kg")
    with pytest.raises(InputError, match=r"scope 1: mixes assessment reports: AR5 in diesel of .*, AR6 in R-410A"):
        refuse_mixture([diesel, leak], "scope 1")
    refuse_mixture([diesel, replace(leak, gwp_set=None)], "scope 1")


def test_all_subregions_of_egrid_are_there_and_follow_from_pounds() -> None:
    regions = load(FACTORS.parent / "emission_factors.yaml").data["subregions"]
    assert len(regions) == 28, "27 subregions and the country"
    for name, one in regions.items():
        kg = one["total_output_co2e_lb_per_mwh"] * 0.45359237 / 1000
        assert one["average_kgco2_per_kwh"] == pytest.approx(kg, abs=6e-7), name


@pytest.mark.parametrize(("report", "year"), [("ar4", 2007), ("ar5", 2013), ("ar6", 2021)])
def test_blends_of_every_report_follow_from_components_of_the_same(report: str, year: int) -> None:
    """R-407C: 23/25/52 % of R-32, R-125, R-134a; R-404A: 44/52/4 % of R-125, R-143a, R-134a (ASHRAE 34)."""
    gwp = {n: e["value"] for n, e in load(FACTORS / f"refrigerants_{report}.yaml").data["factors"].items()}
    assert load(FACTORS / f"refrigerants_{report}.yaml").data["data_year"] == year
    assert gwp["R-410A"] == 0.5 * gwp["R-32"] + 0.5 * gwp["R-125"]
    assert gwp["R-407C"] == pytest.approx(0.23 * gwp["R-32"] + 0.25 * gwp["R-125"] + 0.52 * gwp["R-134a"], abs=0.5)
    if "R-404A" in gwp:
        assert gwp["R-404A"] == pytest.approx(
            0.44 * gwp["R-125"] + 0.52 * gwp["R-143a"] + 0.04 * gwp["R-134a"], abs=0.5
        )


def test_warming_potentials_that_are_verified_are_those_of_the_reference_and_no_others() -> None:
    with (Path(__file__).parents[2] / "reference" / "gwp100.csv").open(encoding="utf-8") as file:
        told = {row["gas"]: row for row in csv.DictReader(file)}
    for report in ("ar4", "ar5", "ar6"):
        for name, entry in load(FACTORS / f"refrigerants_{report}.yaml").data["factors"].items():
            known = name in told or name in ("R-410A", "R-407C", "R-404A")
            verified = entry.get("verified", True)
            assert verified == (known and (report, name) != ("ar6", "SF6")), (report, name)
            if name in told and verified:
                assert entry["value"] == float(told[name][report]), (report, name)


def test_a_factor_may_state_a_year_and_a_source_of_its_own() -> None:
    one = shipped("factors/countries_direct.yaml", "ITA")
    assert (one.value, one.basis, one.data_year, one.verified) == (0.2347, "direct", 2023, False)
    assert "ISPRA" in one.source
