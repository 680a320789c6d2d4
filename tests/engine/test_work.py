"""Work in the loop: nothing is lost on the way, and what waits, is late or is dropped is that of a plain queue."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.work_sites import CPU, H100, Run, chat, compute, group, work_site
from twin.engine.simulate import simulate

DEVICES = 160  # of the H100 group
CAPS: dict[str, Any] = {
    "static": {"kind": "static", "limit_frac": 0.45},
    "hourly": {"kind": "hourly", "limit": {"kind": "daily", "weekday_frac": [0.4, 0.6, 1.0] * 8}},
    "price": {"kind": "price", "above_per_kwh": 0.06, "limit_frac": 0.3},
    "carbon": {"kind": "carbon", "above_kgco2_per_kwh": 0.1, "limit_frac": 0.5},
    "inlet": {"kind": "inlet", "start_c": 20, "span_k": 5, "limit_frac": 0.3},
    "facility": {"kind": "facility", "import_kw": 190, "share_frac": 0.7},
    "grid_event": {
        "kind": "grid_event", "share_frac": 0.8, "ramp_min": 30,
        "events": [{"at": "2025-03-20 06:10", "duration_h": 5.3, "depth_frac": 0.3, "notice_h": 1},
                   {"at": "2025-03-21 01:00", "duration_h": 3, "depth_frac": 0.6}],
    },
}  # fmt: skip
STEPS = ("1h", "15min", "5min")


def daily(rate_per_h: float, shares: list[float]) -> dict[str, Any]:
    return {"kind": "profile", "rate_per_h": rate_per_h, "use": {"kind": "daily", "weekday_frac": shares}}


@st.composite
def tenants(draw: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Two rack groups and three classes of work: demand, slack, priority, late rule, caps and order at random."""
    cap = draw(st.sampled_from([None, *CAPS]))
    caps = {"cap": CAPS[cap]} if cap else {}
    size = {"racks_count": draw(st.integers(1, 5))}
    groups = {"g": H100 | size | {"device_cost_per_h": 3.0, "caps": caps},
              "c": CPU | {"device_cost_per_h": 0.2, "caps": caps}}  # fmt: skip
    classes: dict[str, Any] = {}
    for name, places in (("one", ("g",)), ("two", ("g", "c")), ("three", ("c", "g"))):
        shares = draw(st.lists(st.floats(0, 1.2), min_size=24, max_size=24))
        classes[name] = compute(0.0, *places) | {
            "demand": daily(draw(st.floats(0, 300)), shares),
            "placement": draw(st.sampled_from(["given", "work_per_joule", "cost"])),
            "priority_count": draw(st.integers(-2, 2)),
            "slack_h": draw(st.sampled_from([0.0, 0.4, 1.0, 7.3, 100.0])),
            "late": draw(st.sampled_from(["wait", "drop"])),
            "restart_h": draw(st.sampled_from([0.0, 0.5])),
        }
    gang = {"kind": "training", "gang_count": draw(st.sampled_from([1, 7, 32, 64]))}
    return groups, classes | {"one": classes["one"] | gang}, draw(st.sampled_from(STEPS))


@given(site=tenants())
@settings(max_examples=60, deadline=None)
def test_work_is_conserved_whatever_asks_for_it_and_whatever_caps_it(site: Any) -> None:
    groups, classes, step = site
    run = Run(work_site(groups, classes, f"run.step={step}"))
    for name in classes:
        assert run.conserves(name) < 1e-9
        assert min(run.work(f"{name}.{end}").min() for end in ("served_per_h", "queue_count", "dropped_per_h")) >= 0.0
    for name in groups:
        assert run.group(f"{name}.utilisation_frac").max() <= 1.0 + 1e-9
    assert np.abs(run.ds["residual_kwh"].values).max() < 1e-9 * run.group("g.power_kw").sum()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("cap", CAPS)
def test_work_and_ledgers_close_over_days_under_each_cap(cap: str, step: str) -> None:
    shares = [0.9, 0.2, 1.0, 0.6] * 6
    classes = {"w": compute(0) | {"demand": daily(150, shares), "slack_h": 3}, "chat": chat(1.0e6, priority_count=1)}
    run = Run(work_site({"g": H100 | {"caps": {"cap": CAPS[cap]}}}, classes, f"run.step={step}", "run.duration=14d"))
    assert run.group("g.capped").max() == 1.0, "the cap takes no part"
    assert max(run.conserves(name) for name in classes) < 1e-9
    assert np.abs(run.ds["residual_kwh"].values).max() < 1e-9 * run.group("g.power_kw").sum()


# --- the queue --------------------------------------------------------------------------------------------------


def plain_queue(arrived: list[float], most: float, slack: float, drops: bool) -> list[tuple[float, float, float]]:
    """(queue, missed, dropped) of each step; times in steps, work of a step arrives evenly over it, first come first.

    Work is late at the end of a step when it arrived more than ``slack`` before.
    """
    waiting: deque[list[float]] = deque()  # [from, to, amount, told as late]
    told = []
    for step, amount in enumerate(arrived):
        waiting.append([step, step + 1.0, amount, 0.0])
        left = most
        while waiting and left > 0.0:
            done = min(left, waiting[0][2])
            left -= done
            start, end, whole, late = waiting[0]
            if done >= whole:
                waiting.popleft()
            else:
                waiting[0] = [start + (end - start) * done / whole, end, whole - done, max(late - done, 0.0)]
        missed = dropped = 0.0
        deadline = step + 1.0 - slack
        for chunk in waiting:
            start, end, whole, known = chunk
            late = whole * min(max((deadline - start) / (end - start), 0.0), 1.0) if whole > 0.0 else 0.0
            missed += late - known
            chunk[3] = late
            if drops:
                dropped += late
                chunk[:] = [max(start, min(deadline, end - 1e-15)), end, whole - late, 0.0]
        told.append((sum(chunk[2] for chunk in waiting), missed, dropped))
    return told


@given(
    shares=st.lists(st.sampled_from([0.0, 0.3, 0.8, 1.0, 1.2]), min_size=24, max_size=24),
    rate=st.floats(50, 400),
    slack_h=st.sampled_from([0.0, 0.6, 1.0, 2.5, 9.0]),
    drops=st.booleans(),
    step=st.sampled_from(["1h", "15min"]),
)
@settings(max_examples=60, deadline=None)
def test_delay_and_drops_are_those_of_a_plain_queue(
    shares: list[float], rate: float, slack_h: float, drops: bool, step: str
) -> None:
    work = compute(0) | {"demand": daily(rate, shares), "slack_h": slack_h, "late": "drop" if drops else "wait"}
    run = Run(work_site({"g": H100}, {"w": work}, f"run.step={step}"))
    arrived = run.work("w.arrived_per_h") * run.dt_h
    told = np.array(plain_queue(arrived.tolist(), DEVICES * run.dt_h, slack_h / run.dt_h, drops)).T
    found = (run.work("w.queue_count"), run.work("w.missed_per_h") * run.dt_h, run.work("w.dropped_per_h") * run.dt_h)
    for expected, series in zip(told, found, strict=True):
        np.testing.assert_allclose(series, expected, rtol=1e-9, atol=1e-8)


def test_work_that_can_be_done_at_once_neither_waits_nor_is_late() -> None:
    run = Run(work_site({"g": H100}, {"w": compute(100.0)}, "run.duration=60d", "run.step=5min"))
    assert run.work("w.queue_count").max() == run.work("w.missed_per_h").max() == 0.0


def test_waiting_work_within_its_slack_is_not_late_after_a_year_of_short_steps() -> None:
    """What came in the last hours is a difference of large sums: its rounding must not show as late work."""
    never = {"kind": "outages", "outages": [{"at": "2025-01-01 00:00", "duration_h": 8784}]}
    work = compute(33.3, slack_h=1.1, late="drop")
    run = Run(work_site({"g": H100 | {"availability": never}}, {"w": work}, "run.start=2025-01-01", "run.duration=364d",
                        "run.step=5min"))  # fmt: skip
    assert run.work("w.queue_count")[-1] == pytest.approx(33.3 * 1.1, rel=1e-9)
    assert run.work("w.dropped_per_h")[100:].min() == pytest.approx(33.3, rel=1e-6)


# --- gangs, interruptions, tenants, places ----------------------------------------------------------------------


@pytest.mark.parametrize(("gang", "running"), [(64, 128), (160, 160), (161, 0), (7, 154)])
def test_gangs_run_whole_or_not_at_all(gang: int, running: int) -> None:
    work = compute(1000.0) | {"kind": "training", "gang_count": gang}
    run = Run(work_site({"g": H100}, {"w": work}))
    np.testing.assert_allclose(run.work("w.served_per_h"), running, rtol=1e-12)


def test_gangs_of_servers_run_whole_too() -> None:
    run = Run(work_site({"g": CPU}, {"w": compute(1000.0) | {"kind": "training", "gang_count": 60}}))
    np.testing.assert_allclose(run.work("w.served_per_h"), 60.0, rtol=1e-12)


def test_a_gang_of_devices_out_of_service_waits() -> None:
    half = {"kind": "outages", "outages": [{"at": "2025-03-20 12:00", "duration_h": 0.5}]}  # 80 devices in that hour
    work = compute(1000.0) | {"kind": "training", "gang_count": 100}
    run = Run(work_site({"g": H100 | {"availability": half}}, {"w": work}))
    noon = int(np.argmin(run.work("w.served_per_h")))
    assert run.work("w.served_per_h")[noon - 1 : noon + 2].tolist() == [100.0, 0.0, 100.0]
    assert run.work("w.lost_per_h")[noon - 1 : noon + 2].tolist() == [0.0, 50.0, 0.0]  # half an hour of 100 devices


def test_interrupted_work_loses_what_it_did_since_its_checkpoint_once() -> None:
    out = {"kind": "outages", "outages": [{"at": "2025-03-20 12:00", "duration_h": 3}]}
    work = compute(80.0, restart_h=0.75)
    run = Run(work_site({"g": H100 | {"availability": out}}, {"w": work}, "run.step=15min"))
    lost = run.work("w.lost_per_h") * run.dt_h
    assert np.count_nonzero(lost) == 1
    assert lost.sum() == pytest.approx(80.0 * 0.75)
    assert run.work("w.served_per_h").sum() * run.dt_h == pytest.approx(80.0 * 48 + lost.sum())


def test_classes_share_a_group_by_priority_and_then_as_they_stand() -> None:
    classes = {"last": compute(100.0, priority_count=-1), "first": compute(90.0, priority_count=3),
               "second": compute(60.0), "third": compute(60.0)}  # fmt: skip
    run = Run(work_site({"g": H100}, classes))
    served = {name: float(run.work(f"{name}.served_per_h")[0]) for name in classes}
    assert served == pytest.approx({"first": 90.0, "second": 60.0, "third": 10.0, "last": 0.0})
    assert run.group("g.utilisation_frac")[0] == pytest.approx(1.0)


def test_a_class_holds_no_more_than_its_share_of_a_group() -> None:
    work = compute(1000.0) | {"runs_on": {"g": {"group": group("g"), "most_frac": 0.3}}}
    run = Run(work_site({"g": H100}, {"w": work, "rest": compute(1000.0, priority_count=-1)}))
    assert run.work("w.served_per_h")[0] == pytest.approx(0.3 * DEVICES)
    assert run.work("rest.served_per_h")[0] == pytest.approx(0.7 * DEVICES)


@pytest.mark.parametrize(("placement", "first"), [("given", "a"), ("work_per_joule", "b"), ("cost", "a")])
def test_places_are_filled_as_listed_by_work_per_joule_or_by_cost(placement: str, first: str) -> None:
    """A device hour counts alike on both: the A100 does it with 780 W, the H100 with 1,218 W, hosts included."""
    groups = {"a": H100 | {"device_cost_per_h": 1.0},
              "b": H100 | {"hardware": "data:hardware/a100_sxm.yaml", "device_cost_per_h": 2.0}}  # fmt: skip
    run = Run(work_site(groups, {"w": compute(100.0, "a", "b", placement=placement)}))
    other = "b" if first == "a" else "a"
    assert run.place("w", first, "served_per_h")[0] == pytest.approx(100.0)
    assert run.place("w", other, "served_per_h")[0] == 0.0


def test_work_overflows_to_the_next_place() -> None:
    run = Run(work_site({"g": H100, "c": CPU}, {"w": compute(230.0, "g", "c")}))
    assert run.place("w", "g", "served_per_h")[0] == pytest.approx(160.0)
    assert run.place("w", "c", "served_per_h")[0] == pytest.approx(70.0)


@pytest.mark.parametrize("rate", [40.0, 160.0])
def test_a_group_draws_what_its_devices_and_hosts_do(rate: float) -> None:
    """DGX H100: 2,800 W idle, of which 8 x 79.7 W devices; at most 10,200 W, of which 8 x 700 W; busy at .919 of it."""
    run = Run(work_site({"g": H100 | {"fan_rise_per_k": 0}}, {"w": compute(rate)}))
    busy = rate / DEVICES
    device_w = 79.7 + busy * (700 * 367.6 / 400 - 79.7)
    host_w = (2800 - 8 * 79.7) + busy * (10200 - 5600 - 2800 + 8 * 79.7)
    np.testing.assert_allclose(run.group("g.power_kw"), 20 * (8 * device_w + host_w) / 1000, rtol=1e-12)


def test_shared_servers_follow_their_table_with_their_own_load_and_the_work() -> None:
    own = CPU | {"utilisation": {"kind": "constant", "value_frac": 0.25}}
    run = Run(work_site({"g": own}, {"w": compute(35.0)}))
    np.testing.assert_allclose(run.group("g.power_kw"), 100 * 0.5 * (0.2 + 0.8 * 0.6), rtol=1e-12)


def test_shared_servers_without_a_cap_take_all_the_load_that_they_are_built_for() -> None:
    """Also with a load table that is flat or falls: read backwards, it must not cost a billionth of the capacity."""
    flat = CPU | {"load_power_frac": [0.2, 0.28, 0.36, 0.44, 0.52, 0.6, 0.68, 0.76, 0.92, 0.92, 1.0]}
    run = Run(work_site({"g": flat}, {"w": compute(100.0)}))
    np.testing.assert_array_equal(run.group("g.most_load_frac"), 1.0)
    assert run.work("w.queue_count").max() == 0.0


def test_shared_servers_under_a_limit_take_the_load_at_which_their_table_meets_it() -> None:
    cap = {"caps": {"low": {"kind": "static", "limit_frac": 0.6}}}
    run = Run(work_site({"g": CPU | cap}, {"w": compute(100.0)}))
    assert run.work("w.served_per_h")[0] == pytest.approx(50.0, rel=1e-12)
    np.testing.assert_allclose(run.group("g.power_kw"), 0.6 * 50, rtol=1e-12)


def test_prefill_apart_takes_its_time_at_the_highest_power() -> None:
    """2 x 8e9 x 500 operations for each request of 1,000 tokens at half of 989 TFLOPS, beside decoding as measured."""
    run = Run(work_site({"g": H100 | {"racks_count": 1}}, {"w": chat(9e9, prefill_mfu_frac=0.5)}, "run.duration=1d"))
    prefill_s = 2 * 8e9 * 500 / (989e12 * 0.5) / 1000
    decode_s = 1 / 5147.1532
    tokens_per_h = 32 * 3600 / (prefill_s + decode_s)
    assert run.work("w.served_per_h")[0] == pytest.approx(tokens_per_h / 1e6, rel=1e-9)
    watts = (700 * prefill_s + 610.3476 * decode_s) / (prefill_s + decode_s)
    assert run.place("w", "g", "device_w")[0] == pytest.approx(watts, rel=1e-9)


@pytest.mark.parametrize(("objective_ms", "slow"), [(14.0, True), (15.0, False)])
def test_answers_slower_than_the_objective_are_counted(objective_ms: float, slow: bool) -> None:
    run = Run(work_site({"g": H100}, {"w": chat(1e6, latency_objective_ms=objective_ms)}))  # 14.754 ms at batch 64
    np.testing.assert_array_equal(run.work("w.slow_per_h"), run.work("w.served_per_h") * slow)


def test_the_number_of_steps_does_not_change_energy_or_work() -> None:
    shares = [0.9, 0.2, 1.0, 0.6] * 6
    work = compute(0) | {"demand": daily(150, shares)}
    runs = [Run(work_site({"g": H100 | {"fan_rise_per_k": 0}}, {"w": work}, f"run.step={step}")) for step in STEPS]
    for one, other in pairwise(runs):
        assert one.group("g.power_kw").mean() == pytest.approx(other.group("g.power_kw").mean(), rel=1e-9)
        assert one.work("w.served_per_h").mean() == pytest.approx(other.work("w.served_per_h").mean(), rel=1e-9)


def test_plain_python_and_machine_code_do_the_same_work_under_every_cap() -> None:
    groups = {"g": H100 | {"caps": CAPS}, "c": CPU | {"caps": CAPS}}
    classes = {
        "chat": chat(3e6, priority_count=2, latency_objective_ms=20, prefill_mfu_frac=0.4,
                     caps={"own": {"kind": "static", "limit_frac": 0.8}}),
        "train": compute(60.0) | {"kind": "training", "gang_count": 32, "slack_h": 4},
        "jobs": compute(140.0, "g", "c", slack_h=1.3, late="drop", placement="work_per_joule"),
    }  # fmt: skip
    scenario = work_site(groups, classes, "run.step=15min")
    plain, compiled = (simulate(scenario, engine=engine) for engine in ("plain", "auto"))
    assert float(compiled["workloads.jobs.dropped_per_h"].sum()) > 0
    for name in compiled.data_vars:
        if compiled[name].dtype.kind == "f":
            np.testing.assert_array_equal(compiled[name].values, plain[name].values, err_msg=str(name))
