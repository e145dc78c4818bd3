"""Print the table of performance: ``python -m asv_bench.peers``, from the repository, with the installed cypool.

A row for each row of `benchmarks.rows`, a column for each library that is installed; every figure is a time divided by
that of the copy of the same footprint, from one process, the best of interleaved rounds (`benchmarks.measure`) or with
``--median`` their median.  Each library's result is compared with cypool's before it is timed.  The last column says which
of the contract's targets (`benchmarks.rows.TARGETS`) are missed.  Several numbers of threads are several tables, each from
a process of its own.  ``--readme`` writes the telling rows into README.md and draws all of them for it.
"""

import argparse
import fnmatch
import gc
import json
import math
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

try:
    import cypool
except ImportError as error:
    sys.exit(
        f"{Path(sys.argv[0]).stem}: cypool is not built for this Python ({error}): install it first, `pip install .`,"
        " or put a tree that is built in place on PYTHONPATH"
    )

from asv_bench.benchmarks import libraries, measure, rows
from asv_bench.benchmarks.threads import processors

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FIGURE = ROOT / "docs" / "_static" / "speed.svg"
MARKS = "<!-- speed:begin -->", "<!-- speed:end -->"
QUICK_BYTES = 1 << 20
LIBRARIES = {"cypool": libraries.of_cypool, **libraries.PEERS}
MEAN_LEADS = (  # over whom, in which rows, the contract's target for the geometric mean
    ("the fastest peer of each row", libraries.PEERS, lambda row: True, 4),
    ("torch, channels first", ["torch"], lambda row: row.layout != rows.LAST, 15),
    ("onnxruntime", ["onnxruntime"], lambda row: True, None),
)


@dataclass
class Result:
    """One row's measurement: seconds by library and of the copy (none for a call), and whose results differ."""

    name: str
    shape: tuple
    nbytes: int
    seconds: dict
    copy: float | None
    differs: list

    @property
    def row(self):
        """What was measured."""
        return rows.ROWS[self.name]

    def over(self, what, library="cypool"):
        """A library's time over that of "copy", "peers" (the fastest), one peer, or "µs"; None where there is none."""
        peers = [self.seconds[peer] for peer in libraries.PEERS if peer in self.seconds]
        others = {"copy": self.copy, "µs": 1e-6, "peers": min(peers, default=None), **self.seconds}
        if others.get(what) is None or library not in self.seconds:
            return None
        return self.seconds[library] / others[what]

    def lead(self, peers=libraries.PEERS):
        """How many times as fast as the fastest of `peers` cypool is; None where there is none."""
        shares = [self.over(peer) for peer in peers if self.over(peer)]
        return 1 / max(shares) if shares else None

    def targets(self):
        """The targets that this row has here, and how far it is from each: above 1 is missed."""
        figures = [(target, self.over(target.against)) for target in rows.TARGETS if target.rows(self.row)]
        return [(target, figure / target.most) for target, figure in figures if figure]

    def cell(self, library):
        """A library's figure: over the copy, or for a call microseconds."""
        if library in self.differs:
            return "differs"
        figure = self.over("copy" if self.copy else "µs", library)
        if figure is None:
            return ""
        text = f"{figure:.0f}" if figure >= 99.5 else f"{figure:.3g}" if figure >= 10 else f"{figure:.2f}"
        return text if self.copy else f"{text} µs"


def times(runs, threads, options):
    """Seconds of each of `runs`, as the command line wants them measured."""
    if options.quick:
        return measure.times(runs, 2, measure.SLICE / 20, 0, options.statistic)
    rest = measure.REST if threads > 1 else 0
    return measure.times(runs, options.rounds, measure.SLICE, rest, options.statistic)


def measured(name, threads, options):
    """The `Result` of one row."""
    row = rows.ROWS[name]
    case = rows.Case(row, threads)
    runs, differs, truth = {}, [], None
    for library, prepare in LIBRARIES.items():
        try:
            run, array = prepare(case)
        except NotImplementedError:
            continue
        result = array(run())
        truth = result.copy() if truth is None else truth
        if libraries.same(result, truth, row.call):
            runs[library] = run
        else:
            differs.append(library)
    if row.kind != "call":
        runs["copy"] = measure.copy(case.nbytes, threads)
        runs["copy"]()
    seconds = times(runs, threads, options)
    return Result(name, case.shape, case.nbytes, seconds, seconds.pop("copy", None), differs)


def measure_rows(threads, options):
    """The `Result` of each row, as far as nobody interrupts."""
    results = []
    for number, name in enumerate(options.names, 1):
        try:
            results.append(result := measured(name, threads, options))
        except KeyboardInterrupt:
            if options.json or not results:
                sys.exit("interrupted")
            print("interrupted: not all rows")
            break
        size = f"{result.nbytes / 2**20:.1f} MiB at {'x'.join(map(str, result.shape))}"
        print(f"{number}/{len(options.names)} {name}: {size}", file=sys.stderr, flush=True)
        gc.collect()
    return results


def table(results, markdown=False, targets=True):
    """The lines of the table."""
    present = [name for name in libraries.PEERS if any(name in r.seconds or name in r.differs for r in results)]
    lines = [["", "row", *present, "cypool", "cypool's lead", *["target"] * targets]]
    for result in results:
        lead = result.lead()
        cells = [result.cell(name) for name in (*present, "cypool")]
        missed = ", ".join(f"{t.against} > {t.most:.3g}" for t, far in result.targets() if far > 1)
        lines.append([result.row.kind, result.row.name, *cells, f"{lead:.2f}" if lead else ""])
        lines[-1] += [missed or "ok"] * targets
    right = len(present) + 2
    if markdown:
        lines.insert(1, ["---"] * 2 + ["---:"] * right + ["---"] * targets)
        return [f"| {' | '.join(line)} |" for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    sides = "<<" + ">" * right + "<" * targets
    formats = [f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True)]
    return ["  ".join(f.format(cell) for f, cell in zip(formats, line, strict=True)).rstrip() for line in lines]


def means(results):
    """The geometric means of cypool's leads: over whom, how large, from how many rows, what the contract asks for."""
    for whom, peers, meant, target in MEAN_LEADS:
        leads = [r.lead(peers) for r in results if r.copy and meant(r.row) and r.lead(peers)]
        if leads:
            yield whom, math.exp(sum(map(math.log, leads)) / len(leads)), len(leads), target


def summary(results):
    """What was found different, the geometric means, the row farthest from its target and the worst."""
    for result in results:
        if result.differs:
            yield f"result differs from cypool's, not timed: {', '.join(result.differs)} in {result.name}"
    for whom, mean, number, target in means(results):
        wanted = f", target {target}" if target else ""
        yield f"geometric mean of cypool's lead over {whom}: {mean:.2f} ({number} rows{wanted})"
    judged = [(far, target, r) for r in results for target, far in r.targets()]
    ok = sum(all(far <= 1 for _, far in r.targets()) for r in results)
    yield f"targets reached: {ok} of {len(results)} rows"
    if judged:
        far, target, result = max(judged, key=lambda item: item[0])
        figure = f"{far * target.most:.2f} times {target.against}, at most {target.most:.3g} wanted"
        yield f"farthest from its target: {result.name}, {figure.replace('times µs', 'µs')}"
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


def measured_alone(threads, arguments):
    """The table of one number of threads from a new process, which prints it too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "table.json")
        command = [sys.executable, "-m", "asv_bench.peers", *arguments, "--threads", str(threads), "--json", file]
        done = subprocess.run(command, cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(done.returncode)
        (result,) = json.loads(file.read_text("utf-8"))
    return result


def one_table(threads, options):
    """Measure with this number of threads, print the table, and return it as JSON has it."""
    print(f"{machine(threads)}; last-level cache {rows.last_level_cache() >> 20} MiB")
    print(f"cypool {cypool.__version__} from {Path(cypool.__file__).parent}")
    results = measure_rows(threads, options)
    print(*table(results, options.markdown), "", sep="\n")
    print(f"the copy: {measure.copy_method()}; {options.statistic} of at most {options.rounds} interleaved rounds")
    print(*summary(results), sep="\n", flush=True)
    about = {"machine": machine(threads), "threads": threads, "cypool": cypool.__version__}
    about |= {"copy": measure.copy_method(), "statistic": options.statistic, "rounds": options.rounds}
    return about | {"rows": [asdict(result) for result in results]}


def write_readme(tables):
    """Put the telling rows of the last table between the marks in README.md, and all of its rows into the picture."""
    from asv_bench import figure

    begin, end = MARKS
    text = README.read_text("utf-8")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    last = tables[-1]
    results = [Result(**row) for row in last["rows"]]
    figure.draw(results, last["machine"], FIGURE)
    link = f"![Each library's time over that of the copy, row by row]({FIGURE.relative_to(ROOT).as_posix()})"
    note = (
        "Time over that of the copy, a memcpy of as many bytes as are read and written, by as many threads (a copy is 1.00;\n"
        "the call on a tiny array in µs). D: the arrays are several times the cache's size; C: in the cache. float32 unless\n"
        "said. The last column: how many times as fast as the fastest of the others. The picture has all rows."
    )
    leads = {}
    for one in tables:
        for whom, mean, number, _ in means([Result(**row) for row in one["rows"]]):
            words = f"{mean:.2f} on {one['threads']} thread{'s' * (one['threads'] > 1)}"
            leads.setdefault(f"{whom} ({number} rows)", []).append(words)
    leads = "\n".join(f"- over {whom}: {', '.join(words)}" for whom, words in leads.items())
    leads = f"Geometric means of cypool's lead over all rows of the picture:\n\n{leads}"
    written = f"Written by `python -m asv_bench.peers --readme` on {last['machine']}."
    told = table([r for r in results if r.row.told], markdown=True, targets=False)
    block = "\n".join([begin, *told, "", note, "", leads, "", link, "", written, end])
    README.write_text(head + block + tail, "utf-8")


def threads_of(text):
    """The numbers of threads in a list such as ``1,all``."""
    words = text.split(",")
    if not all(word == "all" or (word.isdecimal() and int(word)) for word in words):
        raise argparse.ArgumentTypeError(f"must be numbers or all, separated by commas, got {text}")
    return list(dict.fromkeys(processors() if word == "all" else int(word) for word in words))


def add_measuring_options(parser, threads):
    """How to measure, as options of a command line."""
    parser.add_argument("--threads", type=threads_of, default=threads, help="numbers, or all (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=measure.ROUNDS, help="interleaved rounds (%(default)s)")
    parser.add_argument(
        "--median",
        dest="statistic",
        action="store_const",
        const="median",
        default="best",
        help="the median of the rounds instead of the best",
    )
    parser.add_argument("--quick", action="store_true", help="tiny arrays, two rounds: does it work? Measures nothing")


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.peers", description=__doc__.splitlines()[0])
    add_measuring_options(parser, threads="1,all")
    parser.add_argument("--rows", default="*", metavar="PATTERN", help="rows with this in their names, * and ? allowed")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all times into a file")
    parser.add_argument("--readme", action="store_true", help="write README.md's figures and draw its picture")
    options = parser.parse_args(arguments)
    if options.readme and (options.quick or options.rows != "*"):
        parser.error("--readme tells of all rows, measured; --quick measures nothing that could be told")
    options.names = [name for name in rows.ROWS if fnmatch.fnmatchcase(name, f"*{options.rows}*")]
    if not options.names:
        parser.error(f"no row matches {options.rows}")
    return options


def main(arguments=None):
    """Measure and print."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    if options.quick:
        rows.limit_footprints(QUICK_BYTES)
    if len(options.threads) == 1:
        tables = [one_table(*options.threads, options)]
    else:
        passed = [word for word in arguments if word != "--readme"]
        tables = [measured_alone(threads, passed) for threads in options.threads]
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1), "utf-8")
    if options.readme:
        write_readme(tables)


if __name__ == "__main__":
    main()
