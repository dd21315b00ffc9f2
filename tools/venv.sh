#!/bin/sh
# Makes the virtual environment in $1 with a Python that is new enough.
set -eu

usable() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python3.14; do
        if usable "$candidate"; then echo "$candidate"; return; fi
    done
}

python=$(find_python)
if [ -z "$python" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Python from Debian …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null
    python=$(find_python)
fi
if [ -z "$python" ]; then
    echo "Stagedoor needs Python 3.11 or later with its venv module (Debian: apt-get install python3-venv)." >&2
    echo "PYTHON=/path/to/python make … names another one." >&2
    exit 1
fi
"$python" -m venv --clear "$1"
