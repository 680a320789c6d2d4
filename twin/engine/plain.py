"""The time loop in plain Python: the same steps on the same blocks, for debuggers and for machines without numba."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.engine.composition import WEATHER, Composition


def run_plain(c: Composition, keep: Any, P: Any, U: Any, S: Any, X: Any, Y: Any, N: Any, out: Any, start: Any,
              sums: Any, peaks: Any, lows: Any, hours: Any, warm_h: float, warm_count: int) -> int:  # fmt: skip
    """Run all steps; -1, or the step in which a watched output left its range. Same bits as the compiled loop."""
    row = np.zeros(U.shape[1])
    calls = [_call(c, i, P, row, S, X, Y, N) for i in c.program]
    with np.errstate(all="ignore"):
        for t in range(-warm_count, U.shape[0]):
            row[:] = U[max(t, 0)]
            if t == 0:
                S[c.begins] = start[c.begins]
                start[:] = S
            _step(c, calls, row, Y, N, hours[t] if t >= 0 else warm_h)
            S[:] = X
            failed = not (Y[c.watch] < c.limits).all()
            if t < 0 and not failed:
                continue
            sums += Y * hours[max(t, 0)]
            np.copyto(peaks, Y, where=peaks < Y)
            np.copyto(lows, Y, where=lows > Y)
            out[max(t, 0)] = Y[keep]
            if failed:
                return max(t, 0)  # what runs away in the warm-up fails the first step
    return -1


def _call(c: Composition, i: Any, P: Any, row: Any, S: Any, X: Any, Y: Any, N: Any) -> Any:
    """The step of one instruction with its records bound."""
    path = i.member.path
    joined = [c.n.view(N, i.member.node(role)) for role in i.phase.nodes]
    records = (c.p.view(P, path), c.u.view(row, path), c.u.view(row, WEATHER), c.s.view(S, path), c.s.view(X, path),
               c.y.view(Y, path), *joined)  # fmt: skip
    return lambda dt_h: i.phase.run(*records, dt_h)


def _step(c: Composition, calls: list[Any], row: Any, Y: Any, N: Any, dt_h: float) -> None:
    N[c.zero] = 0.0
    j = gathered = 0
    while j < len(calls):
        if j >= gathered:  # a group that is repeated must not collect what comes from outside it again
            for g in range(c.gather_end[j], c.gather_end[j + 1]):
                N[c.gather_to[g]] += Y[c.gather_from[g]]
            if j == c.cut_at:
                for source, sink in zip(c.cut_from, c.cut_to, strict=True):
                    row[sink] *= Y[source]
            gathered = j + 1
        calls[j](dt_h)
        j = c.back[j] if c.back[j] >= 0 and N[c.flag[j]] > 0.5 else j + 1
