"""Print the table of performance: ``python -m asv_bench.peers``, from the repository, with the installed cypool.

A row for each row of `benchmarks.rows`, a column for each library that is installed; every figure is a time divided by
that of the copy of the same footprint, from one process, the best of interleaved rounds (`benchmarks.measure`).  Each
library's result is compared with cypool's before it is timed.  ``--readme`` writes the telling rows into README.md.
"""

import argparse
import fnmatch
import gc
import math
import os
import re
import sys
from pathlib import Path

try:
    import cypool
except ImportError as error:
    sys.exit(
        f"peers: cypool is not built for this Python ({error}): install it first, `pip install .`,"
        " or put a tree that is built in place on PYTHONPATH"
    )

from asv_bench.benchmarks import libraries, measure, rows

README = Path(__file__).parents[1] / "README.md"
MARKS = "<!-- speed:begin -->", "<!-- speed:end -->"
QUICK_BYTES = 1 << 20
LIBRARIES = {"cypool": libraries.of_cypool, **libraries.PEERS}


class Result:
    """The times of one row in seconds: `times` by library, and the copy's."""

    def __init__(self, name, threads, rounds, quick):
        self.name, self.row = name, rows.ROWS[name]
        case = rows.Case(self.row, threads)
        self.shape, self.nbytes, self.wrong = case.shape, case.nbytes, []
        runs, truth = {}, None
        for library, prepare in LIBRARIES.items():
            try:
                run, array = prepare(case)
            except NotImplementedError:
                continue
            result = array(run())
            truth = result.copy() if truth is None else truth
            if libraries.same(result, truth, self.row.call):
                runs[library] = run
            else:
                self.wrong.append(library)
        copies = measure.copies(case.nbytes, threads, sys.modules.get("torch")) if self.row.kind != "call" else {}
        rest = measure.REST if threads > 1 and not quick else 0
        self.times = measure.best_times(runs | copies, rounds, measure.SLICE / (20 if quick else 1), rest)
        self.copy = min((self.times.pop(way) for way in copies), default=None)

    def cell(self, library):
        """A library's figure: over the copy, or for a call microseconds."""
        if library in self.wrong:
            return "differs"
        if library not in self.times:
            return ""
        figure = self.times[library] / (self.copy or 1e-6)
        text = f"{figure:.0f}" if figure >= 99.5 else f"{figure:.3g}" if figure >= 10 else f"{figure:.2f}"
        return text if self.copy else f"{text} µs"

    def lead(self, *against):
        """How many times as fast as the fastest of `against` (all peers) cypool is; None where there is none."""
        others = [self.times[peer] for peer in against or libraries.PEERS if peer in self.times]
        return min(others) / self.times["cypool"] if others else None


def table(results, markdown):
    """The lines of the table."""
    present = [name for name in libraries.PEERS if any(name in r.times or name in r.wrong for r in results)]
    lines = [["", "row", *present, "cypool", "cypool's lead"]]
    for result in results:
        lead = result.lead()
        cells = [result.cell(name) for name in (*present, "cypool")]
        lines.append([result.row.kind, result.row.name, *cells, f"{lead:.2f}" if lead else ""])
    if markdown:
        lines.insert(1, ["---"] * 2 + ["---:"] * (len(lines[0]) - 2))
        return [f"| {' | '.join(line)} |" for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    formats = [f"{{:<{w}}}" for w in widths[:2]] + [f"{{:>{w}}}" for w in widths[2:]]
    return ["  ".join(f.format(cell) for f, cell in zip(formats, line, strict=True)).rstrip() for line in lines]


def summary(results):
    """The geometric means, the worst row, and what was found different."""
    measured = [r for r in results if r.copy]
    first = [r for r in measured if r.row.layout != rows.LAST]
    for text, leads in (
        ("the fastest peer of each row", [r.lead() for r in measured]),
        ("torch, channels first", [r.lead("torch") for r in first]),
        ("onnxruntime", [r.lead("onnxruntime") for r in measured]),
    ):
        leads = [lead for lead in leads if lead]
        if leads:
            mean = math.exp(sum(map(math.log, leads)) / len(leads))
            yield f"geometric mean of cypool's lead over {text}: {mean:.2f} ({len(leads)} rows)"
    for result in results:
        if result.wrong:
            yield f"result differs from cypool's, not timed: {', '.join(result.wrong)} in {result.name}"
    if measured:
        far = max(measured, key=lambda r: r.times["cypool"] / r.copy)
        yield f"farthest from the copy: {far.name}, {far.cell('cypool')} times its time"
    led = [r for r in results if r.lead()]
    if led:
        worst = min(led, key=Result.lead)
        yield f"worst row: {worst.name}, lead {worst.lead():.2f}"


def machine(threads):
    """The processor and the threads, in words."""
    try:
        model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)[1]
    except (OSError, TypeError):
        model = "a processor without a name"
    return f"{model}, {threads} thread{'s' * (threads > 1)}"


def write_readme(results, threads):
    """Put the table between the marks in README.md."""
    begin, end = MARKS
    text = README.read_text("utf-8")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    note = (
        "Time over that of copying the bytes that are read and written (a copy is 1.00; the call on a tiny array in µs).\n"
        "D: the arrays are several times the cache's size; C: in the cache. float32 unless said. The last column:\n"
        "how many times as fast as the fastest of the others.\n"
        f"Written by `python -m asv_bench.peers --readme` on {machine(threads)}."
    )
    block = "\n".join([begin, *table(results, markdown=True), "", note, end])
    README.write_text(head + block + tail, "utf-8")


def processors():
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--threads", default="all", help="a number, or all (the default)")
    parser.add_argument("--rows", default="*", metavar="PATTERN", help="rows with this in their names, * and ? allowed")
    parser.add_argument("--rounds", type=int, default=measure.ROUNDS, help="interleaved rounds (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="tiny arrays, two rounds: does it work? Measures nothing")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--readme", action="store_true", help="measure the telling rows and write them into README.md")
    options = parser.parse_args(arguments)
    if options.quick and options.readme:
        parser.error("--quick measures nothing that could be told")
    if options.threads != "all" and not options.threads.isdecimal():
        parser.error(f"--threads must be a number or all, got {options.threads}")
    options.threads = processors() if options.threads == "all" else max(1, int(options.threads))
    pattern = f"*{options.rows}*"
    options.names = [
        n for n in rows.ROWS if fnmatch.fnmatchcase(n, pattern) and (rows.ROWS[n].told or not options.readme)
    ]
    if not options.names:
        parser.error(f"no row matches {options.rows}")
    return options


def main(arguments=None):
    """Measure and print."""
    options = parse(arguments)
    if options.quick:
        os.environ["CYPOOL_BENCH_BYTES"], options.rounds = str(QUICK_BYTES), 2
    cache = rows.last_level_cache()
    print(f"{machine(options.threads)}; last-level cache {cache >> 20} MiB")
    print(f"cypool {cypool.__version__} from {Path(cypool.__file__).parent}")
    results = []
    for number, name in enumerate(options.names, 1):
        try:
            results.append(result := Result(name, options.threads, options.rounds, options.quick))
        except KeyboardInterrupt:
            if options.readme or not results:
                sys.exit("interrupted")
            print("interrupted: not all rows")
            break
        size = f"{result.nbytes / 2**20:.1f} MiB at {'x'.join(map(str, result.shape))}"
        print(f"{number}/{len(options.names)} {name}: {size}", file=sys.stderr, flush=True)
        gc.collect()
    print(*table(results, options.markdown), *summary(results), sep="\n")
    if options.readme:
        write_readme(results, options.threads)


if __name__ == "__main__":
    main()
