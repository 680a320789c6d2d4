"""Studies that the tests of batches share: a few days of the quickstart, so that a run takes milliseconds."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
OUT = "{kind: outages, outages: [{at: '2025-07-02 12:00', duration_h: 24}]}"

SMALL = f"""\
name: small
base: {QUICKSTART}
seed: 3
set: {{run.start: 2025-07-01, run.duration: 2d, run.warmup_h: 24}}
vary:
  - kind: list
    runs: [{{weather.file: 'pvlib:12839.tm2'}}, {{weather.file: 'pvlib:723170TYA.CSV'}}]
  - kind: latin_hypercube
    samples_count: 8
    of:
      halls.*.air.supply_air_c: {{kind: uniform, low: 20, high: 26}}
      plants.main.supply_c: {{kind: uniform, low: 6, high: 10}}
      halls.ai.rack_groups.gpu.racks_count: {{kind: choice, values: [20, 22, 24]}}
"""
COMPARED = SMALL + (
    f"""\
compare:
  as_is: {{}}
  no_chillers:
    set:
      plants.main.chillers.large.availability: &out {OUT}
      plants.main.chillers.medium.availability: *out
      plants.main.chillers.small.availability: *out
"""
).replace("&out ", "").replace("*out", OUT)


def written(folder: Path, text: str = SMALL, name: str = "study.yaml") -> Path:
    """A study's file in a folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
