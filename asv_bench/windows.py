"""Time against the window's size: ``python -m asv_bench.windows``, from the repository, with the installed cypool.

Stride 1 on one plane of 1024x1024 float32, padded so that the result has its size, into given memory; interleaved rounds as
everywhere (`benchmarks.measure`).  For each operator: milliseconds, the ratios to k = 3 and to k = 7, and how many times as
long the peers take: PyTorch up to k = 63 and as long as a call takes less than two seconds, SciPy's filters (one thread, no
stride, no indices).  The last lines check the contract's targets for large windows.
"""

import argparse

from asv_bench import peers
from asv_bench.benchmarks import libraries, measure, rows

SIZES = (3, 7, 15, 31, 63, 127, 255)
CALLS = ("max", "max with indices", "avg")
SIDE, QUICK_SIDE = 1024, 64
SLOWEST = 2.0  # seconds of a peer's call beyond k = TOLD, at which its larger windows are left out
TOLD = 63
MOST_GROWTH = {"max": 3, "max with indices": 4, "avg": 4}  # of k = 63 over k = 3
MOST_SLOPE = 1.5  # of the slowest over the fastest from k = 7 on
LEAST_LEAD = 20  # over PyTorch at k = 63


def prepare(call, side, threads):
    """A function for each library and size that has it, called once."""
    runs = {}
    for library, of in {
        "cypool": libraries.of_cypool,
        "torch": libraries.of_torch,
        "SciPy": libraries.of_scipy,
    }.items():
        last = 0.0
        for k in SIZES:
            if k > TOLD and last > SLOWEST:
                break
            case = rows.Case(rows.Row("window", call, (1, 1, side, side), k, 1, k // 2), threads)
            try:
                run, _ = of(case)
            except NotImplementedError:
                break
            last = measure.seconds_of(run)
            runs[library, k] = run
    return runs


def lines(call, seconds):
    """The lines of one operator's table."""
    yield f"\n{call}\n     k  cypool ms   to k=3   to k=7  torch's factor  SciPy's factor"
    for k in SIZES:
        own = seconds["cypool", k]
        cells = [f"{k:6}", f"{own * 1e3:10.3f}", *(f"{own / seconds['cypool', base]:8.2f}" for base in (3, 7))]
        for peer in ("torch", "SciPy"):
            cells.append(f"{seconds[peer, k] / own:15.1f}" if (peer, k) in seconds else " " * 15)
        yield " ".join(cells).rstrip()


def checks(call, seconds):
    """What is wanted, what was measured, whether it suffices."""
    own = {k: seconds["cypool", k] for k in SIZES}
    flat = [own[k] for k in SIZES if k >= 7]
    yield "slowest over fastest from k = 7 on", max(flat) / min(flat), "at most", MOST_SLOPE
    yield f"k = {TOLD} over k = 3", own[TOLD] / own[3], "at most", MOST_GROWTH[call]
    if ("torch", TOLD) in seconds:
        yield f"faster than torch at k = {TOLD}", seconds["torch", TOLD] / own[TOLD], "at least", LEAST_LEAD


def main(arguments=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.windows", description=__doc__.splitlines()[0])
    peers.add_measuring_options(parser, threads="all")
    options = parser.parse_args(arguments)
    for threads in options.threads:
        print(f"{peers.machine(threads)}; {options.statistic} of at most {options.rounds} interleaved rounds")
        verdicts = []
        for call in CALLS:
            runs = prepare(call, QUICK_SIDE if options.quick else SIDE, threads)
            seconds = peers.times(runs, threads, options)
            print(*lines(call, seconds), sep="\n", flush=True)
            verdicts += [(call, *check) for check in checks(call, seconds)]
        print()
        for call, what, figure, side, limit in verdicts:
            reached = figure <= limit if side == "at most" else figure >= limit
            print(f"{'ok    ' if reached else 'missed'} {call}: {what} {figure:.2f}, {side} {limit} wanted")


if __name__ == "__main__":
    main()
