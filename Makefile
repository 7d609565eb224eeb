# The two commands: `make run` serves the FAQ, `make test` runs every test.
# Each makes .venv and installs the locked dependencies first; nothing is installed again while the lock is unchanged.

.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --extra postgresql --group build

.PHONY: help run test lint format lock lock-check image image-test clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed ## serve every platform whose tokens are set; none: a chat in this terminal
	@$(BIN)/faqbot run

test: $(VENV)/.installed-dev ## run every test
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev lock-check ## ruff, mypy, import contracts, Dockerfile, freshness of the locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile

format: $(VENV)/.installed-dev ## format the code and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/.installed-dev ## resolve the dependencies anew and write the locks
	@$(UV_LOCK) --upgrade pyproject.toml -o requirements.lock
	@$(UV_LOCK) --upgrade --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(UV_LOCK) --upgrade --group dev --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

lock-check: $(VENV)/.installed-dev # a lock is fresh when it still satisfies pyproject.toml
	@$(BIN)/python scripts/lock_check.py

image: ## build the container image with docker, podman or buildah
	@scripts/image.sh build

image-test: ## ask the built image a question
	@scripts/image.sh test

clean: ## remove what the targets made; var/ stays
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The interpreter check runs before anything is created, so that a failed attempt leaves nothing behind.
$(VENV)/bin/python:
	@scripts/make_venv.sh $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked dependencies into $(VENV) ..." >&2
	@$(PIP_INSTALL) --require-hashes -r requirements.lock >&2
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e . >&2
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked development dependencies into $(VENV) ..." >&2
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock >&2
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e . >&2
	@touch $@ $(VENV)/.installed
