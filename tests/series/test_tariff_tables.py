"""Tables of tariffs in files of their own: what is wrong in one is told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from twin.components.grid.tariffs import FlatTariff, TariffTable, TimeOfUseTariff
from twin.errors import InputError
from twin.series.files import data_folder
from twin.series.tariff_tables import in_force

GOOD = """\
kind: tou
currency: USD
energy:
  default_period: off_peak
  periods:
    off_peak: {base_per_kwh: 0.05}
    on_peak: {base_per_kwh: 0.10}
  windows:
    - {period: on_peak, days: weekdays, start: 08:00, end: 20:00}
"""


def faults_of(folder: Path, text: str) -> list[str]:
    (folder / "t.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        in_force(TariffTable(file="t.yaml"), folder)
    return [str(fault).replace(str(folder / "t.yaml"), "F") for fault in caught.value.faults]


def test_a_table_reads_as_the_same_tariff_written_inline(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(GOOD)
    energy = {
        "default_period": "off_peak",
        "periods": {"off_peak": {"base_per_kwh": 0.05}, "on_peak": {"base_per_kwh": 0.10}},
        "windows": [{"period": "on_peak", "days": "weekdays", "start": "08:00", "end": "20:00"}],
    }
    inline = TimeOfUseTariff.model_validate({"currency": "USD", "energy": energy})
    assert in_force(TariffTable(file="t.yaml"), tmp_path) == inline
    assert in_force(inline) is inline


def test_a_table_changed_within_a_tick_of_the_clock_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("kind: flat\ncurrency: USD\nenergy_per_kwh: 0.10\n")
    stamp = (tmp_path / "t.yaml").stat().st_mtime_ns
    first = in_force(TariffTable(file="t.yaml"), tmp_path)
    (tmp_path / "t.yaml").write_text("kind: flat\ncurrency: USD\nenergy_per_kwh: 0.25\n")
    os.utime(tmp_path / "t.yaml", ns=(stamp, stamp))
    second = in_force(TariffTable(file="t.yaml"), tmp_path)
    assert isinstance(first, FlatTariff)
    assert isinstance(second, FlatTariff)
    assert (first.energy_per_kwh, second.energy_per_kwh) == (0.1, 0.25)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("currency: USD", "currency: dollars", "F:2:1: currency: "),
        ("0.10", "cheap", "F:7:15: energy.periods.on_peak.base_per_kwh: "),
        ("period: on_peak", "period: onpeak", "F:3:1: energy: no period 'onpeak' (did you mean 'on_peak'?)"),
        ("start: 08:00", "start: 8", "F:9:41: energy.windows[0].start: 8 is not a time of day"),
        ("kind: tou", "kind: market", "F:1:1: Input tag 'market'"),
        ("kind: tou", "kind: tou\nfixed: 3", "F:2:1: fixed: "),
    ],
)
def test_a_fault_in_a_table_names_its_line_and_path(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert faults_of(tmp_path, GOOD.replace(old, new))[0].startswith(expected)


def test_text_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "kind: tou\nenergy: [1, 2\n")[0].startswith("F:")


def test_a_missing_table_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"did you mean 'data:tariffs/fpl_gsldt_1.yaml'\?"):
        in_force(TariffTable(file="data:tariffs/fpl_gsldt1.yaml"))


@pytest.mark.parametrize("path", sorted((data_folder() / "tariffs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_tariff_reads_and_states_its_source(path: Path) -> None:
    tariff = in_force(TariffTable(file=str(path)))
    assert tariff.name
    assert tariff.effective is not None
    assert "http" in tariff.source
