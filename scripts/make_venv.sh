#!/usr/bin/env bash
# Make a virtual environment with Python 3.11 or newer, or say in one line what to install.
#
# usage: make_venv.sh DIRECTORY
# PYTHON names the interpreter to try first. An environment that an installation left its mark in
# (.installed, .installed-dev: see the Makefile) stays; any other was interrupted and is made anew.
set -euo pipefail
exec </dev/null # standard input may hold the bot's questions

venv=${1:?usage: make_venv.sh DIRECTORY}

if [[ -x $venv/bin/python && (-e $venv/.installed || -e $venv/.installed-dev) ]]; then
  exit 0
fi

fault=""
for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
  if [[ -z $candidate ]] || ! command -v "$candidate" >/dev/null; then continue; fi
  version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    fault=${fault:-"Python 3.11 or newer is needed, and $candidate is $version: install a newer one (Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3"}
    continue
  fi
  if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    # The nearer fault wins: this interpreter is new enough, only a part of it is missing.
    fault="$candidate can't make a virtual environment, its ensurepip is missing: install it (Debian, Ubuntu: apt-get install python$version-venv)"
    continue
  fi
  "$candidate" -m venv --clear "$venv"
  exit 0
done
echo "error: ${fault:-Python 3.11 or newer is needed, and there is none: install it (Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3}" >&2
exit 1
