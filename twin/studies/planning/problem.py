"""What a plan is made from: classes of work, devices, facility power, prices, battery. Arrays have a value per step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from twin.studies.planning.charges import DemandCharges
from twin.studies.planning.hull import Segments
from twin.studies.planning.lowest import LowestBills
from twin.studies.planning.response import Response
from twin.studies.planning.terms import Offers

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlannedClass:
    """A class of work that may wait.

    Attributes
    ----------
    name : as the scenario has it
    group : path of the rack group that it runs on
    arrivals_per_h : work that arrives
    waiting_count : most work that may wait at the end of each step without being late
    kw_per_rate : power of devices and hosts above idle for a unit of work in an hour
    share_per_rate : share of the group's devices that a unit of work in an hour holds
    most_share : share of the devices that it may hold at most
    queue_count : work that waits at the start
    slack_h : how long work may wait
    in_service_frac, limit_frac : share of the group's devices in service, and their power limit over their highest, for
        words only; empty where all are and none is limited
    """

    name: str
    group: str
    arrivals_per_h: Floats
    waiting_count: Floats
    kw_per_rate: Floats
    share_per_rate: Floats
    most_share: float = 1.0
    queue_count: float = 0.0
    slack_h: float = 0.0
    in_service_frac: Floats = field(default_factory=lambda: np.zeros(0))
    limit_frac: Floats = field(default_factory=lambda: np.zeros(0))

    def steps(self, start: int, end: int, queue_count: float) -> PlannedClass:
        """The part from one step up to another, with what waits at its start."""
        parts = {name: getattr(self, name)[start:end]
                 for name in ("arrivals_per_h", "waiting_count", "kw_per_rate", "share_per_rate", "in_service_frac",
                              "limit_frac")}  # fmt: skip
        return replace(self, **parts, queue_count=queue_count)


@dataclass(frozen=True)
class PlannedBattery:
    """A battery at the site's meter. Efficiencies are one-way; ``wear_per_kwh`` is paid for what is discharged.

    ``name`` is that of the scenario's own battery, which then carries the plan out in the twin; without one the
    battery is one that the site could have.
    """

    power_kw: float
    energy_kwh: float
    charge_frac: float = 0.95
    discharge_frac: float = 0.95
    least_frac: float = 0.1
    most_frac: float = 1.0
    start_frac: float = 0.5
    wear_per_kwh: float = 0.0
    may_export: bool = False
    name: str = ""

    @property
    def start_kwh(self) -> float:
        """Charge at the start; at the end there must be as much."""
        return self.start_frac * self.energy_kwh


@dataclass(frozen=True, eq=False)
class PlannedTank:
    """A plant's tank of chilled water. Cooling in kW and kWh, limits by step, (time,) or (part, time).

    ``kw_per_charge`` is the power at the meter for a kW of cooling put in, ``kw_per_discharge`` what a kW taken out
    saves. Parts are taken one after the other: the second takes more and saves less for a kW than the first. At the end
    there must be ``end_kwh``; that of the start, if left out.
    """

    plant: str
    charge_kw: Floats
    discharge_kw: Floats
    energy_kwh: float
    start_kwh: float
    kw_per_charge: Floats
    kw_per_discharge: Floats
    end_kwh: float | None = None

    @property
    def lines(self) -> tuple[Segments, Segments]:
        """Power at the meter over cooling put in, and what is saved over cooling taken out."""
        given = (self.charge_kw, self.kw_per_charge), (self.discharge_kw, self.kw_per_discharge)
        into, out = (tuple(np.atleast_2d(values) for values in pair) for pair in given)
        none = np.zeros(into[0].shape[1])
        return Segments(none, *into), Segments(none, *out)

    def window(self, start: int, end: int, stored_kwh: float) -> PlannedTank:
        """The part from one step up to another, with what is stored at its start."""
        parts = {name: getattr(self, name)[..., start:end]
                 for name in ("charge_kw", "discharge_kw", "kw_per_charge", "kw_per_discharge")}  # fmt: skip
        left = self.start_kwh if self.end_kwh is None else self.end_kwh
        return replace(self, **parts, start_kwh=stored_kwh, end_kwh=left)


@dataclass(frozen=True, eq=False)
class PlannedGenerator:
    """Generators of the scenario's that feed the site: power by step, what they burn, and how long they start.

    ``fuel_ratio`` is fuel for what is generated at the rating, ``fuel_per_kwh`` and ``fuel_kgco2_per_kwh`` are of fuel.
    """

    name: str
    power_kw: Floats
    fuel_ratio: float
    fuel_per_kwh: float = 0.0
    fuel_kgco2_per_kwh: float = 0.0
    start_h: float = 0.0

    def worth_per_kwh(self, money: float, kgco2: float) -> float:
        """What a generated kWh is worth in fuel and its emissions, at the weights of both."""
        return self.fuel_ratio * (money * self.fuel_per_kwh + kgco2 * self.fuel_kgco2_per_kwh)

    def steps(self, start: int, end: int) -> PlannedGenerator:
        """The part from one step up to another."""
        return replace(self, power_kw=self.power_kw[start:end])


@dataclass(frozen=True, eq=False)
class Problem:
    """All that the program knows.

    Attributes
    ----------
    facility : power at the meter without battery over the power of the classes, convex (below zero where the site
        generates more than it draws); ``ceiling`` the same, concave, for steps in which a kWh is worth less than 0
    water : what water is worth over the same, for an hour, or None
    price_per_kwh : worth of a kWh in each step, all weights of the objective in it
    export_per_kwh, most_export_kw : worth of a kWh exported, and the limit of export
    offers : energy that is cheaper up to an amount
    free_share : share of each group's devices that the classes may hold, by group
    demand : charges on peaks; ``demand_weight`` scales them, ``month_share`` each month's
    carried_peak_kw, carried_month_kw : peaks that have been reached before
    peak_per_kw : worth of a kW of the highest import of all
    generator, fuel_worth_per_kwh : generators that feed the site, and the worth of fuel for a kWh that they give
    response : calls of demand response; ``lowest`` lowest bills, at the objective's weight of money
    late_per_unit_h : price of an hour's delay beyond the deadline, by class; deadlines of the others hold
    rest_kwh : most work of the classes with such a price that may be left over after the last step: what waits at all
        where the study ends, else what is late; ``rest_per_kwh`` its price
    ends : whether the study ends with the last step: nothing may wait then, and the battery must be as at the start
    tie_frac : share of the mean price by which an hour of waiting of a kWh is dearer: of equal plans the earliest
    relaxed : for a bound: facility power may be lower than the site's, so nothing is held against its need
    """

    dt_h: float
    classes: tuple[PlannedClass, ...]
    facility: Segments
    ceiling: Segments
    price_per_kwh: Floats
    free_share: dict[str, Floats]
    demand: DemandCharges | None = None
    demand_weight: float = 1.0
    month_share: Floats | None = None
    carried_peak_kw: Floats | None = None
    carried_month_kw: Floats | None = None
    peak_per_kw: float = 0.0
    water: Segments | None = None
    export_per_kwh: float = 0.0
    most_export_kw: float = np.inf
    offers: tuple[Offers, ...] = ()
    response: Response | None = None
    lowest: LowestBills | None = None
    battery: PlannedBattery | None = None
    tank: PlannedTank | None = None
    generator: PlannedGenerator | None = None
    fuel_worth_per_kwh: float = 0.0
    start_kwh: float | None = None
    late_per_unit_h: dict[str, float] = field(default_factory=dict)
    rest_kwh: float = 0.0
    rest_per_kwh: float = 0.0
    ends: bool = True
    tie_frac: float = 1e-5
    relaxed: bool = False

    @property
    def count(self) -> int:
        """Number of steps."""
        return self.price_per_kwh.size

    @property
    def surplus_kw(self) -> Floats:
        """Most that the site can give in each step: generation beyond its need, and a battery that may export."""
        ends = np.cumsum(self.facility.width_kw * self.facility.slope, axis=0)
        lowest = self.facility.base + np.minimum(ends.min(axis=0), 0.0)
        given = self.battery.power_kw if self.battery is not None and self.battery.may_export else 0.0
        saved = (self.tank_lines[1].width_kw * self.tank_lines[1].slope).sum(axis=0) if self.tank_lines else 0.0
        return np.maximum(given + saved - lowest, 0.0)

    @property
    def tank_lines(self) -> tuple[Segments, Segments] | None:
        """The tank's power and savings; straight where a kWh is worth less than nothing, which would take the last
        part first.
        """
        if self.tank is None:
            return None
        into, out = (one.straight(self.price_per_kwh < 0.0) for one in self.tank.lines)
        return into, out

    def value(self, work_kw: Floats, net_kw: Floats, discharge_kw: Floats) -> float:
        """Objective of a schedule, without what is late."""
        drawn, given = np.maximum(net_kw, 0.0), np.clip(-net_kw, 0.0, self.most_export_kw)
        value = float(self.price_per_kwh @ drawn - self.export_per_kwh * given.sum()) * self.dt_h
        value += self.peak_per_kw * float(drawn.max(initial=0.0)) - sum(o.value(drawn, self.dt_h) for o in self.offers)
        if self.demand is not None:
            value += self.demand_weight * self.demand.cost(drawn)
            value += self.lowest.added(self._charges(drawn)) if self.lowest is not None else 0.0
        if self.response is not None:
            value += self.response.cost(drawn)
        if self.water is not None:
            value += float(self.water.at(work_kw).sum()) * self.dt_h
        if self.battery is not None:
            value += self.battery.wear_per_kwh * float(discharge_kw.sum()) * self.dt_h
        return value

    def _charges(self, drawn: Floats) -> Floats:
        """The tariff's own charges by month, at the objective's weight of money."""
        assert self.demand is not None
        assert self.lowest is not None
        saved = sum((o.values(drawn, self.dt_h) for o in self.offers if o.tariff), np.zeros(self.lowest.level.size))
        return self.lowest.charges(drawn, self.dt_h, self.demand_weight * self.demand.monthly(drawn), saved)
