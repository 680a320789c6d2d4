"""A study of strategies: a scenario with work that may wait, what the strategies are made of, months shown apart.

``twin strategies FILE`` reads it; it is told from a scenario by its key ``strategies``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from twin.engine.forcing import axis_of, weather_of
from twin.errors import Fault, InputError
from twin.quantities import Spec
from twin.references import InputFile
from twin.scenario.layers import Source
from twin.scenario.model import Scenario
from twin.scenario.overrides import overridden
from twin.scenario.reading import read_document, validated
from twin.studies.design import design_of
from twin.studies.inputs import for_run, read_for_run
from twin.studies.planning.comparison import Comparison, compared
from twin.studies.planning.forecast import Forecast, Kind
from twin.studies.planning.options import battery_of, marginal_of
from twin.studies.planning.plan import weights_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.strategies import Choices
from twin.studies.study import Settings, Study
from twin.studies.variants import Variants


def _month(text: str) -> str:
    year, _, month = text.partition("-")
    if not (len(year) == 4 and year.isdigit() and len(month) == 2 and month.isdigit() and 1 <= int(month) <= 12):
        raise ValueError(f"must be a month such as 2021-02, got {text!r}")
    return text


class CapChoice(Spec):
    """Power limits while power is dear."""

    limit_frac: float = Field(0.7, gt=0, le=1)
    """Limit as share of the highest."""
    dear_frac: float = Field(0.75, ge=0, le=1)
    """Quantile of the run's prices above which a kWh is dear."""


class ThresholdChoice(Spec):
    """Work runs in the cheapest hours of its slack."""

    cheap_frac: float = Field(0.3, gt=0, le=1)
    """Share of the hours of the slack that are cheap."""


class BatteryChoice(Spec):
    """A battery at the meter that is planned."""

    power_kw: float = Field(gt=0, le=1e7)
    """Power of charge and of discharge."""
    energy_kwh: float = Field(gt=0, le=1e8)
    """Energy that it holds."""
    wear_per_kwh: float = Field(0.0, ge=0, le=1e3)
    """What a kWh given costs in wear, in the tariff's currency."""


class RollingChoice(Spec):
    """Plans made in cycles with forecasts."""

    horizon_h: float | None = Field(None, ge=1, le=8784)
    """How far each plan looks ahead; left out: the longest slack and a day."""
    every_h: float = Field(24.0, gt=0, le=744)
    """How often a plan is made."""
    forecast: Kind = "day_ahead"
    """How market prices and emission factors are foreseen."""
    noise_frac: float = Field(0.0, ge=0, le=10)
    """Relative error of a perfect forecast."""
    seed: int = Field(0, ge=0)
    """Seed of that error."""


class StrategyChoices(Spec):
    """What the strategies are made of."""

    objective: str = "cost"
    """cost, carbon, peak, water, or weights such as cost=1,carbon=0.08."""
    marginal: bool = False
    """Whether emissions are by the grid's marginal factors."""
    capping: CapChoice = Field(default_factory=CapChoice)
    """Power limits while power is dear."""
    threshold: ThresholdChoice = Field(default_factory=ThresholdChoice)
    """When a threshold lets work run."""
    mpc: RollingChoice = Field(default_factory=RollingChoice)
    """How plans are made in cycles."""
    battery: BatteryChoice | None = None
    """The battery; left out: a quarter of the highest import for two hours."""

    def choices(self) -> Choices:
        """The same as the functions of planning take it."""
        forecast = Forecast(self.mpc.forecast, noise_frac=self.mpc.noise_frac, seed=self.mpc.seed)
        rolling = Rolling(self.mpc.horizon_h, self.mpc.every_h, forecast)
        battery = None if self.battery is None else PlannedBattery(**self.battery.model_dump())
        return Choices(self.capping.limit_frac, self.capping.dear_frac, self.threshold.cheap_frac, battery, rolling)


class StrategyStudy(Spec):
    """Strategies beside each other on one scenario."""

    name: str = Field(min_length=1, max_length=200)
    """Name of the study."""
    description: str = ""
    """What it asks, in a sentence or two."""
    base: InputFile
    """Scenario with work that may wait."""
    set: Settings = Field(default_factory=dict)
    """Settings on top of the base."""
    strategies: StrategyChoices
    """What the strategies are made of."""
    apart: list[Annotated[str, AfterValidator(_month)]] = Field(default_factory=list)
    """Months that are shown apart, such as 2021-02: the run with them and without them."""


def read_strategies(path: Path, overrides: Sequence[str] = (), objective: str | None = None, battery: str | None = None,
                    marginal: bool = False, apart: Sequence[str] = ()) -> tuple[StrategyStudy, Scenario]:  # fmt: skip
    """A study and its scenario from the file of either, with ``PATH=VALUE`` overrides of the scenario.

    What is given takes the place of what the study has. Raises InputError with every fault.
    """
    source = read_document(path, (), StrategyStudy)
    data = source.data
    if isinstance(data, dict) and "strategies" in data:
        study = validated(StrategyStudy, source)
        scenario = for_run(overridden(_merged(study, source), overrides, Scenario))
    else:
        scenario = read_for_run(path, overrides)
        study = StrategyStudy(name=scenario.name, base=str(path), strategies=StrategyChoices())
    return _with_given(study, objective, battery, marginal, apart), scenario


def _with_given(study: StrategyStudy, objective: str | None, battery: str | None, marginal: bool,
                apart: Sequence[str]) -> StrategyStudy:  # fmt: skip
    """The study with the options of a command line."""
    unit = battery_of(battery)
    given: dict[str, Any] = {} if objective is None else {"objective": objective}
    weights_of(objective or study.strategies.objective)
    if unit is not None:
        given["battery"] = BatteryChoice(
            power_kw=unit.power_kw, energy_kwh=unit.energy_kwh, wear_per_kwh=unit.wear_per_kwh
        )
    if marginal:
        given["marginal"] = True
    months = [*study.apart, *(month for month in apart if month not in study.apart)]
    try:
        months = [_month(month) for month in months]
    except ValueError as error:
        raise InputError([Fault(str(error), "apart")]) from None
    return study.model_copy(update={"strategies": study.strategies.model_copy(update=given), "apart": months})


def _merged(study: StrategyStudy, source: Any) -> Source:
    """The base with the study's settings, each with its place in the study."""
    plain = Study(name=study.name, base=study.base, set=study.set)
    return Variants(design_of(plain), source).merged(0)


def compared_study(study: StrategyStudy, scenario: Scenario) -> Comparison:
    """Run the strategies of a study. Raises as :func:`twin.studies.planning.comparison.compared`."""
    chosen = study.strategies
    carbon = marginal_of(scenario) if chosen.marginal else None
    _refuse_other_months(study.apart, scenario)
    return compared(scenario, weights_of(chosen.objective), chosen.choices(), carbon)


def _refuse_other_months(apart: Sequence[str], scenario: Scenario) -> None:
    """Months apart have to lie in the run, and may not be all of it."""
    axis = axis_of(scenario.run, weather_of(scenario.weather, scenario.run.calendar_year).utc_offset_h)
    months = set(axis.civil(scenario.site.timezone).strftime("%Y-%m"))
    strange = [month for month in apart if month not in months]
    if strange:
        raise InputError(
            [Fault(f"the run has no month {strange[0]}, it goes from {min(months)} to {max(months)}", "apart")]
        )
    if apart and not months - set(apart):
        raise InputError([Fault("all months of the run are apart: nothing is left beside them", "apart")])
