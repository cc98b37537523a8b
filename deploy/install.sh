#!/bin/sh
# Install Broadsheet into .venv from uv.lock, with the embedded stack and what the tests need.
#
#     deploy/install.sh                     with a suitable Python found by itself
#     PYTHON=python3.12 deploy/install.sh   with this one
#
# Needs Python 3.11, 3.12 or 3.13 with its venv module. uv, in the version that uv-requirements.txt pins, goes into
# a folder of its own (.uv) unless that very version is on the PATH.
set -eu

cd "$(dirname "$0")/.."
UV_VERSION=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' deploy/uv-requirements.txt)

say() { printf '%s\n' "$*" >&2; }
fail() { say "install: $*"; exit 1; }

is_suitable() {
    # Run it, rather than look for it: a version manager's shim may exist for a Python that is not installed.
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_suitable "$PYTHON" || fail \
            "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13 that runs; it says: $("$PYTHON" --version 2>&1 | tail -n 1)"
        printf '%s' "$PYTHON"
        return
    fi
    # A .venv that is there already keeps its version.
    for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11 python; do
        if is_suitable "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "no Python 3.11, 3.12 or 3.13 found: install one, or name it with PYTHON=/path/to/python3"
}

find_uv() {
    if command -v uv >/dev/null 2>&1 && [ "$(uv --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ]; then
        command -v uv
        return
    fi
    if [ ! -x .uv/bin/uv ] || [ "$(.uv/bin/uv --version | cut -d' ' -f2)" != "$UV_VERSION" ]; then
        say "installing uv $UV_VERSION"
        rm -rf .uv
        "$1" -c 'import ensurepip, venv' 2>/dev/null || fail \
            "$1 lacks the module venv or ensurepip; on Debian and Ubuntu: apt-get install python3-venv"
        "$1" -m venv .uv || fail "$1 cannot make a virtual environment; see above"
        .uv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
            --requirement deploy/uv-requirements.txt || fail "uv could not be installed; see above"
    fi
    printf '%s' .uv/bin/uv
}

python=$(find_python)
# uv may be about to replace .venv, so hand it the interpreter that lies behind.
python=$("$python" -c 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)')
uv=$(find_uv "$python")
say "installing into .venv with $("$python" --version)"
# Byte code is written as modules are first used: compiling all of it here takes longer than the demo's whole start.
"$uv" sync --quiet --frozen --all-extras --python "$python" --no-python-downloads
