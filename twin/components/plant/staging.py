"""Staging: how many chillers run, in their order, within minimum times, and how they share the load."""

from __future__ import annotations

from twin.compiled import compilable
from twin.units import MINUTES_PER_HOUR


@compilable
def stage_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Staging starts from the last step's in every pass: a decision taken on a trial temperature must not stay."""
    loop.stage_count = s.stage_count
    y.stage_changes_count = 0.0
    y.stage_direction_count = 0.0


@compilable
def offer_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Capacities at zero before the chillers offer theirs."""
    loop.restage = 0.0
    loop.capacity_kw = 0.0
    loop.capacity_less_kw = 0.0
    loop.chilled_kw = 0.0


@compilable
def dispatch(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Call for one chiller more or fewer where load and minimum times ask for it, then share the load equally."""
    need_kw = max(loop.demand_kw - loop.free_kw, 0.0) if loop.alone < 0.5 else 0.0
    since_min = s.since_change_h * MINUTES_PER_HOUR
    dt_min = dt_h * MINUTES_PER_HOUR
    may_add = since_min >= p.minimum_off_min - 1e-9 and y.stage_changes_count * p.minimum_off_min < dt_min
    may_drop = since_min >= p.minimum_on_min - 1e-9 and y.stage_changes_count * p.minimum_on_min < dt_min
    least_count = p.minimum_running_count if need_kw > 0.0 else 0.0
    few = need_kw > p.stage_up_frac * loop.capacity_kw + 1e-9 or loop.stage_count < least_count - 0.5
    add = few and loop.stage_count < p.chillers_count - 0.5
    drop = loop.stage_count > least_count + 0.5 and need_kw <= p.stage_down_frac * loop.capacity_less_kw
    if add and may_add and y.stage_direction_count > -0.5:
        loop.stage_count += 1.0
        y.stage_changes_count += 1.0
        y.stage_direction_count = 1.0
        loop.restage = 1.0
    elif drop and may_drop and y.stage_direction_count < 0.5:
        loop.stage_count -= 1.0
        y.stage_changes_count += 1.0
        y.stage_direction_count = -1.0
        loop.restage = 1.0
    share = need_kw / loop.capacity_kw if loop.capacity_kw > 1e-9 else 0.0
    loop.plr_frac = min(max(share, 0.0), 1.0)
