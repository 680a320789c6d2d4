"""``simulate``: scenarios in, one labelled Dataset out. Same compositions share one program; threads share the work."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from twin.compiled import has_numba
from twin.engine.composition import Composition
from twin.engine.lowering import NONE_GIVEN, Inputs, Lowered, lower
from twin.engine.plain import run_plain
from twin.engine.results import dataset, failure
from twin.errors import InputError, RunError
from twin.scenario.model import Scenario

METERED = "grid.meter.import_kw"  # always kept: the bill and the emissions are made from it
Keep = Literal["all", "none"] | Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """What the loop leaves of one scenario: kept series (steps, kept), sums (unit h), extremes, states, failed step."""

    lowered: Lowered
    series: np.ndarray
    sums: np.ndarray
    peaks: np.ndarray
    lows: np.ndarray
    start: np.ndarray
    end: np.ndarray
    last: np.ndarray  # outputs of the last step
    failed_at: int


def simulate(
    scenarios: Scenario | Iterable[Scenario],
    *,
    keep: Keep = "all",
    engine: Literal["auto", "compiled", "plain"] = "auto",
    workers: int | None = None,
    inputs: Inputs | Sequence[Inputs] = NONE_GIVEN,
) -> xr.Dataset:
    """Run one scenario or many.

    Parameters
    ----------
    scenarios
        A scenario, or several with the same time axis.
    keep
        Which series come back: all, none (sums, extremes and the metered power only), or names such as
        ``halls.ai.air.fan_kw``.
    engine
        ``compiled`` machine code, ``plain`` Python with the same bits, or ``auto``: compiled where numba is there.
    workers
        Threads for several scenarios; the number of processors if left out.
    inputs
        Values of inputs in place of those that scenarios state, by path and name, such as
        ``workloads.batch.shift.planned_per_h``: a number or an array over the steps; one mapping for each scenario,
        or one for all.

    Returns
    -------
    Dataset
        Dimensions (scenario, time); variables named by path and output, with ``units`` and ``long_name``; sums over
        the run in ``total`` (scenario, output). Time is UTC, an interval is named by its start.

    Raises
    ------
    RunError
        When a single scenario ran away. In a batch the failed scenario is told in ``failure`` and the others go on.
    InputError
        When an input file does not serve.
    """
    batch = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    given = [inputs] * len(batch) if isinstance(inputs, Mapping) else list(inputs)
    lowered = [lower(scenario, inputs=own) for scenario, own in zip(batch, given, strict=True)]
    if len({one.axis for one in lowered}) > 1 or not _same_steps(lowered):
        raise InputError("scenarios simulated together must have the same period and steps")
    run = runner(engine)
    if len(lowered) == 1:
        outcomes = [run(lowered[0], keep)]
    else:
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            outcomes = list(pool.map(lambda one: run(one, keep), lowered))
    if isinstance(scenarios, Scenario) and outcomes[0].failed_at >= 0:
        raise RunError(failure(outcomes[0]))
    return dataset(outcomes, [kept_outputs(one.composition, keep) for one in lowered])


def _same_steps(lowered: Sequence[Lowered]) -> bool:
    first = lowered[0].steps if lowered else None
    if first is None:
        return all(one.steps is None for one in lowered)
    return all(first.same_as(one.steps) for one in lowered)


def kept_outputs(composition: Composition, keep: Keep) -> tuple[tuple[str, str, int], ...]:
    """(path, field, position) of the outputs to keep."""
    if keep == "all":
        return composition.outputs
    wanted = set(() if keep == "none" else keep) | {METERED}
    return tuple(o for o in composition.outputs if f"{o[0]}.{o[1]}" in wanted)


def runner(engine: str) -> Callable[[Lowered, Keep], Outcome]:
    """The loop over one lowered scenario: ``compiled``, ``plain``, or ``auto``."""
    plain = engine == "plain" or (engine == "auto" and not has_numba())
    return lambda lowered, keep: _run(lowered, keep, plain)


def _run(one: Lowered, keep: Keep, plain: bool) -> Outcome:
    c = one.composition
    s, start, y = one.s.copy(), one.s.copy(), np.zeros(c.y.size)
    sums, peaks, lows = np.zeros(c.y.size), np.full(c.y.size, -np.inf), np.full(c.y.size, np.inf)
    series = np.empty((one.u.shape[0], len(kept_outputs(c, keep))))
    series[:1] = np.nan  # what runs away in its warm-up takes no step
    failed_at = bound_loop(c, keep, plain)(
        one.p, one.u, s, one.s.copy(), y, np.zeros(c.n.size), series, start, sums, peaks, lows, one.hours, 1.0,
        one.scenario.run.warmup_h,
    )  # fmt: skip
    if failed_at >= 0:
        series[failed_at + 1 :] = np.nan  # steps that were never taken
    return Outcome(one, series, sums, peaks, lows, start, s, y, failed_at)


def bound_loop(c: Composition, keep: Keep, plain: bool) -> Callable[..., int]:
    """The loop of a composition: :func:`twin.engine.plain.run_plain` without its first two arguments, or as code."""
    kept = np.array([position for _, _, position in kept_outputs(c, keep)], dtype=np.int64)
    if plain:
        return functools.partial(run_plain, c, kept)
    from twin.engine.kernel import addresses, compiled_loop

    return functools.partial(compiled_loop(), addresses(c), c.offsets, c.back, c.flag, c.gather_end, c.gather_from,
                             c.gather_to, c.cut_at, c.cut_from, c.cut_to, c.zero, c.begins, kept, c.watch,
                             c.limits)  # fmt: skip
