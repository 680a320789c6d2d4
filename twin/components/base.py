"""What a technology is: parameters, state, outputs, and the steps that it takes in each phase.

A component is a frozen record of parameters. Its class states which state and outputs it has and which small
functions run in which phase of a time step. The engine lowers the parameters to a record under the same names
and calls the steps; components meet only at nodes, never at each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from twin.quantities import Spec
from twin.series.axis import TimeAxis
from twin.series.series_file import SeriesFile

Course = float | NDArray[np.float64] | SeriesFile  # what an input is over time
Fields = Mapping[str, str]  # name, whose suffix states the unit -> long name
# What a user calls a part of the site. No dots or slashes: names become paths and variables of result files.
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]


@dataclass(frozen=True)
class Phase:
    """One step of a technology: ``run(p, u, w, s, x, y, *nodes, dt_h)`` at a place of the time step.

    ``p`` parameters, ``u`` own inputs, ``w`` weather, ``s`` state at the start of the step (read), ``x`` state at
    its end (write all of it, each time), ``y`` outputs; ``nodes`` names the roles of the nodes that it is joined to.
    A phase inside an iterated group may run several times in one time step.
    """

    at: str
    run: Callable[..., None]
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Store:
    """Energy kept in a state: ``capacity`` (a parameter in kWh/K; None: the state itself is in kWh) of a ledger."""

    state: str
    ledger: Literal["electric", "air", "water"]
    capacity: str | None = None


@dataclass(frozen=True)
class Ledger:
    """Names of the outputs, in kW, that enter the electrical, air and water ledgers.

    ``electric`` is what is turned into heat here: for a load its power, for a power device its loss. ``supplies`` is
    electricity that enters the site here (imported, generated), ``gives`` what leaves it (exported) or is not taken.
    """

    electric: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    to_air: tuple[str, ...] = ()
    from_air: tuple[str, ...] = ()
    to_water: tuple[str, ...] = ()
    from_water: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What lowering tells a component about where it stands: its hall or plant (if any) and the site's pressure."""

    hall: Any = None
    plant: Any = None
    pressure_pa: float = 101325.0
    elevation_m: float = 0.0
    rank: int = 0  # position among the units of its kind in its plant
    count: int = 1  # how many units of its kind stand there
    group: Any = None  # rack group that a placement names
    work: Any = None  # class of work that it belongs to
    lagged: bool = False  # its loss reaches a room one step later, because it is known only after the plant


class Component(Spec):
    """A technology. Numbers among its fields become parameters; ``derived`` adds what follows from them."""

    inputs: ClassVar[Fields] = {}
    state: ClassVar[Fields] = {}
    outputs: ClassVar[Fields] = {}
    derived: ClassVar[Mapping[str, int]] = {}  # name -> length, 0 for a scalar
    phases: ClassVar[tuple[Phase, ...]] = ()
    ledger: ClassVar[Ledger] = Ledger()
    stores: ClassVar[tuple[Store, ...]] = ()
    begins: ClassVar[tuple[str, ...]] = ()  # state with which the run begins as stated, whatever the warm-up made of it
    draws: ClassVar[str | None] = None  # output that is drawn from the bus named by ``fed_by``
    loses: ClassVar[str | None] = None  # output that heats the place named by ``heat_to``
    watched: ClassVar[Mapping[str, float]] = {}  # output -> value from which on the scenario has run away
    cut: ClassVar[str] = "availability_frac"  # input that falls where its feeder cannot serve it
    end_use: ClassVar[str] = "auxiliary"
    end_uses: ClassVar[Mapping[str, str]] = {}  # outputs whose electricity has another end use than ``end_use``

    def derive(self, around: Surroundings) -> dict[str, Any]:
        """Values of the ``derived`` parameters."""
        return {}

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """Inputs that are no profiles: a number, values for each step, or the file that they stand in."""
        return {}

    @classmethod
    def profiles(cls) -> dict[str, str]:
        """Inputs that come from profiles: input ``x_frac`` from field ``x``."""
        return _profiles(cls)

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Values of the state before the run; missing names start at 0."""
        return {}

    @classmethod
    def parameter_shapes(cls) -> dict[str, int]:
        """Name and length (0: scalar) of every parameter: numeric fields, choices as their index, then derived."""
        numeric = {name: 0 for name, field in cls.model_fields.items() if _is_number(field.annotation)}
        return numeric | dict(cls.derived)

    def parameters(self, around: Surroundings) -> dict[str, Any]:
        """Values for :meth:`parameter_shapes`; a choice is the index of its word among those allowed."""
        held = vars(self)
        own = {name: float(words.index(held[name]) if words else held[name]) for name, words in _numbers(type(self))}
        return own | self.derive(around)


def said(part: Any, field: str) -> Any:
    """A field of a part, or what its kind says under that name; None where it has neither."""
    kind: Any = type(part)
    return getattr(part, field) if _says(kind, field) else None


@functools.cache
def _says(kind: Any, field: str) -> bool:
    """Asked once: to look for an attribute that is not there takes long, and a batch does it for each run."""
    return field in kind.model_fields or hasattr(kind, field)


def _is_number(annotation: Any) -> bool:
    if annotation in (float, int, bool):
        return True
    return get_origin(annotation) is Literal and len(get_args(annotation)) > 1


@functools.cache
def _numbers(cls: type[Component]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Names of the numeric fields, and of choices the words that they may be."""
    fields = ((name, field.annotation) for name, field in cls.model_fields.items())
    return tuple((name, get_args(kind) if get_origin(kind) is Literal else ()) for name, kind in fields
                 if _is_number(kind))  # fmt: skip


@functools.cache
def _profiles(cls: type[Component]) -> dict[str, str]:
    fields = {name: name.removesuffix("_frac") for name in cls.inputs}
    return {name: field for name, field in fields.items() if name != field and field in cls.model_fields}
