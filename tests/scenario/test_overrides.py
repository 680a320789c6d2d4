"""``--set PATH=VALUE`` comes last, and a path that leads nowhere names the nearest key."""

from __future__ import annotations

import pytest

from tests.scenario.toy import Battery, Curve, DryCooler, Flat, Site
from twin.errors import InputError
from twin.scenario.reading import read_document, read_model

TEXT = """\
name: x
halls:
  a: {racks_kw: 5, cooling: {kind: chiller, low_c: 7}}
  b: {racks_kw: 6}
tariff: [{kind: flat}, {kind: flat, price_per_kwh: 2}]
battery: {energy_kwh: 100, power_kw: 50}
"""


def read(*overrides: str) -> Site:
    """The site with overrides."""
    return read_model(Site, "f.yaml", overrides, TEXT)


def faults(*overrides: str) -> list[str]:
    """Faults of overrides."""
    with pytest.raises(InputError) as error:
        read(*overrides)
    return [str(fault) for fault in error.value.faults]


def test_a_value_is_read_as_yaml_and_replaces_what_was_there() -> None:
    site = read("halls.a.racks_kw=7", "name=12:30", "halls.b.profile_frac=[0.5, 1]", "halls.a.contained=false")
    assert (site.halls["a"].racks_kw, site.name) == (7.0, "12:30")
    assert (site.halls["b"].profile_frac, site.halls["a"].contained) == ((0.5, 1.0), False)
    assert read("halls.a.cooling={kind: dry_cooler, approach_k: 3}").halls["a"].cooling == DryCooler(
        kind="dry_cooler", approach_k=3
    )


def test_the_last_of_several_values_stays_and_spaces_do_not_matter() -> None:
    assert read("run.step_s=5", " run.step_s = 60 ").run.step_s == 60


def test_a_value_may_hold_equals_signs() -> None:
    assert read("name='a=b'").name == "a=b"


def test_sections_that_the_file_leaves_out_are_made() -> None:
    assert read("run.mode=operate").run.mode == "operate"
    assert (
        read("halls.a.cooling.rated_cop.points_cop=[[0, 1], [1, 2]]").halls["a"].cooling.model_dump()["rated_cop"]
        == Curve(points_cop=((0, 1), (1, 2))).model_dump()
    )


def test_a_new_named_thing_can_be_given_as_a_whole() -> None:
    assert read("halls.c={racks_kw: 3}").halls["c"].racks_kw == 3


@pytest.mark.parametrize("path", ["tariff[1].price_per_kwh", "tariff.1.price_per_kwh"])
def test_items_of_lists_are_reached_by_their_index(path: str) -> None:
    assert read(f"{path}=3").tariff == [Flat(), Flat(price_per_kwh=3)]


@pytest.mark.parametrize("value", ["null", "~", ""])
def test_null_takes_a_value_away(value: str) -> None:
    assert read(f"battery={value}").battery is None
    assert read(f"battery.power_kw={value}").battery == Battery(energy_kwh=100, power_kw=None)
    assert list(read(f"halls.b={value}").halls) == ["a"]
    assert len(read(f"tariff={value}").tariff) == 1


def test_another_kind_takes_the_parameters_of_the_old_one_with_it_in_any_order() -> None:
    wanted = DryCooler(kind="dry_cooler", approach_k=4)
    kind, parameter = "halls.a.cooling.kind=dry_cooler", "halls.a.cooling.approach_k=4"
    assert read(kind, parameter).halls["a"].cooling == read(parameter, kind).halls["a"].cooling == wanted
    assert read("halls.a.cooling.kind=chiller").halls["a"].cooling.model_dump()["low_c"] == 7


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("hals.a.racks_kw=1", "hals: unknown key (did you mean 'halls'?)"),
        ("hals=1", "hals: unknown key (did you mean 'halls'?)"),
        ("halls.c.racks_kw=1", "halls.c: unknown key (known here: a, b)"),
        ("halls.a.coling.low_c=1", "halls.a.coling: unknown key (did you mean 'cooling'?)"),
        ("halls.a.cooling.low=1", "halls.a.cooling.low: unknown key (did you mean 'low_c'?)"),
        ("halls.a.racks_kw=-1", "halls.a.racks_kw: must be > 0, got -1"),
        ("halls.a.racks_kw.x=1", "halls.a.racks_kw: holds 5, so it has no 'x'"),
        ("halls[0].racks_kw=1", "halls: holds nothing that can be counted, so it has no '[0]'"),
        ("tariff[2].price_per_kwh=1", "tariff: the list has no item 2 (its items: 0 to 1)"),
        ("tariff.first.price_per_kwh=1", "tariff: the list has no item 'first' (its items: 0 to 1)"),
        ("tariff.1.price_per_kw=1", "tariff[1].price_per_kw: unknown key (did you mean 'price_per_kwh'?)"),
        (
            "halls.b.profile_frac.0=1",
            "halls.b.profile_frac: nothing stands here, so there is no item 0: "
            "give the list as a whole, halls.b.profile_frac=[...]",
        ),
        ("tariff[1].price_per_kwh=x", "tariff[1].price_per_kwh: must be a number, got 'x'"),
        ("tariff.².price_per_kwh=1", "tariff: the list has no item '²' (its items: 0 to 1)"),
        ("tariff[1234567890].x=1", "must be PATH=VALUE, such as halls.a.air.supply_air_c=24"),
        ("name=5", "name: must be text, got 5 (quote it)"),
        ("name='5", "name: the quote opened here is not closed"),
        ("name=a: b: c", "name: a ':' is not expected here (check the indentation; quote a text that holds ': ')"),
        ("name", "must be PATH=VALUE, such as halls.a.air.supply_air_c=24"),
        ("=5", "must be PATH=VALUE, such as halls.a.air.supply_air_c=24"),
        ("a..b=5", "must be PATH=VALUE, such as halls.a.air.supply_air_c=24"),
        ("tariff[x].y=5", "must be PATH=VALUE, such as halls.a.air.supply_air_c=24"),
        ("battery.energy_kw=1", "battery.energy_kw: unknown key (did you mean 'energy_kwh'?)"),
        ("battery.x=1", "battery.x: unknown key (known here: energy_kwh, power_kw)"),
    ],
)
def test_an_override_that_will_not_do_is_a_fault_with_its_own_text_as_its_place(override: str, fault: str) -> None:
    assert faults(override) == [f"--set {override}: {fault}"]


def test_faults_of_the_file_and_of_every_override_come_together() -> None:
    with pytest.raises(InputError) as error:
        read_model(
            Site, "f.yaml", ["halls.a.racks_kw=-1", "x", "run.year=1"], TEXT.replace("racks_kw: 6", "racks_kw: 0")
        )
    assert [str(fault) for fault in error.value.faults] == [
        "--set halls.a.racks_kw=-1: halls.a.racks_kw: must be > 0, got -1",
        "--set run.year=1: run.year: unknown key (known here: step_s, from_h, mode)",
        "--set x: must be PATH=VALUE, such as halls.a.air.supply_air_c=24",
        "f.yaml:4:7: halls.b.racks_kw: must be > 0, got 0",
    ]


def test_what_an_override_makes_incomplete_points_to_the_override() -> None:
    assert faults("halls.c={label: y}") == ["--set halls.c={label: y}: halls.c.racks_kw: is required"]


def test_a_long_override_is_cut_in_its_place() -> None:
    (found,) = faults("name=[" + "1, " * 100 + "1]")
    assert len(found) < 200
    assert "…" in found


def test_an_override_of_several_lines_is_shown_in_one() -> None:
    (found,) = faults("na\nme=1")
    assert "\n" not in found


def test_overrides_leave_shared_parts_of_the_data_alone() -> None:
    text = "name: x\nhalls: {a: &a {racks_kw: 5, cooling: {kind: chiller}}, b: *a}\n"
    site = read_model(Site, "f.yaml", ["halls.b.cooling.low_c=3"], text)
    assert site.halls["a"].cooling.model_dump()["low_c"] == 6
    assert site.halls["b"].cooling.model_dump()["low_c"] == 3


def test_without_a_model_any_path_can_be_set() -> None:
    source = read_document("f.yaml", ["a.b.c=1"], text="x: 1")
    assert source.data == {"x": 1, "a": {"b": {"c": 1}}}
    assert source.place(("a", "b")).file == "--set a.b.c=1"
