"""Halls cooled by outdoor air: mixed with return air, moistened and cooled over wetted pads, trimmed mechanically."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.air.hall_air import (
    hall_course,
    report,
    report_moisture,
)
from twin.components.air.humidity import TrackedHumidity, unheld_limits
from twin.components.air.mixing_box import SHORT_K, mixed, moisture, outside_window, shut_out, supply_window
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
from twin.physics.airside import (
    CLOSED,
    MIXED,
    TRIMMED,
    treated_outdoor_air,
)
from twin.physics.evaporative import SUPPLY_WINDOW, direct_cooler
from twin.physics.fluids import dew_point_c, moist_air_enthalpy_kj_kg
from twin.quantities import Spec
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

COLD_C = -100.0  # a set-point that a stage never reaches: its full effect


@compilable
def closed_course(p, w, s, x, y, air, loop, units, _how, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water taken from a hall of a humidity ratio whose return air meets the trim alone, and its :func:`trim_hall`."""
    found = trim_hall(p, w, s, y, air, loop, units, 0.0, 1.0, ratio, dt_h)
    return y.trim_condensate_kg_s, found


@compilable
def recirculated(p, w, s, x, y, air, loop, units, dt_h):  # type: ignore[no-untyped-def]
    """The hall closed against outdoor air; what :func:`moist_trim` returns."""
    y.mode_count, y.outdoor_frac, y.stage_k, y.stage_frac = CLOSED, 0.0, 0.0, 0.0
    y.outdoor_kw, y.supply_humidity_kg_kg = 0.0, s.humidity_kg_kg
    return moist_trim(closed_course, p, w, s, x, y, air, loop, units, dt_h)


@compilable
def opened(  # type: ignore[no-untyped-def]
    p, w, s, y, air, loop, units, mode, leaving_c, leaving_ratio, wet_c, cp, dt_h
):
    """Outdoor air in the hall; what :func:`trim_hall` returns, then end and mean humidity of the hall."""
    y.mode_count, flow_kw_per_k = mode, air.flow_kw_per_k
    if mode > MIXED:
        y.outdoor_frac, y.stage_k, y.supply_humidity_kg_kg = 1.0, w.dry_bulb_c - leaving_c, leaving_ratio
        y.stage_frac = min(y.stage_k / (w.dry_bulb_c - wet_c), 1.0) if y.stage_k > 0.0 else 0.0
        end, mean = moisture(p, s, air, 0.0, 0.0, flow_kw_per_k / cp, leaving_ratio, 0.0, dt_h)
    if mode == TRIMMED:
        end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac = trim_hall(
            p, w, s, y, air, loop, units, leaving_c, 0.0, leaving_ratio, dt_h
        )
        if y.trim_condensate_kg_s > 0.0:
            drier = leaving_ratio - y.trim_condensate_kg_s * cp / flow_kw_per_k
            end, mean = moisture(p, s, air, 0.0, 0.0, flow_kw_per_k / cp, drier, 0.0, dt_h)
    else:
        no_trim(y)
        water_c = loop.supply_c
        law_c, law_frac = leaving_c + air.fan_k, 0.0
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    if mode == MIXED:
        end, mean, y.stage_frac = mixed(
            p, w, s, y, air, leaving_c, leaving_ratio, flow_kw_per_k / cp, cp, max(return_c, leaving_c), dt_h
        )
    y.outdoor_kw = flow_kw_per_k * (return_c - leaving_c - y.stage_k)
    return end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac, end, mean


@compilable
def settle_water(p, w, y, flow_kg_s, units, mean_ratio):  # type: ignore[no-untyped-def]
    """Water and pump of the stage: what supply air holds more than the air that enters the stage, and the bleed."""
    entering = mean_ratio + y.outdoor_frac * (w.humidity_ratio_kg_kg - mean_ratio)
    evaporated = flow_kg_s * max(y.supply_humidity_kg_kg - entering, 0.0) if y.stage_k > 0.0 else 0.0
    stage_water(p, y, evaporated)
    y.condensate_kg_s = flow_kg_s * max(entering - y.supply_humidity_kg_kg, 0.0) if y.stage_k < 0.0 else 0.0
    y.latent_kw = -y.evaporation_kw if y.stage_k < 0.0 else 0.0
    y.pump_kw = units * p.stage_pump_kw * y.stage_frac


@compilable
def outdoor_air_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """Outdoor air where it can be made into supply air, with the least water, then the least mechanical cooling."""
    flow_kw_per_k, cp = air.flow_kw_per_k, AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg
    units = p.units_count * u.availability_frac
    low_c, low_ratio, high_ratio = supply_window(p, w, air)
    wet_c, wet_ratio = w.dry_bulb_c, w.humidity_ratio_kg_kg
    if p.effectiveness_frac > 0.0:
        wet_c, wet_ratio, _ = direct_cooler(w.dry_bulb_c, w.wet_bulb_c, p.effectiveness_frac, COLD_C, w.pressure_pa)
    mode, leaving_c, ratio = treated_outdoor_air(
        w.dry_bulb_c, w.humidity_ratio_kg_kg, wet_c, wet_ratio, low_c, air.set_c - air.fan_k, low_ratio, high_ratio
    )
    shut = 1.0 if flow_kw_per_k <= 1e-9 else shut_out(p, w, low_ratio, high_ratio)
    if shut < 0.5:
        end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac, end, mean = opened(
            p, w, s, y, air, loop, units, mode, leaving_c, ratio, wet_c, cp, dt_h
        )
        shut = 1.0 if return_c <= leaving_c else 0.0  # it would heat the hall
        if y.trim_condensate_kg_s > 0.0:  # a coil that condenses has less to do with air of less enthalpy
            outdoor_kj_kg = moist_air_enthalpy_kj_kg(leaving_c, ratio)
            shut = 1.0 if outdoor_kj_kg > moist_air_enthalpy_kj_kg(return_c, mean) else shut
    x.removal_kg_s, x.removal_ratio = 0.0, 0.0
    if shut > 0.5:
        end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac, end, mean = recirculated(
            p, w, s, x, y, air, loop, units, dt_h
        )
        if flow_kw_per_k > 1e-9 and supply_c > air.set_c + SHORT_K and return_c > leaving_c:
            # too little mechanical cooling: the temperature goes before the humidity
            end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac, end, mean = opened(
                p, w, s, y, air, loop, units, mode, leaving_c, ratio, wet_c, cp, dt_h
            )
    y.evaporation_kw = flow_kw_per_k * y.stage_k
    y.coil_kw = y.outdoor_kw + y.evaporation_kw + y.trim_kw
    entering_c, entering_ratio = (leaving_c, ratio) if y.outdoor_frac > 0.0 else (return_c, mean)
    trim_done(p, w, x, y, loop, units, entering_c, entering_ratio, flow_kw_per_k, water_c)
    settle_water(p, w, y, flow_kw_per_k / cp, units, mean)
    if y.trim_condensate_kg_s > 0.0:
        y.supply_humidity_kg_kg -= y.trim_condensate_kg_s * cp / flow_kw_per_k
    y.power_kw = y.fan_kw + y.compressor_kw + y.pump_kw
    stage_modes(y, y.outdoor_frac)
    y.outside_window = outside_window(p, w, air, supply_c, y.supply_humidity_kg_kg)
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, end, mean, dew_point_c(mean, w.pressure_pa))


class AdiabaticStage(Spec):
    """Wetted pads or sprays in the stream of supply air."""

    effectiveness_frac: float = Field(0.8, gt=0, le=0.99)
    """How far it brings the air towards its wet bulb (.7-.9 is usual)."""
    pump_kw: float = Field(0.0, ge=0, le=100)
    """Power of one unit's pump at the stage's full effect; it follows the share of it that is used."""
    cycles_ratio: float = Field(4.0, gt=1, le=50)
    """Cycles of concentration of its water."""


class OutdoorAir(StagedCooling):
    """Units that supply a hall with outdoor air, all alike; as much air leaves the hall as comes in.

    The hall's moisture is tracked whatever ``humidity`` states. The heat of the air ledger is sensible: exhaust takes
    m cp (return - outdoor), the stage turns m cp dT into vapour. ``fan_pressure_pa`` covers filters, pads and exhaust.
    """

    kind: Literal["outdoor_air"] = "outdoor_air"
    """Kind of air cooling."""
    supply_low_c: float | None = Field(None, ge=5, le=40)
    """Coldest supply air; between it and supply_air_c outdoor air comes in as it is. Left out: supply_air_c."""
    dew_point_low_c: float = Field(SUPPLY_WINDOW["dew_point_c"][0], ge=-30, le=20)
    """Lowest dew point of the supply air; outdoor air that is drier is moistened by the stage, or kept out."""
    dew_point_high_c: float = Field(SUPPLY_WINDOW["dew_point_c"][1], ge=0, le=30)
    """Highest dew point of the supply air; outdoor air that is more humid is kept out."""
    relative_low_frac: float = Field(SUPPLY_WINDOW["relative_frac"][0], ge=0, le=0.8)
    """Lowest relative humidity of the supply air."""
    relative_high_frac: float = Field(SUPPLY_WINDOW["relative_frac"][1], ge=0.2, le=1)
    """Highest relative humidity of the supply air."""
    humid_air: Literal["warmed", "kept_out"] = "warmed"
    """Outdoor air above relative_high_frac: mixed with return air to warmer supply air, or kept out."""
    outdoor_low_c: float = Field(-60.0, ge=-60, le=30)
    """Outdoor air colder than this is kept out."""
    outdoor_high_c: float = Field(60.0, ge=0, le=60)
    """Outdoor air warmer than this is kept out."""
    adiabatic: AdiabaticStage | None = None
    """Evaporative stage behind the mixing box, or none."""
    trim: Trim | None = None
    """Mechanical cooling behind it: a plant's chilled water, direct expansion, or none."""

    derived: ClassVar[Mapping[str, int]] = {
        **StagedCooling.shared, "supply_low_c": 0, "effectiveness_frac": 0, "stage_pump_kw": 0, "cycles_ratio": 0,
        "warms": 0,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        **StagedCooling.outputs,
        "mode_count": "0 closed, 1 mixed with return air, 2 outdoor air, 3 evaporation too, 4 mechanical cooling too",
        "outdoor_frac": "Share of outdoor air in the supply air",
        "outdoor_kw": "Sensible heat that leaves with exhaust air, over that of outdoor air",
        "stage_k": "Fall of the air's temperature in the evaporative stage",
        "stage_frac": "Part load of the evaporative stage",
        "evaporation_kw": "Sensible heat turned into vapour by the evaporative stage",
        "supply_humidity_kg_kg": "Humidity ratio of the supply air",
        "condensate_kg_s": "Fog that drains from mixed air",
        "latent_kw": "Heat that this fog gives to the air",
        "pump_kw": "Power of the stage's pumps",
        "outside_window": "1: supply air outside its window of temperature and humidity",
    }
    phases: ClassVar[tuple[Phase, ...]] = (StagedCooling.fans, Phase("load", outdoor_air_step, ("air", "loop")))
    ledger: ClassVar[Ledger] = Ledger(
        electric=("fan_kw", "compressor_kw", "pump_kw"),
        to_air=("fan_kw",),
        from_air=("outdoor_kw", "evaporation_kw", "trim_kw"),
        to_water=("water_kw",),
    )

    def design_faults(self) -> Iterator[SpecFault]:
        """Limits the wrong way round, and a trim that cannot be."""
        pairs = (
            ("supply_low_c", self.supply_low_c, "supply_air_c", self.supply_air_c),
            ("dew_point_low_c", self.dew_point_low_c, "dew_point_high_c", self.dew_point_high_c),
            ("relative_low_frac", self.relative_low_frac, "relative_high_frac", self.relative_high_frac),
            ("outdoor_low_c", self.outdoor_low_c, "outdoor_high_c", self.outdoor_high_c),
        )
        for name, low, other, high in pairs:
            if low is not None and low > high:
                yield SpecFault((name,), f"must not be above {other} ({high:g}), got {low:g}")
        if self.trim:
            yield from self.trim.faults(self.airflow_m3_s)

    def humidity_faults(self, humidity: TrackedHumidity) -> Iterator[SpecFault]:
        """Humidifiers and limits beside those of its own window."""
        own = f"air of kind {self.kind} holds moisture by its own window and adiabatic stage"
        if humidity.humidifier != "none":
            yield SpecFault(("humidifier",), f"must be none: {own}")
        yield from unheld_limits(humidity, ("dew_point_low_c", "dew_point_high_c", "rh_high_frac"), own)

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Figures of stage and trim, and what every air cooling shares."""
        stage = self.adiabatic
        return (
            self.hall_parameters(around)
            | trim_numbers(self.trim, self.airflow_m3_s)
            | {
                "supply_low_c": self.supply_air_c if self.supply_low_c is None else self.supply_low_c,
                "effectiveness_frac": stage.effectiveness_frac if stage else 0.0,
                "stage_pump_kw": stage.pump_kw if stage else 0.0,
                "cycles_ratio": stage.cycles_ratio if stage else 2.0,
                "warms": float(self.humid_air == "warmed"),
                "tracked": 1.0,
            }
        )
