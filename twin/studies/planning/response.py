"""Calls of demand response as a plan sees them: what is paid for drawing less than a baseline, and what is fined.

Drawing less than promised is worth payment and penalty for each kWh, drawing less than that or more than the baseline
is worth nothing. The baseline is held while a plan is made. Where the contract takes it from days before, it is that of
the plan's own days (:mod:`twin.studies.planning.settling`): no plan draws more on other days to raise it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.contracts import DemandResponse
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.studies.contracts import baselines_kw, called_h

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Response:
    """Calls that lie in a plan's steps; items are the steps of each call, shape (item,).

    Attributes
    ----------
    terms, axis, timezone : the contract, and the whole run that its baselines are of
    call, step, hours : number of the call, step of the plan, hours of it that the call has
    baseline_kw : draw that counts as unreduced, held; None where it is not known yet
    begin, past_kw : step of the run with which the plan begins, and what was drawn before, (time,)
    weight : what money counts in the objective
    """

    terms: DemandResponse
    axis: TimeAxis
    timezone: str
    call: Integers
    step: Integers
    hours: Floats
    baseline_kw: Floats | None = None
    begin: int = 0
    past_kw: Floats | None = None
    weight: float = 1.0

    @property
    def gain_per_kwh(self) -> float:
        """What a kWh less is worth: it is paid for, and not fined."""
        return self.weight * (self.terms.energy_per_kwh + self.terms.penalty_per_kwh)

    @property
    def fined(self) -> float:
        """What calls cost that nothing answers."""
        return self.weight * self.terms.penalty_per_kwh * self.terms.committed_kw * float(self.hours.sum())

    def baseline_of(self, import_kw: Floats) -> Floats:
        """The baseline if this is drawn in the plan's steps; beyond them the mean of what is known counts."""
        known = import_kw if self.past_kw is None else np.concatenate([self.past_kw, import_kw])
        whole = np.concatenate([known, np.full(self.axis.count - known.size, known.mean())])
        spans = called_h(self.terms, self.axis, self.timezone)
        lines = list(baselines_kw(self.terms, spans, whole, self.axis, self.timezone))
        return np.array([lines[call][self.begin + step] for call, step in zip(self.call, self.step, strict=True)])

    def held(self, baseline_kw: Floats) -> Response:
        """The same with the baseline held."""
        return replace(self, baseline_kw=baseline_kw)

    def worth(self, change_kw: Floats) -> float:
        """What a change of the baseline is worth at most."""
        return self.gain_per_kwh * float(np.abs(change_kw) @ self.hours)

    def cost(self, import_kw: Floats) -> float:
        """Penalties less payments of a run, its baseline as the bill has it unless it is held."""
        baseline = self.baseline_of(import_kw) if self.baseline_kw is None else self.baseline_kw
        reduced = np.clip(baseline - import_kw[self.step], 0.0, self.terms.committed_kw)
        return self.fined - self.gain_per_kwh * float(reduced @ self.hours)

    def window(self, begin: int, end: int, past_kw: Floats) -> Response | None:
        """The calls in the steps from one up to another; None where there are none."""
        within = (self.step >= begin) & (self.step < end)
        if not within.any():
            return None
        return replace(self, call=self.call[within], step=self.step[within] - begin, hours=self.hours[within],
                       begin=begin, past_kw=past_kw)  # fmt: skip


def response_of(scenario: Scenario, axis: TimeAxis) -> Response | None:
    """Calls of a scenario that lie in its run; None where none does, or where nothing is paid for them."""
    terms, zone = scenario.grid.contracts.demand_response, scenario.site.timezone
    if terms is None or not terms.events or terms.energy_per_kwh + terms.penalty_per_kwh <= 0.0:
        return None
    call, step = np.nonzero(np.array(called_h(terms, axis, zone)))
    if not step.size:
        return None
    hours = np.array(called_h(terms, axis, zone))[call, step]
    fixed = None if terms.baseline_kw is None else np.full(step.size, terms.baseline_kw)
    return Response(terms, axis, zone, call.astype(np.int64), step.astype(np.int64), hours, fixed)
