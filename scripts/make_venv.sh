#!/usr/bin/env bash
# Make a virtual environment with Python 3.11 or newer; say in one line what to install if that can't be done.
set -euo pipefail
venv=${1:?usage: make_venv.sh DIRECTORY}

for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "error: $candidate can't make a virtual environment: install its venv module (Debian, Ubuntu: apt-get install python$version-venv)." >&2
    exit 1
  fi
  exec "$candidate" -m venv "$venv"
done
echo "error: Python 3.11 or newer is needed; install it (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3 run" >&2
exit 1
