#!/usr/bin/env bash
# The type stubs, read by mypy: a program that uses the whole public API passes --strict, and stubtest finds them true.
set -euo pipefail
"$PYTHON" .ci/requirements.py typing | .venv/bin/pip install -r /dev/stdin
python=$PWD/.venv/bin/python
"$python" tests/support/every_call.py > "$WORK/every_call.py"
cp tests/typing/uses_everything.py tests/typing/stubtest_allowlist.txt "$WORK"
cd "$WORK" # away from the tree, so that it is the installed stubs that are read
"$python" -m mypy --strict every_call.py uses_everything.py
printf '[mypy]\ncache_dir = %s/mypy\n' "$WORK" > stubtest.ini
modules=$("$python" -c 'import cypool, pathlib
print(*("cypool." + path.stem for path in pathlib.Path(cypool.__file__).parent.glob("*.pyi") if path.stem != "__init__"))')
# shellcheck disable=SC2086 # one word a module
"$python" -m mypy.stubtest --mypy-config-file stubtest.ini --allowlist stubtest_allowlist.txt --concise $modules
