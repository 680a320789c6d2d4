"""The state of outdoor air from whatever a file holds of it: dew point, relative humidity or wet bulb."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from twin.compiled import elementwise
from twin.errors import InputError
from twin.physics import fluids
from twin.series.weather_quality import Rows, filled

# In the order in which they are trusted. EnergyPlus takes relative humidity too: below freezing stations report dew
# points over supercooled water, which the frost-point formula reads as air up to a tenth too dry.
_HUMIDITY = ("rh_frac", "dew_point_c", "wet_bulb_c")
_ROUNDING_K = 0.051  # a dew point above the dry bulb by less is rounding and not counted


def pressure_of(
    rows: Rows, columns: Mapping[str, np.ndarray], elevation_m: float | None
) -> tuple[np.ndarray, list[str]]:
    """Station pressure in Pa: the file's, else of the standard atmosphere at the elevation."""
    if "pressure_pa" in columns:
        return filled(rows, "pressure_pa", columns["pressure_pa"])
    if elevation_m is None:
        raise InputError(f"{rows.file}: no station pressure in the file: state `elevation_m`")
    pressure_pa = fluids.station_pressure_pa(elevation_m)
    note = f"no station pressure in the file: {pressure_pa:.0f} Pa of the standard atmosphere at {elevation_m:g} m"
    return np.full(rows.laid.seconds.size, pressure_pa), [note]


def humidity_of(
    rows: Rows, columns: Mapping[str, np.ndarray], dry_bulb_c: np.ndarray, pressure_pa: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Humidity ratio in kg/kg, at most that of saturated air; row by row from the first quantity that is there."""
    notes = []
    ratio = np.full(dry_bulb_c.size, np.nan)
    for name in (name for name in _HUMIDITY if name in columns):
        values, most = columns[name], 1.0 if name == "rh_frac" else dry_bulb_c
        over = values > most + (0.0 if name == "rh_frac" else _ROUNDING_K)
        if over.any():
            above = "1" if name == "rh_frac" else "the dry bulb"
            notes.append(f"{name}: {over.sum()} of {over.size} values above {above}, taken as saturation")
        used = np.isnan(ratio) & ~np.isnan(values)
        ratio[used] = _RATIO[name](dry_bulb_c[used], np.minimum(values, most)[used], pressure_pa[used])
    names = " and ".join(name for name in _HUMIDITY if name in columns)
    if np.isnan(ratio).all():
        raise InputError(f"{rows.file}: no usable value of dew point, relative humidity or wet bulb")
    ratio, more = filled(rows, f"humidity ({names})", ratio)
    return ratio, notes + more


def warmer(
    dry_bulb_c: np.ndarray, ratio: np.ndarray, pressure_pa: np.ndarray, shift_k: float
) -> tuple[np.ndarray, np.ndarray]:
    """Dry bulb and humidity ratio of air that is ``shift_k`` warmer at the same relative humidity."""
    rh_frac = elementwise(fluids.relative_humidity_frac)(dry_bulb_c, ratio, pressure_pa)
    shifted = dry_bulb_c + shift_k
    return shifted, elementwise(fluids.humidity_ratio_from_relative)(shifted, rh_frac, pressure_pa)


def states(dry_bulb_c: np.ndarray, ratio: np.ndarray, pressure_pa: np.ndarray) -> dict[str, np.ndarray]:
    """All columns of the air's state from three of them."""
    return {
        "dry_bulb_c": dry_bulb_c,
        "wet_bulb_c": elementwise(fluids.wet_bulb_c)(dry_bulb_c, ratio, pressure_pa),
        "dew_point_c": np.minimum(elementwise(fluids.dew_point_c)(ratio, pressure_pa), dry_bulb_c),
        "humidity_ratio_kg_kg": ratio,
        "pressure_pa": pressure_pa,
        "density_kg_m3": elementwise(fluids.moist_air_density_kg_m3)(dry_bulb_c, ratio, pressure_pa),
    }


def _from_dew_point(dry_bulb_c: np.ndarray, dew_point_c: np.ndarray, pressure_pa: np.ndarray) -> np.ndarray:
    return np.asarray(elementwise(fluids.humidity_ratio_from_dew_point)(dew_point_c, pressure_pa))


_RATIO: dict[str, Callable[..., np.ndarray]] = {
    "dew_point_c": _from_dew_point,
    "rh_frac": elementwise(fluids.humidity_ratio_from_relative),
    "wet_bulb_c": elementwise(fluids.humidity_ratio_from_wet_bulb),
}
