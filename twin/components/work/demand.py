"""What a class of work is asked for over time: constant, by the clock, from a file, or from a trace."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.components.profiles import Profile
from twin.quantities import Spec
from twin.references import InputFile
from twin.series.series_file import SeriesFile, Timezone

Rate = Annotated[float, Field(ge=0, le=1e12)]


class ConstantDemand(Spec):
    """The same all the time."""

    kind: Literal["constant"] = "constant"
    """Kind of demand."""
    rate_per_h: Rate
    """What is asked for in an hour, in the class's own unit."""


class ProfileDemand(Spec):
    """A rate that a profile scales."""

    kind: Literal["profile"] = "profile"
    """Kind of demand."""
    rate_per_h: Rate
    """What is asked for in an hour where the profile is 1, in the class's own unit."""
    use: Profile
    """Share of it over time."""


class SeriesDemand(SeriesFile):
    """Rates in an hour from a CSV file, in the class's own unit."""

    kind: Literal["csv"] = "csv"
    """Kind of demand."""


class RequestTrace(Spec):
    """Requests to language models: arrival, tokens in and tokens out (CSV as Azure's, JSON lines as Mooncake's).

    A class of inference gets the output tokens of each request, any other class one unit for each.
    """

    kind: Literal["requests"] = "requests"
    """Kind of demand."""
    file: InputFile
    """The trace."""
    scale_ratio: float = Field(1.0, gt=0, le=1e6)
    """Requests of the run for each of the trace."""
    repeat: bool = True
    """Laid end to end over the run; else once, from its start on."""


class JobTrace(Spec):
    """Jobs that a scheduler replays on the trace's own machine or another; their work arrives as they run there."""

    kind: Literal["jobs"] = "jobs"
    """Kind of demand."""
    file: InputFile
    """The trace: SWF, ``sacct --parsable2``, or a table with a header; gzipped or not."""
    format: Literal["swf", "sacct", "csv"]
    """Form of the file."""
    unit: Literal["cpus", "nodes", "gpus"] = "cpus"
    """What sacct counts of a job."""
    timezone: Timezone = "UTC"
    """Zone of stamps that state none."""
    time_unit: Literal["s", "min", "h"] = "s"
    """Unit of times that are plain numbers, in a table."""
    submit_column: str | None = None
    """Column of submissions; found by its usual names if left out, as the others."""
    start_column: str | None = None
    """Column of starts."""
    end_column: str | None = None
    """Column of ends."""
    run_column: str | None = None
    """Column of run times."""
    units_column: str | None = None
    """Column of units that a job holds."""
    requested_column: str | None = None
    """Column of run times asked for."""
    priority_column: str | None = None
    """Column of priorities; larger goes first."""
    policy: Literal["fifo", "shortest", "priority", "easy"] = "easy"
    """Order in which waiting jobs start: as they came, shortest or most urgent first, or as they came with backfill."""
    capacity_count: float | None = Field(None, gt=0, le=1e9)
    """Units of the machine; the trace's own if left out."""
    unit_kw: float = Field(0.0, ge=0, le=1e4)
    """Power of a busy unit, for admission by power."""
    power_limit_kw: float | None = Field(None, gt=0, le=1e7)
    """Power that running jobs may draw together; a job waits until it fits."""
    scale_ratio: float = Field(1.0, gt=0, le=1e6)
    """Device hours for each unit hour of the trace."""
    repeat: bool = False
    """Laid end to end over the run; else once, from its start on."""


class FragmentTrace(Spec):
    """OpenDC trace: tasks and fragments in Parquet; the work is CPU use in GHz hours."""

    kind: Literal["opendc"] = "opendc"
    """Kind of demand."""
    tasks: InputFile
    """File tasks.parquet."""
    fragments: InputFile
    """File fragments.parquet."""
    repeat: bool = False
    """Laid end to end over the run; else once, from its start on."""


Demand = Annotated[
    ConstantDemand | ProfileDemand | SeriesDemand | RequestTrace | JobTrace | FragmentTrace,
    Field(discriminator="kind"),
]
