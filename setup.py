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
from pathlib import Path

import Cython
import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
GENERATED = Path("build") / "cypool-kernels"

# These modules are compiled once for each level: (module suffix, flags by kind of compiler).  An instruction set is a row.
LEVELLED = ("rows", "vectors", "regions", "ranks", "pyramid", "filters", "powers")
PARALLEL = ("core", *LEVELLED[2:])  # modules with loops over threads: all but those of functions of one row
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
    "gcc": [*GNU_FLAGS, "-Wno-unused-function"],
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


def compiled_to_c(extensions):
    """cythonize, unless the C files of an earlier build belong to the same sources and Cython.

    pip builds in a fresh environment each time; by the dates of Cython's own files there, every module would be stale.
    """
    sources = sorted(ROOT.glob("cypool/kernels/*.*[hdxi]")) + [ROOT / "setup.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp = f"{Cython.__version__} {digest}"  # not Python's version: the same C files serve every release
    marker = ROOT / "build" / "cython" / "stamp"
    c_files = [ROOT / "build" / "cython" / Path(e.sources[0]).with_suffix(".c") for e in extensions]
    if all(path.exists() for path in c_files) and marker.exists() and marker.read_text() == stamp:
        for extension, path in zip(extensions, c_files, strict=True):
            extension.sources = [path.relative_to(ROOT).as_posix()]
        return extensions
    extensions = cythonize(
        extensions, build_dir="build/cython", include_path=[".", "cypool/kernels"], compiler_directives=DIRECTIVES
    )
    marker.write_text(stamp)
    return extensions


def levelled_modules():
    """One copy of each source for each level, because a module's name is compiled into it."""
    (ROOT / GENERATED).mkdir(parents=True, exist_ok=True)
    for kind in LEVELLED:
        source = (ROOT / "cypool" / "kernels" / f"{kind}.pyx").read_bytes()
        for name, _ in LEVELS:
            path = GENERATED / f"{kind}_{name}.pyx"
            if not (ROOT / path).exists() or (ROOT / path).read_bytes() != source:
                (ROOT / path).write_bytes(source)
            yield Extension(
                f"cypool.kernels.{kind}_{name}", [path.as_posix()], include_dirs=["cypool/kernels"], depends=HEADERS
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


core = Extension(
    "cypool.kernels.core",
    ["cypool/kernels/core.pyx"],
    include_dirs=["cypool/kernels", numpy.get_include()],
    depends=HEADERS,
)
setup(ext_modules=compiled_to_c([core, *levelled_modules()]), cmdclass={"build_ext": BuildKernels})
