#!/usr/bin/env bash
# The benchmarks as asv runs them: they are found, many run once on small arrays without an error, the dashboard is made.
#
# Nothing is measured here: a machine that others share tells nothing about speed (CONTRIBUTING.md, A change of speed).  The
# other libraries are not needed, asv skips what they are for.  Where Chromium and npm are installed it opens the dashboard.
set -euo pipefail
"$PYTHON" .ci/requirements.py asv | .venv/bin/pip install -r /dev/stdin
python=$PWD/.venv/bin/python
export HOME=$WORK/home CYPOOL_BENCH_BYTES=65536 # asv keeps what it knows of the machine at home
mkdir -p "$HOME"
git init -q -b main # asv's results belong to commits, and this copy has none
git add -A
git -c user.name=ci -c user.email=ci@localhost commit -q -m "what is tested"

cd asv_bench
asv() { "$python" -m asv "$@"; }
asv machine --yes > /dev/null
asv check --environment "existing:$python"
asv run --quick --environment "existing:$python" --set-commit-hash "$(git rev-parse HEAD)" \
    --bench 'Rows\.|ChannelsLast\.|Forward\.|Operators|Backward\.|Indices\.|Calls\.|Layers|Memory\.|import' > "$WORK/asv.log" ||
    { cat "$WORK/asv.log"; exit 1; }
asv publish > /dev/null
test -s html/index.html
if type chromium chromedriver npm > /dev/null 2>&1; then
    ../.ci/dashboard_scripts.sh "$WORK/scripts"
    "$python" ../.ci/dashboard.py html --scripts "$WORK/scripts"
else
    echo "chromium, chromedriver and npm are not all here: the dashboard is not opened"
fi
