#!/bin/sh
# Create the virtual environment $1 on the first Python that is new enough; leave an existing one alone.
# PYTHON names the interpreter to use instead. Fails with one line that says what is wrong and what to do.
set -eu

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

fail() {
    echo "entity-monitor: $1" >&2
    exit 1
}

[ -x "$1/bin/pip" ] && exit 0

if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null || fail "there is no program '$PYTHON'; name a Python 3.11 or newer: make PYTHON=/usr/bin/python3.11"
    "$PYTHON" -c "$new_enough" 2>/dev/null ||
        fail "Python 3.11 or newer is needed, and '$PYTHON' is $("$PYTHON" --version 2>&1); name another: make PYTHON=/usr/bin/python3.11"
else
    # A name may exist without working (a version manager's stand-in), hence the trial.
    for candidate in python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c "$new_enough" 2>/dev/null; then
            PYTHON=$candidate
            break
        fi
    done
    [ -n "${PYTHON:-}" ] ||
        fail "Python 3.11 or newer is needed, and 'python3' is $(python3 --version 2>/dev/null || echo absent); install one or name it: make PYTHON=/usr/bin/python3.11"
fi

"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "'$PYTHON' can't create virtual environments; on Debian: apt-get install python3-venv"
echo "Creating $1 with $("$PYTHON" --version)"
"$PYTHON" -m venv "$1" || { rm -rf "$1"; fail "the virtual environment '$1' could not be created"; }
