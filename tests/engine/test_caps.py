"""Power caps: what measured devices do under them, and what operators get from each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.engine.scenarios import shipped
from tests.engine.work_sites import CPU, H100, Run, chat, compute, group, work_site
from twin.components.it.hardware_files import hardware_of
from twin.engine.simulate import simulate
from twin.errors import InputError

DATA = Path(__file__).parents[2] / "data"
ENDLESS = 1e9  # more work than any group can do
A100 = H100 | {"hardware": "data:hardware/a100_sxm.yaml"}
V100 = H100 | {
    "hardware": "data:hardware/v100_pcie.yaml", "devices_per_server_count": 4, "device_idle_w": 0,
    "server_idle_w": 1e-9, "server_peak_w": 1000, "fan_power_frac": 0,
}  # fmt: skip
B200 = H100 | {"hardware": "data:hardware/b200.yaml", "device_idle_w": 140, "server_idle_w": 4000}
DECODE = {"model": "meta-llama/Llama-3.1-70B-Instruct", "batch_count": 32}  # 449 W of 700 W


def static(limit_frac: float) -> dict[str, Any]:
    return {"caps": {"cap": {"kind": "static", "limit_frac": limit_frac}}}


def flat_out(hardware: dict[str, Any], limit_frac: float, work: dict[str, Any] | None = None) -> Run:
    """A group with more work than it can do, under a static cap."""
    return Run(work_site({"g": hardware | static(limit_frac)}, {"w": work or compute(ENDLESS)}, "run.duration=2h"))


def served_and_watts(run: Run) -> tuple[float, float]:
    """Work done in an hour, and power of a device that does it."""
    return float(run.work("w.served_per_h")[-1]), float(run.place("w", "g", "device_w")[-1])


# --- measured devices -------------------------------------------------------------------------------------------


def test_a_v100_at_150_w_does_what_was_measured() -> None:
    """ZeUS: throughput .847 and energy per job .775 of those without a cap (medians of power-bound training jobs)."""
    free, capped = flat_out(V100, 1.0), flat_out(V100, 150 / 250)
    (work, watts), (less, fewer) = served_and_watts(free), served_and_watts(capped)
    assert less / work == pytest.approx(0.847, abs=0.001)
    assert (fewer / less) / (watts / work) == pytest.approx(0.775, abs=0.02)
    energy = [run.group("g.power_kw")[-1] / run.work("w.served_per_h")[-1] for run in (free, capped)]
    assert energy[1] / energy[0] == pytest.approx(0.775, abs=0.05), "at the wall, with the host's part"


A100_TABLE = [  # ai-emerald/emerald-ai-demo-may-2025 @ 34403aef: cap W, throughput, W per GPU, work per joule
    (400, 1.0, 367.6, 1.0), (350, 0.9554, 331.0, 1.060), (300, 0.9101, 289.3, 1.155), (250, 0.8432, 243.1, 1.273),
    (200, 0.7276, 195.7, 1.365), (100, 0.2126, 99.8, 0.782),
]  # fmt: skip


@pytest.mark.parametrize(("limit_w", "throughput", "watts", "per_joule"), A100_TABLE)
def test_an_a100_under_a_cap_is_that_of_a_measured_cluster(
    limit_w: float, throughput: float, watts: float, per_joule: float
) -> None:
    full, most = served_and_watts(flat_out(A100, 1.0))
    work, power = served_and_watts(flat_out(A100, limit_w / 400))
    assert work / full == pytest.approx(throughput, abs=1e-9)
    assert power == pytest.approx(watts, rel=0.001)
    assert (work / power) / (full / most) == pytest.approx(per_joule, abs=0.005)


def test_the_most_work_per_joule_lies_where_it_was_measured() -> None:
    limits = np.linspace(0.25, 1.0, 31)
    done = [served_and_watts(flat_out(A100, float(limit))) for limit in limits]
    best = limits[int(np.argmax([work / watts for work, watts in done]))]
    assert best == pytest.approx(200 / 400, abs=0.03)


@pytest.mark.parametrize("batch", [8, 16, 32, 64, 128, 256, 512, 1024, 2048])
def test_measured_points_that_are_not_monotone_are_met(batch: int) -> None:
    """B200: power and throughput fall between batches of 64 and 128 (ML.ENERGY)."""
    table = hardware_of("data:hardware/b200.yaml").inference[0]
    at = table.batch_count.index(batch)
    work, watts = served_and_watts(flat_out(B200, 1.0, chat(ENDLESS, batch_count=batch)))
    assert watts == pytest.approx(table.device_w[at], rel=1e-12)
    assert work == pytest.approx(table.tokens_per_s[at] * 160 * 3600e-6, rel=1e-12)


def test_between_measured_batches_lies_the_line_over_the_logarithm() -> None:
    work, watts = served_and_watts(flat_out(B200, 1.0, chat(ENDLESS, batch_count=2**6.5)))
    assert watts == pytest.approx((617 + 449) / 2, rel=1e-9)
    assert work == pytest.approx((5589 + 4570) / 2 * 160 * 3600e-6, rel=1e-9)


def test_a_model_measured_on_several_numbers_of_devices_runs_on_those_asked_for() -> None:
    model = {"model": "google/gemma-3-27b-it", "batch_count": 16}
    few, many = (flat_out(H100, 1.0, chat(ENDLESS, **model, **count)) for count in ({}, {"devices_count": 2}))
    assert served_and_watts(few)[1] == pytest.approx(539.2353)
    assert served_and_watts(many) == pytest.approx((978.2646 / 2 * 160 * 3600e-6, 435.9154))


RTX_6000 = """
name: NVIDIA RTX 6000
kind: gpu
sources: {zeus: 'ZeUS traces, RTX 6000, medians of power-bound jobs'}
device: {source: zeus, limit_w: 260, idle_w: 20}
server: {source: zeus, devices_count: 4, peak_w: 1600, idle_w: 300}
power_limits:
  source: zeus
  uncapped_w: 240
  limit_w: [125, 150, 260]
  throughput_frac: [0.697, 0.830, 1.0]
  power_frac: [0.515, 0.612, 1.0]
"""


def test_a_sweep_of_a_users_own_is_met_at_its_points(tmp_path: Path) -> None:
    """RTX 6000: 125 W .697/.515, 150 W .830/.612; energy per job .736 and .743 (ZeUS)."""
    (tmp_path / "rtx.yaml").write_text(RTX_6000, encoding="utf-8")
    own = H100 | {"hardware": str(tmp_path / "rtx.yaml")}
    full, most = served_and_watts(flat_out(own, 1.0))
    for limit_w, throughput, power, energy in ((125, 0.697, 0.515, 0.736), (150, 0.830, 0.612, 0.743)):
        work, watts = served_and_watts(flat_out(own, limit_w / 260))
        assert work / full == pytest.approx(throughput, rel=1e-9)
        assert watts / most == pytest.approx(power, rel=1e-9)
        assert (watts / work) / (most / full) == pytest.approx(energy, abs=0.01)


def test_a_sweep_of_twenty_points_and_two_phases_keeps_its_highest(tmp_path: Path) -> None:
    """Work of two phases meets each point twice; a sweep that is measured above its limit too must not push one out."""
    limits = [13.0 * i for i in range(1, 21)]
    rows = {"limit_w": limits, "throughput_frac": [0.1 + 0.045 * i for i in range(20)],
            "power_frac": [0.05 * i for i in range(1, 21)]}  # fmt: skip
    rows["throughput_frac"][-1] = 1.0
    tables = "".join(f"  {name}: {values}\n" for name, values in rows.items())
    head = RTX_6000.partition("power_limits:")[0]
    inference = """
inference:
  - {model: m, precision: bf16, devices_count: 1, parameters_billion: 8, active_parameters_billion: 8, source: zeus,
     batch_count: [64, 128], device_w: [150, 160], tokens_per_s: [1000, 1500]}
"""
    device = head.replace("idle_w: 20", "idle_w: 20, peak_tflops: {fp16: 65}")
    text = f"{device}power_limits:\n  source: zeus\n  uncapped_w: 262\n{tables}{inference}"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    work = chat(ENDLESS, model="m", prefill_mfu_frac=0.5)
    run = flat_out(H100 | {"hardware": str(tmp_path / "own.yaml")}, 1.0, work)
    seconds = 1 / 1000 + 2 * 8e9 * 500 / (65e12 * 0.5) / 1000
    assert served_and_watts(run)[0] == pytest.approx(80 * 3600e-6 / seconds, rel=1e-9)


def test_a_faulty_file_of_a_users_own_tells_all_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "rtx.yaml"
    text = RTX_6000.replace("limit_w: [125, 150, 260]", "limit_w: [125, 150, 140]").replace("idle_w: 20", "idl_w: 20")
    file.write_text(text.replace("kind: gpu", "kind: gpus"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        work_site({"g": H100 | {"hardware": str(file)}}, {"w": compute()})
    told = [str(fault).partition(f"{group('g')}.hardware: ")[2] for fault in error.value.faults]
    assert told == [
        f"{file}:3:1: kind: must be one of gpu, accelerator, rack, cpu_server (did you mean 'gpu'?), got 'gpus'",
        f"{file}:5:1: device.idle_w: is required",
        f"{file}:5:38: device.idl_w: unknown key (did you mean 'idle_w'?)",
        f"{file}:10:23: power_limits.limit_w[2]: must rise: 140 after 150",
    ]


# --- a cap that does not bind -----------------------------------------------------------------------------------

LIMITS = ("limit_w", "capped", ".caps.")  # outputs that tell of the limit itself


@pytest.mark.parametrize("rate", [3e5, 1e6], ids=["part", "full"])
def test_a_cap_above_what_decoding_draws_changes_no_bit(rate: float) -> None:
    work = {"w": chat(rate, **DECODE, latency_objective_ms=23)}
    free, capped = (Run(work_site({"g": H100 | static(limit)}, work)) for limit in (1.0, 0.7))
    assert free.work("w.served_per_h").max() > 0
    for name, values in free.ds.data_vars.items():
        if values.dtype.kind == "f" and values.dims == ("scenario", "time") and not any(w in str(name) for w in LIMITS):
            np.testing.assert_array_equal(capped.ds[name].values, values.values, err_msg=str(name))
    assert capped.group("g.limit_w")[0] == pytest.approx(490.0)


def test_a_limit_binds_from_what_the_work_draws_downwards() -> None:
    """486.4 W at batch 8: nothing at 487 W, less below, and never more power than the limit or less than measured."""
    full, _ = served_and_watts(flat_out(H100, 1.0, chat(ENDLESS, batch_count=8)))
    for limit_w in (487.0, 480.0, 400.0, 300.0, 200.0):
        work, watts = served_and_watts(flat_out(H100, limit_w / 700, chat(ENDLESS, batch_count=8)))
        assert watts == pytest.approx(min(limit_w, 486.4381), rel=1e-3)
        assert (work < full) == (limit_w < 486.4)


def test_a_decoder_at_its_highest_limit_is_the_measured_one_though_it_draws_more_than_the_sweeps_work() -> None:
    """690.5 W of 700 W at batch 256; the work of the sweep drew 92 % of its limit."""
    work, watts = served_and_watts(flat_out(H100, 1.0, chat(ENDLESS, batch_count=256)))
    assert watts == pytest.approx(690.5084, rel=1e-12)
    assert work == pytest.approx(9009.6117 * 160 * 3600e-6, rel=1e-12)


@pytest.mark.parametrize("draw", [0.3, 0.7, 0.919, 1.0])
def test_less_power_never_gives_more_work_and_no_device_exceeds_its_limit(draw: float) -> None:
    limits = np.linspace(0.3, 1.0, 15)
    done = np.array([served_and_watts(flat_out(H100, float(c), compute(ENDLESS, draw_frac=draw))) for c in limits])
    assert (np.diff(done, axis=0) >= -1e-9).all()
    assert (done[:, 1] <= limits * 700 * (1 + 1e-9)).all()
    assert done[-1] == pytest.approx((160.0, draw * 700))


# --- the site's import ------------------------------------------------------------------------------------------

IT_POWER = "power_kw"


def quickstart_with_work(caps: dict[str, str], *overrides: str) -> Run:
    """The Miami site with chat, batch inference and training; caps of its accelerators by name."""
    base = ("halls.ai.rack_groups.gpu.caps.dear_hours=null",)
    return Run(shipped("power_capping", *base, *(f"halls.ai.rack_groups.gpu.caps.{k}={v}" for k, v in caps.items()),
                       *overrides))  # fmt: skip


def overhead_kw(run: Run, *groups: str) -> np.ndarray:
    """What the site draws beside these groups."""
    return run["grid.meter.import_kw"] - sum(run[f"{name}.power_kw"] for name in groups)


GPU = "halls.ai.rack_groups.gpu"


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_import_exceeds_a_facility_limit_by_no_more_than_overhead_grows_within_the_step(step: str) -> None:
    """A year of Miami's weather; the rest is the change of server fans, which the limit cannot know beforehand."""
    run = quickstart_with_work({"site": "{kind: facility, import_kw: 950}"}, f"run.step={step}")
    over = run["grid.meter.import_kw"] - 950.0
    free = quickstart_with_work({}, f"run.step={step}")
    assert (free["grid.meter.import_kw"] > 960.0).mean() > 0.2, "the limit takes part"
    grown = np.diff(overhead_kw(run, GPU), prepend=0.0)
    assert (over[1:] <= np.maximum(grown[1:], 0.0) + 1e-6).all()
    assert max(run.conserves(name) for name in ("chat", "summaries", "training")) < 1e-9


def test_warm_servers_fans_are_part_of_what_a_facility_limit_leaves() -> None:
    warm = ("halls.h.air.supply_air_c=32", "run.duration=5d")
    cap = {"caps": {"site": {"kind": "facility", "import_kw": 180}}}
    run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}, *warm))
    assert run.group("g.fan_kw").min() > 1.05 * 20 * 10.2 * 0.06
    assert np.abs(run["grid.meter.import_kw"][24:] - 180.0).max() < 2.0
    assert run["grid.meter.import_kw"][24:].mean() == pytest.approx(180.0, abs=0.3)


def test_shared_servers_keep_a_facility_limit_with_warm_fans() -> None:
    cap = {"fan_rise_per_k": 0.023, "caps": {"site": {"kind": "facility", "import_kw": 45}}}
    warm = ("halls.h.air.supply_air_c=32", "run.duration=5d", "halls.h.air.units_count=2")
    run = Run(work_site({"g": CPU | cap}, {"w": compute(ENDLESS)}, *warm))
    assert run.group("g.most_load_frac")[24:].max() < 1.0, "the limit takes part"
    assert run["grid.meter.import_kw"][24:].mean() == pytest.approx(45.0, abs=0.1)


@pytest.mark.parametrize("out", [0.5, 1.0])
def test_a_facility_limit_settles_without_swinging(out: float) -> None:
    """Constant work; half of the servers out of service or none. Import comes to the limit and stays."""
    share = {"kind": "constant", "value_frac": out}
    limit_kw = 190 * out
    cap = {"availability": share, "fan_rise_per_k": 0, "caps": {"site": {"kind": "facility", "import_kw": limit_kw}}}
    run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}, "run.duration=4h", "run.step=1min"))
    import_kw = run["grid.meter.import_kw"]
    assert import_kw[60:] == pytest.approx(limit_kw, rel=2e-3)
    np.testing.assert_allclose(run.group("g.limit_w")[60:], run.group("g.limit_w")[-1], rtol=0.01)
    assert run.group("g.utilisation_frac")[-1] > 0.97, "it lowers the limit of all rather than stop some"


def test_several_groups_keep_a_facility_limit_together() -> None:
    groups = {
        name: H100
        | {"fan_rise_per_k": 0, "caps": {"site": {"kind": "facility", "import_kw": 420, "share_frac": share}}}
        for name, share in (("g", 0.75), ("b", 0.25))
    }
    classes = {"w": compute(ENDLESS), "v": compute(ENDLESS, "b")}
    run = Run(work_site(groups, classes, "run.step=5min"))
    assert run["grid.meter.import_kw"][12:] == pytest.approx(420, rel=5e-3)


def test_groups_bear_a_request_of_the_grid_by_their_shares() -> None:
    event = {"kind": "grid_event", "events": [{"at": "2025-03-20 16:00", "duration_h": 3, "depth_frac": 0.2}]}
    groups = {name: H100 | {"fan_rise_per_k": 0, "caps": {"request": event | {"share_frac": share}}}
              for name, share in (("g", 0.75), ("b", 0.25))}  # fmt: skip
    run = Run(work_site(groups, {"w": compute(ENDLESS), "v": compute(ENDLESS, "b")}, "run.step=5min"))
    first = int(np.argmax(run.group("g.caps.request.called")))
    shed = [-np.diff(run.group(f"{name}.power_kw"))[first - 1] for name in groups]
    assert shed[0] == pytest.approx(3 * shed[1], rel=1e-6)
    assert sum(shed) == pytest.approx(0.2 * run["grid.meter.import_kw"][first - 1], rel=1e-6)


def test_the_facility_follows_the_grids_request_within_one_step_and_works_off_what_waited() -> None:
    """A quarter less for three hours; the baseline is the import of the step before."""
    work = {"w": compute(120.0, slack_h=12)}
    event = {"kind": "grid_event", "events": [{"at": "2025-03-20 16:15", "duration_h": 3, "depth_frac": 0.25}]}
    run = Run(work_site({"g": H100 | {"caps": {"request": event}}}, work, "run.step=15min"))
    import_kw = run["grid.meter.import_kw"]
    called = run.group("g.caps.request.called") > 0.5
    first = int(np.argmax(called))
    assert called.sum() == 12
    times = run.ds["time"].values
    assert str(times[first])[:16] == "2025-03-20T20:15", "civil time of New York is four hours behind in March"
    baseline = run.group("g.caps.request.baseline_kw")[called]
    np.testing.assert_array_equal(baseline, import_kw[first - 1])
    assert (import_kw[called] <= 0.75 * import_kw[first - 1] * 1.01).all()
    assert import_kw[called].mean() == pytest.approx(0.75 * import_kw[first - 1], rel=0.02)
    assert run.work("w.queue_count")[first - 1] == 0.0 < run.work("w.queue_count")[first + 11]
    rebound = import_kw[first + 12 : first + 20]
    assert rebound.max() > 1.05 * import_kw[first - 1]
    assert run.work("w.queue_count")[-1] == 0.0
    assert run.work("w.served_per_h").sum() == pytest.approx(run.work("w.arrived_per_h").sum(), rel=1e-9)


@pytest.mark.parametrize("warmup_h", [0, 3])
def test_a_run_that_begins_in_an_event_sheds_from_its_first_step(warmup_h: int) -> None:
    event = {"kind": "grid_event", "events": [{"at": "2025-03-19 20:00", "duration_h": 12, "depth_frac": 0.3}]}
    run = Run(
        work_site({"g": H100 | {"caps": {"request": event}}}, {"w": compute(ENDLESS)}, f"run.warmup_h={warmup_h}")
    )
    free = Run(work_site({"g": H100}, {"w": compute(ENDLESS)}))["grid.meter.import_kw"][0]
    assert (run["grid.meter.import_kw"][1:7] < 0.75 * free).all()
    assert run["grid.meter.import_kw"][3:7] == pytest.approx(0.7 * free, rel=0.01)


@pytest.mark.parametrize(("notice_h", "sheds_from"), [(2.0, -4), (0.5, -2), (0.0, 0)])
def test_a_group_comes_down_as_early_as_the_notice_allows(notice_h: float, sheds_from: int) -> None:
    """A ramp of an hour at quarters of an hour: it ends at the event's start, or begins with the notice."""
    event = {"kind": "grid_event", "ramp_min": 60, "events": [
        {"at": "2025-03-20 16:00", "duration_h": 3, "depth_frac": 0.4, "notice_h": notice_h}]}  # fmt: skip
    run = Run(work_site({"g": H100 | {"caps": {"request": event}}}, {"w": compute(ENDLESS)}, "run.step=15min"))
    called = np.flatnonzero(run.group("g.caps.request.called"))
    start = int(np.flatnonzero(run.ds["time"].values == np.datetime64("2025-03-20T20:00"))[0])
    assert (called[0], called[-1]) == (start + sheds_from, start + 11)
    import_kw = run["grid.meter.import_kw"]
    before = import_kw[called[0] - 1]
    ramp = 1.0 - import_kw[called[0] : called[0] + 4] / before
    asked = 0.4 * np.array([0.125, 0.375, 0.625, 0.875])
    assert (ramp >= asked).all(), "cooling falls with the servers, so that a step sheds a little more than is asked"
    np.testing.assert_allclose(ramp, asked, atol=0.03)
    assert 1.0 - import_kw[called[0] + 5] / before == pytest.approx(0.4, abs=0.005)


# --- other kinds ------------------------------------------------------------------------------------------------


def test_a_cap_by_price_limits_in_the_dear_hours_alone() -> None:
    cap = {"caps": {"dear": {"kind": "price", "above_per_kwh": 0.06, "limit_frac": 0.6}}}
    run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}, "run.start=2025-07-14", "run.duration=7d"))
    limited = run.group("g.limit_w") < 700
    local = (np.arange(limited.size)) % 24
    weekday = np.arange(limited.size) // 24 < 5  # from Monday, in standard time: on-peak noon to 9 pm daylight time
    np.testing.assert_array_equal(limited, weekday & (local >= 11) & (local < 20))
    np.testing.assert_allclose(
        run.work("w.served_per_h")[limited], 160 * np.interp(0.6, [0.5, 0.625], [0.7276, 0.8432])
    )


def test_a_cap_by_price_follows_a_market_through_the_storm_of_february_2021() -> None:
    cap = {"caps": {"dear": {"kind": "price", "above_per_kwh": 1.0, "limit_frac": 0.6}}}
    file = "{file: 'data:prices/ercot_dam_2021.csv', column: HB_HUBAVG}"
    tariff = f"grid.tariff={{kind: market, currency: USD, price: {file}, adder_per_kwh: 0.02}}"
    span = ("run.calendar_year=2021", "run.start=2021-02-13", "run.duration=3d")
    run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}, tariff, *span))
    table = pd.read_csv(DATA / "prices" / "ercot_dam_2021.csv", comment="#", index_col=0, parse_dates=True)
    hours = pd.DatetimeIndex(run.ds["time"].values).tz_localize(table.index.tz)
    dear = table["HB_HUBAVG"].reindex(hours).to_numpy() / 1000 + 0.02 > 1.0
    assert dear.sum() == 63  # of 72 hours
    limit = run.group("g.caps.dear.limit_frac")
    np.testing.assert_array_equal(limit, np.where(dear, 0.6, 1.0))
    assert run.group("g.power_kw")[dear].max() < run.group("g.power_kw")[~dear].min()


def test_a_cap_by_carbon_limits_while_the_grid_emits_more() -> None:
    for above, limit_w in ((0.01, 350.0), (4.9, 700.0)):
        cap = {"caps": {"c": {"kind": "carbon", "above_kgco2_per_kwh": above, "limit_frac": 0.5}}}
        run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}))
        np.testing.assert_array_equal(run.group("g.limit_w"), limit_w)


def test_a_cap_by_the_hour_follows_its_profile_in_civil_time() -> None:
    shares = [0.5 if 16 <= hour < 20 else 1.0 for hour in range(24)]
    cap = {"caps": {"c": {"kind": "hourly", "limit": {"kind": "daily", "weekday_frac": shares}}}}
    run = Run(work_site({"g": H100 | cap}, {"w": compute(ENDLESS)}))
    utc = run.ds["time"].values.astype("datetime64[h]").astype(int) % 24
    np.testing.assert_array_equal(run.group("g.limit_w") == 350.0, (utc >= 20) & (utc < 24))


def test_a_cap_of_a_class_leaves_the_other_classes_alone() -> None:
    classes = {"w": compute(ENDLESS, caps={"own": {"kind": "static", "limit_frac": 0.5}}), "v": compute(ENDLESS)}
    half = {"runs_on": {"g": {"group": group("g"), "most_frac": 0.5}}}
    run = Run(work_site({"g": H100}, {name: work | half for name, work in classes.items()}))
    assert run.work("w.served_per_h")[0] == pytest.approx(80 * 0.7276)
    assert run.work("v.served_per_h")[0] == pytest.approx(80.0)


def test_hot_inlet_air_throttles_before_it_runs_away() -> None:
    """All units of the hall fail for an hour: with protection the hall stays cooler, and less work is done."""
    failing = "halls.h.air.availability={kind: outages, outages: [{at: '2025-03-20 12:00', duration_h: 0.2}]}"
    cap = {"caps": {"heat": {"kind": "inlet", "start_c": 27, "span_k": 10, "limit_frac": 0.3}}}
    runs = [Run(work_site({"g": H100 | caps}, {"w": compute(ENDLESS)}, failing, "run.duration=1d", "run.step=30s"))
            for caps in ({}, cap)]  # fmt: skip
    free, safe = runs
    assert free.group("g.inlet_c").max() > safe.group("g.inlet_c").max() + 1.0
    assert safe.group("g.limit_w").min() < 450 < 700 == safe.group("g.limit_w")[0]
    assert safe.work("w.served_per_h").min() < free.work("w.served_per_h").min()
    hot = safe["halls.h.air.air_c"][:-1]
    expected = 700 * (1 - 0.7 * np.clip((hot - 27) / 10, 0, 1))
    np.testing.assert_allclose(safe.group("g.limit_w")[1:], expected, rtol=1e-9)


def test_the_lowest_of_several_limits_holds() -> None:
    caps = {"a": {"kind": "static", "limit_frac": 0.8}, "b": {"kind": "static", "limit_frac": 0.6}}
    assert Run(work_site({"g": H100 | {"caps": caps}}, {"w": compute()})).group("g.limit_w")[0] == pytest.approx(420)


def test_no_device_is_limited_below_the_lowest_limit_measured() -> None:
    run = flat_out(A100, 0.05)
    assert run.group("g.limit_w")[0] == pytest.approx(100.0)
    assert served_and_watts(run)[0] == pytest.approx(160 * 0.2126)


def test_the_shipped_scenario_caps_in_dear_hours_and_says_what_it_cost() -> None:
    free = quickstart_with_work({})
    capped = Run(shipped("power_capping"))
    dear = capped[f"{GPU}.caps.dear_hours.active"] > 0.5
    assert 0.1 < dear.mean() < 0.4
    energy = [run[f"{GPU}.power_kw"].sum() for run in (free, capped)]
    assert energy[1] < energy[0]
    assert capped.work("chat.served_per_h")[dear].sum() == pytest.approx(
        free.work("chat.served_per_h")[dear].sum(), rel=1e-3
    )
    assert simulate(shipped("power_capping", "run.duration=2d"))["residual_kwh"].shape == (1, 3)
