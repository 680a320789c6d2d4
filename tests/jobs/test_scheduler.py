"""The scheduler against a slow one written from the definition, and against what must hold of any schedule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.jobs import scheduler
from twin.jobs.scheduler import Policy, replay
from twin.jobs.table import Jobs

CAPACITY = 8


def jobs_of(rows: list[tuple[float, float, float, float, float]]) -> Jobs:
    """Jobs from (submit, run, requested, units, priority)."""
    table = np.array(sorted(rows), dtype=float).reshape(-1, 5)
    names = np.array([str(i) for i in range(len(table))], dtype=object)
    return Jobs(names, *(np.ascontiguousarray(column) for column in table.T), lines=np.arange(len(table)) + 1)


def slow_easy(jobs: Jobs, capacity: float, order: str = "easy") -> tuple[np.ndarray, dict[int, float]]:
    """Start of each job, and the first reservation that each head of the queue was given; by scanning lists."""
    start, reserved = np.full(jobs.count, np.nan), {}
    queue: list[int] = []
    running: list[int] = []
    to_come = list(range(jobs.count))
    while to_come or running:
        moments = [jobs.submit_s[to_come[0]]] if to_come else []
        now = min(moments + [start[j] + jobs.run_s[j] for j in running])
        running = [j for j in running if start[j] + jobs.run_s[j] > now]
        while to_come and jobs.submit_s[to_come[0]] <= now:
            job = to_come.pop(0)
            if jobs.units_count[job] <= capacity:
                queue.append(job)
        free = capacity - sum(jobs.units_count[j] for j in running)
        while queue and jobs.units_count[queue[0]] <= free:
            start[queue[0]] = now
            free -= jobs.units_count[queue[0]]
            running.append(queue.pop(0))
        if queue and order == "easy":
            head = queue[0]
            due = sorted((max(start[j] + jobs.requested_s[j], now), jobs.units_count[j]) for j in running)
            shadow, freed = now, free
            for end, units in due:
                shadow, freed = end, freed + units
                if freed >= jobs.units_count[head]:
                    break
            reserved.setdefault(head, shadow)
            spare = freed - jobs.units_count[head]
            for job in list(queue[1:]):
                units, in_time = jobs.units_count[job], now + jobs.requested_s[job] <= shadow
                if units <= free and (in_time or units <= spare):
                    start[job], free = now, free - units
                    spare -= 0 if in_time else units
                    queue.remove(job)
                    running.append(job)
    return start, reserved


ROW = st.tuples(
    st.integers(0, 40), st.integers(1, 20), st.integers(0, 15), st.integers(1, CAPACITY + 1), st.integers(0, 3)
).map(lambda r: (r[0], r[1], r[1] + r[2], r[3], r[4]))
TRACES = st.lists(ROW, min_size=1, max_size=25).map(jobs_of)


@settings(max_examples=150)
@given(TRACES)
def test_easy_is_what_its_definition_says(jobs: Jobs) -> None:
    start, _ = slow_easy(jobs, CAPACITY)
    np.testing.assert_array_equal(replay(jobs, CAPACITY, "easy").start_s, start)


@settings(max_examples=150)
@given(TRACES)
def test_easy_never_delays_the_reservation_of_the_first_in_the_queue(jobs: Jobs) -> None:
    start, reserved = replay(jobs, CAPACITY, "easy").start_s, slow_easy(jobs, CAPACITY)[1]
    assert all(start[job] <= moment for job, moment in reserved.items())


@settings(max_examples=100)
@given(TRACES)
def test_first_come_first_served_starts_in_order(jobs: Jobs) -> None:
    start = replay(jobs, CAPACITY, "fifo").start_s
    np.testing.assert_array_equal(start, slow_easy(jobs, CAPACITY, "fifo")[0])
    assert (np.diff(start[~np.isnan(start)]) >= 0).all()


@pytest.mark.parametrize("policy", ["fifo", "shortest", "priority", "easy"])
@settings(max_examples=60)
@given(jobs=TRACES)
def test_no_unit_is_given_twice_and_no_job_is_lost(policy: Policy, jobs: Jobs) -> None:
    done = replay(jobs, CAPACITY, policy)
    np.testing.assert_array_equal(done.unscheduled, jobs.units_count > CAPACITY)
    ran = ~done.unscheduled
    assert (done.wait_s[ran] >= 0).all()
    for moment in done.start_s[ran]:
        busy = ran & (done.start_s <= moment) & (done.end_s > moment)
        assert jobs.units_count[busy].sum() <= CAPACITY


@settings(max_examples=60)
@given(TRACES)
def test_power_is_a_second_resource(jobs: Jobs) -> None:
    done = replay(jobs, CAPACITY, "easy", unit_kw=0.4, power_limit_kw=2.0)
    np.testing.assert_array_equal(done.start_s, replay(jobs, 5, "easy").start_s)


def test_a_small_job_goes_before_a_large_one_that_cannot_start_yet() -> None:
    jobs = jobs_of([(0, 10, 10, 6, 0), (1, 5, 5, 8, 0), (2, 8, 8, 2, 0), (3, 9, 9, 2, 0)])
    np.testing.assert_array_equal(replay(jobs, CAPACITY, "easy").start_s, [0, 10, 2, 15])
    np.testing.assert_array_equal(replay(jobs, CAPACITY, "fifo").start_s, [0, 10, 15, 15])


def test_short_and_urgent_jobs_go_first_where_the_policy_says_so() -> None:
    jobs = jobs_of([(0, 10, 10, 8, 0), (1, 9, 9, 8, 0), (2, 3, 3, 8, 0), (3, 5, 5, 8, 9)])
    np.testing.assert_array_equal(replay(jobs, CAPACITY, "shortest").start_s, [0, 18, 10, 13])
    np.testing.assert_array_equal(replay(jobs, CAPACITY, "priority").start_s, [0, 15, 24, 10])


def test_waits_stretch_and_utilisation_are_those_of_the_schedule() -> None:
    done = replay(jobs_of([(0, 100, 100, 8, 0), (0, 100, 100, 4, 0)]), CAPACITY, "fifo")
    np.testing.assert_array_equal(np.sort(done.wait_s), [0, 100])
    np.testing.assert_array_equal(np.sort(done.stretch_ratio), [1, 2])
    assert done.utilisation_frac == pytest.approx((100 * 8 + 100 * 4) / (8 * 200))


@settings(max_examples=40)
@given(TRACES)
def test_compiled_and_plain_give_the_same_schedule(jobs: Jobs) -> None:
    plain = np.full(jobs.count, np.nan)
    scheduler._replay(jobs.submit_s, jobs.run_s, jobs.requested_s, jobs.units_count, -jobs.priority,
                      CAPACITY + scheduler.ROOM, True, scheduler.DEPTH, plain)  # fmt: skip
    compiled = np.full(jobs.count, np.nan)
    scheduler._loop()(jobs.submit_s, jobs.run_s, jobs.requested_s, jobs.units_count, -jobs.priority,
                      CAPACITY + scheduler.ROOM, True, scheduler.DEPTH, compiled)  # fmt: skip
    np.testing.assert_array_equal(plain, compiled)
