"""Kill a batch at random moments and take it up again, until it is whole: a program for the tests.

``python kill_batch.py STUDY FOLDER KILLS SEED``. What every attempt would import and compile is made ready once; each
attempt is a forked process that runs the command itself and is killed with SIGKILL. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from twin.cli import _run_command
from twin.outputs import batch
from twin.outputs.store import TABLE

HANGS_S = 300  # a process forked beside threads that ever hung would be one more that is killed
MOST = 5  # times the kills that were asked for, to have some amid the work


def attempt(study: Path, folder: Path, kill_after_s: float | None) -> bool:
    """Run the command in a process of its own; whether it came to its end."""
    child = os.fork()
    if child == 0:
        signal.alarm(HANGS_S)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(_run_command(["batch", str(study), "--out", str(folder), "--workers", "2", "-q"]))
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, os.WEXITSTATUS(status)
        return True
    return False


def rows(folder: Path) -> list[str]:
    """Addresses in the store; every part must be readable."""
    parts = sorted((folder / "parts").glob("*.parquet"))
    return [one for part in parts for one in pq.read_table(part)["run_id"].to_pylist()]


def main() -> None:
    """See the top of the file."""
    study, folder, kills, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    batch.FLUSH_S = 0.02
    ready = batch.prepared(study, 2)
    for variant in ready.runs:  # compiled before the fork, in no thread
        batch.run_once(variant.run_id, ready.variants.templates[variant.template], variant.numbers)
    whole = folder / "whole"
    began = time.monotonic()
    while not attempt(study, whole, None):
        pass
    length_s, wanted = time.monotonic() - began, (whole / TABLE).read_bytes()
    count = len(rows(whole))
    chance, killed, rounds, lost, doubled, amid = random.Random(seed), 0, 0, 0, 0, 0

    def enough() -> bool:
        return killed >= kills and (amid >= kills // 10 or killed >= MOST * kills)

    while not enough():
        store, rounds = folder / f"round{rounds}", rounds + 1
        done: set[str] = set()
        ended = False
        while not ended:
            ended = attempt(study, store, None if enough() else chance.uniform(0, 0.6 * length_s))
            killed += not ended
            now = rows(store) if store.exists() else []
            lost, doubled = lost + len(done - set(now)), doubled + len(now) - len(set(now))
            amid += 0 < len(now) < count and not ended
            # Other work on the machine comes and goes: the kills keep to the middle of what a batch takes now.
            length_s *= 0.9 if ended else 1.1 if len(now) == len(done) else 1.0
            done = set(now)
        assert (store / TABLE).read_bytes() == wanted, "the table of a batch that was killed differs"
        assert not list(store.rglob("*.tmp")), "what a kill interrupted was left behind"
        shutil.rmtree(store)
    print(json.dumps({"killed": killed, "rounds": rounds, "lost": lost, "doubled": doubled, "amid": amid,
                      "runs": count, "length_s": length_s}))  # fmt: skip


if __name__ == "__main__":
    main()
