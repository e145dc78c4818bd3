#!/usr/bin/env bash
# What embeds cypool: every example is built and run in an environment that has cypool's wheel, NumPy and build tools alone.
set -euo pipefail
"$PYTHON" -m venv "$WORK/clients"
python=$WORK/clients/bin/python
"$PYTHON" .ci/requirements.py embed | "$python" -m pip install -r /dev/stdin
.venv/bin/pip wheel --no-deps --wheel-dir "$WORK/wheel" .
"$python" -m pip install "$WORK"/wheel/cypool-*.whl
cp -R examples "$WORK/examples" # away from the sources: what is built against is the wheel
cd "$WORK/examples"
"$python" -I -c 'import cypool, numpy; print("cypool", cypool.__version__, "in", cypool.get_include(), "with NumPy", numpy.__version__)'
for example in c_extension cpp_extension cython_extension ctypes_caller digits call_cost; do
    if [ -f "$example/setup.py" ]; then
        "$python" -m pip install --no-build-isolation --no-deps "./$example"
    fi
    "$python" "$example/run.py"
done
