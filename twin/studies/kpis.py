"""Key figures of a run, each with unit, meaning and basis. Everything comes from sums of the ledger's outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from twin.components.grid.contracts import Contracts
from twin.components.power.ups import Ups
from twin.engine.results import LEDGERS
from twin.errors import RunError
from twin.scenario.model import Scenario
from twin.scenario.resolved import parse_scenario
from twin.series.carbon_intensity import intensity
from twin.studies.billing import Bill, Kind, bill
from twin.studies.carbon_figures import carbon_figures, carbon_notes
from twin.studies.cautions import cautions
from twin.studies.contracts import Flows, with_contracts
from twin.studies.curve_ranges import curve_warnings
from twin.studies.emissions import emissions_kgco2
from twin.studies.failures import failure_figures, time_figures
from twin.studies.heat_removed import heat_removed
from twin.studies.jobs import job_figures
from twin.studies.onsite import ON_SITE, facility_kwh, money_on_site, on_site
from twin.studies.reserve import reserve
from twin.studies.reuse import reuse
from twin.studies.sums import Metric, Sums, axis_of, figure, one_of, sums_of
from twin.studies.work import work_figures, work_warnings
from twin.units import L_PER_M3, SECONDS_PER_HOUR, WATER_KG_M3

COOLING = ("chiller", "crac", "crah_fan", "rear_door", "pump", "tower_fan", "humidifier")
LOSSES = ("pdu", "panel", "ups", "rectifier", "transformer", "battery")
END_USES = {
    "chiller_energy_kwh": ("chiller", "Chillers"),
    "crac_energy_kwh": ("crac", "Direct-expansion units; of CRACs with their fans"),
    "crah_fan_energy_kwh": ("crah_fan", "Fans of air handlers and fan coils"),
    "rear_door_energy_kwh": ("rear_door", "Fans and pumps of rear doors"),
    "pump_energy_kwh": ("pump", "Chilled- and condenser-water pumps"),
    "tower_fan_energy_kwh": ("tower_fan", "Fans of cooling towers"),
    "humidifier_energy_kwh": ("humidifier", "Humidifiers, and reheat behind coils that dry"),
    "pdu_loss_kwh": ("pdu", "Losses of PDUs"),
    "panel_loss_kwh": ("panel", "Losses of mechanical panels"),
    "ups_loss_kwh": ("ups", "Losses of UPS"),
    "rectifier_loss_kwh": ("rectifier", "Losses of rectifiers"),
    "transformer_loss_kwh": ("transformer", "Losses of transformers"),
    "battery_loss_kwh": ("battery", "Losses of batteries: float, charge and discharge, auxiliaries"),
    "heat_pump_energy_kwh": ("heat_pump", "Heat pumps of heat reuse"),
    "lighting_energy_kwh": ("lighting", "Lighting"),
    "auxiliary_energy_kwh": ("auxiliary", "Other loads"),
}

AGREED: dict[Kind, tuple[str, str, str]] = {  # kind of line -> metric, its name, its basis
    "ppa": ("power_purchase_cost", "Power purchase", "strike and fees, less energy displaced and sold, or differences"),
    "carbon": ("carbon_cost", "Carbon price", "on location-based emissions of electricity"),
    "demand_response": ("demand_response_cost", "Demand response", "penalties less payments"),
    "water": ("water_cost", "Water and sewer", "make-up drawn, sewer on blowdown or a share of make-up"),
}


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

    Raises
    ------
    RunError
        When the scenario ran away: what it left are not the figures of a run.
    """
    one = _one(results, scenario)
    return figures_of(one, parse_scenario(str(one["scenario_yaml"].values))) | time_figures(results, scenario)


def figures_of(one: Any, spec: Scenario) -> dict[str, Metric]:
    """Key figures of one scenario of a run that did not fail: of a Dataset, or of :class:`twin.engine.one_run.OneRun`.

    ``spec`` is the scenario that was run.
    """
    sums = sums_of(one)
    paid = bill_of(one, spec)
    figures = _energy(sums, spec)
    figures |= _ratios(sums, figures)
    figures |= reuse(sums, figures["facility_energy_kwh"]["value"], figures["it_energy_kwh"]["value"])
    figures |= heat_removed(sums)
    figures |= reserve(sums, spec)
    stored_kwh = float(one["stored_kwh"].values[LEDGERS.index("electric")])
    figures |= on_site(sums, spec, figures["facility_energy_kwh"]["value"], stored_kwh)
    figures |= _water(sums, figures)
    drawn_kw, it_kwh = one["grid.meter.import_kw"].values, figures["it_energy_kwh"]["value"]
    figures |= carbon_figures(drawn_kw, axis_of(one), spec.grid, it_kwh, sums.interim())
    figures |= _money(paid, spec)
    figures |= work_figures(one, sums, spec, figures)
    figures |= job_figures(spec, sums.run_h)
    figures |= money_on_site(sums, spec, paid.currency, paid.total)
    figures |= cautions(one, sums, spec)
    figures |= failure_figures(sums, spec)
    return figures


def warnings(results: xr.Dataset, scenario: int | str = 0) -> list[str]:
    """What a reader of the figures has to know: of curves, the bill, devices that stand in for others, lost jobs."""
    one = _one(results, scenario)
    spec = parse_scenario(str(one["scenario_yaml"].values))
    return [*curve_warnings(spec), *bill_of(one, spec).warnings, *work_warnings(spec)]


def notes(results: xr.Dataset, scenario: int | str = 0) -> list[str]:
    """What was assumed of the files behind the figures: typical weather, filled gaps. Raises as :func:`kpis`."""
    one = _one(results, scenario)
    spec = parse_scenario(str(one["scenario_yaml"].values))
    return [*str(one["notes"].values).splitlines(), *carbon_notes(spec.grid, axis_of(one))]


def _one(results: xr.Dataset, scenario: int | str) -> xr.Dataset:
    one = one_of(results, scenario)
    failed = str(one["failure"].values)
    if failed:
        raise RunError(failed)
    return one


def bill_of(one: xr.Dataset, spec: Scenario) -> Bill:
    """The bill for the power imported, and for what is agreed beside the tariff."""
    drawn_kw, axis, tariff, zone = (
        one["grid.meter.import_kw"].values,
        axis_of(one),
        spec.grid.tariff,
        spec.site.timezone,
    )
    contracts = spec.grid.contracts
    paid = bill(drawn_kw, axis, tariff, zone, power_factor_frac=contracts.power_factor_frac)
    if contracts == Contracts(power_factor_frac=contracts.power_factor_frac):
        return paid
    return with_contracts(paid, contracts, drawn_kw, _flows(one, spec), axis, tariff, zone)


def _flows(one: xr.Dataset, spec: Scenario) -> Flows:
    """Emissions and water of each step; water whose series was not kept is spread evenly over the run."""
    axis, total = axis_of(one), sums_of(one).total
    grid = intensity(spec.grid.carbon, axis)
    water = {}
    for suffix in (".make_up_m3_h", ".blowdown_m3_h"):
        named = [name for name in total if name.endswith(suffix)]
        kept = [one[name].values.astype(np.float64) * axis.dt_h for name in named if name in one]
        spread = sum(total[name] for name in named if name not in one) / axis.count
        water[suffix] = np.sum([*kept, np.full(axis.count, spread)], axis=0)
    emitted = emissions_kgco2(one["grid.meter.import_kw"].values, axis, grid)
    return Flows(emitted, water[".make_up_m3_h"], water[".blowdown_m3_h"])


def _energy(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    use, imported = sums.end_use, "grid.meter.import_kw"
    racks = [f"halls.{hall}.rack_groups.{group}" for hall, h in spec.halls.items() for group in h.rack_groups]
    fans, supplies = (sum(sums.total.get(f"{r}.{name}", 0.0) for r in racks) for name in ("fan_kw", "psu_loss_kw"))
    at_pdu, at_ups = _metered_it(sums, spec)
    cooling, losses = (sum(use.get(name, 0.0) for name in names) for names in (COOLING, LOSSES))
    kwh = {
        "it_energy_kwh": (use.get("it", 0.0), "IT energy", "at the equipment's input"),
        "it_fan_energy_kwh": (fans, "Energy of server fans", "inside IT energy"),
        "it_psu_loss_kwh": (supplies, "Losses of server power supplies", "inside IT energy"),
        "it_energy_pdu_output_kwh": (at_pdu, "IT energy at PDU outputs", "without PDU: at the racks"),
        "it_energy_ups_output_kwh": (
            at_ups, "IT energy at UPS outputs", "all that they feed; without UPS: at the next meter below"
        ),
        "facility_energy_kwh": (
            facility_kwh(sums), "Facility energy", ON_SITE if spec.onsite else "at the grid meter"
        ),
        "cooling_energy_kwh": (cooling, "Cooling energy", "chillers, fans, pumps, towers, humidity, each at its input"),
        "power_chain_loss_kwh": (
            losses, "Losses of the power chain", "PDU, panels, UPS, rectifiers, transformers: input less output; float"
        ),
    }  # fmt: skip
    kwh |= {n: (use[end], text, "sum over the run") for n, (end, text) in END_USES.items() if end in use}
    peak = figure(sums.peak[imported], "kW", "Peak grid power", "at the grid meter, mean over a run step")
    return {name: figure(value, "kWh", *words) for name, (value, *words) in kwh.items()} | {"peak_grid_kw": peak}


def _metered_it(sums: Sums, spec: Scenario) -> tuple[float, float]:
    """IT energy at PDU outputs and at UPS outputs; racks without one count where they are metered next below."""
    racks = [(f"halls.{h}.rack_groups.{g}.power_kw", group.fed_by) for h, hall in spec.halls.items()
             for g, group in hall.rack_groups.items()]  # fmt: skip
    pdu = ups = 0.0
    seen: set[str] = set()
    for output, feeder in racks:
        carried = below_pdu = above_pdu = sums.total[output]
        while feeder in spec.power and not isinstance(spec.power[feeder], Ups):
            delivered, drawn = (sums.total[f"power.{feeder}.{name}"] for name in ("output_kw", "input_kw"))
            if spec.power[feeder].kind == "pdu":
                below_pdu = carried
            carried *= drawn / delivered if delivered else 0.0
            if spec.power[feeder].kind == "pdu":
                above_pdu = carried
            feeder = spec.power[feeder].fed_by
        pdu += below_pdu
        if feeder not in spec.power:
            ups += above_pdu
        elif feeder not in seen:
            ups += sums.total[f"power.{feeder}.output_kw"]
            seen.add(feeder)
    return pdu, ups


def _ratios(sums: Sums, f: dict[str, Metric]) -> dict[str, Metric]:
    it, facility = f["it_energy_kwh"]["value"], f["facility_energy_kwh"]["value"]
    if it <= 0:
        return {}
    own = it - f["it_fan_energy_kwh"]["value"] - f["it_psu_loss_kwh"]["value"]
    cooling, losses = f["cooling_energy_kwh"]["value"], f["power_chain_loss_kwh"]["value"]
    ratio = "ratio of sums, simulated (dPUE)" + sums.interim("interim (iPUE)")
    at_ups = f["it_energy_ups_output_kwh"]["value"]
    basis = f"IT at equipment input; {ratio}"
    part = f"(IT + {{}}) / {basis}"
    return {
        "pue": figure(facility / it, "1", "PUE", f"category 3: {basis}"),
        "pue_category_1": figure(facility / at_ups, "1", "PUE, category 1", f"IT at UPS outputs; {ratio}"),
        "ppue_cooling": figure((it + cooling) / it, "1", "Partial PUE of cooling", part.format("cooling")),
        "ppue_power": figure((it + losses) / it, "1", "Partial PUE of the power chain", part.format("losses")),
        "tue": figure(facility / own, "1", "TUE", f"facility / (IT less server fans and power-supply losses); {ratio}"),
    }


def _water(sums: Sums, f: dict[str, Metric]) -> dict[str, Metric]:
    parts = {name: sums.summed(f".{name}_m3_h") for name in ("make_up", "evaporation", "drift", "blowdown")}
    figures = {
        "water_use_m3": figure(
            parts["make_up"], "m3", "Water use", "make-up of towers and humidifiers, withdrawn on site"
        ),
        "water_evaporated_m3": figure(parts["evaporation"], "m3", "Water evaporated", "towers, humidifiers"),
        "water_drift_m3": figure(parts["drift"], "m3", "Water lost as drift", "towers"),
        "water_blowdown_m3": figure(parts["blowdown"], "m3", "Water blown down", "towers"),
    }
    condensed = [name for what in (".condensate_kg_s", ".trim_condensate_kg_s") for name in sums.named(what)]
    if condensed:
        water_m3 = sum(sums.total[name] for name in condensed) * SECONDS_PER_HOUR / WATER_KG_M3
        figures["condensate_m3"] = figure(water_m3, "m3", "Condensate of coils", "drained; not taken off the water use")
    if any(sums.named(".withdrawn_m3_h")):
        figures["natural_water_withdrawn_m3"] = figure(
            sums.summed(".withdrawn_m3_h"), "m3", "Natural water withdrawn", "and given back warmer; not in water use"
        )
    it = f["it_energy_kwh"]["value"]
    if it > 0:
        value = parts["make_up"] * L_PER_M3 / it
        basis = "withdrawn on site, blowdown included, source water not, per IT kWh at equipment input"
        figures["wue_l_per_kwh"] = figure(value, "L/kWh", "WUE", basis + sums.interim())
    return figures


def _money(paid: Bill, spec: Scenario) -> dict[str, Metric]:
    unit, tariff = paid.currency, getattr(spec.grid.tariff, "file", spec.grid.tariff.kind)
    figures = {
        "energy_cost": figure(paid.share("energy"), unit, "Energy charges", f"tariff {tariff}"),
        "demand_cost": figure(paid.share("demand"), unit, "Demand charges", f"{paid.demand_resolution} demand"),
        "fixed_cost": figure(paid.share("fixed"), unit, "Fixed charges", "per month"),
    }
    if paid.share("tax"):
        figures["tax_cost"] = figure(paid.share("tax"), unit, "Taxes", "on all charges")
    agreed = [kind for kind in AGREED if any(line.partition(".")[0] == kind for line in paid.lines)]
    figures |= {AGREED[kind][0]: figure(paid.share(kind), unit, *AGREED[kind][1:]) for kind in agreed}
    parts = ", ".join(["energy, demand, fixed, taxes", *(AGREED[kind][1].lower() for kind in agreed)])
    words = ("Bill", parts) if "water" in agreed else ("Electricity bill", f"{parts}; no water")
    figures["total_cost"] = figure(paid.total, unit, *words)
    figures["billed_peak_kw"] = figure(float(paid.billed_kw.max()), "kW", "Highest billed demand", "of all months")
    return figures
