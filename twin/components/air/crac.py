"""Computer-room air conditioners: direct-expansion units whose condensers stand outdoors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.air.hall_air import REFERENCE_KG_M3, HallCooling, hall_course, report, report_moisture
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.errors import SpecFault
from twin.physics.direct_expansion import (
    DX_CAPFT,
    DX_CYCLING_LOSS_FRAC,
    DX_EIRFT,
    DX_LIMITS,
    compressor_kw,
    dry_surface_c,
    dx_coil,
    dx_cop,
    pumped_refrigerant,
)
from twin.physics.fluids import wet_bulb_c
from twin.physics.moist_coils import bypass_at_flow_frac
from twin.quantities import Spec
from twin.units import AIR_CP_KJ_KG_K

PASSES = 8  # most passes in the search for the return air of units at their capacity; 2-4 are usual
SETTLED_K = 1e-7  # change of the return air that ends them
MOST_DROP_K = 30.0  # greatest fall of the air through an evaporator: return of 40 degC to some 10 degC
STEEPEST = (
    0.9  # capacity may grow with the return air by this share of the air's capacity rate: keeps the search bounded
)
ONE_CIRCUIT = 0.5  # share of a two-circuit unit that one circuit is (Emerson SL-28170)


@compilable
def dx_work(p, load_kw, entering_wet_bulb_c, outdoor_c, rated_kw):  # type: ignore[no-untyped-def]
    """Power, capacity and clamped count of compressors rated ``rated_kw``, by curves or by the table."""
    if p.performance > 0.5:
        cop, beyond = dx_cop(outdoor_c)
        met_kw = min(max(load_kw, 0.0), rated_kw)
        return compressor_kw(met_kw, cop, p.cop_error_frac), rated_kw, beyond if met_kw > 0.0 else 0.0
    return dx_coil(
        load_kw, entering_wet_bulb_c, outdoor_c, rated_kw, p.rated_cop, DX_CAPFT, DX_EIRFT, DX_LIMITS,
        p.cycling_loss_frac)  # fmt: skip


@compilable
def pumped(p, heat_kw, return_c, outdoor_c, units, able_kw):  # type: ignore[no-untyped-def]
    """Heat taken by pumped refrigerant, power of its pumps, and the share of the compressors that is left to run.

    All of the heat, the pumps running for the time that this takes; or, with two circuits, what one of them can while
    the other's compressor carries the rest.
    """
    slope, most_kw, pumps_kw = units * p.pumped_kw_per_k, units * p.pumped_most_kw, units * p.pumped_kw
    taken_kw, left_kw = pumped_refrigerant(heat_kw, return_c, outdoor_c, slope, most_kw, 0.0)
    if taken_kw > 0.0:
        return taken_kw, pumps_kw * taken_kw / min(slope * (return_c - outdoor_c), most_kw), 1.0
    if left_kw > 0.0 and p.pumped_circuits_count > 1.5:
        one_kw, left_kw = pumped_refrigerant(
            heat_kw, return_c, outdoor_c, slope * ONE_CIRCUIT, most_kw * ONE_CIRCUIT, 1.0
        )
        if one_kw > 0.0 and left_kw <= able_kw * ONE_CIRCUIT:
            return one_kw, pumps_kw * ONE_CIRCUIT, ONE_CIRCUIT
    return 0.0, 0.0, 1.0


@compilable
def able_at(p, w, units, return_c, ratio):  # type: ignore[no-untyped-def]
    """Capacity of all compressors, and the wet bulb of return air of a humidity ratio."""
    entering_c = wet_bulb_c(return_c, ratio, w.pressure_pa)
    _, able_kw, _ = dx_work(p, 0.0, entering_c, w.dry_bulb_c, units * p.capacity_kw)
    return able_kw, entering_c


@compilable
def at_capacity(p, w, s, air, units, return_c, able_kw, fan_kw, dt_h):  # type: ignore[no-untyped-def]
    """Course of a hall whose units give all they can, the heat they take, a and b: supply = a + b return, by secants.

    Capacity grows with the return air's wet bulb; near the solution it is a straight line. Units are at capacity from
    the step's start: in the step in which a shortage begins, the mean supply may lie a little below the set-point.
    """
    at_c, slope, heat_kw, flow_kw_per_k = return_c, 0.0, able_kw, air.flow_kw_per_k
    end_c, solid_c, inlet_c, supply_c, base_c, follows = s.air_c, s.solid_c, s.air_c, s.supply_c, s.supply_c, 0.0
    for _ in range(PASSES):
        base_c = (fan_kw - able_kw + slope * at_c) / flow_kw_per_k
        follows = 1.0 - slope / flow_kw_per_k
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, base_c, follows, dt_h)
        heat_kw = able_kw + slope * (return_c - at_c)
        step_k = return_c - at_c
        if abs(step_k) < SETTLED_K:
            break
        next_kw, _ = able_at(p, w, units, return_c, s.humidity_kg_kg)
        slope = min(max((next_kw - able_kw) / step_k, 0.0), STEEPEST * flow_kw_per_k)
        at_c, able_kw = return_c, next_kw
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, base_c, follows


@compilable
def wet_running(p, entering_c, able_kw, flow_kw_per_k, speed, dew_c):  # type: ignore[no-untyped-def]
    """1 where a coil reckoned as dry would condense while its compressors run.

    Compressors that run for a part of the step bring their coil to its full capacity, however warm the mean supply is.
    """
    if flow_kw_per_k <= 1e-9:
        return 0.0
    surface_c = dry_surface_c(entering_c, able_kw / flow_kw_per_k, bypass_at_flow_frac(p.bypass_frac, speed))
    return 1.0 if surface_c < dew_c else 0.0


@compilable
def crac_step(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air by the compressors' running time; where that is used up, let the supply follow."""
    flow_kw_per_k, law_c, law_frac = air.flow_kw_per_k, air.set_c, 0.0
    units = p.units_count * u.availability_frac
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    heat_kw = flow_kw_per_k * (return_c - air.set_c) + y.fan_kw
    able_kw, entering_c = able_at(p, w, units, return_c, s.humidity_kg_kg)
    free_kw, y.pump_kw, share = pumped(p, heat_kw, return_c, w.dry_bulb_c, units, able_kw)
    if heat_kw < 0.0 and flow_kw_per_k > 1e-9:  # colder than the set-point: the air only goes round
        heat_kw, law_c, law_frac = 0.0, air.fan_k, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    elif heat_kw - free_kw > able_kw and flow_kw_per_k > 1e-9:
        free_kw, y.pump_kw, share = 0.0, 0.0, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac = at_capacity(
            p, w, s, air, units, return_c, able_kw, y.fan_kw, dt_h
        )
        able_kw, entering_c = able_at(p, w, units, return_c, s.humidity_kg_kg)
    y.capacity_kw, y.coil_kw, y.free_kw = able_kw * share, heat_kw, free_kw
    y.compressor_kw, _, y.clamped_count = dx_work(
        p, min(heat_kw - free_kw, y.capacity_kw), entering_c, w.dry_bulb_c, units * p.capacity_kw * share
    )
    y.power_kw = y.fan_kw + y.compressor_kw + y.pump_kw
    y.outdoors_kw = heat_kw + y.compressor_kw + y.pump_kw
    y.free_mode = 1.0 if free_kw > 0.0 and free_kw >= heat_kw else 0.0
    y.partial_mode = 1.0 if free_kw > 0.0 and free_kw < heat_kw else 0.0
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, s.humidity_kg_kg, s.humidity_kg_kg, p.dew_point_c)
    y.wet_coil = 1.0 if heat_kw > 0.0 and supply_c - air.fan_k < p.dew_point_c else 0.0
    y.wet_running = 0.0
    if heat_kw - free_kw > 0.0:
        y.wet_running = wet_running(p, return_c, able_kw, flow_kw_per_k, y.fan_speed_frac, p.dew_point_c)


# Figures of direct expansion, of units and of trims alike.
Performance = Annotated[
    Literal["curves", "table"],
    Field(
        description="Curves of a DX coil of EnergyPlus's examples, or the COP table of the archetypes and constant "
        "capacity."
    ),
]
RatedCop = Annotated[
    float,
    Field(
        gt=0.5,
        le=15,
        description="With curves: COP there, condenser fans counted and the indoor fan not (3: as in EnergyPlus's "
        "examples).",
    ),
]
CyclingLoss = Annotated[
    float,
    Field(
        ge=0,
        le=0.3,
        description="With curves: fall of efficiency from full load to none by cycling; 0 for compressors that "
        "modulate.",
    ),
]
CopError = Annotated[
    float,
    Field(
        ge=-0.6,
        le=0.6,
        description="With the table: deviation of the COP from it (Lei and Masanet 2022: -.4 to .2 for smaller sites).",
    ),
]
Bypass = Annotated[
    float,
    Field(
        ge=0,
        le=0.5,
        description="Bypass factor of the coil at full air flow, for tracked moisture (Carrier handbook 1965, table "
        "62: .1-.2).",
    ),
]


def dx_faults(unit: Any, airflow_m3_s: float, inside: tuple[str, ...] = ()) -> Iterator[SpecFault]:
    """More heat than a unit's air can give up, and a figure of the other kind of performance."""
    most_kw = airflow_m3_s * REFERENCE_KG_M3 * AIR_CP_KJ_KG_K * MOST_DROP_K
    if unit.capacity_kw > most_kw:
        air = f"{airflow_m3_s:g} m3/s of air that falls by {MOST_DROP_K:g} K carry at most {most_kw:,.0f} kW"
        yield SpecFault((*inside, "capacity_kw"), f"{air}, got {unit.capacity_kw:g}")
    unused = ("cop_error_frac",) if unit.performance == "curves" else ("rated_cop", "cycling_loss_frac")
    for name in unused:
        if name in unit.model_fields_set and getattr(unit, name) != type(unit).model_fields[name].default:
            yield SpecFault((*inside, name), f"has no meaning with performance: {unit.performance}")


class PumpedRefrigerant(Spec):
    """Economizer of a direct-expansion unit: in cold weather a pump moves the refrigerant in the compressor's place."""

    kind: Literal["pumped_refrigerant"] = "pumped_refrigerant"
    """Kind of economizer."""
    capacity_kw_per_k: float = Field(gt=0, le=1000)
    """Heat that one unit takes per K of its return air over outdoor air; at most the unit's capacity."""
    pump_kw: float = Field(ge=0, le=1000)
    """Power of pumps and condenser fans of one unit while it pumps; it does so for the time that the load takes."""
    circuits: Literal["one", "two"] = "two"
    """With two circuits one may pump while the other compresses (Emerson SL-28170); with one it is all or nothing."""


class Crac(HallCooling):
    """Direct-expansion air conditioners of one hall, all alike, with condensers in outdoor air.

    Coils are dry, and capacity sensible, unless the hall's moisture is tracked. The wet bulb that enters them is that
    of the return air at the hall's dew point. Capacity and power hold for the rated air flow.
    """

    kind: Literal["crac"] = "crac"
    """Kind of air cooling."""
    capacity_kw: float = Field(gt=0, le=10000)
    """Capacity of one unit, its fan's heat included, at 19.4 degC entering wet bulb and 35 degC outdoors."""
    performance: Performance = "curves"
    rated_cop: RatedCop = 3.0
    cycling_loss_frac: CyclingLoss = DX_CYCLING_LOSS_FRAC
    cop_error_frac: CopError = 0.0
    bypass_frac: Bypass = 0.1
    economizer: PumpedRefrigerant | None = None
    """Economizer of pumped refrigerant, or none."""

    sized_by: ClassVar[tuple[str, str]] = ("capacity_kw", "units")
    derived: ClassVar[Mapping[str, int]] = {
        **HallCooling.shared, "pumped_kw_per_k": 0, "pumped_most_kw": 0, "pumped_kw": 0, "pumped_circuits_count": 0,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        **HallCooling.outputs,
        "capacity_kw": "Capacity of the compressors at these temperatures",
        "compressor_kw": "Power of compressors and condenser fans",
        "free_kw": "Heat taken by pumped refrigerant",
        "pump_kw": "Power of refrigerant pumps, and of condenser fans while they pump",
        "power_kw": "Power of the units, their fans included",
        "outdoors_kw": "Heat given to outdoor air",
        "free_mode": "1: pumped refrigerant carries all",
        "partial_mode": "1: pumped refrigerant carries a part",
        "wet_coil": "1: air leaves the coil below the hall's dew point",
        "wet_running": "1: while compressors run, the coil's surface is below the hall's dew point",
        "clamped_count": "1: a curve was used at the edge of its range",
    }
    phases: ClassVar[tuple[Phase, ...]] = (HallCooling.fans, Phase("load", crac_step, ("air",)))
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_air=("fan_kw",), from_air=("coil_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "crac"

    def design_faults(self) -> Iterator[SpecFault]:
        """More heat than its air can give up, and a figure of the other kind of performance."""
        yield from dx_faults(self, self.airflow_m3_s)

    def derive(self, around: Surroundings) -> dict[str, float]:
        """The economizer's figures, and what every air cooling shares."""
        e = self.economizer
        return self.hall_parameters(around) | {
            "pumped_kw_per_k": e.capacity_kw_per_k if e else 0.0,
            "pumped_most_kw": self.capacity_kw if e else 0.0,
            "pumped_kw": e.pump_kw if e else 0.0,
            "pumped_circuits_count": 2.0 if e and e.circuits == "two" else 1.0,
        }
