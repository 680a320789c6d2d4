"""YAML text becomes plain data with places, and whatever is wrong becomes a fault of one line, never an exception."""

from __future__ import annotations

import math
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.calls import calls_of
from twin import yaml_source
from twin.errors import Place
from twin.yaml_source import Document, dotted, load, parse, parse_value, plain_value

LOADERS = {"c": yaml.CSafeLoader, "python": yaml.SafeLoader}


@pytest.fixture(params=LOADERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test runs with the C parser and with the one in plain Python."""
    monkeypatch.setattr(yaml_source, "_LOADER", LOADERS[request.param])
    return str(request.param)


def only_fault(text: str | bytes) -> str:
    """The one fault of a text that cannot be read."""
    document = parse(text, "f.yaml")
    assert document.data is None
    (fault,) = document.faults
    assert "\n" not in str(fault)
    return str(fault)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("1e5", 1e5),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("5.", 5.0),
        ("+12", 12),
        ("-0.0", -0.0),
        ("0123", 123),
        ("0o17", 15),
        ("0x1F", 31),
        ("0x", "0x"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("2024-07-01", "2024-07-01"),
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("nan", "nan"),
        ("inf", "inf"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1e999", math.inf),
        ("9" * 301, 1e301),
        ("9" * 5000, math.inf),
        ("9" * 300, int("9" * 300)),
        ("٣", "٣"),
        ("=", "="),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = plain_value(text)
    assert (type(found), found) == (type(value), value)


def test_dot_nan_is_a_float_that_is_not_a_number() -> None:
    assert all(math.isnan(plain_value(text)) for text in (".nan", ".NaN", ".NAN"))


@pytest.mark.usefixtures("parser")
def test_quoted_scalars_are_text_and_tags_decide() -> None:
    quoted = "a: '12'\nb: \"true\"\nc: |\n  1\n"
    assert parse(quoted, "f").data == {"a": "12", "b": "true", "c": "1\n"}
    tagged = "a: !!str 12\nb: !!float 12\nc: !!int 0123\nd: ! 12\ne: !!map {}\nf: !!seq []\ng: !!null ~\n"
    assert parse(tagged, "f").data == {"a": "12", "b": 12.0, "c": 123, "d": "12", "e": {}, "f": [], "g": None}


@pytest.mark.usefixtures("parser")
def test_keys_are_text_as_written() -> None:
    assert list(parse("1: a\non: b\n0123: c\nnull: d\n1.50: e\n'q r': f", "f").data) == [
        *("1", "on", "0123", "null", "1.50", "q r")
    ]


@pytest.mark.usefixtures("parser")
def test_every_key_and_item_has_its_place() -> None:
    document = parse("# site\nhalls:\n  a: {racks_kw: 5,\n      on: [1, {x: 2}]}\ntariff:\n- kind: flat\n", "f.yaml")
    places = {dotted(path): (place.line, place.column) for path, place in document.places.items()}
    assert places == {
        "": (2, 1),
        "halls": (2, 1),
        "halls.a": (3, 3),
        "halls.a.racks_kw": (3, 7),
        "halls.a.on": (4, 7),
        "halls.a.on[0]": (4, 12),
        "halls.a.on[1]": (4, 15),
        "halls.a.on[1].x": (4, 16),
        "tariff": (5, 1),
        "tariff[0]": (6, 3),
        "tariff[0].kind": (6, 3),
    }


@pytest.mark.usefixtures("parser")
def test_columns_count_characters_and_a_byte_order_mark_counts_as_nothing() -> None:
    document = parse("\ufeffä: {ö: 1, ü: 2}".encode(), "f.yaml")
    assert document.place(("ä",)) == Place("f.yaml", 1, 1)
    assert document.place(("ä", "ü")) == Place("f.yaml", 1, 11)


def test_a_path_that_is_not_there_has_the_place_of_the_nearest_around_it() -> None:
    document = parse("run:\n  step_s: 5\n", "f.yaml")
    assert document.place(("run", "step_s", "x", 3)) == Place("f.yaml", 2, 3)
    assert document.place(("run", "year")) == Place("f.yaml", 1, 1)
    assert Document("f.yaml", None, {}).place(("run",)) == Place("f.yaml")


@pytest.mark.usefixtures("parser")
def test_all_duplicate_keys_are_faults_and_the_first_stays() -> None:
    document = parse("a:\n  b: 1\n  c: 2\n  b: {x: 3}\n  b: 4\na: {y: 5, y: 6}\n", "f.yaml")
    assert document.data == {"a": {"b": 1, "c": 2}}
    assert [str(fault) for fault in document.faults] == [
        "f.yaml:4:3: a.b: duplicate key (first at line 2)",
        "f.yaml:5:3: a.b: duplicate key (first at line 2)",
        "f.yaml:6:1: a: duplicate key (first at line 1)",
        "f.yaml:6:11: a.y: duplicate key (first at line 6)",
    ]


@pytest.mark.usefixtures("parser")
def test_aliases_stand_for_their_values_with_the_places_where_these_are_written() -> None:
    document = parse("base: &b {cop: 5, low: [1, 2]}\na: *b\nb: [*b]\n", "f.yaml")
    assert document.data["a"] == document.data["b"][0] == {"cop": 5, "low": [1, 2]}
    assert document.place(("a",)).line == 2
    assert document.place(("a", "cop")) == document.place(("b", 0, "cop")) == document.place(("base", "cop"))
    assert document.place(("b", 0, "low", 1)) == Place("f.yaml", 1, 28)


@pytest.mark.usefixtures("parser")
def test_merge_keys_add_what_the_mapping_does_not_hold_itself() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: [4]}\none: {<<: *x, b: 9}\nboth:\n  d: 5\n  <<: [*x, *y]\n"
    document = parse(text, "f.yaml")
    assert document.data["one"] == {"b": 9, "a": 1}
    assert document.data["both"] == {"d": 5, "a": 1, "b": 2, "c": [4]}
    assert document.place(("one", "b")).line == 3
    assert document.place(("one", "a")) == Place("f.yaml", 1, 8)
    assert document.place(("both", "c", 0)) == Place("f.yaml", 2, 18)


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert parse("'<<': 1", "f").data == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a:\n\tb: 2\n", "2:1: a tab cannot indent; use spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1: a tab cannot indent; use spaces"),
        ("a: @x\n", "1:4: a value cannot start with '@' (quote it)"),
        ("a: %x\n", "1:4: a value cannot start with '%' (quote it)"),
        ("a: b: c\n", "1:5: a ':' is not expected here (check the indentation; quote a text that holds ': ')"),
        ("a: 1\n b: 2\n", "2:3: a ':' is not expected here (check the indentation; quote a text that holds ': ')"),
        ("a:\n  b: 1\n c: 2\n", "3:2: does not line up with what is above it (check indentation and quotes)"),
        ("- a\nb: 1\n", "2:1: does not line up with what is above it (check indentation and quotes)"),
        ("a: 1\nb\nc: 2\n", "2:1: is not 'key: value' (a ':' with a space behind it is missing)"),
        ('a: "x\nb: 3\n', "1:4: the quote opened here is not closed"),
        ("a: [1, 2\nb: 3\n", "2:2: a ',' or the end of the list that '[' opened at line 1 is missing before this"),
        ("a: {b: 1\nc: 2", "2:2: a ',' or the end of the mapping that '{' opened at line 1 is missing before this"),
        ("a: ]", "1:4: a value is missing, or a bracket too many stands here"),
        ("key: - a\n", "1:6: a list item '- ' is not expected here (start it on a line of its own)"),
        ("a: 1\n...\nb", "3:1: the document has ended before this"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document starts here; one file holds one"),
        ("a: *x\n", "1:4: there is no anchor for the alias '*x'"),
        ("a: &a [1, *a]\n", "1:11: the alias '*a' stands inside what it names"),
        ("a: &a\n  <<: *a\n", "2:7: the alias '*a' stands inside what it names"),
        ("<<: 5", "1:1: '<<' must name a mapping or a list of mappings"),
        ("a: !foo 1", "1:4: the tag '!foo' is not known here, or does not fit '1'"),
        ("a: !!int x", "1:4: the tag '!!int' is not known here, or does not fit 'x'"),
        ("a: !!python/object:os.system x", "1:4: the tag '!!python/object:os.system' is not known here, or does n"),
        ("a: !foo {}", "1:4: the tag '!foo' is not known here"),
        ("{{ x }}: 1", "1:1: a key must be plain text (quote a text that starts with '{', '[' or '*')"),
        ("a: {{ x }}", "1:5: a key must be plain text (quote a text that starts with '{', '[' or '*')"),
        ("? [a, b]\n: 1", "1:3: a key must be plain text (quote a text that starts with '{', '[' or '*')"),
        ("a: \x00", "1:4: character U+0000 is not allowed in YAML"),
        ("ä\nb: \ud800", "2:4: character U+D800 is not allowed in YAML"),
        ("- 1\n- 2\n", "1:1: must be a mapping of keys to values, got a list"),
        ("hello", "1:1: must be a mapping of keys to values, got 'hello'"),
        ("step_s:5", "1:1: must be a mapping of keys to values, got 'step_s:5' (a ':' needs a space behind it)"),
        ("# nothing\n", "is empty: a mapping of keys to values is expected"),
        ("", "is empty: a mapping of keys to values is expected"),
        ("---\n", "is empty: a mapping of keys to values is expected"),
        ("%YAML 3.0\n---\na: 1", "1:1: is not valid YAML: found incompatible YAML document"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_cannot_be_read_is_one_fault_at_its_place(text: str, fault: str) -> None:
    separator = ":" if fault[0].isdigit() else ": "
    assert only_fault(text).startswith(f"f.yaml{separator}{fault}")


@pytest.mark.usefixtures("parser")
def test_an_unknown_escape_and_half_a_character_are_faults() -> None:
    assert "1:" in only_fault(r'a: "C:\q"')
    assert "write \\\\ for \\" in only_fault(r'a: "C:\q"')
    assert "f.yaml:1:" in only_fault(r'a: "\ud800"')


def test_bytes_that_are_not_utf_8_are_a_fault_at_their_place() -> None:
    assert only_fault("a: 1\nbü: ".encode() + b"\xff") == (
        "f.yaml:2:5: is not UTF-8 text (byte 0xff); save the file as UTF-8"
    )
    assert "f.yaml:1:1: is not UTF-8 text" in only_fault("a: 1".encode("utf-16"))


@pytest.mark.parametrize("text", ["[" * 3_000_000, "- " * 1_500_000, "{a: " * 900_000, "[a, " * 900_000])
@pytest.mark.usefixtures("parser")
def test_deep_nesting_is_refused_without_recursion(text: str) -> None:
    assert "nested more than 64 levels deep" in only_fault(text)


def test_nesting_through_aliases_counts_as_nesting() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 100))
    assert "nested more than 64 levels deep" in only_fault(chain)


def test_nesting_up_to_the_limit_is_read() -> None:
    document = parse("a: " + "[" * 62 + "1" + "]" * 62, "f")
    assert document.faults == ()
    assert dotted(max(document.places, key=len)) == "a" + "[0]" * 62


def bomb(width: int, levels: int) -> str:
    """Lists of lists that stand for ``width ** levels`` values."""
    first = f"a0: &a0 [{', '.join('x' * width)}]\n"
    return first + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]\n" for i in range(1, levels))


@pytest.mark.parametrize("text", [bomb(10, 30), "a: &a [" + "x," * 1000 + "]\nb: [" + "*a," * 1_000_000 + "]"])
def test_an_alias_bomb_is_refused_with_little_work_and_in_little_memory(text: str) -> None:
    said: list[str] = []
    assert calls_of(lambda: said.append(only_fault(text))) < 15 * 200_000  # values; measured 5 calls for each, .2 s
    assert "more than 200,000 values (an alias counts as often as it is used)" in said[0]
    tracemalloc.start()
    only_fault(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6  # the places of 200,000 values


def test_ten_megabytes_are_refused_unread() -> None:
    said: list[str] = []
    assert calls_of(lambda: said.append(only_fault(bomb(10, 9) + "#" * 10_000_000))) < 200
    assert said == ["f.yaml: is larger than 4 MB; put long tables into files of their own"]


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(10**9)  # sparse
    assert str(load(path).faults[0]) == f"{path}: is larger than 4 MB; put long tables into files of their own"


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "quickstart.yaml").write_text("a: 1")
    path = tmp_path / "quikstart.yaml"
    assert str(load(path).faults[0]) == f"{path}: no such file (did you mean 'quickstart.yaml'?)"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "file.yaml"
    assert str(load(path).faults[0]) == f"{path}: no such file (there is no folder '{tmp_path / 'no'}')"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert str(load(tmp_path).faults[0]) == f"{tmp_path}: is a folder, not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    assert str(load(path).faults[0]) == f"{path}: cannot be read: permission denied"


def test_permission_denied_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert str(load("x.yaml").faults[0]) == "x.yaml: cannot be read: permission denied"


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000, "x/" * 5000])
def test_names_that_no_file_can_have_are_faults(name: str) -> None:
    document = load(name)
    assert document.data is None
    assert len(document.faults) == 1


def test_a_file_that_is_sound_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\r\nb:\r\n  c: x\r\n")
    assert load(path) == Document(
        str(path),
        {"a": 1, "b": {"c": "x"}},
        {
            (): Place(str(path), 1, 1),
            ("a",): Place(str(path), 1, 1),
            ("b",): Place(str(path), 2, 1),
            ("b", "c"): Place(str(path), 3, 3),
        },
    )


def test_a_value_of_any_kind_can_be_read_alone() -> None:
    assert [parse_value(text, "x").data for text in ("24", "a", "[1, b]", "{k: v}", "", "12:30")] == [
        *(24, "a", [1, "b"], {"k": "v"}, None, "12:30")
    ]


def test_a_fault_shows_strange_keys_and_values_on_one_line() -> None:
    document = parse('"a\\nb": 1\n"a\\nb": 2\n' + "k" * 900 + ": 1\n" + "k" * 900 + ": 2\n", "f")
    assert [len(str(fault).splitlines()) for fault in document.faults] == [1, 1]
    assert all(len(str(fault)) < 150 for fault in document.faults)
    assert "'a\\nb': duplicate key" in str(document.faults[0])


@given(st.binary(max_size=200))
def test_no_bytes_raise(raw: bytes) -> None:
    document = parse(raw, "f.yaml")
    assert isinstance(document.data, dict) or document.faults


SNIPPETS = [
    *("a", "b: ", "- ", "[", "]", "{", "}", ": ", "? ", ", ", "\n", "\n  ", "\t", "'", '"', "&a ", "*a ", "<<: "),
    *(
        "!!int ",
        "!x ",
        "|\n",
        ">\n",
        "# ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\\u12",
        "0x",
        "1e5",
        ".nan",
        "~",
        "\ufeff",
    ),
]


@given(st.lists(st.sampled_from(SNIPPETS), max_size=30).map("".join))
def test_no_text_raises_and_both_parsers_place_what_they_read(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for loader in LOADERS.values():
            patch.setattr(yaml_source, "_LOADER", loader)
            document = parse(text, "f.yaml")
            assert isinstance(document.data, dict) or document.faults
            assert all(fault.place is not None and "\n" not in str(fault) for fault in document.faults)
            assert all(path in document.places for path in paths_of(document.data))


def paths_of(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Path of every part of the data."""
    if not isinstance(data, dict | list):
        return [path] if path else []
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    return [path, *(p for key, value in entries for p in paths_of(value, (*path, key)))]
