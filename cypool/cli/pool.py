"""``cypool pool``: one operator over the images or .npy files that are named.

An option that is not given is not passed on, so every default is the library's own. OPTIONS is the whole
correspondence between the two: a new parameter of an operator is a row there.
"""

import argparse
import inspect
from pathlib import Path

import cypool
from cypool.cli import files
from cypool.cli.errors import CommandError, one_line, require

OPERATORS = tuple(f"{kind}{name}" for kind in ("", "adaptive_", "global_") for name in ("max", "min", "avg", "sum"))


def whole_numbers(text):
    """``3`` -> 3, ``3,2`` -> (3, 2)."""
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, nor several as 3,2") from None
    return numbers if len(numbers) > 1 else numbers[0]


def padding(text):
    """``1`` -> 1, ``1,2`` -> (1, 2), ``0:1,2:2`` -> ((0, 1), (2, 2)), and the names as they are."""
    if text in ("same", "same_lower", "valid"):
        return text
    if ":" not in text:
        return whole_numbers(text)
    pairs = tuple(whole_numbers(pair.replace(":", ",", 1)) for pair in text.split(","))
    if any(pair.count(":") != 1 for pair in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} mixes pairs BEFORE:AFTER with single numbers")
    return pairs


def axes(text):
    """``0,1`` -> (0, 1), ``0`` -> (0,)."""
    numbers = whole_numbers(text)
    return numbers if isinstance(numbers, tuple) else (numbers,)


NUMBERS = {"type": whole_numbers, "metavar": "N[,N...]"}
OPTIONS = {
    "kernel_size": ("--kernel", dict(NUMBERS, help="window, for every axis or per axis")),
    "output_size": ("--output-size", dict(NUMBERS, help="output extent of the adaptive operators")),
    "stride": ("--stride", dict(NUMBERS, help="step between windows (default: the window)")),
    "padding": (
        "--padding",
        {
            "type": padding,
            "metavar": "P",
            "help": "N, N,N..., BEFORE:AFTER,... or one of same, same_lower, valid (default: 0)",
        },
    ),
    "dilation": ("--dilation", dict(NUMBERS, help="step between the taps of a window (default: 1)")),
    "ceil_mode": ("--ceil-mode", {"action": "store_true", "help": "keep a partial window at the end"}),
    "count_include_pad": (
        "--exclude-pad",
        {"action": "store_false", "help": "avg: divide by the cells of the window that lie inside the input"},
    ),
    "divisor_override": ("--divisor", {"type": int, "metavar": "N", "help": "avg: divide by N"}),
    "boundary": (
        "--boundary",
        {"choices": ("constant", "edge", "reflect", "wrap"), "help": "what lies in the padding"},
    ),
    "nan": ("--nan", {"choices": ("propagate", "ignore"), "help": "what a NaN does (default: propagate)"}),
    "rounding": (
        "--rounding",
        {"choices": ("trunc", "floor", "nearest", "half_up"), "help": "avg of integers (default: trunc)"},
    ),
    "axes": (
        "--axes",
        {
            "type": axes,
            "metavar": "N[,N...]",
            "help": "axes to pool (default: the first two of an image, the last two of a .npy); negative: --axes=-2,-1",
        },
    ),
    "num_threads": ("--threads", {"type": int, "metavar": "N", "help": "threads to use"}),
}


def add_parser(commands):
    """Add the ``pool`` command to the parser's `commands`."""
    parser = commands.add_parser(
        "pool",
        help="pool images or .npy files",
        description="Pool images (rows, columns, channels) or .npy arrays with one operator.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("inputs", metavar="IN", type=Path, nargs="+", help="an image or a .npy file")
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help="the file to write, or a folder for several INs"
    )
    parser.add_argument("--op", required=True, choices=OPERATORS, metavar="OP", help=", ".join(OPERATORS))
    for dest, (flag, settings) in OPTIONS.items():
        parser.add_argument(flag, dest=dest, **settings)
    parser.set_defaults(run=run)


def run(arguments):
    """Pool every input; the first failure ends the command, with the files written so far complete."""
    given = {name: value for name, value in vars(arguments).items() if name in OPTIONS}
    operator = getattr(cypool, f"{arguments.op}_pool")
    check_options(arguments.op, operator, given)
    jobs = plan(arguments.inputs, arguments.output)
    if len(jobs) == 1:
        print(pool_file(*jobs[0], operator, given))
        return
    tqdm = require("tqdm", "tqdm", "pooling several files").tqdm
    for source, target in tqdm(jobs, unit="file"):
        pool_file(source, target, operator, given)
    print(f"{len(jobs)} files written to {arguments.output}")


def check_options(name, operator, given):
    """Refuse options that the operator does not have, and the absence of those that it needs."""
    parameters = inspect.signature(operator).parameters
    for option in given:
        if option not in parameters:
            raise CommandError(f"{OPTIONS[option][0]} does not apply to --op {name}")
    for option in ("kernel_size", "output_size"):
        if option in parameters and option not in given:
            raise CommandError(f"--op {name} needs {OPTIONS[option][0]}")


def plan(inputs, output):
    """The (source, target) pairs, all of them possible as far as can be known beforehand."""
    folder = Path(output)
    if folder.is_dir() or output.endswith("/") or len(inputs) > 1:
        if not folder.is_dir():
            raise CommandError(f"cannot write to {output}: it is not a folder, as several files need")
        jobs = [(source, folder / source.name) for source in inputs]
    else:
        jobs = [(inputs[0], folder)]
    targets = set()
    for source, target in jobs:
        if not source.is_file():
            raise CommandError(f"cannot read {source}: {'not a file' if source.exists() else 'no such file'}")
        files.check_target(target)
        if target in targets:
            raise CommandError(f"cannot write {target}: more than one IN would become it")
        targets.add(target)
        if folder.is_dir() and target.exists() and target.samefile(source):
            raise CommandError(f"cannot write {target}: it is the IN itself; choose another folder")
    return jobs


def pool_file(source, target, operator, given):
    """Pool one file; returns the line that says what was done."""
    x = files.read(source)
    try:
        y = operator(x, **{"axes": default_axes(source, given), **given})
    except (TypeError, ValueError, OverflowError) as error:
        raise CommandError(f"{source}, {x.shape} of {x.dtype}: {one_line(error)}") from error
    except MemoryError as error:
        raise CommandError(f"{source}, {x.shape} of {x.dtype}: not enough memory") from error
    files.write(target, y)
    return f"{source} {x.shape} {x.dtype} -> {target} {y.shape} {y.dtype}"


def default_axes(source, given):
    """The first two axes of an image; of a .npy as many of the last ones as the window names, else two."""
    if not files.is_array_file(source):
        return 0, 1
    size = given.get("kernel_size", given.get("output_size", 2))
    return tuple(range(-len(size) if isinstance(size, tuple) else -2, 0))
