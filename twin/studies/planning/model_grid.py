"""The grid's side of a plan's program: import and surplus, offers of cheaper energy, peaks and what they cost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from twin.studies.planning.charges import Blocks
from twin.studies.planning.draft import KW_PER_MW, Draft, Floats, Integers, Layout
from twin.studies.planning.filled import filled_blocks, filled_offers, lowest_peaks_kw
from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import Problem

HOURS_PER_MONTH = 730.0
TANK_FLOWS = ("tank_in", "tank_out", "tank")  # in the order of the variables
LEAST_MW = 1e-4  # limits below which a pair's shares are left alone: rows keep their scale


def add_grid(problem: Problem, d: Draft, giving: Integers) -> None:
    """Everything at the meter; ``giving`` are the steps in which the site can give more than it takes."""
    _surplus(problem, d, giving)
    _need(problem, d, giving)
    _offers(problem, d, giving)
    _peaks(problem, d, giving)
    _calls(problem, d, giving)
    _lowest(problem, d, giving)


def add_generator(problem: Problem, d: Draft) -> None:
    """Generators burn fuel in place of import, up to what the site can draw."""
    if problem.generator is None:
        return
    t, price = np.arange(problem.count), problem.price_per_kwh * KW_PER_MW * problem.dt_h
    column = d.at["generated"] + t
    d.high[column] = np.minimum(problem.generator.power_kw, highest_import_kw(problem)) / KW_PER_MW
    d.cost[column] = problem.fuel_worth_per_kwh * KW_PER_MW * problem.dt_h - price
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    d.tie[column] = problem.tie_frac * mean * problem.dt_h  # where fuel costs what import costs, none is burnt


def either_or(problem: Problem, at: Layout, giving: Integers) -> Integers:
    """Pairs of variables of which one has to be zero, (pair, 2).

    A bound drops the pairs of import and surplus where both an import and an export are paid for: the surplus of its
    lines may be none of the site's.
    """
    pairs = []
    if problem.battery is not None:
        t = np.arange(problem.count)
        pairs.append(np.stack([at["charge"] + t, at["discharge"] + t], axis=1))
    tank_in, tank_out = (np.arange(at[a], at[b]).reshape(-1, problem.count) for a, b in pairwise(TANK_FLOWS))
    pairs += [np.stack([into, out], axis=1) for into in tank_in for out in tank_out]
    if problem.response is not None:
        i = np.arange(problem.response.step.size)
        pairs.append(np.stack([at["cut"] + i, at["over"] + i], axis=1))
    held = np.arange(giving.size)
    if problem.battery is not None and not problem.battery.may_export and not problem.relaxed:
        pairs.append(np.stack([at["discharge"] + giving, at["surplus"] + held], axis=1))
    if problem.generator is not None and not problem.relaxed:
        pairs.append(np.stack([at["generated"] + giving, at["surplus"] + held], axis=1))
    if problem.relaxed and problem.export_per_kwh > 0.0:
        held = held[problem.price_per_kwh[giving] >= 0.0]
    pairs.append(np.stack([at["import"] + held, at["surplus"] + held], axis=1))
    return np.concatenate(pairs)


def steps_of(problem: Problem, at: Layout, negative: Integers, giving: Integers) -> Integers:
    """Step of each variable; -1 for peaks, offers and what else belongs to many."""
    t, names = np.arange(problem.count), list(at)
    every = ("segment", "water", "charge", "discharge", "stored", "served", "waiting", "late", "tank_in", "tank_out",
             "tank", "generated")  # fmt: skip
    held = {**dict.fromkeys(every, t), "ceiling": negative, **dict.fromkeys(("import", "surplus", "curtailed"), giving)}
    if problem.response is not None:
        held |= dict.fromkeys(("cut", "over"), problem.response.step)
    step = np.full(at["end"], -1)
    for name, steps in held.items():
        start, end = at[name], at[names[names.index(name) + 1]]
        if steps.size:
            step[start:end] = np.tile(steps, (end - start) // steps.size)
    return step


def parts(problem: Problem, at: Layout, step: Integers) -> Integers:
    """Month of each variable, given its step; without demand charges parts of as many steps."""
    t, demand, names = np.arange(problem.count), problem.demand, list(at)
    month = t // max(round(HOURS_PER_MONTH / problem.dt_h), 1)
    months = np.zeros(0, dtype=np.int64)
    if demand is not None:
        months = np.arange(demand.floor_kw.size)
        month = np.clip(np.searchsorted(demand.begins, t, "right") - 1, 0, None)
    part = np.where(step >= 0, month[step], month.max(initial=0))
    repeated = {} if demand is None else {
        "charged": months, "lowest": months, "peak": demand.month, "month": months, "billed": months,
        "peak_block": demand.month, "month_block": months}  # fmt: skip
    for name, values in repeated.items():
        start, end = at[name], at[names[names.index(name) + 1]]
        if values.size:
            part[start:end] = np.tile(values, (end - start) // values.size)
    start = at["offer"]
    for offers in problem.offers:
        last = np.array([of.max(initial=0) for of in np.split(offers.steps.indices, offers.steps.indptr[1:-1])])
        part[start : start + offers.most_kwh.size] = np.tile(month[last], len(offers.most_kwh))
        start += offers.most_kwh.size
    return part


def lean(problem: Problem, d: Draft, either: Integers, step: Integers) -> None:
    """Where a kWh taken and given at once would gain, a pair takes no more than its share of both limits.

    That is the hull of what either of the two may be alone: it cuts off nothing that is allowed, and brings the linear
    program close to the one with choices. In a call both would gain at any price: what is drawn less is paid for.
    """
    first, second = either.T
    worth = problem.price_per_kwh[step[second]]
    surplus = (second >= d.at["surplus"]) & (second < d.at["curtailed"])
    called = (second >= d.at["over"]) & (second < d.at["charged"])
    least, most = np.minimum(d.high[first], d.high[second]), np.maximum(d.high[first], d.high[second])
    gains = called | (worth < np.where(surplus, max(problem.export_per_kwh, 0.0), 0.0))
    some = gains & (least > LEAST_MW) & np.isfinite(most)
    first, second, row = first[some], second[some], np.arange(int(some.sum()))
    if row.size:
        d.below.add(d.high[first], (row, first, 1.0), (row, second, d.high[first] / d.high[second]))


def _net(problem: Problem, d: Draft, row: Integers, steps: Integers, weight: Any, upper: bool = False) -> list[Any]:
    """Entries of the power at the meter over ``steps`` (less its base), at their weights."""
    lines, name, count = problem.facility, "segment", problem.count
    column = steps
    if upper:
        negative = np.flatnonzero(problem.price_per_kwh < 0.0)
        lines, name, count, column = problem.ceiling, "ceiling", negative.size, np.searchsorted(negative, steps)
    blocks = [(row, d.at[name] + i * count + column, weight * slope[steps]) for i, slope in enumerate(lines.slope)]
    if problem.battery is not None:
        blocks += [(row, d.at["charge"] + steps, weight), (row, d.at["discharge"] + steps, -weight)]
    for name, lines, sign in zip(TANK_FLOWS, problem.tank_lines or (), (1.0, -1.0), strict=False):
        blocks += [(row, d.at[name] + i * problem.count + steps, sign * weight * slope[steps])
                   for i, slope in enumerate(lines.slope)]  # fmt: skip
    if problem.generator is not None:
        blocks.append((row, d.at["generated"] + steps, -weight))
    return blocks


def _surplus(problem: Problem, d: Draft, giving: Integers) -> None:
    """Import is what is drawn and what is given; beyond the limit of export the surplus is curtailed."""
    if not giving.size:
        return
    at, dt, k = d.at, problem.dt_h, np.arange(giving.size)
    price, earned = problem.price_per_kwh[giving], problem.export_per_kwh
    limited = np.isfinite(problem.most_export_kw)
    if problem.relaxed:
        earned = max(earned, 0.0)
    dear = price < 0.0
    for upper in (False, True):
        part = np.flatnonzero(dear == upper)
        row, steps = np.arange(part.size), giving[part]
        base = (problem.ceiling if upper else problem.facility).base[steps] / KW_PER_MW
        one = np.ones(part.size)
        d.equal.add(base, (row, at["import"] + part, 1.0), (row, at["surplus"] + part, -1.0),
                    *[(r, c, -v) for r, c, v in _net(problem, d, row, steps, one, upper)])  # fmt: skip
    most = problem.surplus_kw[giving]
    d.high[at["import"] + k] = highest_import_kw(problem)[giving] / KW_PER_MW
    d.high[at["surplus"] + k] = most / KW_PER_MW
    d.cost[at["surplus"] + k] = (price - earned) * KW_PER_MW * dt
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    d.tie[at["surplus"] + k] = problem.tie_frac * mean * dt  # import beside a surplus must not be free
    d.high[at["curtailed"] + k] = most / KW_PER_MW if limited and earned > 0.0 else 0.0
    if limited and earned > 0.0:
        d.cost[at["curtailed"] + k] = earned * KW_PER_MW * dt
        d.below.add(np.full(k.size, problem.most_export_kw / KW_PER_MW), (k, at["surplus"] + k, 1.0),
                    (k, at["curtailed"] + k, -1.0))  # fmt: skip


def highest_import_kw(problem: Problem) -> Floats:
    """An import that no schedule exceeds, in each step."""
    taken = np.full(problem.count, problem.battery.power_kw if problem.battery is not None else 0.0)
    if problem.tank_lines is not None:
        taken += (problem.tank_lines[0].slope * problem.tank_lines[0].width_kw).sum(axis=0)
    full = [_highest_kw(lines, _capacity_kw(problem)) for lines in (problem.facility, problem.ceiling)]
    return np.asarray(np.maximum(np.max(full, axis=0) + taken, 0.0))


def _capacity_kw(problem: Problem) -> Floats:
    """Most power that the classes can take in each step."""
    most = np.zeros(problem.count)
    for one in problem.classes:
        most += np.minimum(one.most_share, problem.free_share[one.group]) / one.share_per_rate * one.kw_per_rate
    return most


def _highest_kw(lines: Segments, most_kw: Floats) -> Floats:
    """A power that the lines do not exceed up to ``most_kw``."""
    rise = np.maximum(lines.slope, 0.0)
    beyond = np.maximum(most_kw - lines.width_kw.sum(axis=0), 0.0)
    return np.asarray(lines.base + (rise * np.minimum(lines.width_kw, most_kw)).sum(axis=0) + rise[-1] * beyond)


def _need(problem: Problem, d: Draft, giving: Integers) -> None:
    """A battery that may not export discharges, and generators give, no more than the site draws."""
    if (problem.battery is None and problem.generator is None) or problem.relaxed:
        return
    saved = np.full(problem.count, problem.battery.power_kw if problem.battery is not None else 0.0)
    if problem.generator is not None:
        saved += problem.generator.power_kw
    if problem.tank_lines is not None:
        saved += (problem.tank_lines[1].slope * problem.tank_lines[1].width_kw).sum(axis=0)
    tight = np.setdiff1d(np.flatnonzero(problem.facility.base < saved), giving)
    if tight.size:
        row = np.arange(tight.size)
        blocks = [(r, c, -v) for r, c, v in _net(problem, d, row, tight, np.ones(tight.size))]
        d.below.add(problem.facility.base[tight] / KW_PER_MW, *blocks)


def _offers(problem: Problem, d: Draft, giving: Integers) -> None:
    """What is cheaper is taken up to its amount, and no more than is drawn in the steps of its group."""
    start = d.at["offer"]
    for offers in problem.offers:
        ranks, groups = offers.most_kwh.shape
        columns = start + np.arange(ranks * groups).reshape(ranks, groups)
        paying = offers.gain_per_kwh > 0.0
        filled = filled_offers(problem, offers)
        d.high[columns] = np.where(paying | filled, offers.most_kwh, 0.0) / KW_PER_MW
        d.low[columns] = np.where(filled, offers.most_kwh, 0.0) / KW_PER_MW
        d.cost[columns] = -offers.gain_per_kwh * KW_PER_MW
        taken = [(np.arange(groups), column, 1.0) for column in columns]
        weights = offers.steps.tocoo()
        _under(problem, d, giving, weights, problem.dt_h, *taken)
        start += ranks * groups


def _under(problem: Problem, d: Draft, giving: Integers, weights: sparse.coo_array, sign: float, *tops: Any,
           room_kw: Any = 0.0) -> None:  # fmt: skip
    """Rows ``tops <= sign * weighted import + room``, one for each of the weights."""
    row, step, weight = weights.row.astype(np.int64), weights.col.astype(np.int64), weights.data * sign
    place = np.searchsorted(giving, step)
    given = np.flatnonzero(giving[np.minimum(place, giving.size - 1)] == step) if giving.size else np.zeros(0, int)
    blocks = [(r, c, -v) for r, c, v in _net(problem, d, row, step, weight)]
    blocks.append((row[given], d.at["surplus"] + place[given], -weight[given]))
    base = np.bincount(row, weight * problem.facility.base[step], minlength=weights.shape[0])
    d.below.add((base + room_kw) / KW_PER_MW, *tops, *blocks)


def _peaks(problem: Problem, d: Draft, giving: Integers) -> None:
    """Peaks are above every interval's mean; those of months above those of their periods."""
    at, demand = d.at, problem.demand
    if demand is not None:
        peaks, months = demand.counts
        p, m = np.arange(peaks), np.arange(months)
        shares = _demand_weights(problem, months)
        if problem.carried_peak_kw is not None and problem.carried_month_kw is not None:
            d.low[at["peak"] + p] = problem.carried_peak_kw / KW_PER_MW
            d.low[at["month"] + m] = problem.carried_month_kw / KW_PER_MW
        d.low[at["billed"] + m] = demand.floor_kw / KW_PER_MW
        least = lowest_peaks_kw(problem)
        _priced(d, "peak", "peak_block", demand.periods.scaled(shares[demand.month]), least[0])
        _priced(d, "billed", "month_block", demand.flat.scaled(shares), least[1])
        d.cost[at["month"] + m] += demand.measured_per_kw * shares * KW_PER_MW
        _under(
            problem,
            d,
            giving,
            demand.intervals.tocoo(),
            -1.0,
            (np.arange(demand.peak.size), at["peak"] + demand.peak, -1.0),
        )
        used = np.unique(demand.peak)
        d.below.add(np.zeros(used.size), (np.arange(used.size), at["peak"] + used, 1.0),
                    (np.arange(used.size), at["month"] + demand.month[used], -1.0))  # fmt: skip
        d.below.add(np.zeros(months), (m, at["month"] + m, 1.0), (m, at["billed"] + m, -1.0))
        if demand.ratchet.size:
            billed, of = np.nonzero(demand.ratchet)
            row = np.arange(billed.size)
            d.below.add(np.zeros(row.size), (row, at["month"] + of, demand.ratchet[billed, of]),
                        (row, at["billed"] + billed, -1.0))  # fmt: skip
    d.cost[at["highest"]] = problem.peak_per_kw * KW_PER_MW
    if problem.peak_per_kw > 0.0:
        t = np.arange(problem.count)
        whole = sparse.coo_array((np.ones(t.size), (t, t)), shape=(t.size, t.size))
        _under(problem, d, giving, whole, -1.0, (t, np.full(t.size, at["highest"]), -1.0))


def _demand_weights(problem: Problem, months: int) -> Floats:
    """What a month's demand counts in the objective: rolling plans weigh it by the share of the month that they see."""
    shares = np.ones(months) if problem.month_share is None else problem.month_share
    return shares * problem.demand_weight


def _calls(problem: Problem, d: Draft, giving: Integers) -> None:
    """What is drawn less than the baseline is paid for up to what was promised; what is drawn above it is not fined."""
    response = problem.response
    if response is None:
        return
    assert response.baseline_kw is not None
    i, step, baseline = np.arange(response.step.size), response.step, response.baseline_kw
    cut, over = d.at["cut"] + i, d.at["over"] + i
    d.cost[cut] = -response.gain_per_kwh * response.hours * KW_PER_MW
    d.high[cut] = np.clip(baseline, 0.0, response.terms.committed_kw) / KW_PER_MW
    d.high[over] = np.maximum(highest_import_kw(problem)[step] - baseline, 0.0) / KW_PER_MW
    each = sparse.coo_array((np.ones(i.size), (i, step)), shape=(i.size, problem.count))
    _under(problem, d, giving, each, -1.0, (i, cut, 1.0), (i, over, -1.0), room_kw=baseline)


def _lowest(problem: Problem, d: Draft, giving: Integers) -> None:
    """Months, and the year, are charged at least their lowest bill: in thousands of the currency."""
    lowest = problem.lowest
    if lowest is None:
        return
    assert problem.demand is not None
    m, charged, added = np.arange(lowest.level.size), d.at["charged"], d.at["lowest"]
    d.low[charged + m] = -np.inf
    d.cost[added + m] = KW_PER_MW
    blocks, fixed = _energy_charges(problem, d, giving)
    weight = _demand_weights(problem, m.size)
    blocks += [_at_rate(d, "peak", "peak_block", problem.demand.periods.scaled(weight[problem.demand.month]),
                        problem.demand.month),
               _at_rate(d, "billed", "month_block", problem.demand.flat.scaled(weight), m),
               (m, d.at["month"] + m, weight * problem.demand.measured_per_kw)]  # fmt: skip
    d.equal.add(-fixed / KW_PER_MW, (m, charged + m, -1.0), *blocks)
    d.below.add(-lowest.month_floor / KW_PER_MW, (m, added + m, -1.0), (m, charged + m, -1.0))
    if lowest.year_floor is not None:
        d.cost[d.at["lowest_year"]] = KW_PER_MW
        share = -lowest.level[-1] / lowest.level
        d.below.add(np.array([-lowest.year_floor / KW_PER_MW]), (0 * m[:1], d.at["lowest_year"] + m[:1], -1.0),
                    (0 * m, charged + m, share), (0 * m, added + m, share))  # fmt: skip


def _energy_charges(problem: Problem, d: Draft, giving: Integers) -> tuple[list[Any], Floats]:
    """Entries of each month's energy at the tariff's price, less its blocks, and what no variable changes."""
    lowest = problem.lowest
    assert lowest is not None
    paid, month, blocks = lowest.price_per_kwh * problem.dt_h, lowest.month, []
    dear = problem.price_per_kwh < 0.0
    base = np.where(dear, problem.ceiling.base, problem.facility.base)
    for upper in (False, True):
        steps = np.flatnonzero(dear == upper)
        blocks += _net(problem, d, month[steps], steps, paid[steps], upper)
    blocks.append((month[giving], d.at["surplus"] + np.arange(giving.size), paid[giving]))
    start = d.at["offer"]
    for offers in problem.offers:
        ranks, groups = offers.most_kwh.shape
        if offers.tariff:
            row = np.tile(month[offers.steps.indices[offers.steps.indptr[:-1]]], ranks)
            blocks.append((row, start + np.arange(ranks * groups), -offers.gain_per_kwh.ravel()))
        start += ranks * groups
    return blocks, np.bincount(month, paid * base, minlength=lowest.level.size).astype(float)


def _at_rate(d: Draft, name: str, blocks_name: str, prices: Blocks, row: Integers) -> tuple[Any, Any, Any]:
    """Entries of demand at its price, in the row of each item; where there are tiers, those of its blocks."""
    if len(prices.rate_per_kw) == 1:
        return row, d.at[name] + np.arange(row.size), prices.rate_per_kw[0]
    columns = d.at[blocks_name] + np.arange(prices.rate_per_kw.size).reshape(prices.rate_per_kw.shape)
    return np.broadcast_to(row, columns.shape), columns, prices.rate_per_kw


def _priced(d: Draft, name: str, blocks_name: str, prices: Blocks, least_kw: Floats) -> None:
    """Demand at its price; where there are tiers, its blocks at theirs, those that every schedule fills full."""
    items = np.arange(prices.rate_per_kw.shape[1])
    if len(prices.rate_per_kw) == 1:
        d.cost[d.at[name] + items] += prices.rate_per_kw[0] * KW_PER_MW
        return
    columns = d.at[blocks_name] + np.arange(prices.rate_per_kw.size).reshape(prices.rate_per_kw.shape)
    d.cost[columns] = prices.rate_per_kw * KW_PER_MW
    d.high[columns] = prices.width_kw / KW_PER_MW
    d.low[columns] = np.where(filled_blocks(prices, least_kw), prices.width_kw, 0.0) / KW_PER_MW
    d.below.add(np.zeros(items.size), (items, d.at[name] + items, 1.0), *[(items, column, -1.0) for column in columns])
