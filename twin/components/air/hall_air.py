"""What every air cooling of a hall shares: fans, the air of the hall and its racks, and what is told of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Course, Fields, Phase, Store, Surroundings
from twin.components.profiles import ALWAYS, Availability
from twin.components.resets import OutdoorReset, range_faults
from twin.errors import SpecFault, refuse
from twin.physics.fluids import dry_air_density_kg_m3, humidity_ratio_from_dew_point
from twin.physics.halls import two_node_step
from twin.physics.moist_coils import hall_humidity
from twin.series.axis import TimeAxis
from twin.units import AIR_CP_KJ_KG_K, SECONDS_PER_HOUR, VAPOUR_CP_KJ_KG_K

REFERENCE_KG_M3 = 1.2  # air density at which fan power and rack airflow are stated
AIR_R = 0.287042  # kJ/kgK, gas constant of dry air, ASHRAE Fundamentals 2017 ch. 1
RACK_KG = 900.0  # a filled rack, PHYSICS check case of the two-node hall: 100 racks, 41.4 MJ/K
STEEL_KJ_KG_K = 0.46  # same source
SOLID_PER_K = 0.08  # air-to-solid conductance over the racks' peak power, same source: 40 kW/K for 500 kW
SUPPLY_AIR_C = (10, 40)  # bounds of a set-point: colder than any comfort, warmer than any class of equipment
RUNAWAY_C = 80.0  # inlet air at which no server runs any more (ASHRAE A4 allows 45): the figures mean nothing beyond
LEAST_FLOW_FRAC = 0.01  # air that always passes the racks, of the handlers' flow: keeps an empty hall defined


@compilable
def hall_course(p, s, air, supply_c, fraction, dt_h):  # type: ignore[no-untyped-def]
    """Air and solid temperatures over the step, exactly, for a supply of ``supply_c + fraction * return``.

    Returns air and solid at the end, then the step's mean inlet, return and supply temperature; the mean of the air
    that leaves the racks stays in ``air.exhaust_c``. Racks draw ``rack_kw_per_k`` from the cold aisle; what the
    handlers send past leakage is ``used``, the rest of the racks' air re-circulates, the rest of the handlers' air
    by-passes. Rear doors bring the racks' air nearer to ``air.door_c`` by ``air.door_frac``. Outdoor air and
    humidifiers meet the cold aisle.
    """
    flow_kw_per_k, rack_kw_per_k = air.flow_kw_per_k, air.rack_kw_per_k
    extra_kw, door_frac, door_c = air.extra_heat_kw + air.door_fan_kw, air.door_frac, air.door_c
    used = min(flow_kw_per_k * (1.0 - p.bypass), rack_kw_per_k * (1.0 - p.recirculation))
    k = used / flow_kw_per_k if flow_kw_per_k > 1e-9 else 1.0
    divisor = 1.0 - (1.0 - k) * fraction
    # return = r0 + r1 * hot ; supply = supply_c + fraction * return ; exhaust = air + hA (solid - air) / racks ;
    # hot = exhaust - door_frac (exhaust - door_c) + extra / racks
    r0, r1 = (1.0 - k) * supply_c / divisor, k / divisor
    s0, s1 = supply_c + fraction * r0, fraction * r1
    mix = used * s1 + (rack_kw_per_k - used)
    h = p.solid_kw_per_k
    lift = h / rack_kw_per_k
    passed = 1.0 - door_frac
    a11 = (mix * (1.0 - lift) * passed - rack_kw_per_k - air.outdoor_kw_per_k) / p.air_kwh_per_k
    a12 = mix * lift * passed / p.air_kwh_per_k
    aisle_kw = air.outdoor_kw_per_k * air.outdoor_c + air.moistening_kw
    b1 = (used * s0 + mix * extra_kw / rack_kw_per_k + mix * door_frac * door_c + aisle_kw) / p.air_kwh_per_k
    a21, a22, b2 = h / p.solid_kwh_per_k, -h / p.solid_kwh_per_k, air.rack_heat_kw / p.solid_kwh_per_k
    air_c, solid_c, air_mean_c, solid_mean_c = two_node_step(a11, a12, a21, a22, b1, b2, s.air_c, s.solid_c, dt_h)
    exhaust_c = air_mean_c + h * (solid_mean_c - air_mean_c) / rack_kw_per_k
    hot_c = air_mean_c + (h * (solid_mean_c - air_mean_c) + extra_kw) / rack_kw_per_k
    hot_c -= door_frac * (exhaust_c - door_c)
    air.exhaust_c = exhaust_c
    return air_c, solid_c, air_mean_c, r0 + r1 * hot_c, s0 + s1 * hot_c


@compilable
def moisture_course(p, s, air, inflow_kg_s, inflow_ratio, removal_kg_s, surface_ratio, source_kg_s, dt_h):  # type: ignore[no-untyped-def]
    """Humidity ratio of the well-mixed hall at the end of the step and its mean, exactly.

    M dW/dt = inflow (W_in - W) + removal (W_surface - W) + source. All flows in kg/s: of outdoor dry air that takes the
    place of as much hall air, of air that leaves a coil at its surface's humidity, and of water (a humidifier's, or
    less than 0 for water taken at a steady rate). What a coil takes is removal (mean - W_surface), to rounding. Rear
    doors take water in the same way, by the line that they left in ``air``, and never give any.
    """
    passing_kg_s, brought_kg_s = inflow_kg_s + removal_kg_s, inflow_kg_s * inflow_ratio + removal_kg_s * surface_ratio
    if air.door_kg_s > 0.0:
        with_kg_s = passing_kg_s + air.door_kg_s
        ratio = (brought_kg_s + air.door_kg_s * air.door_ratio) / with_kg_s
        end, mean = hall_humidity(
            p.dry_air_kg, s.humidity_kg_kg, SECONDS_PER_HOUR * with_kg_s, ratio, SECONDS_PER_HOUR * source_kg_s, dt_h
        )
        if mean >= air.door_ratio:
            return end, mean
    ratio = brought_kg_s / passing_kg_s if passing_kg_s > 0.0 else 0.0
    return hall_humidity(
        p.dry_air_kg, s.humidity_kg_kg, SECONDS_PER_HOUR * passing_kg_s, ratio, SECONDS_PER_HOUR * source_kg_s, dt_h
    )


@compilable
def tell_removal(air, taken_kg_s, mean_ratio):  # type: ignore[no-untyped-def]
    """What handlers' coils take at a mean humidity, as a line of the steepest slope that their air allows."""
    flow_kg_s = air.flow_kw_per_k / AIR_CP_KJ_KG_K
    air.coil_kg_s, air.coil_ratio = 0.0, 0.0
    if taken_kg_s > 0.0 and flow_kg_s > 0.0:
        air.coil_kg_s, air.coil_ratio = flow_kg_s, mean_ratio - taken_kg_s / flow_kg_s


@compilable
def report_moisture(x, y, air, end_ratio, mean_ratio, mean_dew_point_c):  # type: ignore[no-untyped-def]
    """What the step has come to in moisture, into outputs, state and the hall's air."""
    x.humidity_kg_kg = end_ratio
    y.humidity_kg_kg, y.dew_point_c = end_ratio, mean_dew_point_c
    air.humidity_kg_kg, air.humidity_mean_kg_kg = end_ratio, mean_ratio


@compilable
def ventilate(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Fans, and the capacity rates of the handlers' and of the racks' air; where the hall stands, for rear doors."""
    units = p.units_count * u.availability_frac
    density = w.pressure_pa / 1000.0 / (AIR_R * (s.supply_c + 273.15))
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg
    design_kg_s = units * p.airflow_m3_s * density
    wanted = p.airflow_ratio * air.rack_flow_kg_s / design_kg_s if design_kg_s > 1e-9 else 0.0
    asked = p.fan_speed_frac if p.fan_control < 0.5 else wanted
    y.fan_speed_frac = min(max(asked, p.fan_minimum_frac), 1.0)
    cube = y.fan_speed_frac * y.fan_speed_frac * y.fan_speed_frac
    y.fan_kw = units * p.fan_rated_kw * cube * density / REFERENCE_KG_M3
    least = LEAST_FLOW_FRAC * p.units_count * p.airflow_m3_s * density * cp
    air.flow_kw_per_k = design_kg_s * y.fan_speed_frac * cp
    air.rack_kw_per_k = max(air.rack_flow_kg_s * cp, least)
    y.flow_kg_s = air.flow_kw_per_k / cp
    air.air_c, air.solid_c = s.air_c, s.solid_c
    air.set_c, air.law_c, air.law_frac = u.set_air_c, s.law_c, s.law_frac
    air.fan_k = y.fan_kw / air.flow_kw_per_k if air.flow_kw_per_k > 1e-9 else 0.0
    air.door_frac, air.door_c, air.door_fan_kw = 0.0, 0.0, 0.0
    air.door_kg_s, air.door_ratio, air.coil_kg_s, air.coil_ratio = 0.0, 0.0, 0.0, 0.0


@compilable
def report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac):  # type: ignore[no-untyped-def]
    """What the step has come to, into outputs, state and the hall's air; flow and fans stand there already."""
    flow_kw_per_k, rack_kw_per_k = air.flow_kw_per_k, air.rack_kw_per_k
    y.supply_c, y.return_c, y.inlet_c = supply_c, return_c, inlet_c
    y.air_c, y.solid_c = end_c, solid_c
    y.unmet_kw = flow_kw_per_k * max(supply_c - air.set_c, 0.0) if flow_kw_per_k > 1e-9 else air.rack_heat_kw
    hot_c = inlet_c + (p.solid_kw_per_k * (y.solid_c - y.air_c)) / rack_kw_per_k
    y.shi = min(max((inlet_c - supply_c) / max(hot_c - supply_c, 1e-6), 0.0), 1.0)
    x.air_c, x.solid_c, x.supply_c = end_c, solid_c, supply_c
    x.law_c, x.law_frac = (law_c, law_frac) if supply_c > air.set_c + 1e-9 else (air.set_c, 0.0)
    air.inlet_c, air.inlet_mean_c, air.supply_c = end_c, inlet_c, supply_c


class HallCooling(Component):
    """Air cooling of one hall by units that are all alike: their fans, and the air that they move."""

    fed_by: str = "grid"
    """Power device that feeds the fans, or grid."""
    supply_air_c: float = Field(ge=SUPPLY_AIR_C[0], le=SUPPLY_AIR_C[1])
    """Air that the units supply."""
    supply_air_reset: OutdoorReset | None = None
    """Supply air that follows the weather, in the place of ``supply_air_c``."""
    units_count: int = Field(ge=1, le=1000)
    """Units in service."""
    airflow_m3_s: float = Field(gt=0, le=100)
    """Air flow of one unit at full fan speed."""
    fan_pressure_pa: float = Field(500.0, gt=0, le=3000)
    """Pressure rise of the fans at full speed and air of 1.2 kg/m3."""
    fan_efficiency_frac: float = Field(0.6, gt=0, le=1)
    """Fan, motor and drive together."""
    fan_control: Literal["constant", "match_racks"] = "match_racks"
    """Constant speed, or air flow in proportion to what the racks draw."""
    fan_speed_frac: float = Field(1.0, ge=0.1, le=1)
    """Speed where it is constant."""
    fan_minimum_frac: float = Field(0.4, ge=0.05, le=1)
    """Lowest speed."""
    airflow_ratio: float = Field(1.1, ge=0.2, le=5)
    """Air supplied over air drawn by the racks, where the fans match it."""
    availability: Availability = ALWAYS
    """Share of the units in service over time."""

    inputs: ClassVar[Fields] = {
        "availability_frac": "Share of the units in service",
        "set_air_c": "Supply-air set-point",
    }
    sized_by: ClassVar[tuple[str, str]]  # field that states the capacity of one unit in kW, and what to call the units
    shared: ClassVar[Mapping[str, int]] = {
        "fan_rated_kw": 0, "dew_point_c": 0, "bypass": 0, "recirculation": 0, "air_kwh_per_k": 0,
        "solid_kwh_per_k": 0, "solid_kw_per_k": 0, "dry_air_kg": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        "air_c": "Cold-aisle air at the end of the step",
        "solid_c": "Racks and other solids at the end of the step",
        "supply_c": "Supply air of the last step",
        "humidity_kg_kg": "Humidity ratio of the hall's air at the end of the step",
        "law_c": "Supply air at the last step's limit, what of it does not follow the return air",
        "law_frac": "Supply air at the last step's limit, the share that follows the return air; 0: set-point held",
    }
    outputs: ClassVar[Fields] = {
        "supply_c": "Supply air",
        "inlet_c": "Cold-aisle air",
        "return_c": "Return air",
        "air_c": "Cold-aisle air at the end of the step",
        "solid_c": "Racks and other solids at the end of the step",
        "coil_kw": "Heat taken from the air",
        "fan_kw": "Power of the fans",
        "fan_speed_frac": "Fan speed",
        "flow_kg_s": "Air flow",
        "unmet_kw": "Cooling short of the supply-air set-point",
        "shi": "Supply heat index",
        "humidity_kg_kg": "Humidity ratio of the hall's air at the end of the step",
        "dew_point_c": "Dew point of the hall's air, mean of the step",
    }
    fans: ClassVar[Phase] = Phase("ventilate", ventilate, ("air",))
    watched: ClassVar[Mapping[str, float]] = {"inlet_c": RUNAWAY_C}
    stores: ClassVar[tuple[Store, ...]] = (
        Store("air_c", "air", "air_kwh_per_k"), Store("solid_c", "air", "solid_kwh_per_k"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        reset_faults = range_faults("supply_air_reset", self.supply_air_reset, *SUPPLY_AIR_C)
        refuse([*reset_faults, *self._fan_faults(), *self.design_faults()])
        return self

    def _fan_faults(self) -> Iterator[SpecFault]:
        if self.fan_control == "constant" and self.fan_speed_frac < self.fan_minimum_frac:
            bound = f"must not be below fan_minimum_frac ({self.fan_minimum_frac:g})"
            yield SpecFault(("fan_speed_frac",), f"{bound}, got {self.fan_speed_frac:g}")

    def design_faults(self) -> Iterable[SpecFault]:
        """What cannot be built of the cooling itself."""
        return ()

    def humidity_faults(self, humidity: Any) -> Iterable[SpecFault]:
        """What this cooling cannot do of a hall's tracked moisture."""
        return ()

    @property
    def unit_kw(self) -> float:
        """Stated capacity of one unit."""
        return float(getattr(self, self.sized_by[0]))

    def hall_parameters(self, around: Surroundings) -> dict[str, float]:
        """Values of ``shared``: rated fan power, and the hall's own figures."""
        hall = around.hall
        racks = sum(group.racks_count for group in hall.rack_groups.values())
        solid_kg = hall.solid_kg if hall.solid_kg is not None else RACK_KG * max(racks, 1)
        peak_kw = sum(group.peak_kw for group in hall.rack_groups.values())
        conductance = hall.solid_kw_per_k if hall.solid_kw_per_k is not None else SOLID_PER_K * peak_kw
        pressure_ratio = around.pressure_pa / 101325.0
        return {
            "fan_rated_kw": self.airflow_m3_s * self.fan_pressure_pa / self.fan_efficiency_frac / 1000.0,
            "dew_point_c": hall.dew_point_c,
            "bypass": hall.bypass_frac,
            "recirculation": hall.recirculation_frac,
            "air_kwh_per_k": hall.volume_m3 * REFERENCE_KG_M3 * pressure_ratio * AIR_CP_KJ_KG_K / SECONDS_PER_HOUR,
            "solid_kwh_per_k": solid_kg * STEEL_KJ_KG_K / SECONDS_PER_HOUR,
            "solid_kw_per_k": conductance,
            "dry_air_kg": hall.volume_m3 * self._dry_air_kg_m3(around),
        }

    def _start_humidity(self, around: Surroundings) -> float:
        return humidity_ratio_from_dew_point(around.hall.dew_point_c, around.pressure_pa)

    def _dry_air_kg_m3(self, around: Surroundings) -> float:
        """Dry air in a cubic metre of the hall at its set-point; the same mass throughout a run."""
        return dry_air_density_kg_m3(self.supply_air_c, self._start_humidity(around), around.pressure_pa)

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """Set-point of the supply air: as stated, or by the weather."""
        reset = self.supply_air_reset
        return {"set_air_c": reset.course_c(weather) if reset else self.supply_air_c}

    def warmest_supply_c(self) -> float:
        """Highest set-point of the supply air."""
        return self.supply_air_reset.extremes_c()[1] if self.supply_air_reset else self.supply_air_c

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point, and at the hall's dew point; the warm-up brings the rest."""
        start = self.supply_air_c
        moist = self._start_humidity(around)
        return {
            "air_c": start, "solid_c": start, "supply_c": start, "humidity_kg_kg": moist, "law_c": start,
            "law_frac": 0.0,
        }  # fmt: skip
