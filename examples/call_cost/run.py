"""Nanoseconds of a call on a map of 1x1x8x8 through the C API and from Python, interleaved, the best of many rounds."""

import time

import call_cost
import numpy as np

import cypool

ROUNDS, CALLS = 300, 400  # a round is short beside what other programs take at a time

x = np.zeros((1, 1, 8, 8), np.float32)
out = np.zeros((1, 1, 4, 4), np.float32)


def python(call):
    """Nanoseconds of a call, the loop's own included."""
    begin = time.perf_counter_ns()
    for _ in range(CALLS):
        call()
    return (time.perf_counter_ns() - begin) / CALLS


for name in ("max_pool2d", "avg_pool2d"):
    function = getattr(cypool, name)
    plan = cypool.plan(function, x.shape, x.dtype, 2)
    ways = {
        "C API": lambda name=name: call_cost.nanoseconds(name, CALLS, False),
        "C API, own scratch": lambda name=name: call_cost.nanoseconds(name, CALLS, True),
        "Python's plan": lambda plan=plan: python(lambda: plan(x)),
        "Python's plan, out=": lambda plan=plan: python(lambda: plan(x, out=out)),
        "Python's function": lambda function=function: python(lambda: function(x, 2)),
    }
    best = dict.fromkeys(ways, np.inf)
    for _ in range(ROUNDS):
        for way, measured in ways.items():
            best[way] = min(best[way], measured())
    print(f"{name} k2, 1x1x8x8: " + ", ".join(f"{way} {ns:.0f} ns" for way, ns in best.items()))
