"""What each GPU family's file tests of the kernels' source itself, made from rows: a new family is a row.

A row names a part of the source, the kernels and the cases that reach it, and faults.  From it `from_rows` makes what every
such file has: that its cases find each fault, that no address lies out of bounds while they run, and that nvcc has nothing
to warn of and spills nothing.  All of it needs compilers and no GPU.

An address sanitizer watches a process of its own, which this file starts by its own path: see `main`.
"""

import ctypes
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import cuda_on_host
import like_cupy
import pytest
from cuda_on_host import HostDevice

import cypool
import cypool.cuda
import cypool.cuda.windows

needs_compiler = pytest.mark.skipif(cuda_on_host.compiler() is None, reason="no C++ compiler that knows _Float16")


class Row(NamedTuple):
    """A part of the source and what finds faults in it."""

    part: str
    kernels: object
    """What the cases ask for: names, or a function that tells them when they are needed."""
    cases: object
    """A function of a device, which raises where a result is wrong."""
    faults: dict
    """By a name each: what stands in the part once, and what a slip would have written."""
    seen_by: object = AssertionError


def from_rows(*rows, compiled=(), stack=False, watched=None, strays=None):
    """The tests of these rows: of their faults, of addresses and, if names to compile are given, of nvcc.

    `watched` are the kernels and cases that a sanitizer looks at, if not all of the rows.  `strays` are faults that it must
    find, by a name each: a part, what stands there, what is written instead, and which memory is left.
    """
    kernels, cases = watched or together(rows)
    made = faults_are_found(rows), no_address_out_of_bounds(kernels, cases, strays or {})
    return (*made, nvcc_has_nothing_to_warn_of(compiled, stack)) if compiled else made


def together(rows):
    """The kernels and the cases of all rows, each once."""
    cases = dict.fromkeys(row.cases for row in rows)

    def every_case(device):
        for case in cases:
            case(device)

    return list(dict.fromkeys(name for row in rows for name in row.kernels)), every_case


def faults_are_found(rows):
    """A test for each fault, by its name."""
    planted = {fault: row for row in rows for fault in row.faults}
    assert len(planted) == sum(len(row.faults) for row in rows), "two faults of one name"

    @needs_compiler
    @pytest.mark.parametrize("fault", planted)
    def test(tmp_path, fault):
        row = planted[fault]
        library = cuda_on_host.build(tmp_path, with_fault(row.part, *row.faults[fault]), told(row.kernels))
        with pytest.raises(row.seen_by):
            row.cases(HostDevice(library))

    return test


def no_address_out_of_bounds(kernels, cases, strays):
    """A test of the source as it is, and one for each fault that leaves an array."""

    def clean(tmp_path, request):
        done = sanitized(tmp_path, cuda_on_host.source(), told(kernels), request)
        assert done.returncode == 0 and done.stdout.split() == "all cases agree".split(), done.stderr

    def test(tmp_path, request, fault):
        if fault is None:
            return clean(tmp_path, request)
        *planted, memory = strays[fault]
        done = sanitized(tmp_path, with_fault(*planted), told(kernels), request)
        assert done.returncode and f"AddressSanitizer: {memory}-buffer-overflow" in done.stderr, done.stderr

    test = pytest.mark.parametrize("fault", [None, *strays])(test) if strays else clean
    test.cases = cases
    return needs_compiler(test)


def nvcc_has_nothing_to_warn_of(names, stack):
    """A test for each architecture."""

    @pytest.mark.parametrize("architecture", cuda_on_host.ARCHITECTURES)
    def test(tmp_path, architecture):
        cuda_on_host.compile_for(tmp_path, architecture, names, stack)

    return test


def each(cases, one):
    """All of a table's cases at once, each by ``one(device, *case)``; a test of each, and one of offsets of 64 bits."""

    def every_case(device):
        for case in cases:
            one(device, *case)

    @pytest.mark.parametrize("case", cases, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(cases)])
    def test_cases(device, case):
        one(device, *case)

    def test_offsets_of_64_bits(host, monkeypatch):
        monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
        device = like_cupy.Device(host.library)
        every_case(device)
        assert any("long long>" in name for name in device.launched)

    return every_case, test_cases, test_offsets_of_64_bits


def told(kernels):
    return kernels() if callable(kernels) else kernels


def with_fault(part, right, wrong):
    """The source with a fault in one of its parts, where it stands once."""
    own = (Path(cypool.cuda.__file__).parent / part).read_text(encoding="utf-8")
    assert own.count(right) == 1, (own.count(right), right)
    return cuda_on_host.source().replace(own, own.replace(right, wrong))


def sanitized(folder, text, kernels, request):
    """What a sanitizer of addresses and alignment says while a test's cases run, in a process of its own."""
    library = subprocess.run([cuda_on_host.compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True)
    if not Path(library.stdout.strip()).is_absolute() or sys.platform != "linux":
        pytest.skip("no libasan.so, which is preloaded as Linux does it")
    checks = ("-fsanitize=address,alignment", "-fno-sanitize-recover=alignment", "-fsanitize-undefined-trap-on-error")
    built = cuda_on_host.compiled(folder, text, kernels, ("-O0", "-g", *checks))
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(cypool.__file__).parents[1])]
    environment = {
        **os.environ, "LD_PRELOAD": library.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": os.pathsep.join(paths),
    }  # fmt: skip
    module = request.module.__name__.rpartition(".")[2]
    command = [sys.executable, __file__, module, request.node.originalname, str(built)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)


def main(module, test, library):
    """Run the cases of a module's test by a library of kernels."""
    getattr(importlib.import_module(module), test).cases(HostDevice(ctypes.CDLL(library)))
    print("all cases agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
