#!/usr/bin/env bash
# The test suite once under AddressSanitizer and UndefinedBehaviorSanitizer: .ci/sanitizers.sh [pytest's arguments]
#
# The package is built from a temporary copy of the tree into an environment of its own, as .ci/run does it.  Needs gcc with
# libasan and libubsan.  What is left out, and why:
#
#   detect_leaks=0      Python keeps what it interns until the end; leaks are found by tests/test_memory.py
#   -m "not resident"   tests/test_memory.py measures resident sizes, which the sanitizer's allocator changes
#   -m "not peers"      torch and the others are not part of what is examined
set -euo pipefail
cd "$(dirname "$0")/.."

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
git ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory="$WORK"
cd "$WORK"
unset PYTHONPATH VIRTUAL_ENV

"${PYTHON:-python3}" -m venv env
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
CYPOOL_CFLAGS="$sanitize -g -O1 -fno-omit-frame-pointer" CYPOOL_LDFLAGS="$sanitize" env/bin/pip install --quiet ".[test]"
rm -rf cypool build # the installed package is what is tested

# allocator_may_return_null: refused sizes must become MemoryError, as with any other allocator
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export LD_PRELOAD
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
env/bin/python -c '
import cypool
from pathlib import Path
assert "libasan" in Path("/proc/self/maps").read_text()
assert b"__asan_report_load" in Path(cypool.kernels.core.__file__).read_bytes(), "the package was built without sanitizers"
'
# capture=sys: what a sanitizer says before it ends the process goes past pytest to the terminal
env/bin/python -m pytest -q --capture=sys -m "not peers and not resident" "$@"
