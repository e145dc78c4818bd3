"""The dynamic part of the build: extension modules from one table, an OpenMP probe, instruction sets.

Everything else is in pyproject.toml.  Environment variables: CYPOOL_NO_OPENMP=1 builds without threads;
CYPOOL_CFLAGS and CYPOOL_LDFLAGS are added to every module (sanitizers, debugging).
"""

import hashlib
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import Cython
import numpy
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
KERNELS, GENERATED = Path("cypool") / "kernels", Path("build") / "cython"

# In this order they are compiled: those that take longest first, so that no processor waits for the others' last one.
MODULES = ("vectors", "rows", "pyramid", "ranks", "core", "filters", "regions", "powers")
# These modules are compiled once for each level: (module suffix, flags by kind of compiler).  An instruction set is a row.
LEVELLED = tuple(kind for kind in MODULES if kind != "core")
ROWS = ("vectors", "rows")  # functions of rows: without loops over threads
PARALLEL = tuple(kind for kind in MODULES if kind not in ROWS)
# Where there is a faster level, the slower one of these is built small: a tenth of the wheel, for up to 8 % more instructions.
# Not vectors, whose sums over whole planes would take twice as many.
SMALL = tuple(kind for kind in LEVELLED if kind != "vectors")
X86 = platform.machine().lower() in ("x86_64", "amd64")
LEVELS = (
    [
        ("x86_64", {"gcc": [], "clang": [], "msvc": []}),
        ("x86_64_v3", {"gcc": ["-march=x86-64-v3"], "clang": ["-march=x86-64-v3"], "msvc": ["/arch:AVX2"]}),
    ]
    if X86
    else [("baseline", {"gcc": [], "clang": [], "msvc": []})]
)

# -ffp-contract=off: a fused multiply-add would change sums between levels.  Never -ffast-math: it breaks NaN.
# -fno-wrapv: Python's own flags may hold -fwrapv, which costs the kernels for indices 70 % more instructions (gcc 12).
GNU_FLAGS = [
    "-O3",
    "-fno-wrapv",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=off",
    "-fvisibility=hidden",
    "-g0",
]
FLAGS = {
    "gcc": [*GNU_FLAGS, "-Wno-unused-function", "-Wno-maybe-uninitialized"],
    "clang": [*GNU_FLAGS, "-Wno-unused-function"],
    "msvc": ["/O2", "/fp:precise"],
}

SMALL_FLAGS = {"gcc": ["-O2", "-ftree-vectorize", "-fvect-cost-model=dynamic"], "clang": [], "msvc": []}

# What turns OpenMP on: (compile, link), tried in order until one compiles, links and runs.
OPENMP = {
    "gcc": [(["-fopenmp"], ["-fopenmp"])],
    "clang": [(["-fopenmp"], ["-fopenmp"]), (["-Xpreprocessor", "-fopenmp"], ["-lomp"])],
    "msvc": [(["/openmp"], [])],
}

HEADERS = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("cypool/*/**/*.h"))]

PROBE = "#include <omp.h>\nint main(void) { int n = 0;\n#pragma omp parallel reduction(+:n)\nn += 1;\nreturn n < 1; }\n"

HOW_TO_GET_OPENMP = """cypool: the C compiler found no OpenMP, so kernels would run on one thread only.
  Debian, Ubuntu: apt install libgomp1 gcc     Fedora: dnf install libgomp gcc
  macOS: brew install libomp, then set CFLAGS and LDFLAGS to its include and lib folders
  Or build for one thread on purpose: CYPOOL_NO_OPENMP=1 pip install ..."""

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "freethreading_compatible": False,
}


def translate(kind):
    """Have Cython write a module's C file, unless that of an earlier build belongs to the same sources and Cython.

    By contents, not by dates: pip builds in a fresh environment each time, where Cython's own files are newer.
    """
    source, target, stamp = KERNELS / f"{kind}.pyx", GENERATED / f"{kind}.c", ROOT / GENERATED / f"{kind}.stamp"
    read = [ROOT / source, *sorted((ROOT / KERNELS).glob("*.px[di]")), ROOT / "setup.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()
    current = f"{Cython.__version__} {digest}"  # not Python's version: the same C files serve every release
    if (ROOT / target).exists() and stamp.exists() and stamp.read_text() == current:
        return
    words = [word for name, value in DIRECTIVES.items() for word in ("-X", f"{name}={value}")]
    words += ["-I", ".", "-I", KERNELS.as_posix(), "--module-name", f"cypool.kernels.{kind}", "-o", target.as_posix()]
    subprocess.run([sys.executable, "-m", "cython", *words, source.as_posix()], cwd=ROOT, check=True)
    stamp.write_text(current)


def write(path, text):
    """Write a file of the build, unless it says so already: what depends on it is made again when its date changes."""
    if not (ROOT / path).exists() or (ROOT / path).read_text() != text:
        (ROOT / path).write_text(text)


def extensions():
    """The modules, in the order of MODULES and the best level first.

    One C file of Cython's serves all levels: a level's own includes it and gives the module the level's name.
    """
    (ROOT / GENERATED).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for a process
        list(pool.map(translate, MODULES))
    for kind in MODULES:
        common = GENERATED / f"{kind}.c"
        for name, _ in reversed(LEVELS) if kind in LEVELLED else [("", [])]:
            path = common
            if name:
                path = GENERATED / f"{kind}_{name}.c"
                write(path, f'#define PyInit_{kind} PyInit_{kind}_{name}\n#include "{kind}.c"\n')
            yield Extension(
                f"cypool.kernels.{path.stem}",
                [path.as_posix()],
                include_dirs=[KERNELS.as_posix(), *([numpy.get_include()] if kind == "core" else [])],
                depends=[*HEADERS, common.as_posix()],
            )


class BuildKernels(build_ext):
    """Adds the flags, which are known only when the compiler is, and compiles the modules side by side."""

    def finalize_options(self):
        super().finalize_options()
        if self.parallel is None:
            self.parallel = os.cpu_count() or 1

    def kind_of_compiler(self):
        if self.compiler.compiler_type == "msvc":
            return "msvc"
        command = getattr(self.compiler, "compiler_so", ["cc"])
        version = subprocess.run([*command[:1], "--version"], capture_output=True, text=True, check=False).stdout
        return "clang" if "clang" in version.lower() else "gcc"

    def openmp_works(self, compile_flags, link_flags):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(PROBE)
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder, extra_postargs=compile_flags)
                program = str(Path(folder, "probe"))
                self.compiler.link_executable(objects, program, extra_postargs=link_flags)
                return subprocess.run([program], check=False, timeout=60).returncode == 0
            except Exception as error:
                print(f"cypool: no OpenMP by {compile_flags}: {error}", file=sys.stderr)
                return False

    def openmp_flags(self, kind):
        if os.environ.get("CYPOOL_NO_OPENMP") == "1":
            return [], []
        for flags in OPENMP[kind]:
            if self.openmp_works(*flags):
                return flags
        raise SystemExit(HOW_TO_GET_OPENMP)

    def build_extensions(self):
        kind = self.kind_of_compiler()
        openmp_compile, openmp_link = self.openmp_flags(kind)
        by_level = {f"cypool.kernels.{module}_{name}": flags[kind] for module in LEVELLED for name, flags in LEVELS}
        small = {f"cypool.kernels.{module}_{name}" for module in SMALL for name, _ in LEVELS[:-1]}
        for extension in self.extensions:
            extension.extra_compile_args = FLAGS[kind] + by_level.get(extension.name, [])
            if extension.name in small:
                extension.extra_compile_args += SMALL_FLAGS[kind]
            if extension.name.startswith(tuple(f"cypool.kernels.{module}" for module in PARALLEL)):
                extension.extra_compile_args += openmp_compile
                extension.extra_link_args = list(openmp_link)
            extension.extra_compile_args += shlex.split(os.environ.get("CYPOOL_CFLAGS", ""))
            extension.extra_link_args += shlex.split(os.environ.get("CYPOOL_LDFLAGS", ""))
        super().build_extensions()


setup(ext_modules=list(extensions()), cmdclass={"build_ext": BuildKernels})
