"""Names that carry their unit, and the frozen record that all inputs are made of.

``supply_air_c`` is in degC because it ends in ``_c``. :func:`unit_of` reads the unit off a name; a float field
of a :class:`Spec` whose name states no unit cannot be defined.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

UNITS = {
    "kwh_per_k": "kWh/K",
    "kw_per_k": "kW/K",
    "kgco2_per_kwh": "kgCO2e/kWh",
    "l_per_kwh": "L/kWh",
    "kwh_per_kw": "kWh/kW",
    "per_kwh": "currency/kWh",
    "per_kwh_h": "currency/(kWh h)",
    "per_kw": "currency/kW",
    "per_m3": "currency/m3",
    "per_t": "currency/tCO2e",
    "per_kvar": "currency/kvar",
    "per_month": "currency/month",
    "per_year": "currency/year",
    "rise_per_k": "1/K",
    "kw_per_kw": "kW/kW",
    "kj_kg_k": "kJ/(kg K)",
    "kj_kg": "kJ/kg",
    "kg_m3": "kg/m3",
    "kg_kg": "kg/kg",
    "kg_s": "kg/s",
    "m3_s": "m3/s",
    "m3_h": "m3/h",
    "m_s": "m/s",
    "w_m2": "W/m2",
    "kgco2": "kgCO2e",
    "kwh": "kWh",
    "kw": "kW",
    "kva": "kVA",
    "gb": "GB",
    "tb_s": "TB/s",
    "tflops": "1e12/s",
    "billion": "1e9",
    "usd": "USD",
    "ms": "ms",
    "per_s": "1/s",
    "per_h": "1/h",
    "per_device_h": "1/(device h)",
    "w": "W",
    "kpa": "kPa",
    "pa": "Pa",
    "c": "degC",
    "k": "K",
    "m3": "m3",
    "m2": "m2",
    "m": "m",
    "l": "L",
    "kg": "kg",
    "h": "h",
    "min": "min",
    "s": "s",
    "deg": "deg",
    "frac": "1",
    "cop": "1",
    "shi": "1",
    "ratio": "1",
    "count": "1",
    "year": "year",
    "years": "year",
}
_LONGEST = max(suffix.count("_") for suffix in UNITS) + 1


def unit_of(name: str) -> str | None:
    """Unit stated by a name's suffix, or None. The longest suffix wins: ``_kw_per_k`` before ``_k``.

    >>> unit_of("supply_air_c"), unit_of("coil_kw_per_k"), unit_of("efficiency")
    ('degC', 'kW/K', None)
    """
    words = name.split("_")
    for length in range(min(_LONGEST, len(words)), 0, -1):
        unit = UNITS.get("_".join(words[-length:]))
        if unit is not None:
            return unit
    return None


def _state_meaning(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Add to the fields of a JSON Schema their docstrings, and the units that their names carry, for editors."""
    for name, field in model.model_fields.items():
        part = schema.get("properties", {}).get(field.alias or name)
        if part is None:
            continue
        if _is_number(part) and (unit := unit_of(field.alias or name)):
            part["unit"] = unit
        if field.description and field.description != field.annotation.__doc__:  # else the part that it holds says it
            part.setdefault("description", field.description)


def _is_number(part: dict[str, Any]) -> bool:
    inner = [*part.get("anyOf", ()), *part.get("prefixItems", ()), part.get("items", {})]
    return part.get("type") in ("number", "integer") or any(isinstance(p, dict) and p and _is_number(p) for p in inner)


class Spec(BaseModel):
    """Frozen, closed input record. Each field has a one-line docstring, bounds, and a unit in its name."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        allow_inf_nan=False,
        validate_default=False,
        hide_input_in_errors=False,
        json_schema_extra=_state_meaning,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        said = _docstrings_in(sys.modules[cls.__module__], "<locals>" in cls.__qualname__).get(cls.__qualname__, {})
        for name, field in cls.model_fields.items():
            if field.description is None:
                field.description = said.get(name)
            if _holds_float(field.annotation) and unit_of(name) is None:
                raise TypeError(
                    f"{cls.__name__}.{name}: a float field must state its unit as a suffix, such as {name}_kw"
                )


def _holds_float(annotation: Any) -> bool:
    if annotation is float:
        return True
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, list, typing.Annotated):
        return any(_holds_float(part) for part in typing.get_args(annotation))
    return False


@functools.cache
def _docstrings_in(module: types.ModuleType, of_functions: bool) -> Mapping[str, Mapping[str, str]]:
    """Texts below the annotated names of each class of a module, by the class's qualified name.

    What pydantic's ``use_attribute_docstrings`` finds, but each file is parsed once and not once for each class,
    which took a tenth of a run. Classes ``of_functions`` are looked for where there are some. None where there is no
    source, as in a frozen application.
    """
    try:
        tree = ast.parse(Path(module.__file__ or "").read_bytes())
    except (AttributeError, OSError, SyntaxError, ValueError):
        return {}
    return dict(_classes(tree, "", of_functions))


def _classes(tree: ast.AST, prefix: str, of_functions: bool) -> Iterator[tuple[str, dict[str, str]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, dict(_documented(node.body))
            yield from _classes(node, f"{prefix}{node.name}.", of_functions)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if of_functions:
                yield from _classes(node, f"{prefix}{node.name}.<locals>.", of_functions)
        elif isinstance(node, ast.stmt):
            yield from _classes(node, prefix, of_functions)


def _documented(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for stated, said in itertools.pairwise(body):
        if isinstance(stated, ast.AnnAssign) and isinstance(stated.target, ast.Name):
            text = said.value.value if isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant) else None
            if isinstance(text, str):
                yield stated.target.id, inspect.cleandoc(text)
