#!/usr/bin/env bash
# The README's two commands, taken from the README, in a fresh copy: install and demo, then the tests (doctests included).
set -euo pipefail
for name in demo test; do
    command=$("$PYTHON" .ci/readme_command.py "$name")
    printf '%s\n' "\$ $command"
    start=$SECONDS
    PYTEST_PLUGINS=$([ "$name" = test ] && echo installed_only) PYTHONPATH=$([ "$name" = test ] && echo "$CLONE/.ci") \
        bash -euc "${command/python3/$PYTHON}"
    printf '(%d s)\n' $((SECONDS - start))
done
test -s cypool-demo.png
