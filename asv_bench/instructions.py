"""Count the instructions of the hot calls and hold them against a baseline: ``python -m asv_bench.instructions``.

Times are noisy, instruction counts repeat: a kernel that has lost its vectors, or a call that has found more to do, shows
here on any machine, however busy.  What a count cannot show is waiting for memory; that is `asv_bench.peers`' subject.

One process under ``valgrind --tool=callgrind`` counts every row of `ROWS` for one instruction set (CYPOOL_ISA), through
cypool's public functions only.  It compiles a library of client requests, start, zero and dump; a row's count is what lies
between them for one warm call, less the same for a function that does nothing, and the lowest of `REPEATS`.  Everything is
counted that the call executes, Python, NumPy and the C library included, but windows are pooled in enough memory that the
kernel is nearly all of it.  What might move the counts is fixed: one thread, the hashes' seed, the alignment of the arrays,
their values, and the processor, for which valgrind puts one of its own (with AVX2, without AVX-512).

instructions.json, the baseline, belongs to one compiler, and its rows of small calls to one Python also: of that, other
builds differ by 6 %, of NumPy releases from 1.25 to 2.4 by less than 0.4 %.  Exit status: 0 within the tolerance, 1 for more
instructions than the baseline allows, 2 if nothing could be counted, 3 if the baseline says nothing about these counts
(another compiler, a row that it has not); small calls that another Python counts are named, and let pass.
"""

import argparse
import ctypes
import fnmatch
import gc
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

try:
    import cypool
except ImportError as error:
    sys.exit(
        f"instructions: cypool is not built for this Python ({error}): install it first, `pip install .`,"
        " or put a tree that is built in place on PYTHONPATH"
    )

ROOT = Path(__file__).parents[1]
BASELINE = Path(__file__).with_suffix(".json")
COMMAND = "python -m asv_bench.instructions"

# More instructions than this over the baseline are a regression. Counts of one build repeat to 0.01 % (small calls: 0.2 %,
# whatever the folder and the choice of rows); another NumPy moves them by up to 0.4 %, and another Python those of kernels
# by up to 1 %. What costs a kernel its vectors costs 15 % to 700 %.
TOLERANCE = 0.03

WARM_CALLS = 100  # Python specialises code in its first calls: after 16, some small calls still count 5 % more
WARM_EXTENT = 8  # of every axis in these
REPEATS = 2
ALIGNMENT = 64  # bytes, of every array
SAME, MORE, LESS, UNKNOWN = "", "MORE", "less", "not compared"
KERNEL_KEYS, CALL_KEYS = (
    ("compiler", "platform"),
    ("compiler", "platform", "python"),
)  # of the environment: must be equal

REQUESTS = """
#include <valgrind/callgrind.h>
void start(void) { CALLGRIND_START_INSTRUMENTATION; }
void zero(void) { CALLGRIND_ZERO_STATS; }
void dump(const char *label) { CALLGRIND_DUMP_STATS_AT(label); }
"""


class NotCounted(Exception):
    """Why nothing could be counted."""


class Row(NamedTuple):
    """One call: `name` of cypool's function, the input's `shape`, the positional `arguments` behind it.

    With `calls` it is the cost of a small call that counts: nothing is preallocated.  `options` are pairs of keywords and
    values, `words` what the title says instead of the arguments.
    """

    name: str
    shape: tuple
    arguments: tuple = ()
    dtype: str = "float32"
    last: bool = False
    indices: bool = False
    calls: bool = False
    options: tuple = ()
    words: str = ""

    @property
    def keys(self):
        """What must be equal in two environments for this row's counts to be compared."""
        return CALL_KEYS if self.calls else KERNEL_KEYS

    @property
    def title(self):
        """What the table and the baseline call it."""
        letters = "pks" if self.name.startswith("lp_") else "ksp"
        arguments = (f"{letter}{n}" for letter, n in zip(letters, self.arguments, strict=False))
        words = [self.name, *([self.words] if self.words else arguments)]
        words += [self.dtype] * (self.dtype != "float32") + ["channels last"] * self.last
        words += ["with indices"] * self.indices + ["small call"] * self.calls
        return f"{' '.join(words)}, {'x'.join(map(str, self.shape))}"

    def prepared(self):
        """The call as a function without arguments, its arrays made, aligned and touched."""
        x = aligned(values(self.shape, self.dtype))
        function, options = getattr(cypool, self.name), {"num_threads": 1, **dict(self.options)}
        if self.last:
            options["data_format"] = "channels_last"
        if self.indices:
            options["return_indices"] = True
        if self.name.endswith("_backward"):
            forward = getattr(cypool, self.name.removesuffix("_backward"))
            if "max" in self.name:
                y, where = forward(x, *self.arguments, return_indices=True, **options)
                options["indices"] = aligned(where)
            else:
                y = forward(x, *self.arguments, **options)
            leading = (aligned(values(y.shape, self.dtype)), x)
        else:
            leading = (x,)
        if not self.calls:
            out = function(*leading, *self.arguments, **options)
            options["out"] = tuple(map(aligned, out)) if isinstance(out, (tuple, list)) else aligned(out)
        return lambda: function(*leading, *self.arguments, **options)


STEM = (2, 64, 112, 112)
STEM_LAST = (2, 112, 112, 64)
HALF = (1, 32, 112, 112)  # of what takes longest
LARGE = (1, 1, 256, 256)
BOXES = tuple((0, x, y, x + 20.5, y + 13.25) for x in (0.5, 9, 30) for y in (1, 17.25, 40))

TABLE = (
    Row("max_pool2d", STEM, (3, 2, 1)),
    Row("max_pool2d", STEM, (2, 2)),
    Row("avg_pool2d", STEM, (3, 2, 1)),
    Row("avg_pool2d", STEM, (2, 2)),
    Row("max_pool2d", (2, 256, 28, 28), (3, 1, 1)),
    Row("max_pool2d", (2, 512, 13, 13), (3, 1, 1)),
    Row("max_pool2d", (4, 1024, 7, 7), (3, 1, 1)),
    Row("avg_pool2d", (2, 256, 28, 28), (3, 1, 1)),
    Row("avg_pool2d", (2, 512, 13, 13), (3, 1, 1)),
    Row("avg_pool2d", (4, 1024, 7, 7), (3, 1, 1)),
    Row("max_pool2d", (4, 512, 14, 14), (2, 2)),
    Row("max_pool1d", (1, 64, 16384), (4, 4)),
    Row("max_pool3d", (1, 32, 16, 32, 32), (2, 2)),
    Row("avg_pool3d", (1, 32, 16, 32, 32), (2, 2)),
    Row("global_avg_pool", (8, 2048, 7, 7)),
    Row("global_max_pool", (8, 2048, 7, 7)),
    Row("global_avg_pool", (1, 64, 112, 112)),
    Row("max_pool2d", STEM_LAST, (3, 2, 1), last=True),
    Row("avg_pool2d", STEM_LAST, (2, 2), last=True),
    Row("max_pool2d", STEM, (2, 2), dtype="uint8"),
    Row("avg_pool2d", HALF, (2, 2), dtype="uint8"),
    Row("max_pool2d", HALF, (3, 2, 1), dtype="float16"),
    Row("max_pool2d", STEM, (3, 2, 1), dtype="float64"),
    Row("avg_pool2d", STEM, (3, 2, 1), dtype="float64"),
    Row("max_pool2d", HALF, (3, 2, 1), indices=True),
    Row("max_pool2d_backward", HALF, (3, 2, 1)),
    Row("avg_pool2d_backward", HALF, (3, 2, 1)),
    Row("blur_pool2d", STEM, (3, 2)),
    Row("blur_pool2d_backward", HALF, (3, 2)),
    Row("max_pool2d", (1, 256, 20, 20), (13, 1, 6)),
    Row("max_pool2d", LARGE, (31, 1, 15)),
    Row("avg_pool2d", LARGE, (31, 1, 15)),
    Row("max_pool2d", LARGE, (31, 1, 15), indices=True),
    Row("avg_pool2d_backward", LARGE, (31, 1, 15)),
    Row("adaptive_avg_pool2d", (1, 16, 224, 224), (7,)),
    Row("adaptive_max_pool2d", (2, 64, 113, 113), (5,)),
    Row("rms_pool2d", HALF, (2, 2)),
    Row("median_pool2d", LARGE, (3, 1, 1)),
    Row("topk_pool2d", LARGE, (3, 1), options=(("k", 3),)),
    Row("mode_pool2d", LARGE, (2, 2), dtype="uint8"),
    Row("median_pool2d_backward", LARGE, (3, 1, 1)),
    Row(
        "morphological_pool2d",
        LARGE,
        (((0.0, -1.0, -2.0), (-1.0, 0.0, -1.0), (-2.0, -1.0, 0.0)), 1, 1),
        words="3x3 s1 p1",
    ),
    Row("roi_align", (1, 64, 56, 56), (BOXES, 7), words="7x7"),
    Row("roi_align", (1, 56, 56, 64), (BOXES, 7), last=True, words="7x7"),
    Row("roi_align_backward", (1, 64, 56, 56), (BOXES, 7), words="7x7"),
    Row("segment_pool", (1024, 256), ((0, 1, 23, 500, 400, 100), "mean"), words="mean"),
    Row("fractional_max_pool2d", HALF, (2, 50), options=(("rng", 0),), words="k2 to 50"),
    Row("stochastic_pool2d", HALF, (3, 2, 1), options=(("rng", 0),)),
    Row("lse_pool2d", HALF, (3, 2, 1)),
    Row("soft_pool2d", HALF, (3, 2, 1)),
    Row("gem_pool2d", HALF, (3, 2, 1)),
    Row("lp_pool2d", HALF, (3, 2, 2)),
    Row("pyramid", (512, 1024), (2, 2), dtype="uint8", words="mean by 2, 2 levels"),
    Row("pyramid", (16, 128, 256), ((1, 2, 2), 2, "mode"), dtype="uint32", words="mode by 1x2x2, 2 levels"),
    Row("max_pool2d", (1, 1, 8, 8), (2,), calls=True),
    Row("global_avg_pool", (1, 16, 7, 7), calls=True),
)
ROWS = {row.title: row for row in TABLE}


def values(shape, dtype):
    """An array without order, the same with every NumPy: 24 bits of a multiplicative hash, in [0, 1) or of 0 to 99."""
    size = int(np.prod(shape))
    unit = (np.arange(size, dtype=np.uint32) * np.uint32(2654435761) >> np.uint32(8)) / 2.0**24
    return (unit * 100 if np.dtype(dtype).kind in "iu" else unit).astype(dtype).reshape(shape)


def aligned(array):
    """A contiguous copy that begins at a multiple of `ALIGNMENT` bytes."""
    room = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


# ---- the process under valgrind --------------------------------------------------------------------------------------


def count(requests, environment_file, titles):
    """Count the rows and have callgrind dump each count; called in a process of its own, by `counted`."""
    Path(environment_file).write_text(json.dumps(environment()))
    library = ctypes.CDLL(requests)
    gc.disable()

    def measure(title, run):
        run()
        for _ in range(REPEATS):
            library.zero()
            run()
            library.dump(title.encode())

    rows = [ROWS[title] for title in titles]
    for row in rows:
        small = tuple(min(n, WARM_EXTENT) for n in row.shape)
        warm = (row if row.words else row._replace(shape=small)).prepared()  # what has words names cells of this shape
        for _ in range(WARM_CALLS):
            warm()
    library.start()  # not before: imports and warm calls are slow under it
    measure("nothing", lambda: None)
    for row in rows:
        measure(row.title, row.prepared())


def environment():
    """What counts depend on, and the NumPy that was there."""
    config = cypool.get_config()
    return {key: config[key] for key in (*CALL_KEYS, "numpy")}


# ---- the process that compares ---------------------------------------------------------------------------------------


def built_requests(folder):
    """Compile the client requests; return the library's path."""
    source, library = Path(folder, "requests.c"), Path(folder, "requests.so")
    source.write_text(REQUESTS)
    command = [*shlex.split(os.environ.get("CC", "cc")), "-O1", "-shared", "-fPIC", "-o", str(library), str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotCounted(f"no C compiler: {command[0]}") from None
    if done.returncode:
        raise NotCounted(f"{shlex.join(command)} failed; valgrind's headers are needed:\n{done.stderr.strip()}")
    return library


def counted(titles, level):
    """Instructions of one call of each row at an instruction set, by title, and the environment."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise NotCounted("valgrind is not installed (Debian, Ubuntu: apt install valgrind)")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "environment.json")
        arguments = [str(built_requests(folder)), str(told), list(titles)]
        command = [
            valgrind,
            "-q",
            "--tool=callgrind",
            "--instr-atstart=no",
            f"--callgrind-out-file={folder}/callgrind",
            sys.executable,
        ]
        command += ["-c", f"from asv_bench.instructions import count; count(*{arguments!r})"]
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        fixed = {"CYPOOL_ISA": level, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=ROOT, env=kept | fixed, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotCounted(f"counting for {level} failed:\n{(done.stderr or done.stdout).strip()}")
        counts = dumped(Path(folder).glob("callgrind.*"))
        nothing = counts.pop("nothing")
        return {title: counts[title] - nothing for title in titles}, json.loads(told.read_text())


def dumped(files):
    """The lowest total of each label in callgrind's dumps."""
    counts = {}
    for file in files:
        text = file.read_text(errors="replace")
        label = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
        if label:
            total = int(re.search(r"^totals: (\d+)", text, re.MULTILINE)[1])
            counts[label[1]] = min(total, counts.get(label[1], total))
    return counts


class Verdict(NamedTuple):
    """A row at an instruction set: its count, the baseline's or None, and what follows."""

    title: str
    level: str
    now: int
    then: int | None
    state: str

    @property
    def change(self):
        """The change as a fraction of the baseline."""
        return self.now / self.then - 1


def differing(here, recorded):
    """The keys in which two environments differ and that decide."""
    return {key for key in CALL_KEYS if here[key] != recorded[key]}


def compare(counts, here, baseline):
    """A verdict for each row and instruction set of `counts`, {level: {title: count}}, of the environment `here`."""
    other = differing(here, baseline["environment"])
    for level, of_level in counts.items():
        for title, now in of_level.items():
            then = baseline["counts"].get(level, {}).get(title)
            if then is None or other & set(ROWS[title].keys):
                state = UNKNOWN
            elif now > then * (1 + TOLERANCE):
                state = MORE
            else:
                state = LESS if now < then * (1 - TOLERANCE) else SAME
            yield Verdict(title, level, now, then, state)


def table(verdicts):
    """The lines of the table."""
    lines = [("row", "instruction set", "baseline", "now", "change", "")]
    for v in verdicts:
        then, change = ("", "") if v.then is None else (f"{v.then:,}", f"{v.change:+.2%}")
        lines.append((v.title, v.level, then, f"{v.now:,}", change, v.state))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            f"{cell:{'<' if n in (0, 1, 5) else '>'}{width}}"
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def judge(verdicts, here, recorded):
    """What the verdicts come to: the exit status and the lines that say so."""
    verdicts, other = list(verdicts), differing(here, recorded)
    more, less, unknown = ([v for v in verdicts if v.state == state] for state in (MORE, LESS, UNKNOWN))
    lines = []
    if less:
        lines.append(
            f"well below the baseline: {len(less)} of {len(verdicts)} counts; record the gain: {COMMAND} --update"
        )
    # Python's next release must not stop a change of cypool: small calls are let pass by it, and nothing else is
    missing = [v for v in unknown if v.then is None or not ROWS[v.title].calls]
    if unknown:
        reasons = [f"{key} {here[key]} here, {recorded[key]} in the baseline" for key in CALL_KEYS if key in other]
        names = ", ".join(dict.fromkeys(v.title for v in unknown if v.then is None))
        reasons += [f"not in the baseline: {names}"] * bool(names)
        lines.append(f"not compared: {len(unknown)} of {len(verdicts)} counts; {'; '.join(reasons)}")
    if missing:
        lines += [
            f"The gate cannot judge them. On the baseline's compiler, record them: {COMMAND} --update",
            "On another, compare two builds:",
            f"  {COMMAND} --baseline before.json --update      # with the older cypool installed",
            f"  {COMMAND} --baseline before.json               # with the newer",
        ]
    if more:
        lines.append(f"more than {TOLERANCE:.0%} above the baseline: {len(more)} of {len(verdicts)} counts")
        lines += [f"  {v.title} ({v.level}): {v.change:+.1%}" for v in more]
    elif len(unknown) < len(verdicts):
        lines.append(f"no count that is compared is more than {TOLERANCE:.0%} above the baseline")
    return 1 if more else 3 if missing else 0, lines


def updated(counts, here, baseline, complete):
    """The new baseline: `counts`, and of one for the same environment the rows that were not counted now."""
    levels = dict(counts)
    if baseline and not complete:
        if differing(here, baseline["environment"]):
            raise NotCounted("the baseline is another environment's: count every row, without --rows and --level")
        old = baseline["counts"]
        levels = {level: old.get(level, {}) | counts.get(level, {}) for level in {**old, **counts}}
    order = {title: number for number, title in enumerate(ROWS)}
    kept = {
        level: {title: rows[title] for title in sorted(rows.keys() & ROWS.keys(), key=order.get)}
        for level, rows in levels.items()
    }
    return {"environment": here, "counts": kept}


def parse(arguments):
    """The command line."""
    built = cypool.get_config()["isa_built"]
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="*", metavar="PATTERN", help="rows with this in their names, * and ? allowed")
    parser.add_argument(
        "--level", action="append", choices=built, help="an instruction set; all that are built (the default)"
    )
    parser.add_argument(
        "--baseline", type=Path, default=BASELINE, metavar="FILE", help="what to compare with (%(default)s)"
    )
    parser.add_argument("--update", action="store_true", help="write the counts into the baseline, do not compare")
    options = parser.parse_args(arguments)
    options.titles = [title for title in ROWS if fnmatch.fnmatchcase(title, f"*{options.rows}*")]
    if not options.titles:
        parser.error(f"no row matches {options.rows}")
    options.levels = options.level or built
    options.complete = options.titles == list(ROWS) and set(options.levels) == set(built)
    if not options.update and not options.baseline.exists():
        parser.error(f"there is no baseline {options.baseline}: --update writes it")
    return options


def main(arguments=None):
    """Count, then compare or update; return the exit status."""
    options = parse(arguments)
    baseline = json.loads(options.baseline.read_text("utf-8")) if options.baseline.exists() else None
    counts = {}
    try:
        for level in options.levels:
            print(f"counting {len(options.titles)} rows for {level}", file=sys.stderr, flush=True)
            counts[level], here = counted(options.titles, level)
        if options.update:
            new = updated(counts, here, baseline, options.complete)
    except NotCounted as error:
        print(f"instructions: {error}", file=sys.stderr)
        return 2
    print(f"cypool {cypool.__version__} from {Path(cypool.__file__).parent}")
    print(", ".join(" ".join(item) for item in here.items()))
    verdicts = list(compare(counts, here, baseline or {"environment": here, "counts": {}}))
    if options.update:
        print(*table(v._replace(state=SAME) for v in verdicts), sep="\n")
        options.baseline.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
        print(f"written: {options.baseline}")
        return 0
    print(*table(verdicts), sep="\n")
    status, lines = judge(verdicts, here, baseline["environment"])
    print(*lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
