"""A file becomes a validated model, or every one of its faults, in reading order, each at its place."""

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator, model_validator

from tests.calls import calls_of
from tests.scenario.toy import Chiller, Site, Windows
from twin.errors import Fault, InputError, SpecFault
from twin.quantities import Spec
from twin.references import InputFile
from twin.scenario.reading import read_model
from twin.scenario.writing import dump

HALL = "name: x\nhalls: {a: {racks_kw: 5}}\n"


def faults(model: type[BaseModel], text: str, *overrides: str) -> list[str]:
    """Every fault of a text, as it is shown."""
    with pytest.raises(InputError) as error:
        read_model(model, "f.yaml", overrides, text)
    return [str(fault) for fault in error.value.faults]


def test_a_sound_file_becomes_a_frozen_instance(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "name: 'on'\nrun: {step_s: 60, from_h: 12:30}\nhalls:\n  a:\n    racks_kw: 1e3\n    profile_frac: [0.5, 1]\n"
        "tariff:\n- kind: tou\n  windows: [[12:30, 14:00]]\n  peak_per_kwh: 1\n"
    )
    site = read_model(Site, path)
    assert (site.name, site.run.step_s, site.run.from_h) == ("on", 60.0, 12.5)
    assert (site.halls["a"].racks_kw, site.halls["a"].profile_frac) == (1000.0, (0.5, 1.0))
    assert site.tariff == [Windows(kind="tou", windows=(("12:30", "14:00"),), peak_per_kwh=1.0)]
    assert site.halls["a"].cooling == Chiller()


def test_a_file_that_cannot_be_read_says_so_and_nothing_else() -> None:
    assert faults(Site, "name: ]", "x") == [
        "--set x: must be PATH=VALUE, such as halls.a.air.supply_air_c=24",
        "f.yaml:1:7: a value is missing, or a bracket too many stands here",
    ]
    with pytest.raises(InputError, match=r"^nowhere.yaml: no such file$"):
        read_model(Site, "nowhere.yaml")


def test_faults_of_text_and_model_come_together_in_reading_order() -> None:
    text = "halls:\n  a: {racks_kw: 0}\n  a: {racks_kw: 5}\nrunn: 1\nname: x\nname: y\n"
    assert faults(Site, text, "run.step_s=x") == [
        "--set run.step_s=x: run.step_s: must be a number, got 'x'",
        "f.yaml:2:7: halls.a.racks_kw: must be > 0, got 0",
        "f.yaml:3:3: halls.a: duplicate key (first at line 2)",
        "f.yaml:4:1: runn: unknown key (did you mean 'run'?)",
        "f.yaml:6:1: name: duplicate key (first at line 5)",
    ]


class Word(Enum):
    """Words of an enumeration."""

    DAY = "day"
    NIGHT = "night"


class Kinds(Spec):
    """A field of every kind."""

    kw: float = 0
    count: int = 0
    flag: bool = False
    text: str = ""
    day: date = date(2024, 1, 1)
    word: Word = Word.DAY
    choice: Literal["tou", "spot", 3] = "tou"
    list_kw: tuple[float, ...] = ()
    pair_kw: tuple[float, float] = (0, 0)
    table: dict[str, int] = Field(default_factory=dict)
    inner: Chiller = Chiller()
    maybe_kw: float | None = None
    mixed_kw: float | tuple[float, ...] | Literal["auto"] = 0
    bounded_kw: Annotated[float, Field(gt=-1.5, le=1000000)] | Literal["none"] = "none"
    short: str = Field("", max_length=3)
    path: Path = Path("x")
    anything: Any = None
    several: list[Chiller] = Field(default_factory=list, max_length=1)
    even: int = Field(0, multiple_of=2)
    step: str = Field("1h", pattern=r"^[0-9]+(min|h)$")
    """Time step, such as 15min."""
    steps: tuple[Annotated[str, Field(pattern="^x$")], ...] = ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kw: 5", 5.0),
        ("kw: 1e3", 1000.0),
        ("count: 1e3", 1000),
        ("flag: true", True),
        ("text: NO", "NO"),
        ("day: 2024-07-01", date(2024, 7, 1)),
        ("word: night", Word.NIGHT),
        ("choice: 3", 3),
        ("list_kw: [1, 2.5]", (1.0, 2.5)),
        ("maybe_kw: null", None),
        ("mixed_kw: auto", "auto"),
        ("mixed_kw: [1]", (1.0,)),
        ("path: a/b", Path("a/b")),
        ("anything: {a: ['1', true]}", {"a": ["1", True]}),
        ("table: {1: 2}", {"1": 2}),
    ],
)
def test_a_value_of_the_right_kind_is_taken(text: str, value: Any) -> None:
    found = getattr(read_model(Kinds, "f.yaml", text=text), text.split(":")[0])
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kw: '24'", "kw: must be a number, got '24'"),
        ("kw: abc", "kw: must be a number, got 'abc'"),
        ("kw: true", "kw: must be a number, got true"),
        ("kw: null", "kw: must be a number, got null"),
        ("kw:", "kw: must be a number, got null"),
        ("kw: [1]", "kw: must be a number, got a list"),
        ("kw: {a: 1}", "kw: must be a number, got a mapping"),
        ("kw: .nan", "kw: must be a finite number, got nan"),
        ("kw: -.inf", "kw: must be a finite number, got -inf"),
        ("kw: 1e999", "kw: must be a finite number, got inf"),
        ("kw: 12:30", "kw: must be a number, got '12:30'"),
        ("count: 1.5", "count: must be a whole number, got 1.5"),
        ("count: '3'", "count: must be a whole number, got '3'"),
        ("count: false", "count: must be a whole number, got false"),
        ("count: .inf", "count: must be a finite number, got inf"),
        ("flag: 1", "flag: must be true or false, got 1"),
        ("flag: on", "flag: must be true or false, got 'on'"),
        ("text: 12", "text: must be text, got 12 (quote it)"),
        ("text: true", "text: must be text, got true (quote it)"),
        ("text: [a]", "text: must be text, got a list"),
        ("text: null", "text: must be text, got null"),
        ("day: 20240701", "day: must be a date such as '2024-07-01', got 20240701"),
        ("day: 2024-13-01", "day: must be a date such as '2024-07-01', got '2024-13-01'"),
        ("word: nigth", "word: must be one of day, night (did you mean 'night'?), got 'nigth'"),
        ("choice: spott", "choice: must be one of tou, spot, 3 (did you mean 'spot'?), got 'spott'"),
        ("choice: 4", "choice: must be one of tou, spot, 3, got 4"),
        ("choice: '3'", "choice: must be one of tou, spot, 3 (without quotes), got '3'"),
        ("list_kw: 5", "list_kw: must be a list, got 5"),
        ("list_kw: abc", "list_kw: must be a list, got 'abc'"),
        ("list_kw: {a: 1}", "list_kw: must be a list, got a mapping"),
        ("list_kw: [1, '2']", "list_kw[1]: must be a number, got '2'"),
        ("pair_kw: [1]", "pair_kw[1]: is required"),
        ("pair_kw: [1, 2, 3]", "pair_kw: must hold at most 2 items, got 3"),
        ("table: [1]", "table: must be a mapping, got a list"),
        ("table: {a: x}", "table.a: must be a whole number, got 'x'"),
        ("inner: 5", "inner: must be a mapping, got 5"),
        ("inner: {rated_cop: {}}", "inner.rated_cop.points_cop: is required"),
        ("inner: {low_c: 20}", "inner.low_c: must not be above high_c (12)"),
        ("maybe_kw: x", "maybe_kw: must be a number, got 'x'"),
        ("mixed_kw: '24'", "mixed_kw: must be a number, a list or 'auto', got '24'"),
        ("mixed_kw: auot", "mixed_kw: must be a number, a list or 'auto' (did you mean 'auto'?), got 'auot'"),
        ("mixed_kw: [1, x]", "mixed_kw[1]: must be a number, got 'x'"),
        ("mixed_kw: .nan", "mixed_kw: must be a finite number, got nan"),
        ("bounded_kw: -2", "bounded_kw: must be > -1.5, got -2"),
        ("bounded_kw: 1000001", "bounded_kw: must be <= 1000000, got 1000001"),
        ("short: long", "short: must be text of at most 3 characters, got 'long'"),
        ("path: 5", "path: must be a path, got 5"),
        ("several: [{}, {}]", "several: must hold at most 1 item, got 2"),
        ("several: [{units_count: 0}]", "several[0].units_count: must be >= 1, got 0"),
        ("step: 7m", "step: must be in the right form (time step, such as 15min), got '7m'"),
        ("steps: [x, y]", "steps[1]: must be text that matches ^x$, got 'y'"),
        ("even: 3", "even: must be a multiple of 2, got 3"),
        ("cuont: 3", "cuont: unknown key (did you mean 'count'?)"),
        ("inner: {copp: 3}", "inner.copp: unknown key (known here: kind, rated_cop, units_count, low_c, high_c)"),
        ("zzz: 3", "zzz: unknown key"),
    ],
)
def test_a_value_that_will_not_do_is_one_fault_that_says_what_would(text: str, fault: str) -> None:
    (found,) = faults(Kinds, text)
    assert found.split(": ", 1)[1] == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("halls: {a: {racks_kw: 1}}", "1:1: name: is required"),
        ("name: x\n", "1:1: halls: is required"),
        ("name: x\nhalls:\n  a:\n    label: b\n", "3:3: halls.a.racks_kw: is required"),
        ("name: x\nhalls: {}\n", "2:1: halls: must hold at least 1 item, got 0"),
        ("name: x\nhalls:\n  A b: {racks_kw: 1}\n", "3:3: halls.A b: the name must be small letters, digits and _"),
        (HALL + "tariff: [{kind: spott}]", "3:11: tariff[0].kind: must be one of flat, tou, spot (did you mean 'spot'"),
        (HALL + "tariff: [{price_per_kwh: 1}]", "3:10: tariff[0].kind: is required (one of flat, tou, spot)"),
        (HALL + "tariff: [3]", "3:10: tariff[0]: must be a mapping, got 3"),
        (HALL + "tariff: {kind: flat}", "3:1: tariff: must be a list, got a mapping"),
        (HALL + "tariff: [{kind: tou, peak_per_kwh: -1}]", "3:22: tariff[0].peak_per_kwh: must be > 0, got -1"),
        (
            HALL + "tariff: [{kind: tou, peak_kwh: 1, peak_per_kwh: 1}]",
            "3:22: tariff[0].peak_kwh: unknown key (did you",
        ),
        (HALL + "tariff: [{kind: tou}]", "3:10: tariff[0].peak_per_kwh: is required"),
        (
            HALL + "tariff: [{kind: flat, peak_per_kwh: 1}]",
            "3:23: tariff[0].peak_per_kwh: unknown key (did you mean 'pr",
        ),
        (HALL + "margin_kw: {a: 1, b: 2}", "3:19: margin_kw.b: there is no such hall"),
        (HALL + "weather: 5", "3:1: weather: must be a file name, got 5"),
    ],
)
def test_a_fault_in_the_structure_points_to_its_place(text: str, fault: str) -> None:
    (found,) = faults(Site, text)
    assert found.startswith(f"f.yaml:{fault}")


def test_a_key_named_like_the_tag_of_a_union_does_not_confuse_the_path() -> None:
    class A(Spec):
        """One of two."""

        kind: Literal["a"]
        a: dict[str, int]
        b: int

    class B(Spec):
        """The other."""

        kind: Literal["b"]

    class Top(Spec):
        """Holds either."""

        part: Annotated[A | B, Field(discriminator="kind")]

    assert faults(Top, "part: {kind: a, a: {b: 1.5}, b: 2.5}") == [
        "f.yaml:1:21: part.a.b: must be a whole number, got 1.5",
        "f.yaml:1:30: part.b: must be a whole number, got 2.5",
    ]


def test_what_a_validator_converts_first_is_its_own_affair() -> None:
    class Shorthand(Spec):
        """Takes a number for a whole mapping, and text for a number."""

        cop: Chiller = Chiller()
        start_h: float = 0

        @field_validator("start_h", mode="before")
        @classmethod
        def _hours(cls, value: Any) -> Any:
            return float(value.removesuffix(" h")) if isinstance(value, str) else value

    class Point(Spec):
        """Takes a number for a mapping."""

        x_m: float

        @model_validator(mode="before")
        @classmethod
        def _from_number(cls, value: Any) -> Any:
            return {"x_m": value} if isinstance(value, int | float) else value

    class Top(Spec):
        """Holds both."""

        short: Shorthand = Shorthand()
        point: Point = Point(x_m=0)
        either: Point | None = None

    top = read_model(Top, "f.yaml", text="short: {start_h: 3 h}\npoint: 5\neither: 6\n")
    assert (top.short.start_h, top.point.x_m, top.either) == (3.0, 5.0, Point(x_m=6))
    assert faults(Top, "point: {x_m: '5'}") == ["f.yaml:1:9: point.x_m: must be a number, got '5'"]


@pytest.mark.parametrize("raised", [ValueError("is wrong as a whole"), AssertionError("is wrong as a whole")])
def test_a_validator_may_raise_a_plain_error(raised: Exception) -> None:
    class Odd(Spec):
        """Never right."""

        a: int = 0

        @model_validator(mode="after")
        def _refuse(self) -> Any:
            raise raised

    class Top(Spec):
        """Holds it."""

        odd: Odd

    assert faults(Top, "odd: {a: 1}") == ["f.yaml:1:1: odd: is wrong as a whole"]


def test_a_validator_may_point_to_a_field_that_is_not_written() -> None:
    class Odd(Spec):
        """Never right."""

        a: int = 0
        b: int = 0

        @model_validator(mode="after")
        def _refuse(self) -> Any:
            raise SpecFault(("b",), "must be larger")

    assert faults(Odd, "\na: 1") == ["f.yaml:2:1: b: must be larger"]


def test_an_input_error_inside_a_validator_joins_the_other_faults() -> None:
    class Odd(Spec):
        """Never right."""

        a: int = 0

        @model_validator(mode="after")
        def _refuse(self) -> Any:
            raise InputError("the sizes do not fit")

    assert faults(Odd, "a: 1\na: 2") == [
        "f.yaml:1:1: the sizes do not fit",
        "f.yaml:2:1: a: duplicate key (first at line 1)",
    ]


class Files(Spec):
    """Names files everywhere."""

    one: InputFile | None = None
    many: tuple[InputFile, ...] = ()
    named: dict[str, InputFile] = Field(default_factory=dict)
    plain: str = ""
    maybe: InputFile | Literal["none"] = "none"


def test_file_references_become_absolute_wherever_they_stand(tmp_path: Path) -> None:
    folder = tmp_path.resolve() / "in"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.csv", "deep/b.csv"):
        (folder / name).write_text("")
    path = folder / "f.yaml"
    path.write_text(
        f"one: a.csv\nmany: [deep/b.csv, {folder}/a.csv, deep/../a.csv]\nnamed: {{x: a.csv}}\nplain: a.csv\n"
    )
    read = read_model(Files, path)
    assert read.one == str(folder / "a.csv")
    assert read.many == (str(folder / "deep" / "b.csv"), *[str(folder / "a.csv")] * 2)
    assert read.named == {"x": str(folder / "a.csv")}
    assert read.plain == "a.csv"


def test_a_word_that_may_stand_for_a_file_is_no_file() -> None:
    assert read_model(Files, "f.yaml", text="maybe: none").maybe == "none"
    assert [fault.split(" in ")[0] for fault in faults(Files, "maybe: nothing")] == [
        "f.yaml:1:1: maybe: no file 'nothing'"
    ]


def test_a_file_reference_with_a_scheme_stays_as_it_is_and_is_looked_up() -> None:
    assert read_model(Files, "f.yaml", text="one: pvlib:723170TYA.CSV").one == "pvlib:723170TYA.CSV"
    (found,) = faults(Files, "one: pvlib:723170TYB.CSV")
    assert found.startswith("f.yaml:1:1: one: no file 'pvlib:723170TYB.CSV'")
    assert "723170TYA.CSV" in found
    (found,) = faults(Files, "one: ftp:a.csv")
    assert "unknown scheme 'ftp:'" in found


def test_every_missing_file_is_a_fault_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "weather.csv").write_text("")
    path = tmp_path / "f.yaml"
    path.write_text("one: wether.csv\nmany:\n- nowhere/a.csv\n- .\n")
    with pytest.raises(InputError) as error:
        read_model(Files, path)
    one, many, dot = (str(fault) for fault in error.value.faults)
    assert one.startswith(f"{path}:1:1: one: no file 'wether.csv' in ")
    assert one.endswith("(did you mean 'weather.csv'?)")
    assert many.startswith(f"{path}:3:3: many[0]: no file 'nowhere/a.csv': there is no folder ")
    assert dot == f"{path}:4:3: many[1]: '.' is a folder, not a file"


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "~nobody_of_this_name/x"])
def test_a_name_that_no_file_can_have_is_a_fault(name: str) -> None:
    with pytest.raises(InputError) as error:
        read_model(Files, "f.yaml", text=dump({"one": name}))
    assert [fault.path for fault in error.value.faults] == ["one"]


def test_files_named_on_the_command_line_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "sub" / "f.yaml").write_text("plain: x")
    monkeypatch.chdir(tmp_path)
    assert read_model(Files, "sub/f.yaml", ["one=a.csv"]).one == str(tmp_path.resolve() / "a.csv")


def with_halls(count: int) -> str:
    hall = "    racks_kw: 12\n    contained: false\n    label: row\n    cooling: {kind: chiller, rated_cop: 5.5}\n"
    return "name: big\nhalls:\n" + "".join(f"  hall_{number}:\n{hall}" for number in range(count))


def test_thousands_of_halls_take_no_more_work_each_than_a_few() -> None:
    few, many = with_halls(200), with_halls(2000)
    read_model(Site, "f.yaml", text=few)  # what is loaded once
    once = calls_of(lambda: read_model(Site, "f.yaml", text=few))
    assert calls_of(lambda: read_model(Site, "f.yaml", text=many)) < 1.05 * 10 * once
    assert len(read_model(Site, "f.yaml", text=many).halls) == 2000


KEYS = "name run halls a racks_kw cooling kind rated_cop points_cop tariff step_s"
YAML = st.recursive(
    st.sampled_from(["1", "-1", "x", "true", "~", ".nan", "'5'", "chiller", "flat", "tou", "auto", "12:30"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(
            st.sampled_from(KEYS.split()),
            inner,
            max_size=4,
        ).map(lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}")
    ),
    max_leaves=15,
)


@given(YAML, YAML, YAML)
def test_whatever_is_written_comes_back_as_a_model_or_as_placed_faults(halls: str, tariff: str, run: str) -> None:
    text = f"name: x\nhalls: {halls}\ntariff: {tariff}\nrun: {run}\n"
    found: tuple[Fault, ...] = ()
    try:
        read_model(Site, "f.yaml", text=text)
    except InputError as error:
        found = error.faults
    assert all(fault.place is not None and fault.place.line and fault.path for fault in found)
    assert len({(fault.path, fault.message) for fault in found}) == len(found)
