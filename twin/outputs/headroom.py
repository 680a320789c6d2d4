"""What ``twin headroom`` prints and writes: tables on the screen, headroom.json, and pictures in headroom.html."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from twin.outputs.files import metrics_text, write_whole
from twin.outputs.numbers import figure, share, whole
from twin.outputs.screens import table_screen
from twin.studies.headroom.answers import Answers
from twin.studies.headroom.more import Freed
from twin.studies.headroom.n_minus import Search
from twin.studies.headroom.outcome import Outcome
from twin.studies.headroom.part_load import LoadTable
from twin.studies.headroom.ramp import RampYear
from twin.studies.headroom.risk import Point
from twin.studies.headroom.room import Headroom
from twin.studies.headroom.sizing import Sizing
from twin.studies.headroom.units import Case
from twin.studies.headroom.uses import Use

SCHEMA_VERSION = 1  # of headroom.json
JSON, PAGE = "headroom.json", "headroom.html"
MOST_ROWS = 12
SPELLED_OUT = ("halls.", "plants.", "power.", "rooms.", "onsite.", "loads.", ".condenser.towers", ".chillers",
               ".rack_groups")  # fmt: skip
NEVER = "not in {:g} h"


def print_answers(found: Answers, paths: Sequence[Path] = ()) -> None:
    """Tables on stdout."""
    screen = table_screen()
    for table in _tables(found):
        screen.print(table)
    for line in sentences(found):
        screen.print(line, soft_wrap=True)
    for path in paths:
        screen.print(f"wrote {path}", soft_wrap=True, markup=False)


def _tables(found: Answers) -> Iterator[Table]:
    yield _headroom_table(found.site.scenario.name, found.headroom)
    yield _stranded_table(found.stranded)
    yield _freed_table(found.freed)
    yield _sizing_table(found.sizing)
    if found.part_load is not None:
        yield _load_table(found.part_load)
    if found.ramp:
        yield _ramp_table(found.ramp)
    if found.search is not None:
        yield _search_table(found.search)
    if found.points:
        yield _points_table(found.points)


def _table(title: str, *columns: str, left: int = 1) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(columns):
        table.add_column(name, justify="left" if at < left else "right", overflow="fold")
    return table


def _headroom_table(name: str, rooms: Sequence[Headroom]) -> Table:
    table = _table(f"{name}: IT that can still be deployed", "place", "under", "installed", "still fits", "binds first",
                   left=2)  # fmt: skip
    for one in rooms:
        fits = "overloaded" if one.overloaded else _kw(one.added_kw)
        table.add_row(one.place, one.level, _kw(one.installed_kw), fits, limit_words(one.binds))
    return table


def limit_words(use: Use | None) -> str:
    """A limit for people: what it is, and where.

    >>> limit_words(None)
    'no limit found'
    """
    if use is None:
        return "no limit found"
    return f"{use.kind} ({short(use.path)})"


def short(path: str) -> str:
    """A path as people say it.

    >>> short("plants.main.condenser.towers.cells"), short("halls.ai.rack_groups.gpu")
    ('main.cells', 'ai.gpu')
    """
    for word in SPELLED_OUT:
        path = path.replace(word, "")
    return path


def loss_words(case: Case, between: str = " + ") -> str:
    """What a case loses, for people."""
    return between.join(f"{n} of {unit.count} {short(unit.path)}" if unit.count > 1 else short(unit.path)
                        for unit, n in case.lost)  # fmt: skip


def _stranded_table(found: Sequence[Use]) -> Table:
    table = _table("Left of each capacity when the site's first limit is reached (design)", "part", "what", "used",
                   "stranded", left=2)  # fmt: skip
    for use in found[:MOST_ROWS]:
        table.add_row(short(use.path), use.kind, share(use.most_frac), " ".join(figure(use.left, use.unit)))
    return table


def _freed_table(found: Sequence[Freed]) -> Table:
    table = _table(
        "IT that one more unit would free (design, whole site)", "part", "what", "frees", "then binds", left=2
    )
    for one in found:
        if one.gained_kw > 0.5 or one is found[0]:
            table.add_row(short(one.path), one.what, _kw(one.gained_kw), limit_words(one.binds))
    return table


def _sizing_table(found: Sizing) -> Table:
    table = _table("Design day, all racks at full power", "outdoor air", "dry / wet bulb", "IT", "cooling", "site",
                   "heat on water", "chillers can")  # fmt: skip
    for hour in found.hours:
        air = f"{hour.condition.dry_bulb_c:.1f} / {hour.condition.wet_bulb_c:.1f} °C"
        values = (hour.it_kw, hour.cooling_kw, hour.site_kw, hour.heat_kw, hour.chillers_kw)
        table.add_row(hour.condition.name, air, *(["ran away"] * 5 if hour.failure else map(_kw, values)))
    return table


def _load_table(found: LoadTable) -> Table:
    heads = [f"{word} {100 * curve.load_frac:.0f} %" for word in ("PUE", "MLC") for curve in found.curves]
    table = _table("PUE and MLC (ASHRAE 90.4) by IT load and outdoor dry bulb", "dry bulb", "hours", *heads)
    for at, hours in enumerate(found.hours):
        if hours:
            bins = [curve.bins[at] for curve in found.curves]
            values = [*(one.pue_ratio for one in bins), *(one.mlc_ratio for one in bins)]
            label = f"{found.edges_c[at]:.0f} to {found.edges_c[at + 1]:.0f} °C"
            table.add_row(label, whole(float(hours)), *(f"{value:.3f}" for value in values))
    years = [curve.year for curve in found.curves]
    yearly = [*(one.pue_ratio for one in years), *(one.mlc_ratio for one in years)]
    table.add_row("year", whole(float(found.hours.sum())), *(f"{value:.3f}" for value in yearly))
    table.add_row("ELC", "", *(f"{one.elc_ratio:.3f}" for one in years))
    return table


def _ramp_table(found: Sequence[RampYear]) -> Table:
    table = _table("While the site fills", "year", "filled", "IT", "PUE", "MLC", "facility", "bill", "per IT kWh")
    for one in found:
        if one.failure:
            table.add_row(str(one.year), share(one.fill_frac), _kw(one.it_kw), "ran away", "", "", "", "")
            continue
        energy = " ".join(figure(one.facility_kwh, "kWh"))
        table.add_row(str(one.year), share(one.fill_frac), _kw(one.it_kw), f"{one.pue_ratio:.3f}",
                      f"{one.mlc_ratio:.3f}", energy, whole(one.cost), f"{one.cost_per_it_kwh:.4f}")  # fmt: skip
    return table


def _search_table(found: Search) -> Table:
    title = f"Worst hour for each loss: {found.hours:,} hours, {found.screened:,} screened, {found.coarse:,} simulated,"
    table = _table(f"{title} {found.fine:,} at 1 s", "lost", "worst hour", "too warm", "in trouble",
                   "warmest inlet", "where")  # fmt: skip
    for one in found.telling()[:MOST_ROWS]:
        table.add_row(loss_words(one.case, "\n+ "), when(found, one), _minutes(one.recommended_min, one.window_h),
                      trouble_words(one), f"{one.highest_c:.1f} °C",
                      short(one.group))  # fmt: skip
    return table


def trouble_words(one: Outcome) -> str:
    """When and how IT gets into trouble: power lost, or air above the allowable limit."""
    if one.unserved_min <= one.allowable_min and math.isfinite(one.unserved_min):
        return f"IT off at {one.unserved_min:.1f} min" if one.unserved_min > 0.0 else "IT off at once"
    return _minutes(one.allowable_min, one.window_h)


def when(found: Search, one: Outcome) -> str:
    """Local standard time of an outcome's hour."""
    return f"{found.course.lowered.axis.standard()[one.step]:%d %b %H:%M}"


def _points_table(found: Sequence[Point]) -> Table:
    words = list(dict.fromkeys(word for point in found for word in point.worst))
    heads = [word.removesuffix(" lost") for word in words]
    title = "Efficiency against risk: minutes to the allowable inlet in the worst hour of losing ..."
    table = _table(title, "strategy", "PUE", f"bill, {found[0].currency}", *heads, "spare power units")
    for point in found:
        cells = [_of_point(point.worst.get(word)) for word in words]
        price_kwh = sum(spread.price_kwh for spread in point.spreads.values())
        table.add_row(point.name, f"{point.pue_ratio:.4f}", whole(point.cost), *cells,
                      " ".join(figure(price_kwh, "kWh")))  # fmt: skip
    return table


def _of_point(one: Outcome | None) -> str:
    if one is None:
        return "–"
    return f"{one.highest_c:.1f} °C" if math.isinf(one.minutes) else f"{one.minutes:.1f}"


def _minutes(value: float, window_h: float) -> str:
    return NEVER.format(window_h) if math.isinf(value) else f"{value:.1f} min"


def _kw(value: float) -> str:
    return " ".join(figure(value, "kW"))


def sentences(found: Answers) -> list[str]:
    """What the tables come to, and what they assume."""
    size, site = found.sizing, found.site
    assumed = " (assumed)" if size.power_factor_assumed else ""
    names = {one.level: one.under for one in found.headroom}
    lines = [
        "; ".join(f"{level}: {under}" for level, under in names.items()),
        f"inlet air is held to the {site.band} range; redundant units of power devices are kept; what is added draws "
        "its power all the time, alike to the racks that stand there",
        f"site {_kw(size.generators_kw)} in the worst design hour: generators of {whole(size.generators_kva)} kVA at a "
        f"power factor of .8" + (f"; {_kw(size.generators_rated_kw)} stand there" if size.generators_rated_kw else ""),
    ]
    for one in size.transformers:
        rating = "no preferred rating" if one.preferred_kva is None else f"{one.preferred_kva:g} kVA"
        lines.append(
            f"power.{one.name}: {whole(one.load_kva)} kVA at a power factor of {size.power_factor_frac:g}{assumed}; "
            f"{one.needed_count} x {rating} carry it, {one.installed_count} x {one.rated_kva:g} kVA stand there"
        )
    if found.points:
        lines.append("where no limit is reached, the warmest inlet is told; spare power units: energy that they take")
    if found.search is not None and found.search.worst:
        worst = found.search.telling()[0]
        lines.append(f"the worst loss: {loss_words(worst.case)} on {when(found.search, worst)}, "
                     f"{trouble_words(worst)}; warmest inlet {worst.highest_c:.1f} °C")  # fmt: skip
    return lines


def answers_document(found: Answers) -> dict[str, Any]:
    """What headroom.json holds."""
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": found.site.scenario.name,
        "inlet_band": found.site.band,
        "design_conditions": [vars(one) for one in found.site.weather.conditions],
        "headroom": [_room(one) for one in found.headroom],
        "stranded": [_use(use) for use in found.stranded],
        "one_more": [
            {"path": f.path, "what": f.what, "gained_kw": f.gained_kw, "binds": _bound(f.binds)} for f in found.freed
        ],
        "sizing": _size(found.sizing),
        "part_load": _part_load(found.part_load),
        "ramp": [vars(one) for one in found.ramp],
        "n_minus": _losses(found.search),
        "strategies": [_point(point) for point in found.points],
    }


def _room(one: Headroom) -> dict[str, Any]:
    return {
        "place": one.place, "level": one.level, "under": one.under, "installed_kw": one.installed_kw,
        "added_kw": one.added_kw,
        "by_hall_kw": dict(one.racks_kw), "overloaded": one.overloaded, "binds": _bound(one.binds),
    }  # fmt: skip


def _bound(use: Use | None) -> dict[str, str] | None:
    return None if use is None else {"path": use.path, "kind": use.kind}


def _use(use: Use) -> dict[str, Any]:
    return {"path": use.path, "kind": use.kind, "used_frac": use.most_frac, "left": use.left, "unit": use.unit}


def _size(found: Sizing) -> dict[str, Any]:
    hours = [{**{k: v for k, v in vars(hour).items() if k != "condition"}, "condition": hour.condition.name}
             for hour in found.hours]  # fmt: skip
    transformers = [vars(one) for one in found.transformers]
    return {**vars(found), "hours": hours, "transformers": transformers}


def _part_load(found: LoadTable | None) -> dict[str, Any] | None:
    if found is None:
        return None
    curves = [
        {"load_frac": c.load_frac, "it_kw": c.it_kw, "year": vars(c.year), "bins": [vars(b) for b in c.bins]}
        for c in found.curves
    ]
    return {"edges_c": found.edges_c.tolist(), "hours": found.hours.tolist(), "curves": curves}


def _losses(found: Search | None) -> dict[str, Any] | None:
    if found is None:
        return None
    counts = {"hours": found.hours, "screened": found.screened, "coarse": found.coarse, "fine": found.fine}
    return {**counts, "worst": [_outcome(one, when(found, one)) for one in found.worst]}


def _outcome(one: Outcome, at: str) -> dict[str, Any]:
    own = {name: value for name, value in vars(one).items() if name != "case"}
    return {"lost": one.case.name, "ways": one.case.ways, "at": at, **own}


def _point(one: Point) -> dict[str, Any]:
    losses = {word: {k: v for k, v in vars(found).items() if k != "case"} for word, found in one.worst.items()}
    price = {name: spread.price_kwh for name, spread in one.spreads.items()}
    own = {name: getattr(one, name) for name in ("name", "pue_ratio", "facility_kwh", "cost", "currency")}
    return {**own, "losses": losses, "redundancy_price_kwh": price}


def write_answers(folder: Path, found: Answers) -> list[Path]:
    """Write headroom.json, and headroom.html where plotly is installed, into a folder; returns their paths."""
    paths = [folder / JSON]
    write_whole(paths[0], metrics_text(answers_document(found)).encode())
    from importlib.util import find_spec

    if find_spec("plotly") is not None:
        from twin.outputs.figures_headroom import page

        paths.append(folder / PAGE)
        write_whole(paths[1], page(found).encode())
    return paths
