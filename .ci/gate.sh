#!/usr/bin/env bash
# Instruction counts: no hot call executes more than the baseline allows, and a kernel that is slowed on purpose is noticed.
#
# Other than gcc's version in asv_bench/instructions.json, nothing is compared and the step fails: a gate that lets pass
# what it cannot judge is none. Who runs all this on another compiler, and knows, sets GATE_OTHER_COMPILER=1.
set -euo pipefail
python=.venv/bin/python
gate=("$python" -m asv_bench.instructions)

if ! command -v valgrind >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "gate: valgrind is needed, and only root on Debian or Ubuntu can have it installed here" >&2
        exit 1
    fi
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends valgrind >/dev/null
fi

status=0
"${gate[@]}" || status=$?
if [ "$status" = 3 ] && [ "${GATE_OTHER_COMPILER:-}" = 1 ]; then
    echo "gate: not compared with the baseline, as GATE_OTHER_COMPILER says"
elif [ "$status" != 0 ]; then
    exit "$status"
fi

# The proof: without vectors the same rows must trip the gate, and without that change they must not.
slowed=(--rows "pool2d k3 s2 p1, *" --baseline "$WORK/before.json")
mkdir "$WORK/slow-tree"
tar --create --exclude=./.venv --exclude=./build/lib.* --exclude=./build/temp.* . | tar --extract --directory="$WORK/slow-tree"
CYPOOL_CFLAGS=-O0 "$python" -m pip install --no-deps --target "$WORK/slow" "$WORK/slow-tree"
"${gate[@]}" "${slowed[@]}" --update >/dev/null
"${gate[@]}" "${slowed[@]}" >/dev/null
status=0
said=$(PYTHONPATH="$WORK/slow" "${gate[@]}" "${slowed[@]}") || status=$?
printf '%s\n' "$said"
[ "$status" = 1 ] || { echo "gate: the slowed kernels did not trip it (status $status)" >&2; exit 1; }
for row in max_pool2d avg_pool2d; do
    grep -q "^  $row k3 s2 p1, .*: +" <<<"$said" || { echo "gate: it did not name $row" >&2; exit 1; }
done
echo "gate: tripped by the slowed kernels, as it must be"
