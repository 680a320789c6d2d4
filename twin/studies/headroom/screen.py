"""A first look at every case in every hour, without simulating: what is left of each capacity against the load on it.

For each hour of a run two estimates of the time until inlet air reaches its limit are made, with all units that are
left, and with only those that ran in that hour (others need their time to start). Where capacity is short of load by D:

* chillers: D warms the loop's water and the halls on it, t = C dT / D;
* a hall: D warms its air and solids, by the closed form of two nodes (:func:`twin.physics.halls.uncooled_air_c`).

Estimates only choose which hours are simulated; they need to order hours, not to be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.components.base import Surroundings
from twin.engine.windows import Course
from twin.physics.fluids import station_pressure_pa
from twin.scenario.model import Scenario
from twin.scenario.sensors import sensors
from twin.scenario.walk import plant_of
from twin.studies.headroom.outcome import Limits
from twin.studies.headroom.units import Case
from twin.units import SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

Values = NDArray[np.float64]
NEVER = np.inf
HALVINGS = 40  # of the span in the search for the time: to 1e-12 of it
LONGEST_H = 48.0


@dataclass(frozen=True)
class Screening:
    """Orders of the hours of a run for one case, each with the worst at its largest value; shape (hours,) each."""

    orders: Mapping[str, Values]

    def hours(self, most: int) -> list[int]:
        """The worst hours of each order, ``most`` of each, without repetition."""
        found: dict[int, None] = {}
        for values in self.orders.values():
            ranks = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")[:most]
            found.update(dict.fromkeys(int(at) for at in ranks))
        return list(found)


class Screen:
    """Hourly state of a run that the estimates of all cases need, computed once."""

    def __init__(self, scenario: Scenario, course: Course, limits: Limits) -> None:
        self.spec, self.course = scenario, course
        self.halls = {name: self._hall(name, limits) for name in scenario.halls}
        self.heat_kw = sum((hall["heat_kw"] for hall in self.halls.values()), np.zeros(course.lowered.axis.count))

    def of(self, case: Case) -> Screening:
        """Orders of all hours for a case: by estimated time, by load over what is left, by heat, by warmest inlet."""
        orders: dict[str, Values] = {}
        for name, (deficit_kw, pressure, capacity_kwh_per_k, span_k) in self._shortages(case).items():
            hours = np.divide(capacity_kwh_per_k * span_k, deficit_kw, out=np.full_like(span_k, NEVER),
                              where=deficit_kw > 0.0)  # fmt: skip
            orders[f"{name}: time"] = -hours
            orders[f"{name}: pressure"] = pressure
        for name, estimate in self._hall_times(case).items():
            orders[f"{name}: time"] = estimate
        for name, hall in self.halls.items():
            orders[f"{name}: uncooled"] = -_hours(hall["heat_kw"], hall)
        orders["heat"] = self.heat_kw
        if len(case.machines) < len(case.lost):  # a set-point that stays is wrong by what it would have moved
            moved_k = np.abs(np.diff(self._set_points(case), axis=0, append=0.0)).max(axis=1)
            orders["set-point"] = np.where(np.arange(len(moved_k)) < len(moved_k) - 1, moved_k, 0.0)
        orders["inlet"] = -np.min([hall["span_k"] for hall in self.halls.values()], axis=0)
        return Screening(orders)

    def _hall(self, name: str, limits: Limits) -> dict[str, Any]:
        """Heat of a hall's racks, the span of its warmest inlet below the limit, its heat capacities."""
        hall, pressure_pa = self.spec.halls[name], station_pressure_pa(0.0)
        p = hall.air.hall_parameters(Surroundings(hall=hall, pressure_pa=pressure_pa))
        groups = [f"halls.{name}.rack_groups.{group}" for group in hall.rack_groups]
        spans = [
            limits.allowable_c[limits.inlets.index(f"{path}.inlet_c")] - self.course[f"{path}.inlet_c"]
            for path in groups
        ]
        return {
            "heat_kw": np.sum([self.course[f"{path}.air_heat_kw"] for path in groups], axis=0),
            "span_k": np.maximum(np.min(spans, axis=0), 0.0),
            "air_kwh_per_k": p["air_kwh_per_k"], "solid_kwh_per_k": p["solid_kwh_per_k"],
            "exchange_kw_per_k": p["solid_kw_per_k"],
        }  # fmt: skip

    def _set_points(self, case: Case) -> Values:
        """Set-points of the controllers that have lost their sensors, shape (hours, controllers)."""
        lowered = self.course.lowered
        found = [sensors(self.spec)[unit.path] for unit, _ in case.lost if unit.is_sensors]
        return lowered.u[:, [lowered.composition.u.index(one.owner, one.name) for one in found]]

    def _shortages(self, case: Case) -> dict[str, tuple[Values, Values, float, Values]]:
        """Heat short of load, load over what is left, heat capacity and span, for plants and for devices of a case."""
        found = {}
        for name, plant in self.spec.plants.items():
            path = f"plants.{name}"
            if not any(unit.path.startswith(path) for unit, _ in case.machines) or not plant.chillers:
                continue
            load_kw = self.course[f"{path}.load_kw"]
            for word, able_kw in self._chillers_kw(case, path, plant).items():
                most_kw = np.maximum(able_kw, 1e-9)
                mass = self._plant_kwh_per_k(name, plant)
                found[f"{path} {word}"] = (load_kw - able_kw, load_kw / most_kw, mass, self._span_k(name))
        for name, device in self.spec.power.items():
            if lost := case.lost_frac(f"power.{name}"):
                left_kw = max(device.rating()[0] * (1.0 - lost), 1e-9)
                load_kw = self.course[f"power.{name}.output_kw"]
                found[f"power.{name}"] = (load_kw - left_kw, load_kw / left_kw, 1e-9, np.ones_like(load_kw))
        return found

    def _chillers_kw(self, case: Case, path: str, plant: Any) -> dict[str, Values]:
        """Capacity of the chillers that are left, of all and of those that ran; less what pumps and towers lack."""
        shared = 1.0
        for unit, lost in case.machines:
            if unit.path.startswith(f"{path}.") and ".chillers." not in unit.path:
                shared *= 1.0 - lost / unit.count
        left, running = np.zeros_like(self.heat_kw), np.zeros_like(self.heat_kw)
        for name in plant.chillers:
            own = f"{path}.chillers.{name}"
            able_kw = self.course[f"{own}.capacity_kw"] * (1.0 - case.lost_frac(own)) * shared
            left = left + able_kw
            running = running + able_kw * (self.course[f"{own}.cooling_kw"] > 0.0)
        return {"left": left, "running": running}

    def _plant_kwh_per_k(self, name: str, plant: Any) -> float:
        """Heat capacity of a loop's water and of the halls that hang on it."""
        water = plant.volume_m3 * WATER_KG_M3 * WATER_CP_KJ_KG_K / SECONDS_PER_HOUR
        on_it = [self.halls[hall] for hall, one in self.spec.halls.items() if plant_of(one.air) == name]
        return water + sum(hall["air_kwh_per_k"] + hall["solid_kwh_per_k"] for hall in on_it)

    def _span_k(self, name: str) -> Values:
        """Least span of the halls on a plant."""
        spans = [self.halls[hall]["span_k"] for hall, one in self.spec.halls.items() if plant_of(one.air) == name]
        return np.min(spans, axis=0) if spans else np.ones_like(self.heat_kw)

    def _hall_times(self, case: Case) -> dict[str, Values]:
        """Halls of a case whose air or coolant loses units: minus the hours to the limit, or load over what is left."""
        found = {}
        for name, hall in self.halls.items():
            lost = [(unit, n) for unit, n in case.machines if unit.path.startswith(f"halls.{name}.")]
            left = float(np.prod([1.0 - n / unit.count for unit, n in lost])) if lost else 1.0
            if left == 1.0:
                continue
            path = f"halls.{name}.air"
            heat_kw, speed = self.course[f"{path}.coil_kw"], self.course[f"{path}.fan_speed_frac"]
            able_kw = heat_kw / np.maximum(speed, 1e-9) * left  # units at full speed move so much more air
            found[f"{path}"] = -_hours(heat_kw - able_kw, hall)
            found[f"{path} pressure"] = heat_kw / np.maximum(able_kw, 1e-9)
            found[f"{path} inlet"] = -hall["span_k"]
            found[f"{path} heat"] = hall["heat_kw"]
        return found


def _hours(deficit_kw: Values, hall: Mapping[str, Any]) -> Values:
    """Hours until a hall short of so much cooling is as warm as its limit: two nodes, closed form, inverted."""
    air, solid = hall["air_kwh_per_k"], hall["solid_kwh_per_k"]
    both = air + solid
    tau_h = air * solid / (both * hall["exchange_kw_per_k"])
    low, high = np.zeros_like(deficit_kw), np.full_like(deficit_kw, LONGEST_H)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        rise_k = deficit_kw / both * middle - deficit_kw * (1.0 / air - 1.0 / both) * tau_h * np.expm1(-middle / tau_h)
        short = rise_k < hall["span_k"]
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where((deficit_kw > 0.0) & (high < LONGEST_H * 0.999), high, NEVER)
