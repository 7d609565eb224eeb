# The two commands: `make run` serves the FAQ, `make test` runs every test.
# Each makes .venv and installs the locked dependencies first; nothing is installed again while the
# lock is unchanged.

.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header
UV_LOCK := $(UV) --extra postgresql --group build

.PHONY: help run test test-long lint audit format lock bench bench-check bench-start house quality faults load soak pictures image image-test clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed ## serve every platform whose tokens are set; none: a chat in this terminal
	@$(BIN)/faqbot run

test: $(VENV)/.installed-dev ## run every test, those for minutes in a short form; ARGS="-k word" chooses
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

test-long: $(VENV)/.installed-dev ## run the long forms of tests: dozens of kills, thousands of examples
	@$(BIN)/python -m pytest -n auto --dist loadfile -m long $(ARGS)

lint: $(VENV)/.installed-dev ## ruff, mypy, import contracts, Dockerfile, shell scripts, locks, licences
	@$(BIN)/python scripts/lock_check.py
	@$(BIN)/python scripts/licences.py >/dev/null
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy scripts
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/hadolint Dockerfile
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run scripts/*.sh; fi

audit: ## ask for known holes in what is shipped; where nobody can be asked, say so
	@scripts/audit.sh

format: $(VENV)/.installed-dev ## format the code and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/.installed-dev ## resolve the dependencies anew and write the locks
	@$(UV_LOCK) --upgrade pyproject.toml -o requirements.lock
	@$(UV_LOCK) --upgrade --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(UV_LOCK) --upgrade --group dev --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock
	@$(UV) --upgrade --group supply -o requirements-supply.lock

bench: $(VENV)/.installed-bench ## measure the speed of everything; writes docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

house: $(VENV)/.installed-dev ## count what one has to know: files, classes, floors, hops
	@$(BIN)/python scripts/house.py

bench-check: $(VENV)/.installed-dev ## compare the speed with what is recorded; fails where it got twice as slow
	@$(BIN)/python -m benchmarks --check

bench-start: $(VENV)/.installed-bench ## measure how long a start takes, beside a bare process
	@$(BIN)/python -m benchmarks --only start

quality: $(VENV)/.installed-bench ## measure search quality; writes docs/quality.md
	@$(BIN)/python -m benchmarks.quality --final $(ARGS)

faults: $(VENV)/.installed-dev ## kill, stop, cut and fill, and judge by what was posted; writes docs/reliability.md
	@$(BIN)/python -m tests.proofs faults $(ARGS)

load: $(VENV)/.installed-dev ## measure a steady rate, a burst, a year of rows; writes docs/reliability.md
	@$(BIN)/python -m tests.proofs load $(ARGS)

soak: $(VENV)/.installed-dev ## serve for half an hour, with new connections; writes docs/reliability.md
	@$(BIN)/python -m tests.proofs soak $(ARGS)

pictures: $(VENV)/.installed-dev ## draw the README's pictures from the product's own output
	@$(BIN)/python -m scripts.pictures

image: ## build the container image with docker, podman or buildah
	@scripts/image.sh build

image-test: ## put questions to the built image, read-only too; needs root with buildah
	@scripts/image.sh test

clean: ## remove what the targets made; var/ stays
	@rm -rf $(VENV) build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A mark in .venv says that an installation came to its end. It goes before anything is installed and
# comes back behind it, so that an interrupted one is recognised and made anew. Whatever this prints
# goes to standard error, and standard input stays untouched: both are the bot's.
# --no-deps: the lock is complete, so nothing has to be resolved. A resolver would look at the newest
# coverage for the [toml] that pytest-cov asks for, and stop: that one isn't pinned.
# Editable in the compat mode: a plain path, where the default's import hook costs 8 ms at each start.
# setuptools says at length that it may go one day; the lock keeps it until then.
define INSTALL
@scripts/make_venv.sh $(VENV)
@echo "Installing the locked dependencies into $(VENV): about a minute, once ..." >&2
@rm -f $(VENV)/.installed*
@$(PIP) install --no-deps --require-hashes -r $< </dev/null >&2
@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation --config-settings editable_mode=compat -e . </dev/null >&2
@$(BIN)/python -m pip --disable-pip-version-check check </dev/null >&2
endef

# Missing, or a link to an interpreter that has gone: what depends on it is made anew.
$(BIN)/python: ;

$(VENV)/.installed: requirements.lock pyproject.toml $(BIN)/python
	$(INSTALL)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml $(BIN)/python
	$(INSTALL)
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: requirements-bench.lock pyproject.toml $(BIN)/python
	$(INSTALL)
	@touch $@ $(VENV)/.installed $(VENV)/.installed-dev
