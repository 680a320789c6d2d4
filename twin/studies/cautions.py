"""What a saving is paid with: warm inlets, unmet cooling, wet coils, and whatever went beyond its range or rating."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from twin.scenario.model import Scenario
from twin.studies.sums import Metric, Sums, figure

# Heat that the air, coolant or water which reached a user would have had to give up in addition to be at its set-point:
# capacity rate (of fan coils: conductance) times the kelvins above it. Stated by users alone and never by the plants
# whose shortfall they feel, so that no heat counts twice.
UNMET = "where it is used: air and coolant of halls, rooms, process loads; what plants fell short shows there"
LEFT_OUT = "moisture that they would take is not reckoned"
DRY = f"worst hall; {LEFT_OUT}"
UNIT_HOURS = "hours of all units together"
ROUNDING = 1e-6  # of a step, that sums of steps leave
ENVELOPE = ("above_recommended", "below_recommended", "above_allowable", "below_allowable")


def cautions(one: xr.Dataset, sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """Figures of one scenario that are to be read beside its energy; most are zero in a sound design."""
    return {
        **_inlets(sums),
        **_moisture(sums, spec),
        **_cooling(sums, spec),
        **_limits(sums, spec),
        **_contract(one, sums, spec),
        **_numerics(one, sums),
        **_clamped(one, sums),
    }


def _inlets(sums: Sums) -> dict[str, Metric]:
    inlets = [sums.peak[name] for name in sums.named(".inlet_c", "halls.") if ".rack_groups." in name]
    if not inlets:
        return {}
    hours = {
        f"hours_{word}_h": figure(
            sums.largest(f".{word}"), "h", f"Hours {word.replace('_', ' ')} range", "worst rack group, dry bulb"
        )
        for word in ENVELOPE
    }
    return {"max_rack_inlet_c": figure(max(inlets), "degC", "Warmest rack inlet", "mean over a run step")} | hours


def _moisture(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """Hours beyond the limits of moisture, and of condensing coils, where a hall's moisture is tracked."""
    tracked = [name for name, hall in spec.halls.items() if hall.humidity.kind == "tracked"]
    wet = [sums.total[f"halls.{name}.air.wet_coil"] for name in spec.halls if _condenses(spec, name)]
    wet += [sums.total[f"halls.{name}.rear_doors.wet_coil"] for name in tracked if spec.halls[name].rear_doors]
    condensing = {
        "condensing_coil_h": figure(max(wet), "h", "Hours of condensing coils", "worst hall, moisture tracked")
    } if wet else {}  # fmt: skip
    if not tracked:
        return condensing
    hours = {
        f"hours_{word}_moisture_h": figure(
            sums.largest(f".{word}_moisture"), "h", f"Hours {word.replace('_', ' ')} moisture",
            "worst rack group, dew point and relative humidity",
        )
        for word in ENVELOPE
    }  # fmt: skip
    return hours | condensing


def _condenses(spec: Scenario, hall: str) -> bool:
    """Whether moisture that the coils of a hall take is in its books; air from outdoors brings its own always."""
    return spec.halls[hall].humidity.kind == "tracked" or spec.halls[hall].air.kind == "outdoor_air"


def _cooling(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    free, partial = (sums.largest(name) for name in (".free_mode", ".partial_mode"))
    held = [name for name in spec.halls if not _condenses(spec, name)]
    wet = max((sums.total.get(f"halls.{name}.air.wet_coil", 0.0) for name in held), default=0.0)
    blend = sums.summed(".blend_cost_kw")
    return {
        "condenser_blend_cost_kwh": figure(
            blend, "kWh", "Energy that blended condenser water costs", "chillers; against the towers' own water"
        ),
        "unmet_cooling_kwh": figure(sums.summed(".unmet_kw"), "kWh", "Cooling short of set-point", UNMET),
        "free_cooling_h": figure(free, "h", "Hours of free cooling alone", "longest plant or hall"),
        "partial_free_cooling_h": figure(partial, "h", "Hours of partial free cooling", "longest plant or hall"),
        **_other_coils(sums, spec),
        "coil_below_dew_point_h": figure(wet, "h", "Hours of coils below the hall's dew point", DRY),
        **_running_coils(sums, held),
    }


def _running_coils(sums: Sums, held: list[str]) -> dict[str, Metric]:
    """The same of compressors' coils while they run: the mean of a step may be warmer than the dew point."""
    names = (f"halls.{name}.air.wet_running" for name in held)
    running = [sums.total[name] for name in names if name in sums.total]
    if not running:
        return {}
    words = "Hours of compressors' coils below the hall's dew point as they run"
    return {"running_coil_below_dew_point_h": figure(max(running), "h", words, DRY)}


def _other_coils(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """Coils beside those of air handlers whose moisture is not reckoned, each kind where there is one."""
    doors = [
        sums.total[f"halls.{name}.rear_doors.wet_coil"]
        for name, hall in spec.halls.items()
        if hall.rear_doors and hall.humidity.kind != "tracked"
    ]
    rooms = [sums.total[f"rooms.{name}.wet_coil"] for name in spec.rooms]
    kinds = (
        ("door_below_dew_point_h", doors, "rear doors' water"),
        ("room_coil_below_dew_point_h", rooms, "room coils"),
    )
    return {
        name: figure(max(hours), "h", f"Hours of {what} below the dew point", f"worst of them; {LEFT_OUT}")
        for name, hours, what in kinds
        if hours
    }


def _limits(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """By how much, or for how long, something went beyond what it is set or rated for."""
    water = [sums.peak[f"plants.{name}.excess_k"] for name in spec.plants]
    air = [sums.peak[f"rooms.{name}.temperature_c"] - room.set_c for name, room in spec.rooms.items()]
    over_kw = [sums.peak[f"power.{n}.overload_frac"] * device.rating()[0] for n, device in spec.power.items()]
    flow_h = sums.largest(".over_flow")
    basis = "worst at any step"
    excess_k = figure(max([0.0, *water]), "K", "Chilled water above its set-point", basis)
    return ({"chilled_water_excess_k": excess_k} if spec.plants else {}) | {
        "room_excess_k": figure(max([0.0, *air]), "K", "Electrical room above its set-point", basis),
        "power_overload_kw": figure(max([0.0, *over_kw]), "kW", "Power above a device's rating", basis),
        "pump_over_flow_h": figure(flow_h, "h", "Hours of flow above the pumps' rating", "worst pumps"),
    }


def _contract(one: xr.Dataset, sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """Hours above the contracted power, where there is a contract on it."""
    limit_kw = spec.grid.meter.limit_kw
    if limit_kw is None:
        return {}
    above_h = float((one["grid.meter.import_kw"].values > limit_kw).sum()) * sums.dt_h
    basis = f"at the meter, {limit_kw:g} kW"
    return {"above_grid_limit_h": figure(above_h, "h", "Hours above the contracted power", basis)}


def _numerics(one: xr.Dataset, sums: Sums) -> dict[str, Metric]:
    """Whether the figures can be trusted: valid ranges, searches that converged, balances that close."""
    clamped_h, beyond_h, unsolved_h = (sums.summed(f".{n}_count") for n in ("clamped", "extrapolated", "unsolved"))
    it = sums.end_use.get("it", 0.0)
    through, over = (it, "IT energy") if it > 0 else (sums.total["grid.meter.import_kw"], "facility energy")
    missed = float(np.abs(one["residual_kwh"].values).max())
    residual, basis = missed / through if through > 0 else missed, f"worst of three ledgers over {over}"
    return {
        "curve_extrapolation_h": figure(clamped_h, "h", "Hours at the edge of a curve's range", UNIT_HOURS),
        "curve_extrapolation_count": _steps(clamped_h, sums, "Evaluations clamped to a curve's range"),
        "carnot_extrapolation_h": figure(
            beyond_h, "h", "Hours of warm-water chillers beyond their curves", "constant share of Carnot"
        ),
        "carnot_extrapolation_count": _steps(
            beyond_h, sums, "Evaluations of warm-water chillers beyond their curves", "constant share of Carnot"
        ),
        "unsolved_step_count": _steps(unsolved_h, sums, "Steps whose search did not converge", "loops"),
        "energy_balance_residual_frac": figure(residual, "1", "Energy balance residual", basis),
    }


def _steps(hours: float, sums: Sums, long_name: str, basis: str = "steps and units") -> Metric:
    """Hours as whole steps of the run: what short steps around events begin of one counts as one."""
    return figure(math.ceil(hours / sums.dt_h - ROUNDING), "1", long_name, basis)


def _clamped(one: xr.Dataset, sums: Sums) -> dict[str, Metric]:
    """The same of the edge of a curve's range by end use."""
    pairs = zip(one["output"].values, one["end_use"].values, strict=True)
    uses = {str(name).rpartition(".")[0]: str(use) for name, use in pairs if use}
    hours: dict[str, float] = {}
    for name in sums.named(".clamped_count"):
        use = uses.get(name.rpartition(".")[0], "other")
        hours[use] = hours.get(use, 0.0) + sums.total[name]
    figures = {}
    for use, at_edge_h in hours.items():
        words = f"a curve's range, {use.replace('_', ' ')}"
        figures[f"{use}_clamped_h"] = figure(at_edge_h, "h", f"Hours at the edge of {words}", UNIT_HOURS)
        figures[f"{use}_clamped_count"] = _steps(at_edge_h, sums, f"Evaluations clamped to {words}")
    return figures
