"""Halls cooled through an air-to-air exchanger by outdoor air, dry or sprayed, with mechanical cooling behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.air.hall_air import REFERENCE_KG_M3, hall_course, report, report_moisture
from twin.components.air.humidity import TrackedHumidity, unheld_limits
from twin.components.air.staged import StagedCooling, stage_modes, stage_water
from twin.components.air.trim import (
    Trim,
    moist_trim,
    no_trim,
    trim_done,
    trim_hall,
    trim_numbers,
)
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.errors import SpecFault
from twin.physics.evaporative import (
    DEW_POINT_FACTOR,
    indirect_cooler,
    indirect_dry_c,
    indirect_evaporation_kg_s,
    indirect_wet_c,
)
from twin.physics.fluids import dew_point_c
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

LEAST_SECONDARY_FRAC = 0.5  # of the hall's air: with less, effectiveness is not that of an exchanger of like flows
PASSES = 30  # most passes in the search for the line on which an exchanger at its full effect works; 1-2 are usual
SETTLED_K = 1e-9  # change of the air behind the exchanger that ends them


@compilable
def exchanged(p, w, units, return_c, setpoint_c, flow_kw_per_k):  # type: ignore[no-untyped-def]
    """Air behind the exchanger, part load, 1 where it is sprayed, and the slope of its full effect over return air.

    Near the least difference to outdoor air a large secondary flow gains more from warmer return air than that brings:
    air behind the exchanger then falls. A hall's course takes no such line, so the search walks there level.
    """
    ratio = w.humidity_ratio_kg_kg
    dry_air_kg_s = units * p.secondary_m3_s * w.density_kg_m3 / (1.0 + ratio)
    secondary = dry_air_kg_s * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio)
    dry_c = indirect_dry_c(return_c, w.dry_bulb_c, p.dry_effectiveness_frac, flow_kw_per_k, secondary)
    wet_c = indirect_wet_c(return_c, w.wet_bulb_c, w.dew_point_c, p.wet_effectiveness_frac)
    if p.wet_effectiveness_frac <= 0.0:
        wet_c = dry_c
    leaving_c, part, wet = indirect_cooler(return_c, dry_c, wet_c, setpoint_c, w.dry_bulb_c, p.wet_from_c)
    if part <= 0.0:
        return return_c, 0.0, 0.0, 1.0
    if wet > 0.5:
        by_dew_point = return_c - p.wet_effectiveness_frac * (return_c - w.wet_bulb_c) < wet_c - SETTLED_K
        return leaving_c, part, wet, 1.0 - (DEW_POINT_FACTOR if by_dew_point else p.wet_effectiveness_frac)
    by_flow = return_c - p.dry_effectiveness_frac * (return_c - w.dry_bulb_c) < dry_c - SETTLED_K
    return leaving_c, part, wet, max(1.0 - (secondary / flow_kw_per_k if by_flow else p.dry_effectiveness_frac), 0.0)


@compilable
def beyond_exchanger(p, w, s, y, air, loop, units, return_c, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Course of a hall whose exchanger at its full effect is not enough, trimmed; what :func:`trim_hall` returns.

    Behind the exchanger the air is a straight line of the return air, another one for each bound; where the trim falls
    short the return air rises, and the line is drawn again.
    """
    at_c, setpoint_c, flow_kw_per_k = return_c, air.set_c - air.fan_k, air.flow_kw_per_k
    law_c, law_frac = air.set_c, 0.0
    end_c, solid_c, inlet_c, supply_c, water_c = s.air_c, s.solid_c, s.air_c, s.supply_c, loop.supply_c
    for _ in range(PASSES):
        behind_c, y.part_frac, y.wet, slope = exchanged(p, w, units, at_c, min(setpoint_c, at_c - 1e3), flow_kw_per_k)
        base_c = behind_c - slope * at_c
        end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac = trim_hall(
            p, w, s, y, air, loop, units, base_c, slope, ratio, dt_h
        )
        y.behind_c = base_c + slope * return_c
        next_c, _, _, _ = exchanged(p, w, units, return_c, min(setpoint_c, return_c - 1e3), flow_kw_per_k)
        if abs(next_c - y.behind_c) < SETTLED_K:
            break
        at_c = return_c
    return end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac


@compilable
def settle_secondary(p, w, y, units):  # type: ignore[no-untyped-def]
    """Secondary fans, pumps and water; power follows the part load, and all heat taken wet leaves as vapour."""
    y.secondary_fan_kw = units * p.secondary_rated_kw * y.part_frac * w.density_kg_m3 / REFERENCE_KG_M3
    y.pump_kw = units * p.pump_kw * y.part_frac * y.wet
    stage_water(p, y, indirect_evaporation_kg_s(y.exchanger_kw * y.wet))


@compilable
def held(p, w, s, x, y, air, loop, units, _how, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water taken from a hall of a humidity ratio by exchanger and trim, and what :func:`trim_hall` returns of it."""
    flow_kw_per_k, law_c, law_frac = air.flow_kw_per_k, air.set_c, 0.0
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, air.set_c, 0.0, dt_h)
    setpoint_c, water_c = air.set_c - air.fan_k, loop.supply_c
    no_trim(y)
    y.behind_c, y.part_frac, y.wet = return_c, 0.0, 0.0
    if flow_kw_per_k > 1e-9:
        y.behind_c, y.part_frac, y.wet, _ = exchanged(p, w, units, return_c, setpoint_c, flow_kw_per_k)
        if return_c < setpoint_c:  # colder than the set-point: the air only goes round
            law_c, law_frac = air.fan_k, 1.0
            end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
            y.behind_c, y.part_frac, y.wet = return_c, 0.0, 0.0
        elif y.behind_c > setpoint_c + SETTLED_K:
            end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac = beyond_exchanger(
                p, w, s, y, air, loop, units, return_c, ratio, dt_h
            )
    return y.trim_condensate_kg_s, (end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac)


@compilable
def indirect_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air by the dry exchanger, then by spraying it, then by mechanical cooling."""
    flow_kw_per_k, units = air.flow_kw_per_k, p.units_count * u.availability_frac
    x.removal_kg_s, x.removal_ratio = 0.0, 0.0
    end, mean, dew_c = s.humidity_kg_kg, s.humidity_kg_kg, p.dew_point_c
    if p.tracked > 0.5:
        end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac, end, mean = moist_trim(
            held, p, w, s, x, y, air, loop, units, dt_h
        )
        dew_c = dew_point_c(mean, w.pressure_pa)
    else:
        _, (end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac) = held(
            p, w, s, x, y, air, loop, units, (), mean, dt_h
        )
    y.coil_kw = flow_kw_per_k * (return_c - supply_c) + y.fan_kw if flow_kw_per_k > 1e-9 else 0.0
    y.exchanger_kw = max(y.coil_kw - y.trim_kw, 0.0) if y.part_frac > 0.0 else 0.0
    y.coil_kw = y.exchanger_kw + y.trim_kw
    trim_done(p, w, x, y, loop, units, y.behind_c, mean, flow_kw_per_k, water_c)
    settle_secondary(p, w, y, units)
    y.power_kw = y.fan_kw + y.secondary_fan_kw + y.pump_kw + y.compressor_kw
    stage_modes(y, y.exchanger_kw)
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, end, mean, dew_c)


class IndirectEvaporative(StagedCooling):
    """Units that pass the hall's own air along plates or tubes, on whose other side outdoor air flows, dry or sprayed.

    Effectiveness is constant, fans and pumps of the other side follow the part load, and water is that of all heat
    taken wet over 2500 kJ/kg: EnergyPlus 25.2, EvaporativeCooler:Indirect:ResearchSpecial without modifier curves.
    """

    kind: Literal["indirect_evaporative"] = "indirect_evaporative"
    """Kind of air cooling."""
    dry_effectiveness_frac: float = Field(0.6, gt=0, le=0.95)
    """How far the dry exchanger brings the hall's air towards the outdoor dry bulb, at full outdoor air flow."""
    wet_effectiveness_frac: float = Field(0.75, ge=0, le=0.99)
    """How far the sprayed one brings it towards the outdoor wet bulb; 0: it cannot be sprayed."""
    wet_from_c: float = Field(5.0, ge=0, le=60)
    """It is sprayed from this outdoor dry bulb on; colder, the water might freeze."""
    secondary_m3_s: float = Field(gt=0, le=200)
    """Outdoor air of one unit at full flow."""
    secondary_pressure_pa: float = Field(300.0, gt=0, le=2000)
    """Pressure rise of its fans at full flow and air of 1.2 kg/m3."""
    secondary_fan_efficiency_frac: float = Field(0.6, gt=0, le=1)
    """Fan, motor and drive together."""
    pump_kw: float = Field(0.0, ge=0, le=100)
    """Power of one unit's spray pump at full effect."""
    cycles_ratio: float = Field(4.0, gt=1, le=50)
    """Cycles of concentration of the sprayed water."""
    trim: Trim | None = None
    """Mechanical cooling behind the exchanger: a plant's chilled water, direct expansion, or none."""

    derived: ClassVar[Mapping[str, int]] = {**StagedCooling.shared, "secondary_rated_kw": 0}
    outputs: ClassVar[Fields] = {
        **StagedCooling.outputs,
        "behind_c": "Air behind the exchanger",
        "exchanger_kw": "Heat given to outdoor air through the exchanger",
        "part_frac": "Part load of the exchanger in its mode",
        "wet": "1: the exchanger is sprayed",
        "secondary_fan_kw": "Power of the fans of outdoor air",
        "pump_kw": "Power of the spray pumps",
    }
    phases: ClassVar[tuple[Phase, ...]] = (StagedCooling.fans, Phase("load", indirect_step, ("air", "loop")))
    ledger: ClassVar[Ledger] = Ledger(
        electric=("fan_kw", "secondary_fan_kw", "pump_kw", "compressor_kw"),
        to_air=("fan_kw",),
        from_air=("exchanger_kw", "trim_kw"),
        to_water=("water_kw",),
    )

    def design_faults(self) -> Iterator[SpecFault]:
        """Too little outdoor air for its effectiveness, and a trim that cannot be."""
        least_m3_s = LEAST_SECONDARY_FRAC * self.airflow_m3_s
        if self.secondary_m3_s < least_m3_s:
            bound = f"must be at least half of airflow_m3_s ({least_m3_s:g})"
            yield SpecFault(("secondary_m3_s",), f"{bound}, got {self.secondary_m3_s:g}")
        if self.trim:
            yield from self.trim.faults(self.airflow_m3_s)

    def humidity_faults(self, humidity: TrackedHumidity) -> Iterator[SpecFault]:
        """Upper limits of moisture: neither exchanger nor trim takes any."""
        names = ("dew_point_high_c", "rh_high_frac")
        yield from unheld_limits(humidity, names, f"air of kind {self.kind} takes no moisture from the hall")

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Rated power of the secondary fans, the trim's figures, and what every air cooling shares."""
        rated_kw = self.secondary_m3_s * self.secondary_pressure_pa / self.secondary_fan_efficiency_frac / 1000.0
        tracked = float(around.hall.humidity.kind == "tracked")
        own = {"tracked": tracked, "secondary_rated_kw": rated_kw} | trim_numbers(self.trim, self.airflow_m3_s)
        return self.hall_parameters(around) | own
