"""Headroom: the load at which a direct simulation first breaks a limit, and what more units or hotter days do to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.scenarios import shipped
from tests.studies.headroom.sites import plain_site, quickstart
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.model import Run, Scenario
from twin.studies.headroom.conditions import Condition
from twin.studies.headroom.more import changed, growths, one_more, stranded
from twin.studies.headroom.racks import at_load, filled, installed_kw, with_more
from twin.studies.headroom.room import SITE, Headroom, at_design, full_load_run, over_the_year, site_of
from twin.studies.headroom.search import largest_load
from twin.studies.headroom.uses import binding, uses

WIDE_LIMITS = ("plants.main.pump.flow_m3_s=0.2", "plants.main.condenser.pump.flow_m3_s=0.2")


def room(scenario: Scenario, place: str = SITE, level: str = "design") -> Headroom:
    return at_design(site_of(scenario), level, [place])[0]


@pytest.fixture(scope="module")
def plain() -> Headroom:
    return room(plain_site())


def test_an_island_has_no_headroom_that_is_told_and_its_parts_have() -> None:
    with pytest.raises(InputError, match=r"not searched; for what .* take: --set grid.meter.availability.value_frac=1"):
        site_of(shipped("grid/without_utility"))
    assert site_of(shipped("grid/without_utility", "grid.meter.availability.value_frac=1")).weather.of("design")


def test_a_search_brackets_the_largest_load_that_holds() -> None:
    found = largest_load(lambda loads: list(loads), lambda kw: kw <= 123.4, 10.0, 0.01)
    assert found.passed_kw <= 123.4 < (found.broken_kw or 0.0) <= found.passed_kw + 0.01


def test_a_search_tells_that_nothing_holds_and_that_nothing_limits() -> None:
    assert largest_load(lambda loads: list(loads), lambda kw: False, 10.0, 0.01).passed is None
    assert largest_load(lambda loads: list(loads), lambda kw: True, 10.0, 0.01).broken_kw is None


def test_headroom_is_the_load_at_which_a_direct_simulation_first_breaks_a_limit() -> None:
    """Still air of the design hour given to ``simulate`` as inputs: below all is held, above the limit is missed."""
    site = site_of(plain_site(*WIDE_LIMITS))
    (plain,) = at_design(site)
    assert plain.binds is not None
    assert plain.binds.kind in ("coil", "chiller")
    for condition in site.weather.of("design"):
        assert short_kw(site.full, plain.added_kw, condition, site.weather.pressure_pa) == pytest.approx(0.0, abs=1e-6)
    broken = [
        short_kw(site.full, plain.added_kw + 1.0, condition, site.weather.pressure_pa)
        for condition in site.weather.of("design")
    ]
    assert max(broken) > 0.01


def short_kw(full: Scenario, added_kw: float, condition: Condition, pressure_pa: float) -> float:
    """Heat that coils and chillers miss in the hour."""
    hour = with_more(full, {"hall": added_kw}).model_copy(
        update={"run": Run(calendar_year=2025, duration="1h", step="1h")}
    )
    weather = {f"weather.{name}": value for name, value in condition.fields(pressure_pa).items()}
    done = simulate(hour, inputs=weather).isel(scenario=0, time=0)
    missed = [done["halls.hall.air.unmet_kw"], done["plants.main.shortfall_kw"]]
    return float(sum(max(float(value), 0.0) for value in missed))


def test_headroom_of_a_pdu_is_its_rating_less_what_hangs_on_it() -> None:
    found = room(quickstart(), "enterprise")
    assert found.added_kw == pytest.approx(500.0 - 400.0, abs=0.05)
    assert (found.binds.kind, found.binds.path) == ("PDU", "power.pdu_enterprise") if found.binds else False


def test_redundant_modules_are_kept_for_failures() -> None:
    """UPS of 6 + 1 modules of 250 kW: racks and losses of the PDUs reach 1500 kW, not 1750."""
    site = site_of(quickstart())
    found = at_design(site, places=[SITE])[0]
    run = full_load_run(site, site.weather.conditions[0], found.racks_kw)
    assert found.binds is not None
    assert found.binds.path == "power.ups"
    assert float(run["power.ups.output_kw"][0]) == pytest.approx(1500.0, abs=0.3)


@pytest.mark.slow
def test_halls_that_can_take_no_more_stop_while_others_fill() -> None:
    """With a UPS out of the way, each hall fills to its own PDU."""
    wide = quickstart("power.ups.modules_count=20", "plants.main.chillers.large.rated_kw=3000", *WIDE_LIMITS)
    found = room(wide)
    assert found.racks_kw["enterprise"] == pytest.approx(100.0, abs=1.0)
    assert found.racks_kw["ai"] > 2.0 * found.racks_kw["enterprise"]


@pytest.mark.slow
def test_more_units_never_reduce_headroom(plain: Headroom) -> None:
    site = site_of(plain_site())
    for growth in growths(site.scenario):
        grown = at_design(replace(site, scenario=growth.grown(site.scenario)), places=[SITE])[0]
        assert grown.added_kw >= plain.added_kw - 0.06, growth.path


@pytest.mark.slow
def test_what_one_more_unit_frees_is_the_headroom_with_it_less_that_without(plain: Headroom) -> None:
    freed = one_more(site_of(plain_site()), plain)
    assert freed[0].gained_kw > 1.0
    path = freed[0].path
    (growth,) = [one for one in growths(plain_site()) if one.path == path]
    grown = room(growth.grown(plain_site()))
    assert freed[0].gained_kw == pytest.approx(grown.added_kw - plain.added_kw)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["plants.main.chillers.one.rated_kw", "halls.hall.air.units_count"])
def test_headroom_grows_with_the_number_or_size_of_what_cools(what: str) -> None:
    sizes = {"plants.main.chillers.one.rated_kw": (600, 700, 900), "halls.hall.air.units_count": (8, 10, 12)}[what]
    found = [room(plain_site(f"{what}={size}")).added_kw for size in sizes]
    assert found == sorted(found)
    assert found[-1] > found[0]


def test_a_hotter_design_day_never_raises_headroom() -> None:
    chillers = ("plants.main.chillers.one.rated_kw=620", "halls.hall.air.units_count=14", *WIDE_LIMITS)
    found = [room(plain_site(f"weather.dry_bulb_shift_k={shift}", *chillers)) for shift in (-4, 0, 4)]
    assert found[0].added_kw > found[1].added_kw > found[2].added_kw
    assert {one.binds.kind for one in found if one.binds} == {"chiller"}


def test_an_extreme_leaves_no_more_than_the_design_day(plain: Headroom) -> None:
    assert room(plain_site(), level="extreme").added_kw <= plain.added_kw + 0.06


def test_an_overloaded_site_has_no_headroom_and_says_so() -> None:
    found = room(changed(plain_site(), ("halls", "hall", "air"), {"units_count": 4}))
    assert (found.added_kw, found.overloaded) == (0.0, True)
    assert found.binds is not None


def test_headroom_over_the_year_is_that_of_its_worst_hour() -> None:
    """Constant full load: the year can only be as hard as its extreme hours, and a run at the limit shows it."""
    short = site_of(plain_site())
    (year,) = over_the_year(short, [SITE])
    extreme = room(plain_site(), level="extreme")
    assert year.added_kw == pytest.approx(extreme.added_kw, abs=5.0)


def test_stranded_capacity_is_what_the_worst_design_hour_leaves(plain: Headroom) -> None:
    for use in stranded(plain):
        assert use.left == pytest.approx((1.0 - use.most_frac) * use.capacity[use.worst])
        assert 0.0 <= use.most_frac <= 1.0 + 1e-6


def test_a_run_that_ran_away_breaks_its_limit() -> None:
    site = site_of(plain_site())
    found = uses(full_load_run(site, site.weather.conditions[0], {"hall": 5000.0}))
    assert binding(found) is not None


def test_a_site_without_racks_at_a_place_is_told() -> None:
    with pytest.raises(InputError, match=r"^there is no hall 'attic'; these are there: hall$"):
        at_design(site_of(plain_site()), places=["attic"])


def test_an_unknown_band_of_inlet_air_is_told() -> None:
    with pytest.raises(InputError, match=r"^--inlet warm: is one of recommended, allowable$"):
        site_of(plain_site(), "warm")


def test_sites_at_part_load_and_half_full_draw_what_they_say() -> None:
    scenario = quickstart()
    full_kw = sum(installed_kw(scenario).values())
    assert sum(installed_kw(at_load(scenario)).values()) == pytest.approx(full_kw)
    assert sum(installed_kw(filled(scenario, 0.4)).values()) == pytest.approx(0.4 * full_kw)
    more = with_more(at_load(scenario), {"ai": 123.0})
    assert sum(installed_kw(more).values()) == pytest.approx(full_kw + 123.0)


def test_a_change_leaves_everything_else_as_it_was() -> None:
    scenario = quickstart()
    grown = changed(scenario, ("halls", "ai", "air"), {"units_count": 13})
    assert grown.halls["ai"].air.units_count == 13
    assert grown.halls["enterprise"] == scenario.halls["enterprise"]
    assert scenario.halls["ai"].air.units_count == 12


def test_one_more_of_several_pumps_and_cells_is_one_of_that_many() -> None:
    """Figures of all units grow by one part; of a single unit nobody knows how large the next one would be."""
    pump, cells = "plants.main.pump", "plants.main.condenser.towers.cells"
    site = quickstart(f"{pump}.parallel_count=4", f"{cells}.parallel_count=2")
    more = {growth.path: growth for growth in growths(site)}
    assert {path: more[path].what for path in (pump, cells, "plants.main.condenser.pump")} == {
        pump: "one unit more", cells: "one unit more", "plants.main.condenser.pump": "a quarter more",
    }  # fmt: skip
    assert len(more["plants.main.chillers"].grown(site).plants["main"].chillers) == 4
    plant = more[pump].grown(site).plants["main"]
    assert (plant.pump.parallel_count, plant.pump.flow_m3_s) == (5, pytest.approx(0.055 * 5 / 4))
    tower = more[cells].grown(site).plants["main"].condenser.towers["cells"]
    assert tower.parallel_count == 3
    assert (tower.water_flow_m3_s, tower.fan_kw) == (pytest.approx(0.087 * 1.5), pytest.approx(20 * 1.5))
