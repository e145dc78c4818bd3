"""All that is to be known of a GPU: ``python -m asv_bench.device``, from a checkout on a machine that has one.

It needs CuPy, and what builds and tests cypool; torch, compute-sanitizer are used where they are.  Parts, in this order, each
with its share of ``--budget`` seconds (ten minutes, less half a minute), so that the whole ends before a lent machine does:

    build       the extension modules, in place, if cypool cannot be imported
    tests       ``pytest -k gpu`` of tests/test_cuda*.py, in several processes
    sanitizer   compute-sanitizer over the cases of the special kernels: addresses, races, barriers
    speed       cypool, torch and the device's copy: `benchmarks.gpu`
    registers   of every kernel that the table launched, and whether any spills

What is skipped or stopped is said.  The status is 1 if a test fails or the sanitizer finds something.
"""

import argparse
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUDGET = 570
SHARES = {"build": 0.3, "tests": 0.35, "sanitizer": 0.15, "speed": 0.2, "registers": 0.02}
"""Of the budget, at most; what a part leaves, the later ones may use."""

PROCESSES = 12
"""That test at once, at most: each has a context on the device."""

MOST_OF_THE_COPY = 0.9
"""Of the copy's bandwidth: what the contract asks for."""


class Clock:
    """How long the whole may take, and each part."""

    def __init__(self, budget, now=time.monotonic):
        self.budget, self.now, self.start = budget, now, now()

    def left(self, part):
        """Seconds that a part may take: until its share and those before it are used up."""
        names = list(SHARES)
        until = self.budget * sum(SHARES[name] for name in names[: names.index(part) + 1])
        return max(min(until, self.budget) - (self.now() - self.start), 0)


def say(*lines):
    """Print at once: the machine may be taken away."""
    print(*lines, sep="\n", flush=True)


def run(words, seconds, **options):
    """A command's status and output, None for the status if it was stopped."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    process = subprocess.Popen(
        [str(w) for w in words],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )
    try:
        return process, process.communicate(timeout=max(seconds, 1))[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process, process.communicate()[0]


def outcome(process, output, seconds):
    """In words, and whether all is well."""
    if process.returncode is not None and process.returncode < 0:
        return f"stopped after {seconds:.0f} s", True
    return ("ok" if process.returncode == 0 else f"status {process.returncode}"), process.returncode == 0


def tail(output, lines=15):
    """The last lines of an output."""
    return [f"    {line}" for line in output.splitlines()[-lines:]]


# ---- parts -----------------------------------------------------------------------------------------------------------


def build(seconds, options):
    """Compile what cannot be imported."""
    process, _ = run([sys.executable, "-c", "import cypool"], seconds)
    if process.returncode == 0:
        say("cypool is there")
        return True
    words = [sys.executable, "setup.py", "-q", "build_ext", "--inplace", f"--parallel={os.cpu_count()}"]
    start = time.monotonic()
    process, output = run(words, seconds)
    words, well = outcome(process, output, seconds)
    say(f"built in place in {time.monotonic() - start:.0f} s: {words}", *([] if well else tail(output)))
    importlib.invalidate_caches()
    return process.returncode == 0


def missing(*modules):
    """Those of some modules that are not installed."""
    return [name for name in modules if importlib.util.find_spec(name) is None]


def tests(seconds, options):
    """Every test for a GPU, dealt out to processes: what takes time is compiling kernels, each where it is first used."""
    if lacking := missing("pytest", "hypothesis", "ml_dtypes"):
        say(f"skipped: not installed: {', '.join(lacking)}")
        return True
    until = time.monotonic() + seconds
    words = [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=device", "-p", "no:cacheprovider"]
    files = sorted(ROOT.glob("tests/test_cuda*.py"))
    process, output = run([*words, "--collect-only", "-k", "gpu", *files], seconds)
    names = collected(output)
    if process.returncode or not names:
        say("the tests cannot be collected", *tail(output))
        return False
    hands = dealt(names, min(PROCESSES, os.cpu_count() or 1))
    commands = {f"process {i} of {len(hands)}, {len(hand)} tests": [*words, *hand] for i, hand in enumerate(hands, 1)}
    return side_by_side(commands, until - time.monotonic())


def collected(output):
    """The tests that pytest has listed."""
    return [line.strip() for line in output.splitlines() if "::" in line and not line.startswith((" ", "="))]


def dealt(names, hands):
    """Names in so many lists, neighbours in different ones."""
    return [hand for i in range(hands) if (hand := names[i::hands])]


def side_by_side(commands, seconds):
    """Run commands at once and tell how each ended; whether all did well."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(commands)) as pool:
        started = {name: pool.submit(run, words, seconds) for name, words in commands.items()}
    all_well = True
    for name, future in started.items():
        process, output = future.result()
        words, well = outcome(process, output, seconds)
        last = (output.strip().splitlines() or [""])[-1]
        say(f"{name}: {words}: {last}", *([] if well else tail(output, 40)))
        all_well &= well
    return all_well


def sanitizer(seconds, options):
    """NVIDIA's own, if it is there: addresses, races over shared memory, and barriers."""
    known = sorted(map(str, Path("/usr/local").glob("cuda*/bin/compute-sanitizer")))
    found = shutil.which("compute-sanitizer") or (known[0] if known else None)
    if found is None or missing("pytest", "hypothesis", "ml_dtypes"):
        say("skipped: no compute-sanitizer, or no pytest")
        return True
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "cases_on_a_gpu"]
    commands = {
        tool: [found, "--tool", tool, "--error-exitcode", "9", *words, "tests/test_cuda_paths.py"]
        for tool in ("memcheck", "racecheck", "synccheck")
    }
    return side_by_side(commands, seconds)


def speed(seconds, options):
    """The table, row by row: what is not reached in time is named."""
    gpu = importlib.import_module("asv_bench.benchmarks.gpu")
    libraries = importlib.import_module("asv_bench.benchmarks.libraries")
    device = gpu.device()
    xp, until = device.xp, time.monotonic() + seconds
    say(about(xp), *heading())
    ahead, results, left = gpu.copy(xp, gpu.BYTES), [], [name for name in gpu.ROWS if options.rows in name]
    while left and time.monotonic() < until:
        name = left.pop(0)
        try:
            results.append(measured(gpu, libraries, xp, name, ahead))
        except Exception as error:
            say(f"{name:48} failed: {type(error).__name__}: {error}"[:200])
            if "CUDARuntimeError" in type(error).__name__ or "CUDADriverError" in type(error).__name__:
                return False
            continue
        say(line(results[-1]))
        xp.get_default_memory_pool().free_all_blocks()
    say(*summary(results), *([f"not reached: {', '.join(left)}"] if left else []))
    if options.json:
        options.json.write_text(json.dumps({"machine": about(xp), "rows": results}, indent=1), "utf-8")
    return True


def about(xp):
    """The device and the versions, in words."""
    properties = xp.cuda.runtime.getDeviceProperties(xp.cuda.runtime.getDevice())
    name = properties["name"].decode() if isinstance(properties["name"], bytes) else properties["name"]
    versions = [f"CuPy {xp.__version__}", f"CUDA {xp.cuda.runtime.runtimeGetVersion()}"]
    if not missing("torch"):
        versions.append(f"torch {importlib.import_module('torch').__version__}")
    return f"{name}, {', '.join(versions)}"


def measured(gpu, libraries, xp, name, ahead):
    """One row: seconds of each, what was found wrong, and how long Python takes to enqueue a call."""
    case = gpu.Case(gpu.ROWS[name], xp)
    runs, differs = {}, []
    own, _ = libraries.of_cypool(case)
    result = own()
    runs["cypool"] = own
    try:
        other, array = gpu.of_torch(case)
    except NotImplementedError:
        pass
    else:
        got = array(other())
        truth = result[1] if isinstance(result, tuple) else result
        if not all(same(xp, got[part], truth[part], case.row.dtype) for part in (slice(4), slice(-4, None))):
            differs.append("torch")
        runs["torch"] = other
    runs["copy"] = gpu.copy(xp, case.nbytes)
    runs["copy"]()
    found = gpu.times(xp, runs, ahead=ahead)
    start = time.perf_counter()
    for _ in range(5):
        own()
    enqueued = (time.perf_counter() - start) / 5
    xp.cuda.get_current_stream().synchronize()
    return {"row": name, "bytes": case.nbytes, "seconds": found, "enqueued": enqueued, "differs": differs}


def same(xp, one, other, dtype):
    """Whether results are as equal as sums in another order are."""
    loose = 1e-2 if dtype == "float16" else 1e-4
    return bool(xp.allclose(one.astype("f8"), other.astype("f8"), rtol=loose, atol=loose / 100))


COLUMNS = ("GB/s", "copy", "of copy", "torch", "over torch", "call µs")


def heading():
    """What the columns are."""
    return [
        "GB/s: bytes read and written over the device's time; of copy: cypool's over the copy's; over torch: torch's time over",
        "cypool's; call: Python's time to enqueue (with what it waits for).  * the result differs from torch's.",
        f"{'row':48}" + "".join(f"{name:>11}" for name in COLUMNS),
    ]


def line(result):
    """A row of the table."""
    seconds, nbytes = result["seconds"], result["bytes"]

    def rate(name):
        return nbytes / seconds[name] / 1e9

    torch = "torch" in seconds
    cells = [f"{rate('cypool'):.0f}", f"{rate('copy'):.0f}", f"{seconds['copy'] / seconds['cypool']:.2f}"]
    cells += [f"{rate('torch'):.0f}", f"{seconds['torch'] / seconds['cypool']:.2f}"] if torch else ["", ""]
    cells.append(f"{result['enqueued'] * 1e6:.0f}")
    return f"{result['row'] + ' *' * bool(result['differs']):48}" + "".join(f"{cell:>11}" for cell in cells)


def summary(results):
    """How many rows come up to the contract."""
    shares = {r["row"]: r["seconds"]["copy"] / r["seconds"]["cypool"] for r in results}
    if not shares:
        return ["no row was measured"]
    well = sum(share >= MOST_OF_THE_COPY for share in shares.values())
    worst = min(shares, key=shares.get)
    least = f"least: {shares[worst]:.2f} in {worst}"
    lines = [f"at least {MOST_OF_THE_COPY:.0%} of the copy's bandwidth: {well} of {len(shares)} rows; {least}"]
    raced = {r["row"]: r["seconds"]["torch"] / r["seconds"]["cypool"] for r in results if "torch" in r["seconds"]}
    if raced:
        slower = [name for name, times in raced.items() if times < 0.95]
        lines.append(f"slower than torch: {len(slower)} of {len(raced)} rows{': ' * bool(slower)}{', '.join(slower)}")
    return lines


def number_of(kernel, name):
    """One of CUDA's numbers of a kernel, a function or what has one."""
    driver = importlib.import_module("cupy").cuda.driver
    return driver.funcGetAttribute(getattr(driver, f"CU_FUNC_ATTRIBUTE_{name}"), getattr(kernel, "kernel", kernel).ptr)


def registers(seconds, options):
    """What CuPy tells of every kernel that this process has launched."""
    device = importlib.import_module("cypool.cuda").device()
    kernels = getattr(device, "kernels", {})
    say(f"{'registers':>9} {'local':>6} {'shared':>7}  kernel")
    spilled = []
    for (name, _), kernel in sorted(kernels.items()):
        used, local, shared = (number_of(kernel, n) for n in ("NUM_REGS", "LOCAL_SIZE_BYTES", "SHARED_SIZE_BYTES"))
        say(f"{used:9} {local:6} {shared:7}  {name}")
        spilled += [name] * (local > 0)
    say(f"with local memory (a spill, or an array that is indexed): {len(spilled)} of {len(kernels)}")
    return True


PARTS = {"build": build, "tests": tests, "sanitizer": sanitizer, "speed": speed, "registers": registers}


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.device", description=__doc__.splitlines()[0])
    parser.add_argument("--parts", default=",".join(PARTS), help="some of them, separated by commas (%(default)s)")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for all parts (%(default)s)")
    parser.add_argument("--rows", default="", metavar="TEXT", help="rows of the table with this in their names")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table's times into a file")
    options = parser.parse_args(arguments)
    options.parts = options.parts.split(",")
    if wrong := [part for part in options.parts if part not in PARTS]:
        parser.error(f"--parts must be of {', '.join(PARTS)}, got {', '.join(wrong)}")
    return options


def no_gpu():
    """Why there is no GPU, None if there is one; without cypool, which may not be built yet."""
    try:
        import cupy

        return None if cupy.cuda.runtime.getDeviceCount() else "CuPy finds no GPU"
    except Exception as error:
        return re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")


def main(arguments=None):
    """Run the parts, and end with how they ended."""
    options = parse(arguments)
    if (why := no_gpu()) is not None:
        sys.exit(f"nothing is run: {why}")
    clock, failed = Clock(options.budget), []
    for name in options.parts:
        seconds = clock.left(name)
        if seconds < 5 and name != "registers":
            say(f"=== {name}: skipped, no time is left")
            continue
        say(f"=== {name}: at most {seconds:.0f} s")
        start = time.monotonic()
        try:
            well = PARTS[name](seconds, options)
        except Exception as error:
            say(f"failed: {type(error).__name__}: {error}")
            well = False
        say(f"=== {name}: {'done' if well else 'FAILED'} after {time.monotonic() - start:.0f} s", "")
        failed += [name] * (not well)
        if name == "build" and not well:
            break
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
