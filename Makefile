# Everything a newcomer types. Needs Python 3.11 or later and make; no root, no server, no uv.
#
#   make env      the environment in .venv, so that .venv/bin/fazhi runs
#   make demo     samples/ become facts, and nothing is left running
#   make test     all tests, short form
#   make help     the rest

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
# The newest requirement files decide: changing them, or the project's entry points, renews the environment.
STAMP := $(VENV)/.made
BENCH_STAMP := $(VENV)/.made-bench
# The first interpreter that is new enough. Set PYTHON to choose another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

# Test processes. Three: a machine of two cores is what the time is promised for, and a third of the time tests wait for servers.
JOBS ?= 3

.PHONY: help env demo test test-faults test-search bench lint format docs types contracts check clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

env: $(STAMP)  ## create the environment in .venv

$(STAMP): requirements/dev.txt pyproject.toml
	@if [ -z "$(PYTHON)" ] && [ ! -x $(PY) ]; then \
		echo "Fazhi needs Python 3.11 or later; none was found. Install one, or say which: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; fi
	@if [ ! -x $(PY) ]; then \
		echo "creating $(VENV) with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
			echo "python -m venv failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; fi
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	@echo "installing what requirements/dev.txt pins, checked against its hashes (about a minute)"
	@$(PIP) install --quiet --quiet --require-hashes -r requirements/dev.txt
	@$(PIP) install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_STAMP): requirements/bench.txt $(STAMP)
	@$(PIP) install --quiet --quiet --require-hashes -r requirements/bench.txt
	@touch $@

demo: $(STAMP)  ## start everything, turn samples/ into facts, show them, stop everything
	@$(BIN)/fazhi demo samples

test: $(STAMP)  ## all tests, short form (under 12 minutes on two cores)
	@$(PY) -m pytest tests -n $(JOBS) --dist loadfile

test-faults: $(STAMP)  ## the long form of the fault tests (about half an hour)
	@$(PY) -m pytest tests -m full -vv --durations=0

test-search: $(STAMP)  ## the property tests, over examples that no run has tried
	@$(PY) -m pytest tests -m hypothesis --hypothesis-profile=search

bench: $(BENCH_STAMP)  ## speed and memory, beside other task queues
	@$(PY) -m benchmarks

lint: $(STAMP)  ## ruff
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .

format: $(STAMP)  ## lay the code out
	@$(PY) -m ruff format .

docs: $(STAMP)  ## write docs/commands.md and docs/reference.md from the code
	@$(PY) -m fazhi.manual

types: $(STAMP)  ## mypy, strict
	@$(PY) -m mypy

contracts: $(STAMP)  ## who may import whom
	@$(BIN)/lint-imports

check: lint types contracts test  ## all that CI runs

clean:  ## remove the environment and the caches (./.fazhi stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
