"""Steps of a chilled-water loop: set-point, heat that it must give up, temperature that the plant can hold."""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.components.search import next_trial_c, open_search

PASSES = 45.0  # bound of the search for a supply temperature that the plant can hold: twenty, and 50 K halved to 1e-6
TOLERANCE_K = 1e-6
FLATTEST = -0.05  # slope of the search's residual: warmer water is taken up less and cooled more


@compilable
def take_water(loop, heat_kw, flow_kg_s, leaving_c):  # type: ignore[no-untyped-def]
    """Water that a coil or an exchanger draws from the loop, and returns with its heat at a temperature."""
    loop.load_kw += heat_kw
    loop.flow_kg_s += flow_kg_s
    loop.return_sum += flow_kg_s * leaving_c


@compilable
def loop_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """First pass: supply at set-point, or where the last step left it; sums at zero."""
    loop.set_c = u.set_c
    if p.trim_k > 0.0 and (u.load_seen > 0.5 or p.falls_back < 0.5):  # by the load as it is seen since the last step
        loop.set_c -= p.trim_k * min(max((s.seen_load_kw - p.light_load_kw) / p.trim_span_kw, 0.0), 1.0)
    if loop.again < 0.5:
        open_search(loop)
        loop.supply_c = max(s.supply_c, loop.set_c)
    loop.start_c = s.supply_c
    loop.again = 0.0
    loop.flow_kg_s = 0.0
    loop.load_kw = 0.0
    loop.return_sum = 0.0


@compilable
def loop_demand(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat to remove so that the loop ends the step at set-point."""
    loop.return_c = loop.return_sum / loop.flow_kg_s if loop.flow_kg_s > 1e-9 else loop.supply_c
    excess_kw = p.capacity_kwh_per_k * (s.supply_c - loop.set_c) / dt_h
    loop.demand_kw = max(loop.load_kw + excess_kw, 0.0)
    loop.base_kw = loop.demand_kw
    loop.reused_kw = 0.0
    loop.precooled_kw = 0.0
    loop.stored_kw = 0.0
    loop.free_kw = 0.0
    loop.alone = 0.0
    loop.chilled_kw = 0.0


@compilable
def loop_close(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Supply temperature that the removed heat leads to; where the plant falls short, search the one that agrees."""
    removed_kw = loop.free_kw + loop.chilled_kw + loop.reused_kw + loop.precooled_kw + loop.stored_kw
    end_c = s.supply_c + (loop.load_kw - removed_kw) * dt_h / p.capacity_kwh_per_k
    residual_k = end_c - loop.supply_c
    below = loop.supply_c <= loop.set_c and end_c <= loop.set_c
    if abs(residual_k) > TOLERANCE_K and not below and loop.pass_count < PASSES:
        loop.supply_c = max(next_trial_c(loop, loop.supply_c, residual_k, FLATTEST), loop.set_c)
        loop.again = 1.0
    y.supply_c = end_c
    y.return_c = loop.return_c
    y.flow_kg_s = loop.flow_kg_s
    y.load_kw = loop.load_kw
    y.removed_kw = removed_kw
    y.free_kw = loop.free_kw
    y.shortfall_kw = max(loop.base_kw - removed_kw, 0.0)
    y.stage_count = loop.stage_count
    y.passes_count = loop.pass_count + 1.0
    y.unsolved_count = 1.0 if abs(residual_k) > 1e-3 and not below and loop.again < 0.5 else 0.0
    free_kw = loop.free_kw + loop.precooled_kw
    y.free_mode = 1.0 if free_kw > 1e-6 and loop.chilled_kw <= 1e-6 else 0.0
    y.partial_mode = 1.0 if free_kw > 1e-6 and loop.chilled_kw > 1e-6 else 0.0
    y.set_c = loop.set_c
    y.excess_k = max(end_c - loop.set_c, 0.0)
    x.supply_c = end_c
    x.seen_load_kw = s.seen_load_kw
    if p.trim_k > 0.0 and u.load_seen > 0.5:
        x.seen_load_kw -= math.expm1(-dt_h / p.lag_h) * (loop.load_kw - s.seen_load_kw)
    x.stage_count = loop.stage_count
    x.since_change_h = dt_h if y.stage_changes_count > 0.5 else min(s.since_change_h + dt_h, 1e3)
