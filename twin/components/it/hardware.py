"""Hardware as files in ``data/hardware/`` state it: power, power limits and inference as measured, with sources.

What nobody has measured is null and named under ``unknown``; ``stand_in`` says which device's measurements are used
instead, and results repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from twin.errors import SpecFault, refuse
from twin.quantities import Spec

Watt = Annotated[float, Field(gt=0, le=1e6)]
Share = Annotated[float, Field(gt=0, le=1.5)]
Milliseconds = Annotated[float, Field(gt=0, le=1e6)]


def column_faults(table: Spec, first: str, others: tuple[str, ...]) -> Iterator[SpecFault]:
    """Columns of different length, and a first column that does not rise."""
    values = getattr(table, first)
    for name in others:
        count = len(getattr(table, name))
        if count != len(values):
            yield SpecFault((name,), f"has {count} values, {first} has {len(values)}")
    for row, (low, high) in enumerate(pairwise(values), 1):
        if not low < high:
            yield SpecFault((first, row), f"must rise: {high:g} after {low:g}")


class DeviceFigures(Spec):
    """One processor board."""

    source: str
    """Key of the source."""
    limit_w: float | None = Field(gt=0, le=1e5)
    """Highest power that it is allowed to draw (TDP); null: unknown."""
    idle_w: float | None = Field(ge=0, le=1e5)
    """Power when idle; null: unknown."""
    idle_source: str | None = None
    """Key of the source of the idle power, where it is another."""
    memory_gb: float | None = Field(None, gt=0, le=1e5)
    """Memory."""
    bandwidth_tb_s: float | None = Field(None, gt=0, le=1e3)
    """Memory bandwidth."""
    peak_tflops: dict[str, Annotated[float, Field(gt=0, le=1e6)]] = Field(default_factory=dict)
    """Peak throughput by precision, dense."""


class ServerFigures(Spec):
    """The usual server or rack around the devices."""

    source: str
    """Key of the source."""
    devices_count: int = Field(ge=1, le=1000)
    """Devices in it."""
    peak_w: float | None = Field(gt=0, le=1e6)
    """Highest power at the wall; null: unknown."""
    idle_w: float | None = Field(ge=0, le=1e6)
    """Power when all devices idle; null: unknown."""
    idle_source: str | None = None
    """Key of the source of the idle power, where it is another."""


class PowerLimits(Spec):
    """A sweep of power limits: throughput and mean power, over those at the highest limit."""

    source: str
    """Key of the source."""
    uncapped_w: float = Field(gt=0, le=1e5)
    """Mean power that the measured work drew at the highest limit."""
    limit_w: tuple[Watt, ...] = Field(min_length=2, max_length=20)
    """Power limits, rising."""
    throughput_frac: tuple[Share, ...] = Field(min_length=2, max_length=20)
    """Throughput at each, over that at the highest."""
    power_frac: tuple[Share, ...] = Field(min_length=2, max_length=20)
    """Mean power at each, over that at the highest."""

    @model_validator(mode="after")
    def _is_a_sweep(self) -> Self:
        refuse([*column_faults(self, "limit_w", ("throughput_frac", "power_frac")), *self._faults()])
        return self

    def _faults(self) -> Iterator[SpecFault]:
        for name in ("throughput_frac", "power_frac"):
            values = getattr(self, name)
            if values[-1] != 1.0:
                yield SpecFault((name, len(values) - 1), "must be 1 at the highest limit, which all are relative to;"
                                f" got {values[-1]:g}")  # fmt: skip


class InferenceTable(Spec):
    """Steady inference of one model: power and throughput as measured, by batch."""

    model: str
    """Name of the model."""
    precision: str
    """Number format of the weights, such as bf16 or fp8."""
    devices_count: int = Field(ge=1, le=1000)
    """Devices that serve the model together."""
    parameters_billion: float = Field(gt=0, le=1e5)
    """Parameters of the model, in 1e9."""
    active_parameters_billion: float = Field(gt=0, le=1e5)
    """Parameters that work on one token, in 1e9."""
    source: str
    """Key of the source."""
    batch_count: tuple[Annotated[float, Field(ge=1, le=1e6)], ...] = Field(min_length=1, max_length=100)
    """Requests served at once, rising."""
    device_w: tuple[Watt, ...]
    """Mean power of each device."""
    tokens_per_s: tuple[Annotated[float, Field(gt=0, le=1e9)], ...]
    """Output tokens of all devices together."""
    median_itl_ms: tuple[Milliseconds, ...] = ()
    """Median time between tokens; empty: unknown."""
    p95_itl_ms: tuple[Milliseconds, ...] = ()
    """95th percentile of it; empty: unknown."""
    answer_count: tuple[Annotated[float, Field(gt=0, le=1e6)], ...] = ()
    """Mean tokens of an answer; empty: unknown."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        optional = tuple(name for name in ("median_itl_ms", "p95_itl_ms", "answer_count") if getattr(self, name))
        refuse(column_faults(self, "batch_count", ("device_w", "tokens_per_s", *optional)))
        return self


class ModePoint(Spec):
    """A server in an operating mode of its maker, on a benchmark."""

    benchmark: str
    """Benchmark."""
    scenario: str
    """Scenario of the benchmark."""
    mode: str
    """Operating mode."""
    wall_w: float = Field(gt=0, le=1e6)
    """Mean power at the wall."""
    throughput_frac: float = Field(gt=0, le=1.5)
    """Throughput over that without the mode."""


class ServerModes(Spec):
    """Servers measured at the wall in operating modes."""

    source: str
    """Key of the source."""
    devices_count: int = Field(ge=1, le=1000)
    """Devices in the server."""
    points: tuple[ModePoint, ...] = Field(min_length=1, max_length=200)
    """Measured points."""


class LoadPower(Spec):
    """A CPU server's power over its load, as SPECpower measures it."""

    source: str
    """Key of the source."""
    power_w: tuple[Watt, ...] = Field(min_length=11, max_length=11)
    """Wall power at 0, 10, ... 100 % of full throughput."""


class Price(Spec):
    """Range of a device's price."""

    source: str
    """Key of the source."""
    low_usd: float = Field(gt=0, le=1e7)
    """Low end."""
    high_usd: float = Field(gt=0, le=1e7)
    """High end."""


class StandIn(Spec):
    """Devices whose measurements are used where this one has none: names of files beside it."""

    power_limits: str | None = None
    """Device whose sweep of power limits stands in."""
    inference: str | None = None
    """Device whose inference tables stand in."""


class Hardware(Spec):
    """One file of the catalog."""

    name: str
    """What it is called."""
    kind: Literal["gpu", "accelerator", "rack", "cpu_server"]
    """What it is."""
    sources: dict[str, str] = Field(min_length=1)
    """Sources by key."""
    device: DeviceFigures | None = None
    """The processor board."""
    server: ServerFigures | None = None
    """The usual server around it."""
    load_power: LoadPower | None = None
    """Power over load of a CPU server."""
    power_limits: PowerLimits | None = None
    """Measured sweep of power limits."""
    inference: tuple[InferenceTable, ...] = ()
    """Measured inference."""
    server_modes: ServerModes | None = None
    """Measured operating modes."""
    price: Price | None = None
    """Price."""
    stand_in: StandIn = StandIn()
    """Whose measurements are used where this device has none."""
    unknown: tuple[str, ...] = ()
    """What is not public."""

    @model_validator(mode="after")
    def _sources_are_there(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[SpecFault]:
        for path, block in self._blocks():
            for field in ("source", "idle_source"):
                key = getattr(block, field, None)
                if key is not None and key not in self.sources:
                    known = ", ".join(self.sources)
                    yield SpecFault((*path, field), f"no source '{key}' under sources: there are {known}")
        if (self.kind == "cpu_server") != (self.load_power is not None):
            yield SpecFault(("load_power",), f"{'is required for' if self.kind == 'cpu_server' else 'does not fit'}"
                            f" kind: {self.kind}")  # fmt: skip
        if (self.kind == "cpu_server") != (self.device is None):
            yield SpecFault(("device",), f"{'does not fit' if self.kind == 'cpu_server' else 'is required for'}"
                            f" kind: {self.kind}")  # fmt: skip

    def _blocks(self) -> Iterator[tuple[tuple[str | int, ...], Spec]]:
        for name in ("device", "server", "load_power", "power_limits", "server_modes", "price"):
            block = getattr(self, name)
            if block is not None:
                yield (name,), block
        for index, table in enumerate(self.inference):
            yield ("inference", index), table
