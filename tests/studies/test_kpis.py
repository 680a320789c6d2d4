"""Key figures against the same figures worked out apart, with NumPy, from the hourly series of a year."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import RunError
from twin.outputs.netcdf import netcdf_bytes
from twin.series.files import resolve
from twin.studies.kpis import END_USES, kpis, notes
from twin.yaml_source import load

WEATHER = Path(__file__).parents[1] / "series" / "weather"
RACKS = {
    "quickstart": ("halls.enterprise.rack_groups.web", "halls.ai.rack_groups.gpu"),
    "greensboro": ("halls.cpu.rack_groups.servers", "halls.gpu.rack_groups.training"),
}
CHILLERS = {"quickstart": ("large", "medium", "small"), "greensboro": ("ch1", "ch2", "ch3")}
TOWER = "plants.main.condenser.towers.cells"
SITES = tuple(RACKS)
FLAT = (
    "grid.tariff={kind: flat, currency: EUR, energy_per_kwh: 0.11, fixed_per_month: 250, tax_frac: 0.07, "
    "demand: {demand_interval_min: 60, flat: [{base_per_kw: 9}]}}"
)
WEEK = ("run.start=2025-07-07", "run.duration=7d")
DEMANDED = (
    "it_energy_kwh", "facility_energy_kwh", "cooling_energy_kwh", "power_chain_loss_kwh", "it_energy_pdu_output_kwh",
    "it_energy_ups_output_kwh", "it_fan_energy_kwh", "pue", "pue_category_1", "tue", "wue_l_per_kwh", "water_use_m3",
    "cue_kgco2_per_kwh", "emissions_kgco2", "energy_cost", "demand_cost", "total_cost", "peak_grid_kw",
    "max_rack_inlet_c", "free_cooling_h", "energy_balance_residual_frac",
)  # fmt: skip


@functools.cache
def year(site: str) -> xr.Dataset:
    return simulate(shipped(site, FLAT))


@functools.cache
def values(site: str) -> dict[str, float]:
    return {name: metric["value"] for name, metric in kpis(year(site)).items()}


def of(ds: xr.Dataset, **overrides: str) -> dict[str, float]:
    return {name: metric["value"] for name, metric in kpis(ds).items()}


def kwh(site: str, *names: str) -> float:
    """Sum over a year of hours of series in kW."""
    return float(sum(year(site)[name].values[0].astype(float).sum() for name in names))


def halls(site: str) -> list[str]:
    return [rack.rsplit(".rack_groups.")[0] for rack in RACKS[site]]


def it_kwh(site: str) -> float:
    return kwh(site, *(f"{rack}.power_kw" for rack in RACKS[site]))


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-10)


# --- energy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_every_figure_that_is_asked_for_is_there_with_value_unit_name_and_basis(site: str) -> None:
    figures = kpis(year(site))
    assert [name for name in DEMANDED if name not in figures] == []
    for name, metric in figures.items():
        assert set(metric) == {"value", "unit", "long_name", "basis"}, name
        assert np.isfinite(metric["value"]), name
        assert metric["unit"], name
        assert metric["long_name"], name
        assert metric["basis"], name


@pytest.mark.parametrize("site", SITES)
def test_units_are_those_that_the_names_state(site: str) -> None:
    suffixes = {
        "_kwh": "kWh", "_kw": "kW", "_m3": "m3", "_h": "h", "_c": "degC", "_k": "K", "_kgco2": "kgCO2e", "_cost": "EUR",
        "_l_per_kwh": "L/kWh", "_kgco2_per_kwh": "kgCO2e/kWh", "_count": "1", "_frac": "1",
    }  # fmt: skip
    for name, metric in kpis(year(site)).items():
        ending = max((s for s in suffixes if name.endswith(s)), key=len, default="")
        assert metric["unit"] == suffixes.get(ending, "1"), name


@pytest.mark.parametrize("site", SITES)
def test_energy_is_the_sum_of_the_series(site: str) -> None:
    v, crahs = values(site), [f"{hall}.air.fan_kw" for hall in halls(site)]
    chillers = [f"plants.main.chillers.{name}.power_kw" for name in CHILLERS[site]]
    pumps = ["plants.main.pump.power_kw", "plants.main.condenser.pump.power_kw"]
    devices = [name.split(".")[1] for name in year(site).data_vars if str(name).endswith(".loss_kw")]
    assert len(devices) == 5
    assert v["it_energy_kwh"] == close(it_kwh(site))
    assert v["it_fan_energy_kwh"] == close(kwh(site, *(f"{rack}.fan_kw" for rack in RACKS[site])))
    assert v["it_psu_loss_kwh"] == close(kwh(site, *(f"{rack}.psu_loss_kw" for rack in RACKS[site])))
    assert v["facility_energy_kwh"] == close(kwh(site, "grid.meter.import_kw"))
    assert v["chiller_energy_kwh"] == close(kwh(site, *chillers))
    assert v["pump_energy_kwh"] == close(kwh(site, *pumps))
    assert v["crah_fan_energy_kwh"] == close(kwh(site, *crahs, "rooms.electrical.fan_kw"))
    assert v["tower_fan_energy_kwh"] == close(kwh(site, f"{TOWER}.fan_kw"))
    cooling = kwh(site, *chillers, *pumps, *crahs, "rooms.electrical.fan_kw", f"{TOWER}.fan_kw")
    assert v["cooling_energy_kwh"] == close(cooling)
    drawn, given = (kwh(site, *(f"power.{d}.{end}_kw" for d in devices)) for end in ("input", "output"))
    assert v["power_chain_loss_kwh"] == pytest.approx(drawn - given, rel=1e-9)


@pytest.mark.parametrize("site", SITES)
def test_end_uses_add_up_to_the_energy_of_the_facility(site: str) -> None:
    v = values(site)
    uses = sum(v.get(name, 0.0) for name in END_USES) + v["it_energy_kwh"]
    assert uses == pytest.approx(v["facility_energy_kwh"], rel=1e-9)


@pytest.mark.parametrize("site", SITES)
def test_it_energy_grows_from_equipment_to_pdu_to_ups_outputs(site: str) -> None:
    v = values(site)
    pdus = [name for name in year(site).data_vars if str(name).startswith("power.pdu_") and name.endswith(".output_kw")]
    assert len(pdus) == 2
    assert v["it_energy_pdu_output_kwh"] == close(kwh(site, *map(str, pdus)))
    assert v["it_energy_ups_output_kwh"] == close(kwh(site, "power.ups.output_kw"))
    assert v["it_energy_kwh"] == close(v["it_energy_pdu_output_kwh"])  # racks hang on PDUs directly
    assert v["it_energy_ups_output_kwh"] > 1.005 * v["it_energy_kwh"]


def test_racks_without_a_ups_are_metered_at_the_next_meter_below() -> None:
    ds = simulate(shipped("quickstart", *WEEK, "power.pdu_ai.fed_by=main"))
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    v = of(ds)
    assert v["it_energy_ups_output_kwh"] == close(total["power.ups.output_kw"] + total["power.pdu_ai.input_kw"])
    bare = of(simulate(shipped("quickstart", *WEEK, "halls.ai.rack_groups.gpu.fed_by=main")))
    assert bare["it_energy_pdu_output_kwh"] == close(bare["it_energy_kwh"])


def test_a_panel_below_a_pdu_adds_its_loss_to_what_the_pdu_delivers() -> None:
    panel = "power.busway={kind: panel, fed_by: pdu_ai, heat_to: halls.ai, rated_kw: 1000, square_frac: 0.02}"
    ds = simulate(shipped("quickstart", *WEEK, panel, "halls.ai.rack_groups.gpu.fed_by=busway"))
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    delivered = total["power.pdu_ai.output_kw"] + total["power.pdu_enterprise.output_kw"]
    assert total["power.busway.loss_kw"] > 0
    assert of(ds)["it_energy_pdu_output_kwh"] == close(delivered)


def test_a_rack_group_may_be_called_air() -> None:
    plain = shipped("quickstart", *WEEK)
    hall = plain.halls["ai"]
    renamed = hall.model_copy(update={"rack_groups": {"air": hall.rack_groups["gpu"]}})
    other = plain.model_copy(update={"halls": {**plain.halls, "ai": renamed}})
    assert of(simulate(other))["it_fan_energy_kwh"] == close(of(simulate(plain))["it_fan_energy_kwh"])


@pytest.mark.parametrize("site", SITES)
def test_the_peak_is_the_largest_hour(site: str) -> None:
    assert values(site)["peak_grid_kw"] == year(site)["grid.meter.import_kw"].values.max()


# --- ratios -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_pue_is_a_ratio_of_sums_and_not_a_mean_of_ratios(site: str) -> None:
    it = sum(year(site)[f"{rack}.power_kw"].values[0] for rack in RACKS[site])
    facility = year(site)["grid.meter.import_kw"].values[0]
    assert values(site)["pue"] == close(facility.sum() / it.sum())
    assert abs((facility / it).mean() / values(site)["pue"] - 1) > 1e-6


@pytest.mark.parametrize("site", SITES)
def test_the_other_ratios_are_those_of_their_definitions(site: str) -> None:
    v, it = values(site), it_kwh(site)
    inner = kwh(site, *(f"{rack}.{name}" for rack in RACKS[site] for name in ("fan_kw", "psu_loss_kw")))
    assert v["pue_category_1"] == close(v["facility_energy_kwh"] / kwh(site, "power.ups.output_kw"))
    assert v["tue"] == close(v["facility_energy_kwh"] / (it - inner))
    assert v["ppue_cooling"] == close(1 + v["cooling_energy_kwh"] / it)
    assert v["ppue_power"] == close(1 + v["power_chain_loss_kwh"] / it)
    rest = (v["lighting_energy_kwh"] + v["auxiliary_energy_kwh"]) / it
    assert v["ppue_cooling"] + v["ppue_power"] - 1 + rest == pytest.approx(v["pue"], rel=1e-9)


@pytest.mark.parametrize("site", SITES)
def test_water_is_what_the_towers_make_up(site: str) -> None:
    v, ds = values(site), year(site)
    parts = {
        word: float(ds[f"{TOWER}.{word}_m3_h"].values.sum()) for word in ("make_up", "evaporation", "drift", "blowdown")
    }
    assert v["water_use_m3"] == close(parts["make_up"])
    assert v["water_evaporated_m3"] == close(parts["evaporation"])
    assert v["water_drift_m3"] == close(parts["drift"])
    assert v["water_blowdown_m3"] == close(parts["blowdown"])
    assert min(parts.values()) > 0
    assert v["water_use_m3"] == pytest.approx(parts["evaporation"] + parts["drift"] + parts["blowdown"], rel=1e-9)
    assert v["wue_l_per_kwh"] == close(1000 * parts["make_up"] / it_kwh(site))


@pytest.mark.parametrize("site", SITES)
def test_cue_is_pue_times_the_factor_where_all_energy_is_bought(site: str) -> None:
    subregion = {"quickstart": "FRCC", "greensboro": "SRVC"}[site]
    factor = load(resolve("data:emission_factors.yaml")).data["subregions"][subregion]["average_kgco2_per_kwh"]
    v = values(site)
    assert v["emissions_kgco2"] == close(factor * kwh(site, "grid.meter.import_kw"))
    assert v["cue_kgco2_per_kwh"] == close(factor * v["pue"])


def altered(**totals: float) -> xr.Dataset:
    """The year of the quickstart with other totals: IT energy, water, imported energy; their courses scaled."""
    ds = year("quickstart").copy(deep=True)
    names = list(ds["output"].values)
    groups = {
        "it_kwh": [f"{rack}.power_kw" for rack in RACKS["quickstart"]],
        "water_m3": [f"{TOWER}.make_up_m3_h"],
        "import_kwh": ["grid.meter.import_kw"],
    }
    for key, total in totals.items():
        at = [names.index(name) for name in groups[key]]
        ds["total"].values[0, at] *= total / ds["total"].values[0, at].sum()
    if "import_kwh" in totals:
        series = ds["grid.meter.import_kw"].values
        series *= totals["import_kwh"] / series.sum()
    return ds


def test_the_published_example_of_cue_comes_out() -> None:
    """1500 t of CO2e for 2500 MWh of IT energy: 0.60 kg/kWh (ISO/IEC 30134-8, worked example)."""
    factor = values("quickstart")["cue_kgco2_per_kwh"] / values("quickstart")["pue"]
    figures = kpis(altered(it_kwh=2500e3, import_kwh=1500e3 / factor))
    assert figures["emissions_kgco2"]["value"] == pytest.approx(1500e3)
    assert figures["cue_kgco2_per_kwh"]["value"] == pytest.approx(0.60)


def test_the_published_example_of_wue_comes_out() -> None:
    """928 m3 of water for 582.6 MWh of IT energy: 1.593 L/kWh (ISO/IEC 30134-9, worked example)."""
    assert kpis(altered(it_kwh=582.6e3, water_m3=928.0))["wue_l_per_kwh"]["value"] == pytest.approx(1.593, abs=5e-4)


# --- money ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_cost_is_the_bill_of_the_imported_power(site: str) -> None:
    """Worked out by hand on a tariff without periods: energy, the highest hour of each civil month, fixed, tax."""
    ds, v = year(site), values(site)
    power = ds["grid.meter.import_kw"].values[0]
    local = ds["time"].to_index().tz_localize("UTC").tz_convert("America/New_York")
    month = np.where(local.year == 2025, local.month, 12)  # the hour that summer time shifts over the year's end
    peaks = [power[month == m].max() for m in range(1, 13)]
    assert v["energy_cost"] == close(0.11 * power.sum())
    assert v["demand_cost"] == close(9 * sum(peaks))
    assert v["fixed_cost"] == close(12 * 250)
    assert v["tax_cost"] == close(0.07 * (v["energy_cost"] + v["demand_cost"] + v["fixed_cost"]))
    assert v["total_cost"] == close(1.07 * (v["energy_cost"] + v["demand_cost"] + v["fixed_cost"]))
    assert v["billed_peak_kw"] == close(max(peaks))


def test_the_shipped_tariff_splits_its_bill_into_energy_demand_and_fixed() -> None:
    figures = kpis(simulate(shipped("quickstart"), keep="none"))
    v = {name: metric["value"] for name, metric in figures.items()}
    assert v["fixed_cost"] == pytest.approx(12 * 88.67)
    assert v["energy_cost"] + v["demand_cost"] + v["fixed_cost"] == close(v["total_cost"])
    assert 0.04802 < v["energy_cost"] / v["facility_energy_kwh"] < 0.07159  # between its off- and on-peak rates
    assert figures["energy_cost"]["unit"] == "USD"
    assert "fpl_gsldt_1" in figures["energy_cost"]["basis"]
    assert "tax_cost" not in v


# --- what is to be read beside it -------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_free_cooling_hours_are_those_with_the_exchanger_alone(site: str) -> None:
    ds, v = year(site), values(site)
    free = ds["plants.main.free_kw"].values[0] > 1e-6
    chilled = sum(ds[f"plants.main.chillers.{name}.cooling_kw"].values[0] for name in CHILLERS[site]) > 1e-6
    assert v["free_cooling_h"] == (free & ~chilled).sum()
    assert v["partial_free_cooling_h"] == (free & chilled).sum()
    assert (v["free_cooling_h"] > 100) == (v["partial_free_cooling_h"] > 100) == (site == "greensboro")


def test_hours_outside_the_envelope_are_counted_at_the_inlets() -> None:
    """Class A1: recommended 18 to 27, allowable 15 to 32 degC (ASHRAE TC 9.9, 2021)."""
    swing = ", ".join(["0.1"] * 12 + ["1"] * 12)
    ds = simulate(shipped(
        "quickstart", *WEEK, "halls.enterprise.air.supply_air_c=15", "halls.ai.recirculation_frac=0.3",
        "halls.ai.air.supply_air_c=27.8",
        f"halls.ai.rack_groups.gpu.utilisation={{kind: daily, weekday_frac: [{swing}]}}",
    ))  # fmt: skip
    ai, web = (ds[f"{rack}.inlet_c"].values[0] for rack in reversed(RACKS["quickstart"]))
    v = of(ds)
    assert 40 < (ai > 32).sum() < 120, "the case is meant to cross the limit"
    assert v["hours_above_recommended_h"] == (ai > 27).sum()
    assert v["hours_above_allowable_h"] == (ai > 32).sum()
    assert v["hours_below_recommended_h"] == (web < 18).sum() > 0
    assert v["hours_below_allowable_h"] == (web < 15).sum()
    assert v["max_rack_inlet_c"] == max(ai.max(), web.max())


def test_hours_are_those_of_the_worst_rack_group_at_any_step() -> None:
    warm = ("run.step=15min", "halls.ai.air.supply_air_c=28.5", "halls.enterprise.air.supply_air_c=26.6")
    ds = simulate(shipped("quickstart", *WEEK, *warm))
    hours = [(ds[f"{rack}.inlet_c"].values[0] > 27).sum() / 4 for rack in RACKS["quickstart"]]
    assert min(hours) > 0
    assert of(ds)["hours_above_recommended_h"] == pytest.approx(max(hours))


@pytest.mark.parametrize("site", SITES)
def test_the_residual_is_the_worst_ledger_over_it_energy(site: str) -> None:
    ds = year(site)
    worst = max(abs(float(kwh)) for kwh in ds["residual_kwh"].values[0])
    assert values(site)["energy_balance_residual_frac"] == close(worst / it_kwh(site))
    assert values(site)["energy_balance_residual_frac"] < 1e-9


def test_extrapolations_are_counted_in_steps() -> None:
    ds = simulate(shipped("quickstart", *WEEK, "run.step=15min", "plants.main.supply_c=3.5"))
    steps = sum(ds[name].values.sum() for name in ds.data_vars if str(name).endswith(".clamped_count"))
    assert steps > 600
    assert of(ds)["curve_extrapolation_count"] == steps
    assert of(ds)["curve_extrapolation_h"] == pytest.approx(steps / 4)


def test_counts_of_a_refined_run_are_whole_steps_and_hours_tell_how_long() -> None:
    """Minutes beside quarters of an hour, without a tower for ten of them: no fraction of an evaluation."""
    fine = "run.refine={around: events, step: 1min, for: 30min}"
    lost = "events={lost: {unit: plants.main.condenser.towers.cells, at: '2025-07-08 12:07', for: 10min}}"
    found = of(simulate(shipped("quickstart", "run.start=2025-07-08", "run.duration=1d", "run.step=15min", fine, lost)))
    hours, count = found["curve_extrapolation_h"], found["curve_extrapolation_count"]
    assert hours > 0.0
    assert hours / 0.25 != pytest.approx(round(hours / 0.25), abs=1e-6)
    assert count == math.ceil(hours / 0.25)


LIMITS = {  # override -> figure, and the same worked out from the series
    "rooms.electrical.capacity_kw=8": (
        "room_excess_k", lambda ds: ds["rooms.electrical.temperature_c"].values.max() - 26,
    ),
    "loads.building.power_kw=500": (
        "power_overload_kw", lambda ds: ds["power.mechanical.output_kw"].values.max() - 600,
    ),
    "plants.main.pump.flow_m3_s=0.027": (
        "pump_over_flow_h", lambda ds: (ds["plants.main.pump.flow_kg_s"].values > 27 * 0.998 * 1.0001).sum(),
    ),
    "grid.meter.limit_kw=1350": ("above_grid_limit_h", lambda ds: (ds["grid.meter.import_kw"].values > 1350).sum()),
    "halls.ai.dew_point_c=18": ("coil_below_dew_point_h", lambda ds: ds["halls.ai.air.wet_coil"].values.sum()),
    "halls.ai.air.coil_capacity_kw=85": ("unmet_cooling_kwh", lambda ds: ds["halls.ai.air.unmet_kw"].values.sum()),
    "plants.main.chillers={one: {kind: water_cooled, curves: York_YT_1023, rated_kw: 1400, "
    "condenser_flow_m3_s: 0.07, availability: "
    "{kind: outages, outages: [{at: '2025-07-08 12:00', duration_h: 1}]}}}": (
        "chilled_water_excess_k", lambda ds: ds["plants.main.supply_c"].values.max() - 8.5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("override", LIMITS)
def test_what_goes_beyond_its_rating_or_set_point_is_a_figure(override: str) -> None:
    name, expected = LIMITS[override]
    contracted = ("grid.meter.limit_kw=2000",)  # without a contract there is no figure
    sound, over = (of(simulate(shipped("quickstart", *WEEK, *contracted, *o)))[name] for o in ((), (override,)))
    ds = simulate(shipped("quickstart", *WEEK, override))
    assert sound == pytest.approx(0.0, abs=1e-9)
    assert over == pytest.approx(float(expected(ds)), rel=1e-9)
    assert over > 0.05


# --- what it rests on -------------------------------------------------------------------------------------------

BASES = {
    "it_energy_kwh": "equipment",
    "it_energy_pdu_output_kwh": "PDU",
    "it_energy_ups_output_kwh": "UPS",
    "facility_energy_kwh": "grid meter",
    "peak_grid_kw": "grid meter",
    "pue": "category 3: IT at equipment input",
    "pue_category_1": "IT at UPS outputs",
    "ppue_cooling": "(IT + cooling) / IT at equipment input",
    "tue": "IT less server fans and power-supply losses",
    "wue_l_per_kwh": "per IT kWh at equipment input",
    "water_use_m3": "withdrawn on site",
    "cue_kgco2_per_kwh": "location-based average, direct; eGRID2023",
    "demand_cost": "demand",
}


@pytest.mark.parametrize("name", BASES)
def test_a_figure_says_where_it_is_measured(name: str) -> None:
    metric = kpis(year("quickstart"))[name]
    assert BASES[name] in f"{metric['long_name']}; {metric['basis']}"


def test_the_water_figure_says_what_it_counts() -> None:
    basis = kpis(year("quickstart"))["wue_l_per_kwh"]["basis"]
    assert all(words in basis for words in ("withdrawn", "blowdown included", "source water not"))


RATIOS = ("pue", "pue_category_1", "ppue_cooling", "ppue_power", "tue")


def test_a_year_is_a_design_figure_and_a_shorter_run_an_interim_one() -> None:
    whole = kpis(year("quickstart"))
    short = kpis(simulate(shipped("quickstart", *WEEK), keep="none"))
    for name in RATIOS:
        assert "dPUE" in whole[name]["basis"]
        assert "interim" not in whole[name]["basis"]
        assert "interim (iPUE), 168 h" in short[name]["basis"]
    for name in ("wue_l_per_kwh", "cue_kgco2_per_kwh"):
        assert "interim" not in whole[name]["basis"]
        assert "interim, 168 h" in short[name]["basis"]


@pytest.mark.parametrize(("duration", "interim"), [("364d", True), ("365d", False)])
def test_only_twelve_months_are_a_year(duration: str, interim: bool) -> None:
    ds = simulate(shipped("quickstart", f"run.duration={duration}", "run.step=1h"), keep="none")
    assert ("iPUE" in kpis(ds)["pue"]["basis"]) == interim


def test_typical_weather_is_told_with_the_year_that_it_is_laid_on() -> None:
    assert notes(year("quickstart")) == ["weather: typical weather laid on 2025"]
    leap = notes(simulate(shipped("quickstart", "run.calendar_year=2024", "run.duration=1d"), keep="none"))
    assert leap[0] == "weather: typical weather laid on 2024"
    assert "28 February repeated" in leap[1]


def test_what_was_mended_in_files_is_told(tmp_path: Path) -> None:
    hours = [f"2024-03-01T{h:02d}:00Z,{0.4 + h / 100}" for h in range(24) if h != 10]
    (tmp_path / "course.csv").write_text("time_utc,x\n" + "\n".join(hours) + "\n", encoding="utf-8")
    course = f"kind: csv, file: {tmp_path / 'course.csv'}, column: x"
    ds = simulate(shipped(
        "quickstart", f"weather.file={WEATHER / 'short_gap.csv'}", "weather.utc_offset_h=0", "run.calendar_year=2024",
        "run.start=2024-03-01 01:00", "run.duration=20h", f"halls.ai.rack_groups.gpu.utilisation={{{course}}}",
        f"grid.carbon={{{course}, unit: kg_per_kwh, basis: direct}}",
    ))  # fmt: skip
    found = notes(ds)
    assert any(note.startswith("weather: ") and "filled" in note for note in found), found
    assert any(note.startswith("halls.ai.rack_groups.gpu: ") for note in found), found
    assert any(note.startswith("emission factor: ") for note in found), found


# --- in which form the results come -----------------------------------------------------------------------------


def reopened(ds: xr.Dataset, folder: Path) -> xr.Dataset:
    (folder / "results.nc").write_bytes(netcdf_bytes(ds))
    return xr.open_dataset(folder / "results.nc")


@pytest.mark.parametrize("site", SITES)
def test_figures_of_a_written_file_are_those_of_the_run(site: str, tmp_path: Path) -> None:
    before = kpis(year(site))
    with reopened(year(site), tmp_path) as opened:
        after = kpis(opened)
        assert notes(opened) == notes(year(site))
    assert {n: {**m, "value": 0} for n, m in after.items()} == {n: {**m, "value": 0} for n, m in before.items()}
    from_series = {name for name, metric in before.items() if "cost" in name or "kgco2" in name} | {"billed_peak_kw"}
    for name, metric in before.items():
        tolerance = 1e-6 if name in from_series else 0.0
        assert after[name]["value"] == pytest.approx(metric["value"], rel=tolerance, abs=0), name


def test_series_that_were_not_kept_change_no_figure() -> None:
    scenario = shipped("quickstart", *WEEK)
    assert kpis(simulate(scenario, keep="none")) == kpis(simulate(scenario))


def test_a_scenario_is_chosen_by_position_or_by_name(tmp_path: Path) -> None:
    both = simulate([shipped("quickstart", *WEEK), shipped("greensboro", *WEEK)])
    single = kpis(simulate(shipped("greensboro", *WEEK)))
    with reopened(both, tmp_path) as opened:
        for ds in (both, opened):
            assert kpis(ds, 1)["pue"] == kpis(ds, "Greensboro 10 MW with waterside economizer")["pue"] == single["pue"]
            assert kpis(ds)["pue"] == kpis(ds, "Miami colocation")["pue"] != single["pue"]
        with pytest.raises(KeyError):
            kpis(opened, "Atlantis")
        with pytest.raises(IndexError):
            kpis(opened, 2)


def test_technologies_of_one_path_are_told_apart_in_a_batch() -> None:
    """``power.x`` a panel here and a PDU there: each scenario's losses are booked under its own technology."""
    plain = shipped("quickstart", *WEEK)
    other = shipped(
        "quickstart", *WEEK, "loads.building={kind: lighting, power_kw: 12, fed_by: mechanical}",
        "power.mechanical={kind: pdu, fed_by: main, heat_to: rooms.electrical, rated_kw: 600}",
    )  # fmt: skip
    for batch in ([plain, other], [other, plain]):
        ds = simulate(batch, keep="none")
        for i, scenario in enumerate(batch):
            assert kpis(ds, i) == kpis(simulate(scenario, keep="none"))
    assert "panel_loss_kwh" not in kpis(simulate(other, keep="none"))


def test_a_scenario_that_ran_away_has_no_figures() -> None:
    out = (
        "plants.main.chillers.{}.availability={{kind: outages, outages: [{{at: '2025-07-08 12:00', duration_h: 24}}]}}"
    )
    bad = shipped("quickstart", *WEEK, *(out.format(name) for name in CHILLERS["quickstart"]))
    good = shipped("quickstart", *WEEK)
    batch = simulate([good, bad])
    assert kpis(batch, 0) == kpis(simulate(good))
    for figures in (kpis, notes):
        with pytest.raises(RunError, match="ran away at 2025-07-08"):
            figures(batch, 1)
    power = batch["grid.meter.import_kw"].values[1]
    after = np.flatnonzero(np.isnan(power))
    assert after.size > 100, "steps that were never taken are not numbers"
    assert (np.diff(after) == 1).all()
    assert after[-1] == power.size - 1


def test_a_site_without_it_states_no_ratio_to_it() -> None:
    figures = kpis(simulate(shipped("reference_plant", "run.duration=2d"), keep="none"))
    assert figures["it_energy_kwh"]["value"] == 0.0
    assert not {*RATIOS, "wue_l_per_kwh", "cue_kgco2_per_kwh", "max_rack_inlet_c"} & set(figures)
    assert "facility energy" in figures["energy_balance_residual_frac"]["basis"]
    assert 0 <= figures["energy_balance_residual_frac"]["value"] < 1e-9
