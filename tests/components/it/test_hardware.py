"""The hardware catalog: every file reads, each stand-in exists, figures are those of their sources and agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.work_sites import H100, compute, group, work_site
from twin.components.it.devices import device_of, stand_ins
from twin.components.it.hardware import Hardware
from twin.components.it.hardware_files import hardware_of
from twin.errors import InputError, SpecFault
from twin.series.files import data_folder

FILES = sorted((data_folder() / "hardware").glob("*.yaml"))
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def catalog(name: str) -> Hardware:
    return hardware_of(f"data:hardware/{name}.yaml")


@each_file
def test_a_file_reads_and_says_what_is_unknown(file: Path) -> None:
    hardware = catalog(file.stem)
    assert hardware.unknown, "nobody knows everything of a device"
    sourced = {block.source for _, block in hardware._blocks()} | {getattr(hardware.device, "idle_source", None)}
    sourced |= {getattr(hardware.server, "idle_source", None)}
    assert set(hardware.sources) <= sourced, "a source that no figure has"
    for name in ("limit_w", "idle_w"):
        if hardware.device is not None and getattr(hardware.device, name) is None:
            assert any("power" in what for what in hardware.unknown), name


@each_file
def test_what_stands_in_is_there_and_measured(file: Path) -> None:
    hardware = catalog(file.stem)
    if hardware.kind == "cpu_server":
        assert not stand_ins(f"data:hardware/{file.stem}.yaml")
        return
    assert (hardware.power_limits is None) == (hardware.stand_in.power_limits is not None)
    if hardware.stand_in.power_limits:
        assert catalog(hardware.stand_in.power_limits).power_limits is not None
    if hardware.stand_in.inference:
        assert not hardware.inference
        assert catalog(hardware.stand_in.inference).inference


@each_file
def test_a_device_is_known_as_far_as_its_file_goes(file: Path) -> None:
    hardware = catalog(file.stem)
    if hardware.device is None:
        with pytest.raises(SpecFault, match=r"is a cpu_server, not a processor that work can be placed on"):
            device_of(f"data:hardware/{file.stem}.yaml", None, None)
        return
    missing = {name: 500.0 if value is None else None
               for name, value in (("limit", hardware.device.limit_w), ("idle", hardware.device.idle_w))}  # fmt: skip
    device = device_of(f"data:hardware/{file.stem}.yaml", missing["limit"], missing["idle"] and 50.0)
    assert device.sweep_limit[-1] == device.sweep_throughput[-1] == device.sweep_power[-1] == 1.0
    noted = [note for note in device.notes if "power limits as measured on" in note]
    assert bool(noted) == (hardware.power_limits is None)


@pytest.mark.parametrize(("name", "limit_w", "server_w", "tflops", "tb_s"), [
    # data sheets of NVIDIA, AMD and Intel; DGX user guides; vendors' pages of TPU and Trainium
    ("a100_sxm", 400, 6500, {"fp16": 312, "int8": 624}, 2.0),
    ("h100_sxm", 700, 10200, {"fp16": 989, "fp8": 1979}, 3.35),
    ("h200_sxm", 700, None, {"fp16": 989, "fp8": 1979}, 4.8), ("b200", 1000, 14300, {"fp16": 2250, "fp8": 4500}, 8.0),
    ("gb200_nvl72", None, 120000, {}, 8.0), ("mi300x", 750, None, {"fp16": 1307, "fp8": 2610}, 5.3),
    ("tpu_v5p", None, None, {"fp16": 459}, 2.765), ("tpu_v6e", None, None, {"fp16": 918}, 1.6),
    ("trainium2", None, None, {"fp16": 667}, 2.9), ("gaudi3", 600, None, {"fp8": 1835}, None),
    ("v100_pcie", 250, None, {}, None), ("a40", 300, None, {}, None),
])  # fmt: skip
def test_public_figures_are_those_of_the_data_sheets(
    name: str, limit_w: float | None, server_w: float | None, tflops: dict[str, float], tb_s: float | None
) -> None:
    hardware = catalog(name)
    assert hardware.device is not None
    assert (hardware.device.limit_w, hardware.device.bandwidth_tb_s) == (limit_w, tb_s)
    assert hardware.device.peak_tflops == tflops
    assert (hardware.server.peak_w if hardware.server else None) == server_w


@pytest.mark.parametrize(("name", "row"), [
    # ZeUS, medians of power-bound jobs: limit W -> throughput, power, energy of a job
    ("v100_pcie", {100: (0.532, 0.447, 0.841), 125: (0.699, 0.545, 0.786), 150: (0.847, 0.646, 0.775),
                   175: (0.904, 0.745, 0.824), 200: (0.948, 0.833, 0.879), 225: (0.979, 0.931, 0.950)}),
    ("a40", {150: (0.608, 0.547, 0.911), 175: (0.819, 0.628, 0.787), 200: (0.906, 0.714, 0.791)}),
])  # fmt: skip
def test_sweeps_are_the_published_medians(name: str, row: dict[int, tuple[float, float, float]]) -> None:
    """Medians of ratios: energy is a median of its own, within some per cent of power over throughput."""
    sweep = catalog(name).power_limits
    assert sweep is not None
    for limit_w, (throughput, power, energy) in row.items():
        at = sweep.limit_w.index(limit_w)
        assert sweep.throughput_frac[at] == pytest.approx(throughput, abs=6e-4)
        assert sweep.power_frac[at] == pytest.approx(power, abs=6e-4)
        assert sweep.power_frac[at] / sweep.throughput_frac[at] == pytest.approx(energy, abs=0.03)


J_PER_TOKEN = [  # ML.ENERGY leaderboard: device, model, devices, batch, J/token, W of a device, tokens/s of all
    ("h100_sxm", "meta-llama/Llama-3.1-8B-Instruct", 1, 8, 0.455, 486, 1070),
    ("h100_sxm", "meta-llama/Llama-3.1-8B-Instruct", 1, 64, 0.119, 610, 5147),
    ("h100_sxm", "meta-llama/Llama-3.1-8B-Instruct", 1, 256, 0.077, 690, 9010),
    ("h100_sxm", "meta-llama/Llama-3.1-8B-Instruct", 1, 512, 0.070, 688, 9806),
    ("h100_sxm", "meta-llama/Llama-3.1-70B-Instruct", 4, 8, 3.759, 441, 470),
    ("h100_sxm", "meta-llama/Llama-3.1-70B-Instruct", 4, 128, 0.563, 546, 3876),
    ("h100_sxm", "meta-llama/Llama-3.1-70B-Instruct", 4, 1024, 0.373, 637, 6827),
    ("b200", "meta-llama/Llama-3.1-8B-Instruct", 1, 8, 0.391, 639, 1637),
    ("b200", "meta-llama/Llama-3.1-8B-Instruct", 1, 256, 0.070, 540, 7664),
    ("b200", "meta-llama/Llama-3.1-8B-Instruct", 1, 2048, 0.047, 691, 14799),
    ("b200", "meta-llama/Llama-3.1-70B-Instruct", 2, 128, 0.481, 957, 3978),
    ("b200", "meta-llama/Llama-3.1-70B-Instruct", 2, 2048, 0.189, 954, 10108),
]  # fmt: skip


@pytest.mark.parametrize(("name", "model", "devices", "batch", "joules", "watts", "tokens"), J_PER_TOKEN)
def test_energy_of_a_token_times_tokens_is_power(
    name: str, model: str, devices: int, batch: int, joules: float, watts: float, tokens: float
) -> None:
    table = next(t for t in catalog(name).inference if (t.model, t.devices_count) == (model, devices))
    at = table.batch_count.index(batch)
    assert table.device_w[at] == pytest.approx(watts, abs=0.6)
    assert table.tokens_per_s[at] == pytest.approx(tokens, abs=0.6)
    assert joules * table.tokens_per_s[at] / devices == pytest.approx(table.device_w[at], rel=0.01)


def test_unknown_figures_must_be_given() -> None:
    with pytest.raises(InputError) as error:
        work_site({"g": H100 | {"hardware": "data:hardware/tpu_v5p.yaml"}}, {"w": compute()})
    told = [str(fault).partition(f"{group('g')}.")[2] for fault in error.value.faults]
    assert told == [
        "device_limit_w: is required: it is not public for Google TPU v5p",
        "devices_per_server_count: is required: Google TPU v5p states none",
        "server_idle_w: is required: Google TPU v5p states none",
        "server_peak_w: is required: Google TPU v5p states none",
    ]


def test_a_server_cannot_draw_less_than_its_devices() -> None:
    with pytest.raises(InputError, match=r"server_peak_w: must be at least that of its 8 devices \(5600\), got 5000"):
        work_site({"g": H100 | {"server_peak_w": 5000}}, {"w": compute()})
