"""One picture of an event: where the power came from, what cooled, and how warm the servers' air and coolant got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from twin.outputs.figures_look import Look, styled, thinned
from twin.physics.envelopes import allowable_c, recommended_c
from twin.scenario.model import Scenario
from twin.scenario.outages import count_of, units
from twin.scenario.resolved import parse_scenario
from twin.studies.failures import Passed, minutes_text, passed_limits, servers_of
from twin.studies.sums import LENGTH
from twin.units import SECONDS_PER_HOUR

CYCLE = ("it", "battery", "losses", "fans", "cost", "chillers")  # lines of groups, told apart by all eyes
LONG_H = 12.0  # event from which on its mean power is told
BEFORE, AFTER = 0.25, 1.5  # of the event's length that the picture shows around it
LEAST_H, MOST_H = 0.5, 72.0  # shown after the event's end
RECOVERY = 1.5  # of the time until all is as it was, where that takes longer
TROUBLE = (".protection.lost_frac", ".service.unserved_kw", ".above_allowable")  # outputs that tell that it is not
CALLED = {  # section and rest of a unit's path -> what people call it
    ("plants", "chillers"): "chiller {}", ("plants", "condenser.towers"): "heat rejection {}",
    ("plants", "pump"): "chilled-water pumps", ("plants", "condenser.pump"): "condenser-water pumps",
    ("halls", "air"): "air cooling", ("halls", "liquid"): "liquid cooling", ("halls", "rear_doors"): "rear doors",
}  # fmt: skip
INSTANT = pd.Timedelta(milliseconds=1)
POWER_TITLE = "Power in kW: where it comes from"
COOLING_TITLE = "Heat in kW: what the plants take up and what they remove"
WARM_TITLE = "°C: air that the servers draw, coolant, and water of the plants"
WARMER_K = 0.5  # of a plant's water above its set-point that is told


@dataclass(frozen=True)
class View:
    """A window of a run in civil local time without a zone, and its scenario."""

    one: xr.Dataset
    spec: Scenario
    time: np.ndarray
    zone: str

    def values(self, name: str) -> np.ndarray | None:
        """Series by its name, None where the run has none."""
        return np.asarray(self.one[name].values) if name in self.one else None

    def local(self, moment: pd.Timestamp) -> np.datetime64:
        """Civil local time of an instant in UTC."""
        return _civil(pd.DatetimeIndex([moment]), self.zone)[0]


def _civil(utc: pd.DatetimeIndex, zone: str) -> np.ndarray:
    return np.asarray(utc.tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy())


def failure_figure(results: xr.Dataset, look: Look | None = None, scenario: int = 0) -> go.Figure:
    """Picture of the first event of a run with all its series. ValueError where the run has no event."""
    found = passed_limits(results, scenario)
    if not found:
        raise ValueError("nothing is lost in this run: state an event, or the availability of a unit")
    first = [one for one in found if one.begins == found[0].begins]
    look, view = look or Look(), _view(results.isel(scenario=scenario), first)
    chart = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.09,
                          subplot_titles=(POWER_TITLE, COOLING_TITLE, WARM_TITLE))  # fmt: skip
    _power(chart, view, look)
    _cooling(chart, view, look)
    _warmth(chart, view, look)
    chart.add_vrect(x0=view.local(first[0].begins), x1=min(view.local(first[0].ends), view.time[-1]),
                    fillcolor=look.colour("limit"), opacity=0.10, line_width=0, row="all", col=1)  # fmt: skip
    chart = styled(chart, look, finding(view, first), 860, margin={"l": 8, "r": 150, "t": 92, "b": 8})
    chart.update_annotations(font={"size": 12, "color": look.quiet})
    chart.update_layout(hovermode="x unified", legend={"y": -0.1, "traceorder": "normal"})
    chart.update_xaxes(title_text=f"local time, {view.zone}; shaded: {_lost_text(first[0], view.spec)}", row=3, col=1)
    return chart


def _view(one: xr.Dataset, event: list[Passed]) -> View:
    spec = parse_scenario(str(one["scenario_yaml"].values))
    begins, ends = event[0].begins, event[0].ends
    length_h = (ends - begins).total_seconds() / SECONDS_PER_HOUR
    before = pd.Timedelta(hours=max(BEFORE * length_h, 0.1))
    utc = pd.DatetimeIndex(one["time"].values)
    after = pd.Timedelta(hours=min(max(AFTER * length_h, LEAST_H, RECOVERY * _recovery_h(one, utc, ends)), MOST_H))
    shown = np.flatnonzero((utc > begins - before) & (utc <= ends + after))
    part, times = _with_the_step_before(one, utc, shown, begins - before)
    return View(part, spec, _civil(times, spec.site.timezone), spec.site.timezone)


def _recovery_h(one: xr.Dataset, utc: pd.DatetimeIndex, ends: pd.Timestamp) -> float:
    """Hours from the end of an event until no server is without power, shut down or too warm."""
    troubled = np.zeros(utc.size, dtype=bool)
    for name in one.data_vars:
        if str(name).endswith(TROUBLE) and ".rack_groups." in str(name):
            troubled |= one[name].values > 0.0
    later = utc[troubled & (utc >= ends) & (utc <= ends + pd.Timedelta(hours=MOST_H))]
    return float((later[-1] - ends).total_seconds() / SECONDS_PER_HOUR) if later.size else 0.0


def _with_the_step_before(
    one: xr.Dataset, utc: pd.DatetimeIndex, shown: np.ndarray, begins: pd.Timestamp
) -> tuple[xr.Dataset, pd.DatetimeIndex]:
    """Steps shown, after what is left from ``begins`` on of the step before them, as a line that stays level."""
    if not shown.size or shown[0] == 0:
        return one.isel(time=shown), utc[shown]
    part = one.isel(time=np.r_[shown[0] - 1, shown[0] - 1, shown])
    times = utc[shown].insert(0, utc[shown[0]] - INSTANT).insert(0, max(begins, utc[shown[0] - 1]))
    if LENGTH in part.coords:
        lengths_h = np.array(part[LENGTH].values)
        lengths_h[:2] = np.diff(times[:3]) / np.timedelta64(1, "s") / SECONDS_PER_HOUR
        part = part.assign_coords({LENGTH: ("time", lengths_h)})
    return part, times


def _line(chart: go.Figure, row: int, view: View, values: np.ndarray, name: str, colour: str, **more: object) -> None:
    x, y = thinned(view.time, values) if "stackgroup" not in more else (view.time, values)
    chart.add_scatter(x=x, y=y, name=name, mode="lines", line={"color": colour, "width": 1.6, **more.pop("line", {})},  # type: ignore[dict-item]
                      hovertemplate="%{y:.4g}", row=row, col=1, **more)  # fmt: skip


def _power(chart: go.Figure, view: View, look: Look) -> None:
    """Grid, generators and batteries, one upon the other; above them what was not served."""
    sources = {
        "Grid": (("grid.meter.import_kw",), "grid"),
        "Generators": (_onsite(view, "generator", "generated_kw"), "losses"),
        "Photovoltaics": (_onsite(view, "pv", "generated_kw"), "cost"),
        "Batteries of the site": (_onsite(view, "battery", "discharge_kw"), "it"),
        "UPS batteries": (_named(view, "power.", ".battery.support_kw"), "battery"),
        "Servers not served": (_named(view, "halls.", ".service.unserved_kw", ".rack_groups."), "limit"),
    }
    for name, (outputs, meaning) in sources.items():
        values = np.sum([view.one[output].values for output in outputs], axis=0) if outputs else np.zeros(1)
        if np.max(values) > 0.5:
            _line(chart, 1, view, values, name, look.colour(meaning), stackgroup="power", line={"width": 0.6})
    chart.update_yaxes(rangemode="tozero", row=1, col=1)


def _onsite(view: View, kind: str, output: str) -> tuple[str, ...]:
    return tuple(f"onsite.{name}.{output}" for name, one in view.spec.onsite.items() if one.kind == kind)


def _named(view: View, prefix: str, suffix: str, within: str = "") -> tuple[str, ...]:
    return tuple(
        str(name) for name in view.one.data_vars
        if str(name).startswith(prefix) and str(name).endswith(suffix) and within in str(name)
    )  # fmt: skip


def _cooling(chart: go.Figure, view: View, look: Look) -> None:
    """Heat that loads give to the plants' water, what the plants remove, and what a store gives of it."""
    for words, suffix, meaning, line in (
        ("Heat taken up", ".load_kw", "limit", {"width": 3.2}), ("Heat removed", ".removed_kw", "chillers", {}),
        ("of it from storage", ".storage.stored_kw", "water", {"dash": "dash"}),
    ):  # fmt: skip
        outputs = [f"plants.{plant}{suffix}" for plant in view.spec.plants if f"plants.{plant}{suffix}" in view.one]
        if outputs:
            values = np.sum([view.one[output].values for output in outputs], axis=0)
            _line(chart, 2, view, values, words, look.colour(meaning), line=line)
    chart.update_yaxes(rangemode="tozero", row=2, col=1)


def _warmth(chart: go.Figure, view: View, look: Look) -> None:
    """Inlet of each rack group and coolant of each hall, with the limits that they must keep; the plants' water."""
    limits: dict[str, float] = {}
    at = 0
    for hall, there in view.spec.halls.items():
        limits["recommended"] = recommended_c(there.envelope)[1]
        limits[f"allowable {there.envelope}"] = allowable_c(there.envelope, 0.0)[1]
        lines = {f"Air at {hall}.{name}": f"halls.{hall}.rack_groups.{name}.inlet_c" for name in there.rack_groups}
        if there.liquid is not None:
            lines[f"Coolant of {hall}"] = f"halls.{hall}.liquid.supply_c"
        for words, output in lines.items():
            if (values := view.values(output)) is not None:
                _line(chart, 3, view, values, words, look.colour(CYCLE[at % len(CYCLE)]))
                at += 1
        for name, group in there.rack_groups.items():
            if group.protection is not None:
                limits[f"shutdown of {name}"] = group.protection.shutdown_c
                if there.liquid is not None and group.protection.coolant_shutdown_c is not None:
                    limits["shutdown by coolant"] = group.protection.coolant_shutdown_c
    for plant in view.spec.plants:
        if (values := view.values(f"plants.{plant}.supply_c")) is not None:
            _line(chart, 3, view, values, f"Water of {plant}", look.colour("water"), line={"dash": "dash"})
    for words, limit_c in limits.items():
        chart.add_hline(y=limit_c, line={"color": look.quiet, "width": 1, "dash": "dot"}, annotation_text=words,
                        annotation_position="right", annotation_font_size=11, row=3, col=1)  # fmt: skip


def finding(view: View, event: list[Passed]) -> str:
    """What a manager wants to know, in two lines."""
    warmest = max(event, key=lambda one: one.warmest_c)
    unserved = [
        float((view.one[name].values * _lengths_h(view)).sum())
        for name in _named(view, "halls.", ".service.unserved_kw", ".rack_groups.")
    ]
    water = {plant: (view.values(f"plants.{plant}.supply_c"), view.values(f"plants.{plant}.excess_k"))
             for plant in view.spec.plants}  # fmt: skip
    shut = [one for one in event if one.shutdown_min is not None]
    allowable = [one.allowable_min for one in event if one.allowable_min is not None]
    words = [f"warmest inlet {warmest.warmest_c:.1f} °C ({warmest.group.rpartition('.')[2]})"]
    words.append(f"above allowable after {minutes_text(min(allowable))}" if allowable else "never above allowable")
    for plant, (supply_c, excess_k) in water.items():
        if supply_c is not None and excess_k is not None and excess_k.max() > WARMER_K:
            words.append(f"water of {plant} up to {supply_c.max():.1f} °C")
    if shut:
        names = ", ".join(one.group.rpartition(".")[2] for one in shut)
        words.append(f"{names} shut down after {minutes_text(min(one.shutdown_min or 0.0 for one in shut))}")
    if unserved:
        words.append(f"{sum(unserved):,.0f} kWh of IT not served" if sum(unserved) > 0.5 else "no server without power")
    lost_h = _lost_server_h(view)
    words += [f"{lost_h:,.1f} server hours lost"] if lost_h > 0.05 else []
    words += _drawn(view, event[0])
    return f"<b>{view.spec.name}</b><br>{'; '.join(words)}"


def _lost_server_h(view: View) -> float:
    """Server hours that protection takes in the window."""
    lost_h = 0.0
    for hall, there in view.spec.halls.items():
        for name, group in there.rack_groups.items():
            lost = view.values(f"halls.{hall}.rack_groups.{name}.protection.lost_frac")
            lost_h += 0.0 if lost is None else servers_of(group) * float((lost * _lengths_h(view)).sum())
    return lost_h


def _drawn(view: View, event: Passed) -> list[str]:
    """Grid power during and outside of an event that is long enough to cost something."""
    if (event.ends - event.begins).total_seconds() < LONG_H * SECONDS_PER_HOUR:
        return []
    power, during = (
        view.one["grid.meter.import_kw"].values,
        (view.time >= view.local(event.begins)) & (view.time < view.local(event.ends)),
    )
    if during.all():
        return []
    return [
        f"grid {power[during].mean():,.0f} kW on average meanwhile, {power[~during].mean():,.0f} kW before and after"
    ]


def _lengths_h(view: View) -> np.ndarray:
    if LENGTH in view.one.coords:
        return np.asarray(view.one[LENGTH].values)
    return np.full(view.time.size, float(view.one.attrs["step_h"]))


def _lost_text(event: Passed, spec: Scenario) -> str:
    length_min = (event.ends - event.begins).total_seconds() / 60.0
    return f"{_share_text(event, spec)}{unit_words(event.unit)} lost for {minutes_text(length_min)}"


def _share_text(event: Passed, spec: Scenario) -> str:
    """How many of several units, or which share of them where it is no whole number; nothing where all are lost."""
    if event.lost_frac >= 1.0:
        return ""
    there = count_of(units(spec)[event.unit])
    lost = event.lost_frac * there
    return f"{round(lost)} of {there}: " if abs(lost - round(lost)) < 1e-6 else f"{event.lost_frac:.0%} of "


def unit_words(path: str) -> str:
    """What people call the unit at a path; the path itself where that says it as well.

    >>> unit_words("grid.meter"), unit_words("plants.main.condenser.towers.cells"), unit_words("halls.ai.air")
    ('the utility', 'heat rejection cells of main', 'air cooling of ai')
    >>> unit_words("plants.main.supply_reset.sensors"), unit_words("power.ups")
    ('sensors of plants.main.supply_reset', 'power.ups')
    """
    if path == "grid.meter":
        return "the utility"
    if path.endswith(".sensors"):
        return f"sensors of {path.removesuffix('.sensors')}"
    words = path.split(".")
    kind, name = (".".join(words[2:-1]), words[-1]) if words[0] == "plants" else (".".join(words[2:]), "")
    called = CALLED.get((words[0], f"{kind}.{name}".strip(".")), CALLED.get((words[0], kind)))
    return f"{called.format(name)} of {words[1]}" if called else path
