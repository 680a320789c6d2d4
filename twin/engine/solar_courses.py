"""Power of photovoltaics over a run, by pvlib: from irradiance on the horizontal to power behind the inverter.

Sun and modules are computed on the weather file's own grid (an hour at most) with the sun in the middle of each
interval, and then laid on the run's steps with their sums kept: a finer step changes no total.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from twin.components.grid.pv import Photovoltaics
from twin.errors import Fault, InputError, Place
from twin.series.axis import TimeAxis
from twin.series.weather import Weather
from twin.units import SECONDS_PER_HOUR

Floats = np.ndarray
MOUNTINGS = {  # names of the sets of the Sandia cell temperature model, as pvlib holds them
    "open_rack": "open_rack_glass_polymer",
    "close_mount": "close_mount_glass_glass",
    "insulated_back": "insulated_back_glass_polymer",
}


def pv_course_kw(array: Photovoltaics, weather: Weather, axis: TimeAxis) -> Floats:
    """Mean AC power in kW over each step, shape (axis.count,), not negative.

    Raises
    ------
    InputError
        The weather file states no place, or has no irradiance from which the plane's could be told.
    """
    return _course(array, weather, axis)


@functools.lru_cache(maxsize=32)
def _course(array: Photovoltaics, weather: Weather, axis: TimeAxis) -> Floats:
    _refuse(weather)
    grid = _grid(weather, axis)
    power_kw = _power_kw(array, weather, grid)
    edges_s = (grid.start - axis.start).astype("timedelta64[ns]").astype(float) * 1e-9
    edges_s = edges_s + grid.step_s * np.arange(grid.count + 1)
    energy = np.concatenate([[0.0], np.cumsum(power_kw)]) * grid.step_s
    steps_s = axis.step_s * np.arange(axis.count + 1)
    course = np.maximum(np.diff(np.interp(steps_s, edges_s, energy)) / axis.step_s, 0.0)
    course.flags.writeable = False
    return course


def _refuse(weather: Weather) -> None:
    if weather.latitude_deg is None or weather.longitude_deg is None:
        message = "states no latitude and longitude, which photovoltaics need: state them in `weather`"
        raise InputError([Fault(message, place=Place(weather.file))])
    ghi, dni, dhi = _known(weather)
    if not (ghi or (dni and dhi)):
        message = "has no solar irradiance (global, or direct and diffuse), which photovoltaics need"
        raise InputError([Fault(message, place=Place(weather.file))])


def _known(weather: Weather) -> tuple[bool, bool, bool]:
    names = ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")
    ghi, dni, dhi = (not bool(np.isnan(weather.columns[name]).any()) for name in names)
    return ghi, dni, dhi


def _grid(weather: Weather, axis: TimeAxis) -> TimeAxis:
    """The file's own grid (an hour at most) over the run: intervals that begin at whole ones of local standard time."""
    step_s = min(weather.step_s, SECONDS_PER_HOUR)
    midnight = np.datetime64(f"{weather.calendar_year:04d}-01-01", "ns")
    local_s = (axis.start - midnight).astype("timedelta64[ns]").astype(float) * 1e-9
    local_s += weather.utc_offset_h * SECONDS_PER_HOUR
    before_s = local_s - step_s * np.floor(local_s / step_s + 1e-9)
    count = int(np.ceil((before_s + axis.step_s * axis.count) / step_s - 1e-9))
    start = axis.start - np.timedelta64(round(before_s * 1e9), "ns")
    return TimeAxis(start, step_s, count, axis.utc_offset_h)


def _power_kw(array: Photovoltaics, weather: Weather, grid: TimeAxis) -> Floats:
    from pvlib import solarposition

    air = weather.on(grid)
    middle = grid.utc().tz_localize("UTC") + pd.Timedelta(seconds=grid.step_s / 2)
    place = (weather.latitude_deg, weather.longitude_deg)
    sun = solarposition.get_solarposition(middle, *place, altitude=weather.elevation_m)
    light = _components(weather, air, sun["zenith"].to_numpy(), middle)
    wind_m_s = np.nan_to_num(air["wind_m_s"])  # still air where the file has no wind, as pvlib's ModelChain takes it
    return ac_power_kw(array, sun, light, air["dry_bulb_c"], wind_m_s)


def ac_power_kw(
    array: Photovoltaics, sun: pd.DataFrame, light: tuple[Floats, Floats, Floats], dry_bulb_c: Floats, wind_m_s: Floats
) -> Floats:
    """Power behind the inverter in kW: Hay-Davies transposition, physical reflection, Sandia cells, PVWatts.

    ``sun`` are positions as pvlib gives them, by time; ``light`` global, direct normal and diffuse irradiance in W/m2.
    """
    from pvlib import iam, inverter, irradiance, pvsystem, temperature

    zenith, azimuth = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
    ghi, dni, dhi = light
    plane = irradiance.get_total_irradiance(
        array.tilt_deg, array.azimuth_deg, zenith, azimuth, dni, ghi, dhi, model="haydavies",
        dni_extra=irradiance.get_extra_radiation(sun.index).to_numpy(), albedo=array.albedo_frac,
    )  # fmt: skip
    angle = irradiance.aoi(array.tilt_deg, array.azimuth_deg, zenith, azimuth)
    used = np.nan_to_num(plane["poa_direct"] * iam.physical(angle) + plane["poa_diffuse"])
    sandia = temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"][MOUNTINGS[array.mounting]]
    cells_c = temperature.sapm_cell(np.nan_to_num(plane["poa_global"]), dry_bulb_c, wind_m_s, **sandia)
    dc_kw = pvsystem.pvwatts_dc(used, cells_c, array.dc_kw, array.power_rise_per_k) * (1.0 - array.losses_frac)
    rated_kw = array.dc_kw if array.inverter_kw is None else array.inverter_kw
    nominal = array.inverter_efficiency_frac
    return np.maximum(np.nan_to_num(inverter.pvwatts(dc_kw, rated_kw / nominal, nominal)), 0.0)


def _components(weather: Weather, air: dict[str, Floats], zenith_deg: Floats, at: Any) -> tuple[Floats, Floats, Floats]:
    """Global, direct normal and diffuse irradiance in W/m2; what is not in the file follows from what is."""
    from pvlib import irradiance

    ghi, dni, dhi = (air[name] for name in ("ghi_w_m2", "dni_w_m2", "dhi_w_m2"))
    has_ghi, has_dni, has_dhi = _known(weather)
    up = np.maximum(np.cos(np.radians(zenith_deg)), 0.0)
    if has_dni and has_dhi:
        return (ghi if has_ghi else dhi + dni * up), dni, dhi
    if has_dhi:
        return ghi, np.nan_to_num(irradiance.dni(pd.Series(ghi), pd.Series(dhi), pd.Series(zenith_deg))), dhi
    if has_dni:
        return ghi, dni, np.maximum(ghi - dni * up, 0.0)
    split = irradiance.erbs(ghi, zenith_deg, at)
    return ghi, np.asarray(split["dni"]), np.asarray(split["dhi"])
