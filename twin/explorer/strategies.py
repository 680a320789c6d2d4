"""Strategies: work that may wait as submitted, capped, shifted, planned and with a battery, gains beside losses."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from twin.engine.forcing import axis_of
from twin.errors import InputError
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.parts import plot, trouble
from twin.explorer.tasks import Report, Task, found, started, watched
from twin.outputs.figures_look import Look
from twin.outputs.figures_strategies import schedule_figure, strategies_figure
from twin.outputs.strategies import sentences
from twin.outputs.strategy_table import MEANINGS, best_of, table_html
from twin.scenario.model import Scenario
from twin.studies.planning.comparison import Comparison, compared
from twin.studies.planning.forecast import Forecast, Kind
from twin.studies.planning.options import marginal_of
from twin.studies.planning.plan import weights_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.sampling import deferrable
from twin.studies.planning.strategies import Choices

KIND = "strategies"
SHOWN = "strategies-shown"  # the comparison that is on the page
EXAMPLE = "load_shifting.yaml"
SHORT_D = 28  # days of a run that are planned at first; a year takes a minute or more
HOURS_PER_DAY = 24.0
OBJECTIVES = {"cost": "the bill", "carbon": "carbon", "peak": "the peak", "water": "water", "mix": "bill and carbon"}
FORECASTS: dict[Kind, str] = {"day_ahead": "day ahead", "blend": "day and week", "persistence": "last day",
                              "perfect": "perfect"}  # fmt: skip
FORESEEN = (
    "Market prices and factors. Day ahead: known for a day, then as the two below. Day and week: mean of the last "
    "day and the same day a week ago. Last day: as yesterday. Perfect: as they come. A tariff's own rates are known."
)
STYLE = """<style>
.tw-ways {border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .84rem}
.tw-ways th, .tw-ways td {padding: .22rem .5rem .22rem 0; text-align: left; vertical-align: top; line-height: 1.25;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent)}
.tw-ways thead th {font-weight: 600; font-size: .78rem; opacity: .75} .tw-ways tbody th {font-weight: 600}
.tw-ways td {white-space: nowrap} .tw-ways .tw-split {padding-left: .6rem;
  border-left: 1px solid color-mix(in srgb, currentColor 30%, transparent)}
.tw-ways small {font-size: .76rem}
</style>"""
TO_ADD = """\
workloads:
  batch:
    kind: compute
    slack_h: 72                            # how long it may wait
    demand: {kind: constant, rate_per_h: 200}
    runs_on:
      gpu: {group: halls.ai.rack_groups.gpu}
"""


@dataclass(frozen=True)
class Asked:
    """What a visitor wants compared: a key under which its result is kept."""

    choice: Choice
    objective: str
    marginal: bool
    choices: Choices

    def work(self, report: Report) -> Comparison:
        """Make it. Raises InputError, RunError, and what ``report`` raises."""
        scenario = self.choice.scenario()
        carbon = marginal_of(scenario) if self.marginal else None
        return compared(scenario, weights_of(self.objective), self.choices, carbon, report)


def page() -> None:
    """Draw it."""
    choice = session.now()
    title = st.empty()
    title.title(choice.file.removesuffix(".yaml"))
    try:
        scenario = choice.scenario()
    except InputError as error:
        trouble("This scenario cannot run", [str(fault) for fault in error.faults])
        return
    title.title(f"Strategies for {scenario.name}")
    try:
        names = deferrable(scenario)
    except InputError as error:
        _what_to_add([str(fault) for fault in error.faults])
        return
    st.caption(f"Work that may wait: {', '.join(_waits(name, scenario) for name in names)}.")
    asked = _controls(choice, scenario)
    _answer(asked, session.look())


def _waits(name: str, scenario: Scenario) -> str:
    """A class, how long it may wait, and what delay beyond that costs."""
    work = scenario.workloads[name]
    price = "" if work.late_per_kwh_h is None else f", then late at {work.late_per_kwh_h:g} for each kWh and hour"
    return f"{name} ({work.slack_h:g} h{price})"


def _what_to_add(faults: list[str]) -> None:
    """A page without work that may wait says what is missing."""
    st.info(
        "**Nothing here can be shifted yet.** Strategies move work that may wait to hours in which power is cheap or "
        "clean. Add a class of work with a `slack_h` that runs on one rack group, or open the example."
    )
    st.code("\n".join(faults), language=None, wrap_lines=True)
    st.code(TO_ADD, language="yaml")
    st.button("Open the example", type="primary", key="strategies-example", on_click=session.load,
              args=(Choice(EXAMPLE),), help="Miami with chat, summaries within a day and batch work")  # fmt: skip


def _controls(choice: Choice, scenario: Scenario) -> Asked:
    """What strategies are made of, side by side."""
    places = st.columns(5, gap="medium")
    with places[0]:
        objective, marginal, span = _objective(scenario)
    with places[1]:
        st.subheader("GPU cap")
        limit = st.slider("Limit · %", 40, 100, 70, key="cap-limit", help="Of the highest power, while it is dear")
        dear = st.slider("Dearest hours · %", 5, 100, 25, key="cap-dear", help="Share of the run in which it is dear")
    with places[2]:
        st.subheader("Threshold")
        cheap = st.slider("Cheapest hours · %", 5, 100, 30, key="cheap", help="Of those in which work may wait")
    with places[3]:
        st.subheader("Planned day by day")
        rolling = _rolling()
    with places[4]:
        st.subheader("Battery")
        battery = _battery()
    chosen = choice.changed("run.duration", f"{SHORT_D}d") if span else choice
    return Asked(
        chosen, objective, marginal, Choices(limit / 100.0, 1.0 - dear / 100.0, cheap / 100.0, battery, rolling)
    )


def _objective(scenario: Scenario) -> tuple[str, bool, bool]:
    st.subheader("Best in")
    what = st.selectbox("Objective", list(OBJECTIVES), format_func=OBJECTIVES.__getitem__, key="objective")
    if what == "mix":
        price = st.number_input("Worth of a kg CO2e", 0.0, 10.0, 0.08, 0.01, key="carbon-worth",
                                help="In the tariff's currency")  # fmt: skip
        what = f"cost=1,carbon={price:g}"
    has = scenario.grid.marginal_carbon is not None
    marginal = st.toggle("Marginal CO₂", key="marginal", disabled=not has,
                         help="Rather than the grid's average; needs `grid.marginal_carbon`")  # fmt: skip
    axis = axis_of(scenario.run, 0.0)
    longer = axis.count * axis.dt_h > SHORT_D * HOURS_PER_DAY
    whole = st.toggle("Whole run", key="whole-run", disabled=not longer,
                      help=f"Else its first {SHORT_D} days; a year takes a minute or more")  # fmt: skip
    return what, marginal and has, longer and not whole


def _rolling() -> Rolling:
    kind = st.selectbox("Prices foreseen", list(FORECASTS), format_func=FORECASTS.__getitem__, key="forecast",
                        help=FORESEEN)  # fmt: skip
    noise = st.slider("Error · %", 0, 50, 0, key="noise", disabled=kind != "perfect",
                      help="Of a perfect forecast, drawn at random with a fixed seed")  # fmt: skip
    return Rolling(forecast=Forecast(kind, noise_frac=noise / 100.0 if kind == "perfect" else 0.0))


def _battery() -> PlannedBattery | None:
    if not st.toggle("Own size", key="battery", help="Else a quarter of the highest import, for two hours"):
        return None
    power = st.number_input("Power · kW", 1.0, 1e6, 300.0, 50.0, key="battery-kw", format="%.6g")
    energy = st.number_input("Energy · kWh", 1.0, 1e7, 600.0, 100.0, key="battery-kwh", format="%.6g")
    wear = st.number_input("Wear · currency/kWh", 0.0, 10.0, 0.0, 0.01, key="battery-wear", help="For each kWh given")
    return PlannedBattery(power, energy, wear_per_kwh=wear)


def _answer(asked: Asked, look: Look) -> None:
    """The comparison that was asked for, how far it is, or what to press."""
    task = found((KIND, asked))
    again = task is None or (task.ended and task.fault is not None)
    if again and st.button("Compare strategies", type="primary", key="compare"):
        started((KIND, asked), asked.work)
        st.rerun()
    if task is not None and not task.ended:
        watched(task, "strategies")
    elif task is not None and isinstance(task.result, Comparison):
        st.session_state[SHOWN] = asked
    elif task is not None:
        _failed(task)
    shown: Asked | None = st.session_state.get(SHOWN)
    kept = found((KIND, shown))
    if (
        shown is None
        or kept is None
        or not isinstance(kept.result, Comparison)
        or shown.choice.file != asked.choice.file
    ):
        if task is None:
            st.caption("Seven runs of the twin and the plans between them: some seconds for four weeks.")
        return
    if shown != asked:
        st.info("Below: the last comparison, made with other settings than those above.")
    _shown(kept.result, look)


def _failed(task: Task) -> None:
    if task.was_stopped:
        st.info("Stopped. Nothing of a comparison is kept before it is whole.")
    else:
        faults = (
            [str(fault) for fault in task.fault.faults] if isinstance(task.fault, InputError) else [str(task.fault)]
        )
        st.error(
            "**No comparison could be made.** Loosen deadlines, give delay a price (`late_per_kwh_h`), "
            "take work away or shorten the run."
        )
        st.code("\n".join(faults), language=None, wrap_lines=True)


def _shown(comparison: Comparison, look: Look) -> None:
    plot(strategies_figure(comparison, look), "strategies")
    st.subheader("Gains beside losses, on equal work")
    st.html(STYLE + table_html(comparison))
    st.caption(". ".join(f"**{way}**: {meaning}" for way, meaning in MEANINGS.items()) + ".")
    ways = [str(way) for way in comparison.figures.index][1:]
    way = st.segmented_control("Schedule of", ways, default=best_of(comparison), key="way") or best_of(comparison)
    plot(schedule_figure(comparison, way, look), "schedule")
    st.markdown("\n".join(f"- {line}" for line in sentences(comparison)))
    left, right, _ = st.columns([1, 1, 2])
    left.download_button("Download figures (CSV)", data=comparison.figures.to_csv, file_name="figures.csv",
                         mime="text/csv", on_click="ignore", width="stretch", key="strategies-csv")  # fmt: skip
    right.download_button("Download this schedule (CSV)", data=comparison.schedules[way].to_csv, mime="text/csv",
                          file_name=f"schedule_{way.replace(' ', '_')}.csv", on_click="ignore", width="stretch",
                          key="schedule-csv")  # fmt: skip
