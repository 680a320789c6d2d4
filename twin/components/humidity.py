"""Moisture of a hall's air: held by others, or tracked with the outdoor air that comes in, humidifiers and coils."""

from __future__ import annotations

from typing import Literal

from twin.quantities import Spec


class HeldHumidity(Spec):
    """Others hold the hall's dew point, without energy or water of this site; coils take no moisture."""

    kind: Literal["held"] = "held"
    """Kind of moisture."""
