"""Options of a plan from texts, as a command line has them."""

from __future__ import annotations

from typing import cast

from twin.errors import Fault, InputError
from twin.studies.planning.forecast import Forecast, Kind
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.rolling import Rolling


def battery_of(text: str | None) -> PlannedBattery | None:
    """``KW,KWH`` or ``KW,KWH,WEAR``; None where there is no text. InputError where it is neither."""
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
        fits = len(numbers) in (2, 3) and min(numbers[:2]) > 0 and min(numbers) >= 0
    except ValueError:
        fits = False
    if not fits:
        message = f"'{text}' is no battery: write its power in kW and its energy in kWh, such as 500,1000"
        raise InputError([Fault(message, "battery")])
    return PlannedBattery(numbers[0], numbers[1], wear_per_kwh=numbers[2] if len(numbers) == 3 else 0.0)


def rolling_of(horizon_h: float | None, forecast: str | None, noise_frac: float, seed: int) -> Rolling | None:
    """Rolling plans where a horizon or a forecast is asked for; else one plan with all known."""
    if horizon_h is None and forecast is None:
        return None
    kind = cast(Kind, forecast or "day_ahead")
    return Rolling(horizon_h, forecast=Forecast(kind, noise_frac=noise_frac, seed=seed))
