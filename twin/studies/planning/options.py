"""Options of a plan from texts, as a command line has them."""

from __future__ import annotations

from typing import cast

from twin.engine.forcing import axis_of, weather_of
from twin.errors import Fault, InputError
from twin.scenario.model import Scenario
from twin.series.carbon_intensity import marginal
from twin.studies.planning.forecast import Forecast, Kind
from twin.studies.planning.hull import Floats
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.site_battery import site_battery


def battery_of(text: str | None, scenario: Scenario | None = None) -> PlannedBattery | None:
    """``KW,KWH[,WEAR]``, or ``NAME[,WEAR]`` of one of the scenario's; None where there is no text.

    InputError where it is neither.
    """
    if text is None:
        return None
    first, *others = [part.strip() for part in text.split(",")]
    named = scenario is not None and len(others) < 2 and not _is_number(first)
    try:
        numbers = [float(part) for part in (others if named else [first, *others])]
        fits = min(numbers, default=0.0) >= 0 and (named or (len(numbers) in (2, 3) and min(numbers[:2]) > 0))
    except ValueError:
        fits = False
    if not fits:
        message = f"'{text}' is no battery: write its power in kW and its energy in kWh, such as 500,1000"
        raise InputError([Fault(message, "battery")])
    if named and scenario is not None:
        return site_battery(scenario, first, *numbers)
    return PlannedBattery(numbers[0], numbers[1], wear_per_kwh=numbers[2] if len(numbers) == 3 else 0.0)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def marginal_of(scenario: Scenario) -> Floats:
    """The grid's marginal factors on the axis of the run, kgCO2e/kWh. InputError where the scenario states none."""
    if scenario.grid.marginal_carbon is None:
        raise InputError([Fault("is required for a plan by marginal emissions", "grid.marginal_carbon")])
    weather = weather_of(scenario.weather, scenario.run.calendar_year)
    axis = axis_of(scenario.run, weather.utc_offset_h)
    return marginal(scenario.grid.marginal_carbon, axis).marginal_kgco2_per_kwh


def rolling_of(horizon_h: float | None, forecast: str | None, noise_frac: float, seed: int) -> Rolling | None:
    """Rolling plans where a horizon or a forecast is asked for; else one plan with all known."""
    if horizon_h is None and forecast is None:
        return None
    kind = cast(Kind, forecast or "day_ahead")
    return Rolling(horizon_h, forecast=Forecast(kind, noise_frac=noise_frac, seed=seed))
