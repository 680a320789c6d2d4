"""Key figures of a run, each with unit, meaning and basis. Everything comes from sums of the ledger's outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from twin.components.ups import Ups
from twin.scenario.model import Scenario
from twin.scenario.resolved import parse_scenario
from twin.series.axis import TimeAxis
from twin.studies.billing import Bill, bill
from twin.studies.emissions import emissions_kgco2, intensity
from twin.units import L_PER_M3

Metric = dict[str, Any]  # value, unit, long_name, basis
COOLING = ("chiller", "crah_fan", "pump", "tower_fan")
LOSSES = ("pdu", "panel", "ups", "transformer")
END_USES = {
    "chiller_energy_kwh": ("chiller", "Chillers"),
    "crah_fan_energy_kwh": ("crah_fan", "Fans of air handlers and fan coils"),
    "pump_energy_kwh": ("pump", "Chilled- and condenser-water pumps"),
    "tower_fan_energy_kwh": ("tower_fan", "Fans of cooling towers"),
    "pdu_loss_kwh": ("pdu", "Losses of PDUs"),
    "panel_loss_kwh": ("panel", "Losses of mechanical panels"),
    "ups_loss_kwh": ("ups", "Losses of UPS"),
    "transformer_loss_kwh": ("transformer", "Losses of transformers"),
    "lighting_energy_kwh": ("lighting", "Lighting"),
    "auxiliary_energy_kwh": ("auxiliary", "Other loads"),
}
YEAR_H = 8760.0


@dataclass(frozen=True)
class Sums:
    """Sums (unit h) and largest values of one scenario's outputs by name."""

    total: dict[str, float]
    peak: dict[str, float]
    end_use: dict[str, float]
    dt_h: float

    def named(self, suffix: str, prefix: str = "") -> Iterator[str]:
        """Names of the outputs that start and end so."""
        return (name for name in self.total if name.endswith(suffix) and name.startswith(prefix))

    def summed(self, suffix: str, prefix: str = "") -> float:
        """Sum over the outputs that start and end so; 0 where there is none."""
        return sum(self.total[name] for name in self.named(suffix, prefix))

    def largest(self, suffix: str, prefix: str = "") -> float:
        """Largest sum among them; 0 where there is none."""
        return max((self.total[name] for name in self.named(suffix, prefix)), default=0.0)


def kpis(results: xr.Dataset, scenario: int | str = 0) -> dict[str, Metric]:
    """Key figures of one scenario of a run.

    Parameters
    ----------
    results
        What :func:`twin.engine.simulate.simulate` returns, or the same read from ``results.nc``.
    scenario
        Its position or its name.

    Returns
    -------
    dict
        name -> {"value", "unit", "long_name", "basis"}; a figure that cannot be stated is absent, never zero.
    """
    one = results.sel(scenario=scenario) if isinstance(scenario, str) else results.isel(scenario=scenario)
    spec = parse_scenario(str(one["scenario_yaml"].values))
    sums = sums_of(one)
    paid = bill_of(one, spec)
    figures = dict(_energy(sums, spec))
    figures |= _ratios(sums, figures)
    figures |= _water(sums, figures)
    figures |= _carbon(one, spec, figures)
    figures |= _money(paid, spec)
    figures |= _risk(one, sums)
    return figures


def sums_of(one: xr.Dataset) -> Sums:
    """Sums and extremes of one scenario."""
    names = [str(name) for name in one["output"].values]
    total, peak = one["total"].values, one["peak"].values
    there = ~np.isnan(total)
    uses: dict[str, float] = {}
    for use, value in zip(one["end_use"].values, total, strict=True):
        if use and value == value:
            uses[str(use)] = uses.get(str(use), 0.0) + float(value)
    return Sums(
        {n: float(v) for n, v, ok in zip(names, total, there, strict=True) if ok},
        {n: float(v) for n, v, ok in zip(names, peak, there, strict=True) if ok},
        uses,
        float(one.attrs["step_h"]),
    )


def axis_of(one: xr.Dataset) -> TimeAxis:
    """The run's time axis."""
    time = one["time"].values
    return TimeAxis(time[0].astype("datetime64[ns]"), one.attrs["step_h"] * 3600.0, len(time), one.attrs["utc_offset_h"])


def bill_of(one: xr.Dataset, spec: Scenario) -> Bill:
    """The bill for the power imported."""
    return bill(one["grid.meter.import_kw"].values, axis_of(one), spec.grid.tariff, spec.site.timezone)


def _figure(value: float, unit: str, long_name: str, basis: str) -> Metric:
    return {"value": float(value), "unit": unit, "long_name": long_name, "basis": basis}


def _energy(sums: Sums, spec: Scenario) -> Iterator[tuple[str, Metric]]:
    use = sums.end_use
    it = use.get("it", 0.0)
    yield "it_energy_kwh", _figure(it, "kWh", "IT energy", "at the equipment's input")
    fans = sums.summed(".fan_kw", "halls.") - sums.summed(".air.fan_kw", "halls.")
    yield "it_fan_energy_kwh", _figure(fans, "kWh", "Energy of server fans", "inside IT energy")
    supplies = sums.summed(".psu_loss_kw")
    yield "it_psu_loss_kwh", _figure(supplies, "kWh", "Losses of server power supplies", "inside IT energy")
    pdu, ups = _metered_it(sums, spec)
    yield "it_energy_pdu_output_kwh", _figure(pdu, "kWh", "IT energy at PDU outputs", "without PDU: at the racks")
    yield "it_energy_ups_output_kwh", _figure(ups, "kWh", "IT energy at UPS outputs", "without UPS: at the next meter below")
    imported = sums.total["grid.meter.import_kw"]
    yield "facility_energy_kwh", _figure(imported, "kWh", "Facility energy", "at the grid meter")
    cooling = sum(use.get(name, 0.0) for name in COOLING)
    yield "cooling_energy_kwh", _figure(cooling, "kWh", "Cooling energy", "chillers, fans, pumps, towers")
    losses = sum(use.get(name, 0.0) for name in LOSSES)
    yield "power_chain_loss_kwh", _figure(losses, "kWh", "Losses of the power chain", "PDU, panels, UPS, transformers")
    for name, (end_use, long_name) in END_USES.items():
        if end_use in use:
            yield name, _figure(use[end_use], "kWh", long_name, "sum over the run")
    yield "peak_grid_kw", _figure(sums.peak["grid.meter.import_kw"], "kW", "Peak grid power", "mean over a run step")


def _metered_it(sums: Sums, spec: Scenario) -> tuple[float, float]:
    """IT energy at PDU outputs and at UPS outputs; racks without one count where they are metered next below."""
    racks = [(f"halls.{h}.rack_groups.{g}.power_kw", group.fed_by) for h, hall in spec.halls.items()
             for g, group in hall.rack_groups.items()]  # fmt: skip
    pdu = ups = 0.0
    seen: set[str] = set()
    for output, feeder in racks:
        energy, above_pdu = sums.total[output], feeder
        pdu += energy
        while above_pdu in spec.power and not isinstance(spec.power[above_pdu], Ups):
            device = f"power.{above_pdu}"
            share = energy / sums.total[f"{device}.output_kw"] if sums.total[f"{device}.output_kw"] else 0.0
            if spec.power[above_pdu].kind == "pdu":
                energy = share * sums.total[f"{device}.input_kw"]
            above_pdu = spec.power[above_pdu].fed_by
        if above_pdu in spec.power:
            if above_pdu not in seen:
                ups += sums.total[f"power.{above_pdu}.output_kw"]
            seen.add(above_pdu)
        else:
            ups += energy
    return pdu, ups


def _ratios(sums: Sums, f: dict[str, Metric]) -> dict[str, Metric]:
    it, facility = f["it_energy_kwh"]["value"], f["facility_energy_kwh"]["value"]
    if it <= 0:
        return {}
    own = it - f["it_fan_energy_kwh"]["value"] - f["it_psu_loss_kwh"]["value"]
    cooling, losses = f["cooling_energy_kwh"]["value"], f["power_chain_loss_kwh"]["value"]
    ratio = "ratio of sums, simulated (dPUE)"
    return {
        "pue": _figure(facility / it, "1", "PUE", f"category 3: IT at equipment input; {ratio}"),
        "pue_category_1": _figure(facility / f["it_energy_ups_output_kwh"]["value"], "1", "PUE, category 1",
                                  f"IT at UPS outputs; {ratio}"),
        "ppue_cooling": _figure((it + cooling) / it, "1", "Partial PUE of cooling", "(IT + cooling) / IT"),
        "ppue_power": _figure((it + losses) / it, "1", "Partial PUE of the power chain", "(IT + losses) / IT"),
        "tue": _figure(facility / own, "1", "TUE", "facility / (IT less server fans less power-supply losses)"),
    }  # fmt: skip


def _water(sums: Sums, f: dict[str, Metric]) -> dict[str, Metric]:
    parts = {name: sums.summed(f".{name}_m3_h") for name in ("make_up", "evaporation", "drift", "blowdown")}
    figures = {
        "water_use_m3": _figure(parts["make_up"], "m3", "Water use", "make-up of cooling towers, withdrawn on site"),
        "water_evaporated_m3": _figure(parts["evaporation"], "m3", "Water evaporated", "towers"),
        "water_drift_m3": _figure(parts["drift"], "m3", "Water lost as drift", "towers"),
        "water_blowdown_m3": _figure(parts["blowdown"], "m3", "Water blown down", "towers"),
    }
    it = f["it_energy_kwh"]["value"]
    if it > 0:
        value = parts["make_up"] * L_PER_M3 / it
        figures["wue_l_per_kwh"] = _figure(value, "L/kWh", "WUE", "site, total input, per IT kWh at equipment input")
    return figures


def _carbon(one: xr.Dataset, spec: Scenario, f: dict[str, Metric]) -> dict[str, Metric]:
    axis = axis_of(one)
    grid = intensity(spec.grid.carbon, axis)
    emitted = float(emissions_kgco2(one["grid.meter.import_kw"].values, axis, grid).sum())
    basis = f"location-based average, {grid.basis.replace('_', ' ')}" + (f"; {grid.source}" if grid.source else "")
    figures = {"emissions_kgco2": _figure(emitted, "kgCO2e", "Emissions of electricity", basis)}
    if f["it_energy_kwh"]["value"] > 0:
        value = emitted / f["it_energy_kwh"]["value"]
        figures["cue_kgco2_per_kwh"] = _figure(value, "kgCO2e/kWh", "CUE", "per IT kWh at equipment input; " + basis)
    return figures


def _money(paid: Bill, spec: Scenario) -> dict[str, Metric]:
    unit, tariff = paid.currency, getattr(spec.grid.tariff, "file", spec.grid.tariff.kind)
    figures = {
        "energy_cost": _figure(paid.share("energy"), unit, "Energy charges", f"tariff {tariff}"),
        "demand_cost": _figure(paid.share("demand"), unit, "Demand charges", f"{paid.demand_resolution} demand"),
        "fixed_cost": _figure(paid.share("fixed"), unit, "Fixed charges", "per month"),
    }
    if paid.share("tax"):
        figures["tax_cost"] = _figure(paid.share("tax"), unit, "Taxes", "on all charges")
    figures["total_cost"] = _figure(paid.total, unit, "Electricity bill", "energy, demand, fixed, taxes; no water")
    figures["billed_peak_kw"] = _figure(float(paid.billed_kw.max()), "kW", "Highest billed demand", "of all months")
    return figures


def _risk(one: xr.Dataset, sums: Sums) -> dict[str, Metric]:
    """What a saving is paid with: warm inlets, unmet cooling, wet coils, figures beyond valid ranges."""
    inlets = [sums.peak[name] for name in sums.named(".inlet_c", "halls.") if ".rack_groups." in name]
    figures = {}
    if inlets:
        figures["max_rack_inlet_c"] = _figure(max(inlets), "degC", "Warmest rack inlet", "mean over a run step")
        for word in ("above_recommended", "below_recommended", "above_allowable", "below_allowable"):
            text = f"Hours {word.replace('_', ' ')} range"
            figures[f"hours_{word}_h"] = _figure(sums.largest(f".{word}"), "h", text, "worst rack group, dry bulb")
    it = sums.end_use.get("it", 0.0)
    residual = float(np.abs(one["residual_kwh"].values).max()) / it if it > 0 else float("nan")
    steps = 1.0 / sums.dt_h
    clamped, unsolved = (sums.summed(f".{n}_count") * steps for n in ("clamped", "unsolved"))
    return figures | {
        "unmet_cooling_kwh": _figure(sums.summed(".unmet_kw"), "kWh", "Cooling short of set-point", "all halls"),
        "free_cooling_h": _figure(sums.largest(".free_mode"), "h", "Hours of free cooling alone", "longest plant"),
        "partial_free_cooling_h": _figure(sums.largest(".partial_mode"), "h", "Hours of partial free cooling", "longest plant"),
        "coil_below_dew_point_h": _figure(sums.largest(".wet_coil"), "h", "Hours of coils below the hall's dew point", "worst hall"),
        "curve_extrapolation_count": _figure(clamped, "1", "Evaluations clamped to a curve's range", "steps and units"),
        "unsolved_step_count": _figure(unsolved, "1", "Steps whose search did not converge", "loops"),
        "energy_balance_residual_frac": _figure(residual, "1", "Energy balance residual", "worst of three ledgers over IT energy"),
    }  # fmt: skip
