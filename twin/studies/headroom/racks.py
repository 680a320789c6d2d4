"""A site with its IT at full power, with more of it, or with a part of it: scenarios that differ in numbers only.

More IT is racks like those that stand there: fed by the same devices, with the same share of liquid cooling and the
same rise of the air, in proportion to what is there, drawing their power all the time. Whatever else a hall has stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.components.air.hall_air import RACK_KG
from twin.components.it.servers import Servers
from twin.components.profiles import ConstantProfile
from twin.scenario.model import Hall, Scenario
from twin.units import W_PER_KW

FULL = ConstantProfile(value_frac=1.0)
PROPORTIONAL = tuple(at / 10.0 for at in range(11))  # power in proportion to load: a share of the power is that share
MOST_SERVER_W = 200_000.0  # most that the schema gives to one server
LEAST_KW = 1e-6  # of added racks: none at all would leave shares of nothing
SUFFIX = "_added"
ALIKE = ("fed_by", "liquid_frac", "air_rise_k", "recirculation_frac", "fan_power_frac", "fan_minimum_frac",
         "fan_onset_c", "fan_rise_per_k", "fan_limit_ratio")  # fmt: skip


def installed_kw(scenario: Scenario) -> dict[str, float]:
    """Power of all racks of each hall at full load."""
    return {name: sum(group.peak_kw for group in hall.rack_groups.values()) for name, hall in scenario.halls.items()}


def at_load(scenario: Scenario, load_frac: float = 1.0) -> Scenario:
    """The site with all racks at a share of their full power, all the time; no work, no caps, nothing on site."""
    halls = {
        name: hall.model_copy(update={"rack_groups": {g: steady(one, load_frac) for g, one in _groups(hall)}})
        for name, hall in scenario.halls.items()
    }
    return scenario.model_copy(update={"halls": halls, "workloads": {}, "onsite": {}})


def steady(group: Any, load_frac: float) -> Servers:
    """Racks that draw a share of a group's full power: its own servers at full load, else servers like them."""
    if load_frac == 1.0 and type(group) is Servers:
        return group.model_copy(update={"utilisation": FULL})
    return _servers(group, group.peak_kw, load_frac, group.racks_count)


def filled(scenario: Scenario, fill_frac: float) -> Scenario:
    """The site with a share of its racks, each at full power; the others have not come. Halls keep their mass."""
    halls = {}
    for name, hall in scenario.halls.items():
        groups = {g: _servers(one, fill_frac * one.peak_kw, 1.0, _racks(one, fill_frac)) for g, one in _groups(hall)}
        halls[name] = hall.model_copy(update={"rack_groups": groups, "solid_kg": solid_kg(hall)})
    return scenario.model_copy(update={"halls": halls, "workloads": {}, "onsite": {}})


def with_more(scenario: Scenario, added_kw: Mapping[str, float]) -> Scenario:
    """The site with so many kW of IT more in each of the halls named."""
    halls = {
        name: _with_more(hall, added_kw[name]) if name in added_kw else hall for name, hall in scenario.halls.items()
    }
    return scenario.model_copy(update={"halls": halls})


def solid_kg(hall: Hall) -> float:
    """Mass of racks and other solids of a hall as it stands."""
    racks = sum(group.racks_count for group in hall.rack_groups.values())
    return hall.solid_kg if hall.solid_kg is not None else RACK_KG * max(racks, 1)


def _with_more(hall: Hall, kw: float) -> Hall:
    total_kw = sum(group.peak_kw for group in hall.rack_groups.values())
    more = {}
    for name, group in _groups(hall):
        share = group.peak_kw / total_kw
        own_kw = max(kw * share, LEAST_KW)
        more[name + SUFFIX] = _servers(group, own_kw, 1.0, _racks(group, own_kw / group.peak_kw))
    return hall.model_copy(update={"rack_groups": {**hall.rack_groups, **more}, "solid_kg": solid_kg(hall)})


def _groups(hall: Hall) -> list[tuple[str, Any]]:
    return list(hall.rack_groups.items())


def _racks(group: Any, share: float) -> int:
    """Racks of a share of a group's power, at its own density."""
    return max(round(group.racks_count * share), 1)


def _servers(group: Any, peak_kw: float, load_frac: float, racks_count: int) -> Servers:
    """Servers of so much power, alike to a group in all that decides how they are fed and cooled."""
    rack_w = peak_kw * W_PER_KW / racks_count
    servers = max(math.ceil(rack_w / MOST_SERVER_W), 1)
    alike = {name: getattr(group, name) for name in ALIKE if hasattr(group, name)}
    return Servers(
        kind="servers", racks_count=racks_count, servers_per_rack_count=servers, peak_w=rack_w / servers,
        psu_rated_w=max(rack_w / servers, LEAST_KW), load_power_frac=PROPORTIONAL,
        utilisation=ConstantProfile(value_frac=load_frac), **alike,
    )  # fmt: skip
