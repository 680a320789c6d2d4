"""Classes of work: what is asked for, what waits, what is done, and what is dropped; nothing is lost on the way."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Name, Phase
from twin.components.it.caps import ClassCap
from twin.components.it.hardware import InferenceTable
from twin.components.it.response import Phase as WorkPhase
from twin.components.it.response import Response, constant, respond
from twin.components.work.demand import Demand
from twin.components.work.placement import Placement
from twin.components.work.shift import Shift
from twin.errors import SpecFault, did_you_mean, refuse
from twin.units import SECONDS_PER_HOUR

ROUNDING = 1e-12  # share of what arrived below which a rest counts as none
PER_MILLION = 1e-6
OPERATIONS_PER_TOKEN = 2.0  # multiply and add for each parameter: Kaplan et al. 2020, arXiv 2001.08361


@compilable
def work_open(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """Before the caps of the class."""
    limits.limit_frac = 1.0


@compilable
def arrive(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """What waited, and what this step brings."""
    work.left_count = s.queue_count + u.arrivals_per_h * dt_h
    work.due_count = max(work.left_count - u.recent_count, 0.0)
    work.held_count = 0.0
    work.served_count = 0.0
    work.slow_count = 0.0


@compilable
def settle(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """What is left waits; what waits beyond its slack is late, and dropped where the rule says so.

    Work is done in the order in which it came: what is left beyond the arrivals of the last ``slack_h`` hours is late.
    Work that was running and finds no device is interrupted and loses what it did since its last checkpoint.
    """
    queue = work.left_count + work.held_count
    lost = 0.0
    if s.rate_per_h > 0.0 and work.served_count <= 0.0 and queue > 0.0:
        lost = s.rate_per_h * p.restart_h
        queue += lost
    late = max(queue - lost - u.recent_count, 0.0)
    if late <= ROUNDING * (queue + u.recent_count):
        late = 0.0
    still_late = max(s.late_count - work.served_count, 0.0)
    missed = max(late - still_late, 0.0)
    dropped = late if p.late > 0.5 else 0.0
    y.arrived_per_h = u.arrivals_per_h
    y.served_per_h = work.served_count / dt_h
    y.slow_per_h = work.slow_count / dt_h
    y.missed_per_h = missed / dt_h
    y.dropped_per_h = dropped / dt_h
    y.lost_per_h = lost / dt_h
    y.queue_count = queue - dropped
    y.late_count = late - dropped
    x.queue_count, x.late_count = y.queue_count, y.late_count
    x.rate_per_h = y.served_per_h


class Workload(Component):
    """What all classes of work share."""

    demand: Demand
    """What is asked for over time."""
    runs_on: dict[Name, Placement] = Field(min_length=1)
    """Rack groups that it may run on, by a name of the user's."""
    placement: Literal["given", "work_per_joule", "cost"] = "given"
    """Which of them first: as listed, or by work per joule or per cost of electricity without limits."""
    priority_count: int = Field(0, ge=-1000, le=1000)
    """Classes with more of it are placed first where several share a group."""
    slack_h: float = Field(0.0, ge=0, le=8784)
    """How long work may wait before it is late."""
    late: Literal["wait", "drop"] = "wait"
    """What becomes of late work."""
    late_per_kwh_h: float | None = Field(None, ge=0, le=1e4)
    """What an hour of delay beyond the slack costs, for each kWh that its devices usually take for the work, in the
    tariff's currency: plans may then miss deadlines where that gains more; left out: they hold them."""
    restart_h: float = Field(0.0, ge=0, le=100)
    """Run time that is lost when running work is interrupted altogether: since the last checkpoint, and to start."""
    caps: dict[Name, ClassCap] = Field(default_factory=dict)
    """Power caps of the class, in addition to those of its rack groups."""
    shift: Shift | None = None
    """When work that may wait runs; left out: as soon as devices are free."""

    unit: ClassVar[str] = "device hours"
    inputs: ClassVar[Fields] = {
        "arrivals_per_h": "Work that arrives",
        "recent_count": "Work that arrived within the slack before the step's end",
    }
    state: ClassVar[Fields] = {
        "queue_count": "Work that waits",
        "late_count": "Work that waits beyond its slack",
        "rate_per_h": "Work done in the last step, per hour",
    }
    begins: ClassVar[tuple[str, ...]] = ("queue_count", "late_count", "rate_per_h")
    outputs: ClassVar[Fields] = {
        "arrived_per_h": "Work that arrives",
        "served_per_h": "Work done",
        "dropped_per_h": "Work dropped",
        "missed_per_h": "Work that misses its deadline",
        "slow_per_h": "Work done while the latency objective was missed",
        "lost_per_h": "Work to be done again after interruptions",
        "queue_count": "Work that waits at the end of the step",
        "late_count": "Work that waits beyond its slack",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("cap_open", work_open, ("limits",)),
        Phase("arrive", arrive, ("work",)),
        Phase("finish", settle, ("work",)),
    )

    @model_validator(mode="after")
    def _only_what_may_wait_is_shifted(self) -> Self:
        if self.shift is not None and self.slack_h <= 0:
            refuse([SpecFault(("shift",), "work that may not wait cannot be shifted: state its `slack_h`")])
        return self

    @model_validator(mode="after")
    def _only_late_work_that_waits_has_a_price(self) -> Self:
        if self.late_per_kwh_h is None:
            return self
        if self.slack_h <= 0:
            refuse([SpecFault(("late_per_kwh_h",), "work that may not wait is not planned: state its `slack_h`")])
        if self.late == "drop":
            refuse([SpecFault(("late_per_kwh_h",), "late work that is dropped is never done: it needs `late: wait`")])
        return self

    @property
    def units_per_demand(self) -> float:
        """Units of work for each unit of what the demand counts."""
        return 1.0

    @abstractmethod
    def response(self, group: Any) -> Response:
        """How the class runs on a rack group's processors; SpecFault where that is not known."""


class Inference(Workload):
    """Answers of a language model, as measured for a batch; the unit is a million output tokens.

    Servers run at the stated batch; those that are not needed idle.
    """

    kind: Literal["inference"] = "inference"
    """Kind of work."""
    model: str
    """Model, as in the hardware catalog."""
    precision: str
    """Number format, as in the hardware catalog."""
    devices_count: int | None = Field(None, ge=1, le=1000)
    """Processors of a replica, where the model was measured on several numbers of them; the fewest if left out."""
    batch_count: float = Field(ge=1, le=1e6)
    """Requests served at once by each replica; between measured batches power and tokens are interpolated."""
    tokens_in_count: float = Field(gt=0, le=1e7)
    """Mean tokens of a request."""
    tokens_out_count: float = Field(gt=0, le=1e7)
    """Mean tokens of an answer."""
    latency_objective_ms: float | None = Field(None, gt=0, le=1e6)
    """Time between tokens (95th percentile where measured) that should not be exceeded."""
    prefill_mfu_frac: float | None = Field(None, gt=0, le=1)
    """Share of peak operations in prefill; then its time is reckoned apart, at the highest power. Left out: the
    measurement's own share of prefill stands."""

    unit: ClassVar[str] = "million tokens"

    @property
    def units_per_demand(self) -> float:
        """Million output tokens of a request."""
        return self.tokens_out_count * PER_MILLION

    def response(self, group: Any) -> Response:
        """Decoding as measured, prefill apart where its share of peak is stated."""
        device = group.device
        table = self._table(device.inference, device.name)
        device_w, tokens_per_s, itl_ms = self._at_batch(table)
        decode_s = table.devices_count / tokens_per_s
        prefill_s = self._prefill_s(group, table)
        whole_s = decode_s + prefill_s
        decode = WorkPhase(min(device_w / device.limit_w, 1.0), decode_s / whole_s, steady=True)
        phases = [WorkPhase(1.0, prefill_s / whole_s, steady=True), decode] if prefill_s else [decode]
        speed = SECONDS_PER_HOUR * PER_MILLION / whole_s
        return respond(device, phases, speed, itl_ms, self.latency_objective_ms, table.devices_count)

    def _table(self, tables: tuple[InferenceTable, ...], name: str) -> InferenceTable:
        models = {table.model: table for table in tables}
        if self.model not in models:
            near = did_you_mean(self.model, models) or f"; there are {', '.join(models)}" if models else ""
            raise SpecFault(("model",), f"no measurement of {self.model} on {name}{near}")
        fitting = [table for table in tables if table.model == self.model and table.precision == self.precision]
        if not fitting:
            known = ", ".join(dict.fromkeys(table.precision for table in tables if table.model == self.model))
            raise SpecFault(("precision",), f"{self.model} is measured in {known} on {name}, not in {self.precision}")
        by_count = {table.devices_count: table for table in fitting}
        count = min(by_count) if self.devices_count is None else self.devices_count
        if count not in by_count:
            known = ", ".join(str(count) for count in sorted(by_count))
            raise SpecFault(("devices_count",), f"{self.model} is measured on {known} of {name}, not on {count}")
        return by_count[count]

    def _at_batch(self, table: InferenceTable) -> tuple[float, float, float]:
        low, high = table.batch_count[0], table.batch_count[-1]
        if not low <= self.batch_count <= high:
            raise SpecFault(("batch_count",), f"measured from {low:g} to {high:g}, got {self.batch_count:g}")
        latency = table.p95_itl_ms or table.median_itl_ms or (0.0,) * len(table.batch_count)
        columns = (table.device_w, table.tokens_per_s, latency)
        at = [_by_log(table.batch_count, column, self.batch_count) for column in columns]
        return at[0], at[1], at[2]

    def _prefill_s(self, group: Any, table: InferenceTable) -> float:
        """Device seconds of prefill for each output token: 2 N L_in / (peak x MFU)."""
        if self.prefill_mfu_frac is None:
            return 0.0
        peak = group.peak_tflops(self.precision)
        operations = OPERATIONS_PER_TOKEN * table.active_parameters_billion * 1e9 * self.tokens_in_count
        return operations / (peak * 1e12 * self.prefill_mfu_frac) / self.tokens_out_count


class DeviceTime(Workload):
    """Work that holds processors or servers for a time, whatever they compute."""

    draw_frac: float | None = Field(None, gt=0, le=1)
    """Power of a busy processor over its highest limit, without a cap; as the measured work if left out."""
    speed_per_device_h: float = Field(1.0, gt=0, le=1e12)
    """Work that a device does in an hour without a cap; with 1 the unit of work is a device hour."""
    job_work_count: float | None = Field(None, gt=0, le=1e15)
    """Work of one job or training run, in the class's own unit; energy, cost and carbon are then told for one, too."""

    def on_devices(self, group: Any, gang_count: int) -> Response:
        """The sweep, scaled to what the work draws; servers are limited through the load that they may take."""
        if group.kind == "shared_servers":
            return constant(self.speed_per_device_h, gang_count)
        device = group.device
        draw = device.uncapped_frac if self.draw_frac is None else self.draw_frac
        return respond(device, [WorkPhase(draw, 1.0)], self.speed_per_device_h, gang_count=gang_count)


class Compute(DeviceTime):
    """Services, batch jobs and the like; the unit is a device hour, of a processor or of a shared server."""

    kind: Literal["compute"] = "compute"
    """Kind of work."""

    def response(self, group: Any) -> Response:
        """On single devices."""
        return self.on_devices(group, 1)


class Training(DeviceTime):
    """Training of a model: gangs of processors that run whole or not at all, with checkpoints."""

    kind: Literal["training"] = "training"
    """Kind of work."""
    gang_count: int = Field(ge=1, le=100000)
    """Processors that must run together."""
    restart_h: float = Field(0.5, ge=0, le=100)
    """Run time that is lost when it is interrupted altogether: since the last checkpoint, and to start again."""

    def response(self, group: Any) -> Response:
        """In gangs."""
        return self.on_devices(group, self.gang_count)


def _by_log(batches: tuple[float, ...], values: tuple[float, ...], batch: float) -> float:
    """Linear in the logarithm of the batch, as the points are spaced; exact at the points."""
    for low, high, first, last in zip(batches, batches[1:], values, values[1:], strict=False):
        if low <= batch <= high:
            share = math.log(batch / low) / math.log(high / low)
            return last if batch == high else first + share * (last - first)
    return values[0]
