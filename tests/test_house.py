"""The house keeps its shape: floors of imports, tools in their own rooms, functions that compile to equal bits.

Nothing but :mod:`ast`. A rule is a function ``(module, tree) -> faults`` over one file; it is run over every file of
the package, and over a planted offence that it has to find.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from twin.quantities import Spec

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "twin").rglob("*.py"))
EVERY_FILE = [*PACKAGE, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]

# A file imports its own floor or lower.
FLOORS = {
    "twin.units": 0,
    "twin.errors": 0,
    "twin.compiled": 0,
    "twin.quantities": 0,
    "twin.yaml_source": 0,
    "twin.references": 0,
    "twin.version": 0,
    "twin.physics": 1,
    "twin.components": 2,
    "twin.jobs": 2,
    "twin.series": 2,
    "twin.scenario": 3,
    "twin.engine": 4,
    "twin.studies": 5,
    "twin.outputs": 6,
    "twin.cli": 7,
    "twin.cli_capacity": 7,
    "twin.cli_plans": 7,
    "twin.cli_reports": 7,
    "twin.cli_studies": 7,
    "twin.cli_words": 7,
    "twin.explorer": 7,
    "twin.__main__": 8,
    "twin": 8,
}

# Tools that may be imported in these files only.
ROOMS = {
    "yaml": ("twin.yaml_source",),
    "numba": ("twin.compiled", "twin.engine.kernel"),
    "llvmlite": ("twin.engine.kernel",),
    "highspy": ("twin.studies.planning.warm",),
    "reportlab": ("twin.outputs.reporting",),
    "streamlit": ("twin.explorer", "app"),
    "plotly": ("twin.outputs.figures", "twin.explorer"),
    "requests": ("twin.series",),
    "urllib": ("twin.series",),
    "http": ("twin.series",),
    "socket": ("twin.series",),
}

PHYSICS_MAY_IMPORT = {"twin.compiled", "twin.units", "twin.physics.fluids", "twin.physics.interpolation"}

# Equal bits in Python and machine code: measured for these, and for no other.
EQUAL_MATH = {"exp", "expm1", "log", "log1p", "sqrt", "tanh", "erf", "floor", "ceil", "fabs", "copysign"}
EQUAL_MATH |= {"isnan", "isfinite", "isinf", "pi", "nan", "inf", "e"}
EQUAL_NUMPY = {"interp"}
UNEQUAL_BUILTINS = {"pow", "sum", "round", "sorted", "zip", "map", "filter"}
NOT_IN_COMPILED = (
    *(ast.Raise, ast.Try, ast.With, ast.While, ast.Assert, ast.Lambda, ast.Global, ast.Import, ast.ImportFrom),
    *(ast.Dict, ast.Set, ast.List, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr),
)

LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Spelled backwards, for this file is searched too; an argument of streamlit's has the name of one.
LATER = [word[::-1] for word in ("ODOT", "EMXIF", "KCAH", "won rof", "redlohecalp", "tey detnemelpmi ton")]
UNFINISHED = re.compile(r"\b(" + "|".join(LATER[:3]) + r")\b|\b(?i:" + "|".join(LATER[3:]) + r")\b(?!=)")

Rule = Callable[[str, ast.Module], list[str]]


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file, read once for all rules."""
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """Dotted name of a file below the root: ``twin/series/axis.py`` is ``twin.series.axis``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, inside functions too; relative imports begin with a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def floor(name: str) -> int | None:
    """Floor of a dotted module name: that of its longest known beginning."""
    parts = name.split(".")
    beginnings = (".".join(parts[:n]) for n in range(len(parts), 1, -1))
    return FLOORS.get(name, next((FLOORS[b] for b in beginnings if b in FLOORS), None))


def under(name: str, room: str) -> bool:
    """Whether a module is the room, in it, or named like it with an ending (``figures_site`` for ``figures``)."""
    return name == room or name.startswith((room + ".", room + "_"))


def imports_above_its_floor(module: str, tree: ast.Module) -> list[str]:
    """Imports of a higher floor, of a file without a floor, and files that have none themselves."""
    own = floor(module)
    if own is None:
        return [f"{module} stands on no floor"]
    faults = []
    for line, name in imports(tree):
        other = floor(name) if name.split(".")[0] == "twin" else 0
        if other is None or other > own:
            faults.append(f"{module}:{line} (floor {own}) imports {name} (floor {other})")
    return faults


def imports_the_face(module: str, tree: ast.Module) -> list[str]:
    """``import twin``, ``from twin import x`` and relative imports."""
    named = ((line, name) for line, name in imports(tree) if name == "twin" or name.startswith("."))
    return [f"{module}:{line} imports {name}: import the file that defines it" for line, name in named]


def tool_outside_its_room(module: str, tree: ast.Module) -> list[str]:
    """Imports of a library that belongs to other files."""
    faults = []
    for line, name in imports(tree):
        rooms = ROOMS.get(name.split(".")[0])
        if rooms and not any(under(module, room) for room in rooms):
            faults.append(f"{module}:{line} imports {name}, which belongs in {' or '.join(rooms)}")
    return faults


def physics_that_knows_the_house(module: str, tree: ast.Module) -> list[str]:
    """Physics files import units, the compiler's mark and the fluids' properties, and nothing else of the house."""
    if not under(module, "twin.physics"):
        return []
    named = ((line, name) for line, name in imports(tree) if name.split(".")[0] == "twin")
    return [f"{module}:{line} imports {name}" for line, name in named if name not in PHYSICS_MAY_IMPORT]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones included."""
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def is_compiled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function carries the mark ``@compilable``."""
    return any(ast.unparse(d).split("(")[0].split(".")[-1] == "compilable" for d in function.decorator_list)


def unequal_bits(module: str, tree: ast.Module) -> list[str]:
    """What machine code computes otherwise than Python, or cannot compile, in functions marked ``@compilable``."""
    faults = []
    for function in filter(is_compiled, functions(tree)):
        if function.args.defaults or function.args.kw_defaults:
            faults.append(f"{module}:{function.lineno} {function.name}: default argument in a compiled function")
        for node in (n for statement in function.body for n in ast.walk(statement)):
            fault = _unequal(node)
            if fault:
                faults.append(f"{module}:{getattr(node, 'lineno', 0)} {function.name}: {fault}")
    return faults


def _unequal(node: ast.AST) -> str | None:
    if isinstance(node, NOT_IN_COMPILED):
        return f"{type(node).__name__} in a compiled function"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _unequal_power(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        allowed = {"math": EQUAL_MATH, "np": EQUAL_NUMPY, "numpy": EQUAL_NUMPY}.get(node.value.id)
        return f"{ast.unparse(node)} is not equal bit for bit" if allowed and node.attr not in allowed else None
    if isinstance(node, ast.Call):
        if node.keywords:
            return f"{ast.unparse(node.func)} is called with keywords"
        if isinstance(node.func, ast.Name) and node.func.id in UNEQUAL_BUILTINS:
            return f"{node.func.id}() in a compiled function"
    return None


def _unequal_power(node: ast.BinOp) -> str | None:
    exponent, base = _number(node.right), _number(node.left)
    if base is not None:
        return f"{ast.unparse(node)}: a constant to a power is not equal bit for bit"
    if exponent is not None and (exponent == int(exponent) or abs(exponent) == 0.5):
        return f"{ast.unparse(node)}: write x * x, 1.0 / x or math.sqrt(x)"
    return None


def _number(node: ast.expr) -> float | None:
    try:
        return float(ast.literal_eval(node))
    except (ValueError, TypeError):
        return None


def no_docstring(module: str, tree: ast.Module) -> list[str]:
    """Files that do not say first what they are."""
    return [] if ast.get_docstring(tree) else [f"{module} has no module docstring"]


def long_functions(module: str, tree: ast.Module) -> list[str]:
    """Functions that do more than one reader can hold."""
    sizes = ((f.name, (f.end_lineno or 0) - f.lineno + 1) for f in functions(tree))
    return [f"{module} {name}: {lines} lines" for name, lines in sizes if lines > LONGEST_FUNCTION]


def swallows_everything(module: str, tree: ast.Module) -> list[str]:
    """``except:`` and ``except Exception``."""
    handlers = [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)]
    broad = [h for h in handlers if h.type is None or ast.unparse(h.type) in ("Exception", "BaseException")]
    return [f"{module}:{h.lineno} catches everything" for h in broad]


RULES: dict[Rule, str] = {  # each rule beside an offence in twin/physics/coil.py that it has to find
    imports_above_its_floor: "def f():\n    from twin.engine.simulate import simulate",
    imports_the_face: "from twin import simulate",
    tool_outside_its_room: "import numba.core",
    physics_that_knows_the_house: "from twin.physics.air import heat",
    unequal_bits: "@compilable\ndef f(x):\n    return x ** 2",
    no_docstring: "x = 1",
    long_functions: "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION,
    swallows_everything: "try:\n    f()\nexcept Exception:\n    pass",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_file_of_the_package_breaks_the_rule(rule: Rule) -> None:
    faults = [f for path in PACKAGE for f in rule(module_name(path), parsed(path))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_a_planted_offence(rule: Rule) -> None:
    assert rule("twin.physics.coil", ast.parse(RULES[rule]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_lets_a_sound_file_pass(rule: Rule) -> None:
    sound = (
        '"""Coil."""\nimport math\nfrom twin.compiled import compilable\nfrom twin.units import KELVIN\n'
        "@compilable\ndef f(x, a):\n    return math.exp(min(max(x, -a), a)) + x ** 0.8 + x * x + KELVIN\n"
    )
    assert not rule("twin.physics.coil", ast.parse(sound))


UNEQUAL = """np.exp(x); np.where(x > 0, x, 0); math.hypot(x, x); math.cbrt(x); math.pow(x, 3); x ** -1; x ** 0.5
x ** -0.5; x ** 2
2.0 ** x; x ** 3.0; f(x, a=1); [x]; {'a': x}; pow(x, 2); f'{x}'; sum((x, x))"""


@pytest.mark.parametrize("body", re.split(r"; |\n", UNEQUAL))
def test_an_expression_with_unequal_bits_is_found(body: str) -> None:
    assert unequal_bits("m", ast.parse(f"@compilable\ndef f(x):\n    return {body}"))
    assert not unequal_bits("m", ast.parse(f"def f(x):\n    return {body}")), "only compiled functions are bound"


@pytest.mark.parametrize(
    "body", ["raise ValueError", "while x > 0:\n        x = x - 1", "try:\n        x\n    finally:\n        x"]
)
def test_a_statement_that_cannot_be_compiled_is_found(body: str) -> None:
    assert unequal_bits("m", ast.parse(f"@compilable\ndef f(x):\n    {body}\n    return x"))


def test_every_file_says_first_what_it_is() -> None:
    assert [m for p in EVERY_FILE for m in no_docstring(str(p), ast.parse(p.read_text(encoding="utf-8")))] == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {module_name(p): p.read_text(encoding="utf-8").count("\n") for p in PACKAGE}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_nothing_is_left_for_later() -> None:
    found = []
    for path in EVERY_FILE:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if UNFINISHED.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


@pytest.mark.parametrize("word", LATER)
def test_a_word_for_later_would_be_found(word: str) -> None:
    assert UNFINISHED.search(f"x = 1  # {word}: better")
    assert not UNFINISHED.search(f"x = 1  # un{word}ed")


@pytest.mark.parametrize("annotation", [float, float | None, list[float], tuple[float, ...], "float"])
def test_a_float_field_without_a_unit_cannot_be_defined(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"must state its unit"):
        type("Bad", (Spec,), {"__annotations__": {"power": annotation}, "__module__": __name__})


def test_a_float_field_with_a_unit_can_be_defined() -> None:
    good = type("Good", (Spec,), {"__annotations__": {"power_kw": float}, "__module__": __name__})
    assert good(power_kw=2).model_dump() == {"power_kw": 2.0}
