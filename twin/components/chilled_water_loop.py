"""Steps of a chilled-water loop: set-point, heat that it must give up, temperature that the plant can hold."""

from __future__ import annotations

import math

from twin.compiled import compilable

PASSES = 16.0  # bound of the search for a supply temperature that the plant can hold
TOLERANCE_K = 1e-6
FAR_C = 1e6  # no trial was that cold or that warm


@compilable
def loop_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """First pass: supply at set-point, or where the last step left it; sums at zero."""
    loop.set_c = u.set_c
    if p.trim_k > 0.0:  # by the load as the controller sees it, up to the end of the last step
        loop.set_c -= p.trim_k * min(max((s.seen_load_kw - p.light_load_kw) / p.trim_span_kw, 0.0), 1.0)
    if loop.again < 0.5:
        loop.pass_count = 0.0
        loop.supply_c = max(s.supply_c, loop.set_c)
        loop.cold_c = -FAR_C
        loop.warm_c = FAR_C
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
        trial_c = loop.supply_c
        slope = -1.0
        if loop.pass_count > 0.5 and abs(trial_c - loop.low_c) > 1e-12:
            slope = (residual_k - loop.low_residual_k) / (trial_c - loop.low_c)
        slope = min(slope, -0.05)
        loop.low_c = trial_c
        loop.low_residual_k = residual_k
        loop.supply_c = min(max(trial_c - residual_k / slope, loop.set_c), trial_c + 50.0)
        if residual_k > 0.0:
            loop.cold_c = max(loop.cold_c, trial_c)
        else:
            loop.warm_c = min(loop.warm_c, trial_c)
        bracketed = loop.cold_c > -FAR_C and loop.warm_c < FAR_C
        if bracketed and not (loop.cold_c < loop.supply_c and loop.supply_c < loop.warm_c):
            loop.supply_c = 0.5 * (loop.cold_c + loop.warm_c)  # at the kink where capacity runs out a secant may circle
        loop.pass_count += 1.0
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
    if p.trim_k > 0.0:
        x.seen_load_kw -= math.expm1(-dt_h / p.lag_h) * (loop.load_kw - s.seen_load_kw)
    x.stage_count = loop.stage_count
    x.since_change_h = dt_h if y.stage_changes_count > 0.5 else min(s.since_change_h + dt_h, 1e3)
