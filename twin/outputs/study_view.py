"""A batch store as a screen shows it: its runs filtered, columns with words and units, failures by cause, tables."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.outputs.headline import LABELS, Headline
from twin.outputs.numbers import SCALES, SPELLED, figure
from twin.outputs.store_compare import Reading
from twin.quantities import UNITS, unit_of
from twin.studies.ranking import OBJECTIVES, WORK, pareto, ranked, sound
from twin.studies.sensitivity import independent, saltelli_part
from twin.studies.study import Listed, Product, Sampled, Sobol, Study, Years, Zip

CASE, NO_CASE = "case", "base"
CAUTIONS = ("max_rack_inlet_c",)  # what objectives are often paid with
ROUNDING = 1e-9  # of the ends of a range, which pass through the unit that is shown
MOST_NAMED = 3  # numbers of failed runs that a table of causes names
SHORT_FORMS = {
    **{word: word.upper() for word in ("it", "pdu", "ups", "psu", "crah", "crac", "tue", "pue", "gpu", "pv")},
    "ppue": "pPUE",
}
FIGURE_WORDS = {**LABELS, WORK: "Work done"}


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants to see: words by column, ranges by column, and whether runs beyond a bound count."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    with_violations: bool = True


@dataclass(frozen=True, eq=False)
class Seen:
    """Runs that passed the filter. ``front`` marks those that no other beats in two figures; failed runs are out."""

    frame: pd.DataFrame
    broken: np.ndarray
    front: np.ndarray


def first_axes(reading: Reading) -> tuple[str, str] | None:
    """Two figures that pull most against each other: those with the longest front; None where runs differ in one."""
    names = [*reading.objectives, *(name for name in CAUTIONS if name in figures_of_store(reading))]
    good = sound(reading.table)
    pairs = list(itertools.combinations(names, 2))
    return max(pairs, key=lambda pair: len(_front(reading.study, good, pair)), default=None)


def settings_of(reading: Reading) -> list[str]:
    """Columns that were set: the alternative, and varied paths of which runs differ."""
    columns = [*([CASE] if reading.study.compare else []), *reading.paths]
    return [name for name in columns if reading.table[name].nunique(dropna=False) > 1]


def figures_of_store(reading: Reading) -> list[str]:
    """Key figures that runs differ in, objectives first, then those of the headline row."""
    known = [name for name in (*reading.objectives, *LABELS, *reading.units) if name in reading.table]
    numeric = (name for name in dict.fromkeys(known) if pd.api.types.is_numeric_dtype(reading.table[name]))
    return [name for name in numeric if reading.table[name].nunique() > 1]


def is_words(reading: Reading, name: str) -> bool:
    """Whether a column holds words rather than numbers."""
    return not pd.api.types.is_numeric_dtype(reading.table[name])


def label_of(name: str, reading: Reading | None = None) -> str:
    """A column in words, with its unit: that which its largest value asks for, where the store is known.

    >>> label_of("halls.*.air.supply_air_c"), label_of("pue"), label_of("chiller_energy_kwh")
    ('air: supply air, °C', 'PUE', 'Chiller energy, kWh')
    """
    unit = unit_in(reading, name)[0] if reading else _spelled(unit_of(name.rpartition(".")[2]) or "")
    return f"{name_of(name)}, {unit}" if unit else name_of(name)


def unit_in(reading: Reading, name: str) -> tuple[str, float]:
    """Unit that a column is shown in, and its size in the unit of the store."""
    if name in reading.paths and is_factor(reading.study, name):
        return "× base", 1.0
    unit = reading.units.get(name) or unit_of(name.rpartition(".")[2]) or ""
    if unit in SCALES and not is_words(reading, name):
        largest = float(np.nanmax(np.abs(reading.table[name].to_numpy(float)), initial=0.0))
        size, unit = next((scale for scale in SCALES[unit] if largest >= scale[0]), SCALES[unit][-1])
        return unit, size
    return _spelled(unit).replace("currency", reading.units.get("total_cost", "currency")), 1.0


def values_in(reading: Reading, name: str, frame: pd.DataFrame) -> np.ndarray:
    """Numbers of a column in the unit that it is shown in."""
    return np.asarray(frame[name].to_numpy(float) / unit_in(reading, name)[1])


def is_factor(study: Study, path: str) -> bool:
    """Whether what a study sets at a path are factors on the base's own number."""
    for part in study.vary:
        if isinstance(part, Years) and path in part.growth:
            return True
        if isinstance(part, Sampled | Sobol) and path in part.of:
            return bool(getattr(part.of[path], "relative", False))
        if isinstance(part, Product | Zip) and path in part.values:
            return any(isinstance(value, dict) for value in part.values[path])
        if isinstance(part, Listed) and any(isinstance(run.get(path), dict) for run in part.runs):
            return True
    return False


def _spelled(unit: str) -> str:
    return SPELLED.get(unit, unit) if unit != "currency" else ""


def name_of(name: str) -> str:
    """A column in words, without its unit.

    >>> name_of("plants.main.supply_c"), name_of("workloads.chat.served"), name_of("it_psu_loss_kwh")
    ('main: supply', 'chat: served', 'IT PSU loss')
    """
    if name == CASE:
        return "Alternative"
    if name in FIGURE_WORDS:
        return FIGURE_WORDS[name]
    owner, dot, last = name.rpartition(".")
    words = " ".join(SHORT_FORMS.get(word, word) for word in _without_unit(last).split("_"))
    if dot:
        return f"{owner.rpartition('.')[2]}: {words}"
    return words if words.startswith("pPUE") else words[:1].upper() + words[1:]


def _without_unit(word: str) -> str:
    """A name without the suffix that is its unit; a name that is all unit stays."""
    parts = word.split("_")
    at = next((k for k in range(1, len(parts)) if "_".join(parts[k:]) in UNITS), len(parts))
    return "_".join(parts[:at])


def seen(reading: Reading, wanted: Wanted, axes: tuple[str, str] | None) -> Seen:
    """Runs that pass the filter and did not fail, with the front of two figures among those that keep all bounds."""
    frame = passing(reading, wanted)
    frame = frame[frame["error"] == ""]
    if axes:
        frame = frame.dropna(subset=list(axes))
    broken = (frame["violations"] != "").to_numpy()
    front = np.zeros(len(frame), bool)
    if axes and len(frame):
        front = frame.index.isin(_front(reading.study, frame[~broken], axes))
    return Seen(frame, broken, front)


def _front(study: Study, rows: pd.DataFrame, axes: tuple[str, str]) -> list[Any]:
    """Index of the rows that no other beats; each value of what is no choice has a front of its own."""
    parts = [part for _, part in rows.groupby(study.rank.within, sort=False)] if study.rank.within else [rows]
    return [at for part in parts for at in part.index[pareto(part, axes)]]


def passing(reading: Reading, wanted: Wanted) -> pd.DataFrame:
    """Rows that pass the filter, failed runs too; these state no figures, so that only settings can drop them."""
    table = reading.table
    keep = np.ones(len(table), bool)
    failed = (table["error"] != "").to_numpy()
    for name, words in wanted.words.items():
        keep &= texts_of(table[name]).isin(list(words)).to_numpy()
    for name, (low, high) in wanted.ranges.items():
        values = table[name].to_numpy(float)
        slack = ROUNDING * max(abs(low), abs(high))
        keep &= ((values >= low - slack) & (values <= high + slack)) | (failed & np.isnan(values))
    if not wanted.with_violations:
        keep &= (table["violations"] == "").to_numpy()
    return table[keep]


def texts_of(values: pd.Series) -> pd.Series:
    """Words of a column; what is not set has a name, too."""
    return values.fillna("").astype(str).replace("", NO_CASE)


def failures(reading: Reading) -> pd.DataFrame:
    """Failed runs by cause, the most frequent first: how many, cause, which, first error."""
    failed = reading.table[reading.table["error"] != ""]
    found = sorted(failed.groupby("cause", sort=False), key=lambda pair: -len(pair[1]))
    rows = [(len(group), cause, _some(group["run"].tolist()), group["error"].iloc[0]) for cause, group in found]
    return pd.DataFrame(rows, columns=["Runs", "Cause", "Which", "First error"])


def _some(runs: Sequence[int]) -> str:
    more = f" and {len(runs) - MOST_NAMED} more" if len(runs) > MOST_NAMED else ""
    return ", ".join(map(str, runs[:MOST_NAMED])) + more


def headlines_of_store(reading: Reading, view: Seen, axes: tuple[str, str] | None) -> list[Headline]:
    """How many runs there are, how they went, and the best of those that are shown."""
    table = reading.table
    failed = int((table["error"] != "").sum())
    beyond = len(table) - failed - len(sound(table))
    of = len(table)
    pair = " and ".join(name_of(name).lower() for name in axes) if axes else "no two figures"
    found = [
        _counted("runs", "Runs", of, "Runs of the study that the store holds.", ""),
        _counted("shown", "Shown", len(view.frame), "Runs that pass the filter and did not fail.", f"of {of}"),
        _counted("failed", "Failed", failed, "Runs that ended with an error; see Failures.", ""),
        _counted("beyond", "Beyond a bound", beyond, "Runs that break a bound of the study's `constraints`.", ""),
        _counted("front", "On the front", int(view.front.sum()), f"Runs that no other beats in {pair}.", ""),
    ]
    good = view.frame[~view.broken]
    for name in list(dict.fromkeys([reading.by, *reading.objectives]))[:4]:
        if len(good) and good[name].notna().any():
            best = ranked(good, name).iloc[0]
            value, unit = figure(float(best[name]), reading.units.get(name, ""))
            tip = f"Best {name_of(name).lower()} among the runs shown that keep all bounds."
            found.append(Headline(name, f"Best {OBJECTIVES.get(name, name_of(name)).lower()}", value, unit, tip, "",
                                  f"run {best['run']}", False, True))  # fmt: skip
    return found


def _counted(name: str, label: str, count: int, tip: str, note: str) -> Headline:
    return Headline(name, label, f"{count}", "", tip, "", note, False, True)


def runs_table(reading: Reading, view: Seen) -> pd.DataFrame:
    """Runs in words and units for a table: number, settings, objectives, front and bounds; the best first."""
    shown = list(dict.fromkeys([reading.by, *reading.objectives, "pue"]))
    columns = [*settings_of(reading), *(name for name in shown if name in view.frame)]
    frame = view.frame.assign(_front=np.where(view.front, "yes", ""))
    frame = ranked(frame, reading.by)
    named: dict[str, Any] = {"Run": frame["run"].to_numpy()}
    for name in columns:
        words = is_words(reading, name)
        named[label_of(name, reading)] = (
            [value_text(one) for one in frame[name]] if words else values_in(reading, name, frame)
        )
    return pd.DataFrame(named | {"On the front": frame["_front"].to_numpy(), "Beyond": frame["violations"].to_numpy()})


def bands_table(reading: Reading) -> pd.DataFrame:
    """Percentiles of the objectives as texts with units."""
    assert reading.bands is not None
    rows = {label_of(str(name), reading): [" ".join(figure(v, reading.units.get(str(name), ""))).strip() for v in row]
            for name, row in reading.bands.iterrows()}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(reading.bands.columns))


def plans_table(reading: Reading) -> pd.DataFrame:
    """Alternatives of plans over years, the cheapest unit of work first."""
    unit = reading.units.get("total_cost", "")
    rows = [
        {"Plan": case or NO_CASE, "Renewed every": f"{one.refresh_months} months", "Gain": f"x {one.gain_ratio:g}",
         "Escalation": f"{100 * one.escalation_frac:g} %",
         "Net present cost": " ".join(figure(one.net_present_cost, unit)),
         f"{unit} per kWh of work": round(one.cost_per_work, 4)}
        for case, found in reading.plans.items() for one in found
    ]  # fmt: skip
    return pd.DataFrame(rows)


def run_words(reading: Reading, run: int) -> str:
    """A run with what was set in it."""
    row = reading.table[reading.table["run"] == run].iloc[0]
    told = [f"{name_of(name)} {value_text(row[name])}" for name in settings_of(reading)]
    return f"{run} · {' · '.join(told)}" if told else str(run)


def value_text(value: Any) -> str:
    """A setting as text."""
    if isinstance(value, float):
        return "as in the base" if np.isnan(value) else f"{value:.4g}"
    return NO_CASE if value in (None, "") else str(value).removeprefix("pvlib:").removeprefix("data:")


def in_order(reading: Reading, view: Seen) -> list[int]:
    """Numbers of the runs that are shown: the front first, then by rank."""
    frame = ranked(view.frame.assign(_front=view.front), reading.by)
    return [int(run) for part in (frame[frame["_front"]], frame[~frame["_front"]]) for run in part["run"]]


def known_values(reading: Reading, name: str) -> list[float]:
    """Values that occur in a column, in order, in the unit that it is shown in."""
    values = values_in(reading, name, reading.table)
    return [float(value) for value in np.unique(values[np.isfinite(values)])]


def sample_of(reading: Reading, view: Seen, name: str) -> np.ndarray:
    """Values of a figure over the runs that are shown and drawn independently, in the unit that it is shown in."""
    return values_in(reading, name, independent(reading.study, view.frame))


def wants_indices(reading: Reading) -> bool:
    """Whether the study is designed for Sobol indices."""
    return saltelli_part(reading.study) is not None


def stores_in(root: Path, table: str) -> dict[str, Path]:
    """Stores right below a folder by name, the newest first; the folder itself where it is one."""
    here = {root.name: root} if (root / table).is_file() else {}
    below = [path.parent for path in root.glob(f"*/{table}")] if root.is_dir() else []
    newest = sorted(below, key=lambda path: (-(path / table).stat().st_mtime_ns, path.name))
    return here | {path.name: path for path in newest}
