"""Published worked examples, to the printed digit; through a meter file where their inputs are a site's quantities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.studies.reporting.enefg import Rule, rules
from twin.studies.reporting.fact import Fact
from twin.studies.reporting.measures import (
    carbon_free_score,
    embodied_per_device_hour,
    embodied_share,
    market_based_kgco2,
    site_and_source_water_l,
    software_carbon_intensity,
    water_intensity_l_per_kwh,
)
from twin.studies.reporting.metered import read_metered
from twin.studies.reporting.report import all_facts, with_site
from twin.studies.reporting.site import read_site

GREEN_DC = {  # JSON example of the Finnish guide (kopja3/green_DC f8623849)
    "edc_kwh": 10_000_000, "eit_kwh": 8_000_000, "win_m3": 12_000, "ereuse_kwh": 1_500_000,
    "eres_goo_kwh": 2_000_000, "eres_ppa_kwh": 3_000_000, "eres_os_kwh": 1_000_000,
}  # fmt: skip
UPSTREAM = "{file: 'data:factors/uk_desnz_2025.yaml', name: %s}"
UK = (
    "electricity: {file: 'data:factors/uk_desnz_2025.yaml', name: electricity}\nupstream: ["
    + ", ".join(UPSTREAM % name for name in ("losses", "upstream", "upstream_losses"))
    + "]\n"
)


def metered(folder: Path, values: dict[str, float], site: str = "") -> dict[str, Fact]:
    """All figures of a year of meters given as one row."""
    path = folder / "meters.csv"
    path.write_text(
        ",".join(["start", "end", *values]) + "\n" + ",".join(["2025-01-01", "2026-01-01", *map(str, values.values())])
    )
    about = None
    if site:
        about = folder / "site.yaml"
        about.write_text(site)
    told = read_site(about)
    facts, _ = all_facts(with_site(read_metered(path, told.timezone), told), told, folder)
    return {one.name: one for one in facts}


def shown(figures: dict[str, Fact], name: str, decimals: int) -> str:
    value = figures[name].number
    assert value is not None, figures[name].reason
    return f"{value:.{decimals}f}"


def test_1_the_example_of_the_eu_form(tmp_path: Path) -> None:
    figures = metered(tmp_path, GREEN_DC)
    assert shown(figures, "eed.ERES-TOT", 0) == "6000000"
    assert shown(figures, "eed.PUE", 2) == "1.25"
    assert shown(figures, "eed.WUE", 1) == "1.5"
    assert shown(figures, "eed.ERF", 2) == "0.15"
    assert shown(figures, "eed.REF", 2) == "0.60"
    assert figures["iso30134.pue_category_1"].quality == "metered"


def test_a_total_that_is_not_the_sum_of_its_parts_is_no_figure(tmp_path: Path) -> None:
    figures = metered(tmp_path, GREEN_DC | {"eres_tot_kwh": 6_500_000})
    assert figures["eed.REF"].value is None
    assert "told as 6.5e+06 kWh, but its parts add up to 6e+06 kWh" in figures["eed.REF"].reason
    assert shown(metered(tmp_path, GREEN_DC | {"eres_tot_kwh": 6_000_000}), "eed.REF", 2) == "0.60"


@pytest.mark.parametrize(
    ("values", "site", "name", "printed"),
    [
        ({"heat_removed_kwh": 95, "cooling_kwh": 44}, "", "cer", "2.16"),
        ({"co2e_kgco2": 1500, "eit_kwh": 2500}, "", "cue", "0.60"),
        ({"win_m3": 928, "eit_kwh": 582_600}, "", "wue_category_2", "1.59"),
        ({"eres_tot_kwh": 99, "edc_kwh": 147}, "", "ref", "0.67"),
        ({"ereuse_kwh": 79, "edc_kwh": 147}, "", "erf", "0.54"),
        ({"edc_kwh": 1200, "eit_kwh": 1000}, "", "pue_category_1", "1.20"),
    ],
)
def test_2_the_metric_cards_of_en_50600_4(
    tmp_path: Path, values: dict[str, float], site: str, name: str, printed: str
) -> None:
    assert shown(metered(tmp_path, values, site), f"iso30134.{name}", 2) == printed


def test_3_a_gigawatt_hour_in_virginia_and_in_the_united_kingdom(tmp_path: Path) -> None:
    gigawatt_hour = {"grid_import_kwh": 1e6}
    figures = metered(tmp_path, gigawatt_hour, "electricity: {file: 'data:emission_factors.yaml', name: SRVC}\n")
    assert f"{(figures['ghg.scope2_location'].number or 0) / 1000:.1f}" == "270.5"
    figures = metered(tmp_path, gigawatt_hour, UK)
    assert f"{(figures['ghg.scope2_location'].number or 0) / 1000:.1f}" == "177.0"
    assert f"{(figures['ghg.scope3_category3'].number or 0) / 1000:.1f}" == "68.4"


def test_4_software_carbon_intensity() -> None:
    assert f"{1e6 * embodied_share(1.0, 1.0, 4 * 8760.0):.2f}" == "28.54", "1000 kg over four years, one hour, in g"
    assert software_carbon_intensity(5.0, 0.0, 100.0) == 0.05


def test_5_water_of_a_prompt_on_site_and_at_the_source() -> None:
    on_site, source = site_and_source_water_l(0.24e-3 * 0.92, 1.15, 0.24e-3 * 1.09, 1.80)
    assert f"{1000 * on_site:.3f}" == "0.254"
    assert f"{1000 * source:.3f}" == "0.471"
    assert f"{1000 * (on_site + source):.3f}" == "0.725"


def test_5_the_water_of_a_mix_is_that_of_its_sources_and_the_shares_have_to_add_up() -> None:
    assert water_intensity_l_per_kwh([(0.5, 2.60), (0.5, 0.75)]) == pytest.approx(1.675)
    with pytest.raises(ValueError, match=r"add up to 0\.9, not to 1"):
        water_intensity_l_per_kwh([(0.5, 2.60), (0.4, 0.75)])


@pytest.mark.parametrize(
    ("commissioned", "pue", "erf", "results"),
    [
        ("2026-06-30", 1.45, None, {"pue_from_2027-07-01": "meets", "pue_from_2030-07-01": "fails"}),
        ("2026-07-01", 1.20, 0.10, {"pue_from_2028-07-01": "meets", "erf_from_2028-07-01": "meets"}),
        ("2026-07-01", 1.21, 0.10, {"pue_from_2028-07-01": "fails", "erf_from_2028-07-01": "meets"}),
        ("2028-07-01", 1.10, 0.19, {"pue_from_2030-07-01": "meets", "erf_from_2030-07-01": "fails"}),
        ("2028-07-01", 1.10, None, {"pue_from_2030-07-01": "meets", "erf_from_2030-07-01": None}),
    ],
)
def test_6_paragraph_11_of_the_german_act(
    tmp_path: Path, commissioned: str, pue: float, erf: float | None, results: dict[str, str | None]
) -> None:
    values: dict[str, float] = {"edc_kwh": 1000 * pue, "eit_kwh": 1000}
    values |= {} if erf is None else {"ereuse_kwh": 1000 * pue * erf}
    figures = metered(tmp_path, values, f"commissioned: {commissioned}\n")
    judged = {
        name.removeprefix("enefg."): one
        for name, one in figures.items()
        if "_from_" in name and "renewable" not in name
    }
    assert {name: one.value for name, one in judged.items()} == results
    for one in judged.values():
        assert (one.value is None) == bool(one.reason)


def test_6_electricity_that_upgrades_heat_is_not_in_the_pue_of_the_act(tmp_path: Path) -> None:
    values = {"edc_kwh": 1300.0, "eit_kwh": 1000.0, "heat_upgrade_kwh": 100.0, "ereuse_kwh": 200.0}
    figures = metered(tmp_path, values, "commissioned: 2026-07-01\n")
    assert shown(figures, "iso30134.pue_category_1", 2) == "1.30"
    assert shown(figures, "enefg.pue", 2) == "1.20"
    assert figures["enefg.pue_from_2028-07-01"].value == "meets"


def test_6_planned_reuse_grows_with_the_day_of_commissioning_and_leap_days_have_a_deadline() -> None:
    assert rules(date(2027, 6, 30))[1] == Rule("ERF", 0.10, date(2029, 6, 30))
    assert rules(date(2027, 7, 1))[1] == Rule("ERF", 0.15, date(2029, 7, 1))
    assert rules(date(2028, 2, 29))[0].since == date(2030, 2, 28)


def test_7_a_thousand_litres_of_diesel(tmp_path: Path) -> None:
    assert shown(metered(tmp_path, {"diesel_l": 1000}), "ghg.scope1_diesel", 0) == "2705"


def test_8_the_hourly_score_is_below_the_yearly_one(tmp_path: Path) -> None:
    rows = zip(range(4), (20, 8, 0, 12), strict=True)
    text = "start,end,edc_kwh,clean_kwh,grid_cfe_frac\n"
    text += "".join(f"2025-01-01T0{h}:00,2025-01-01T0{h + 1}:00,10,{c},0.4\n" for h, c in rows)
    (tmp_path / "hours.csv").write_text(text)
    site = read_site(None)
    figures = {one.name: one for one in all_facts(with_site(read_metered(tmp_path / "hours.csv"), site), site)[0]}
    assert shown(figures, "cfe.score", 2) == "0.82"
    assert shown(figures, "cfe.by_volume", 2) == "1.00"
    assert carbon_free_score([10] * 4, [20, 8, 0, 12], [0.4] * 4) == pytest.approx(0.82)


def test_8_monthly_values_have_no_hourly_score(tmp_path: Path) -> None:
    figures = metered(tmp_path, {"edc_kwh": 40, "clean_kwh": 40, "grid_cfe_frac": 0.4})
    assert figures["cfe.score"].value is None
    assert figures["cfe.score"].reason == "no hourly values are told"
    assert figures["cfe.by_volume"].value == 1.0


def test_9_embodied_carbon_of_an_accelerator_hour() -> None:
    assert f"{embodied_per_device_hour(164.0, 5.0, 0.8):.4f}" == "0.0047"
    assert f"{embodied_per_device_hour(164.0, 3.0, 1.0):.4f}" == "0.0062"


def test_10_what_certificates_do_not_cover_has_the_residual_mix(tmp_path: Path) -> None:
    site = (
        "residual: {kgco2_per_kwh: 0.4412, data_year: 2024, source: 'AIB, Italy'}\n"
        "instruments:\n  - {kind: GO, energy_kwh: 75000, kgco2_per_kwh: 0, source: 'AIB 1-75'}\n"
    )
    figures = metered(tmp_path, {"grid_import_kwh": 100_000}, site)
    assert f"{(figures['ghg.scope2_market'].number or 0) / 1000:.2f}" == "11.03"
    assert figures["ghg.scope2_location"].value is None, "no factor is stated"
    assert market_based_kgco2(100.0, [(75.0, 0.0), (50.0, 0.1)], 0.4412) == pytest.approx(2.5), "no more than was drawn"


def test_12_missing_water_is_a_reason_and_never_zero(tmp_path: Path) -> None:
    figures = metered(tmp_path, {"edc_kwh": 1250, "eit_kwh": 1000})
    for name in ("iso30134.wue_category_1", "iso30134.wue_category_2", "eed.WIN", "eed.WUE"):
        assert figures[name].value is None
        assert "not measured" in figures[name].reason
    assert shown(figures, "eed.PUE", 2) == "1.25"


@pytest.mark.parametrize(
    ("site", "message"),
    [
        (
            "electricity: {file: 'data:factors/countries_ember_2024.yaml', name: ITA}\n"
            "residual: {kgco2_per_kwh: 0.4412, data_year: 2024, source: AIB}\n",
            r"scope 2: mixes bases: life_cycle in ITA of Ember .*, direct in the residual mix of AIB",
        ),
        (
            "electricity: {file: 'data:factors/uk_desnz_2025.yaml', name: upstream}\n",
            r"scope 2: upstream of UK DESNZ .* is upstream: it belongs in scope 3 category 3",
        ),
        (
            UK.replace("uk_desnz_2025.yaml', name: electricity}", "countries_ember_2024.yaml', name: GBR}"),
            r"scope 2: mixes bases: GBR of Ember .* is life_cycle and has what upstream factors count again",
        ),
        (
            "refrigerant_table: 'data:factors/refrigerants_ar6.yaml'\n"
            "refrigerants: [{name: R-410A, charge_kg: 100, leak_frac: 0.05}]\n",
            r"scope 1: mixes assessment reports: AR5 in diesel of .*, AR6 in R-410A of GWP100 of refrigerants, AR6",
        ),
    ],
)
def test_mixtures_are_refused_by_name(tmp_path: Path, site: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        metered(tmp_path, {"grid_import_kwh": 100, "diesel_l": 10}, site)


def test_a_residual_mix_of_zero_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"site\.yaml:1:\d+: residual\.kgco2_per_kwh"):
        metered(
            tmp_path, {"grid_import_kwh": 1}, "residual: {kgco2_per_kwh: 0, data_year: 2024, source: AIB Austria}\n"
        )


def test_refrigerants_that_leak_and_none_at_all(tmp_path: Path) -> None:
    figures = metered(tmp_path, {"diesel_l": 1000}, "refrigerants: [{name: R-32, charge_kg: 100, leak_frac: 0.05}]\n")
    assert figures["ghg.scope1_refrigerants"].value == pytest.approx(100 * 0.05 * 677)
    assert figures["ghg.scope1"].value == pytest.approx(2705.1 + 3385.0)
    assert figures["ghg.scope1"].quality == "estimated"
    assert metered(tmp_path, {"diesel_l": 1000}, "refrigerants: []\n")["ghg.scope1_refrigerants"].value == 0.0
    assert metered(tmp_path, {"diesel_l": 1000})["ghg.scope1"].value is None, "not stated is not zero"


def test_tenants_energy_goes_where_the_approach_puts_it(tmp_path: Path) -> None:
    about = UK + "tenant_frac: 0.4\ntenant_energy: category_13\n"
    figures = metered(tmp_path, {"grid_import_kwh": 1000}, about)
    assert figures["ghg.scope3_category13"].value == pytest.approx(0.4 * 177.0)
    assert figures["ghg.scope2_location_own"].value == pytest.approx(0.6 * 177.0)
    assert figures["ghg.scope2_location"].value == pytest.approx(177.0)


def test_sci_is_location_based_with_embodied_carbon_by_unit(tmp_path: Path) -> None:
    about = UK + (
        "work: {unit: request, units_count: 1000}\n"
        "equipment: [{name: servers, embodied_kgco2: 4000, life_years: 4, source: maker, bought_in_period: true}]\n"
    )
    figures = metered(tmp_path, {"grid_import_kwh": 1000}, about)
    assert figures["sci.score"].value == pytest.approx(1000 * (177.0 + 1000.0) / 1000)
    assert figures["ghg.scope3_category2"].value == 4000.0, "all of it in the year in which it was bought"


def test_well_to_tank_of_diesel_and_market_based_scope_2_of_tenants(tmp_path: Path) -> None:
    about = UK + (
        "diesel_upstream: {file: 'data:factors/uk_desnz_2025.yaml', name: diesel_mineral_upstream}\n"
        "tenant_frac: 0.4\ntenant_energy: category_13\ninstruments: []\n"
        "residual: {kgco2_per_kwh: 0.4, data_year: 2025, source: r}\n"
    )
    figures = metered(tmp_path, {"grid_import_kwh": 1000, "diesel_l": 100}, about)
    assert figures["ghg.scope3_category3"].value == pytest.approx(68.4 + 62.409)
    assert figures["ghg.scope2_market_own"].value == pytest.approx(0.6 * 400.0)
    assert figures["ghg.scope3_category3"].verified is False


def test_renewable_electricity_of_the_german_act_has_its_days(tmp_path: Path) -> None:
    figures = metered(tmp_path, GREEN_DC)
    assert figures["enefg.renewable"].value == pytest.approx(0.6)
    assert figures["enefg.renewable_from_2024-01-01"].value == "meets"
    assert figures["enefg.renewable_from_2027-01-01"].value == "fails"
    assert metered(tmp_path, {"edc_kwh": 10})["enefg.renewable_from_2024-01-01"].value is None
