# The house's commands; `make` alone lists them. Needs python3.11 and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
UV = $(BIN)/uv
COMPILE = $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

# make demo KEEP=0 CONTINUE=1 INSURED=20000 SEED=7 PORT=8080 HOME_DIR=.demo
KEEP ?= 1
CONTINUE ?= 0
INSURED ?= 20000
SEED ?= 7
PORT ?= 8080
HOME_DIR ?= .demo

.PHONY: help venv lock check test policies demo prove realdata docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP) ## the environment in .venv, from the lock

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "make venv: found [$$($(PYTHON) --version 2>&1)] as PYTHON=$(PYTHON). The lock is for Python 3.11: install python3.11, or say make venv PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/^    # via/p' requirements-dev.txt > $(VENV)/uv.txt
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

lock: $(STAMP) ## requirements*.txt again from requirements*.in
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

check: $(STAMP) ## what CI runs: style, types, floors, SQL, YAML, tests (at most 15 minutes on 2 cores)
	@$(BIN)/python tools/check.py

test: $(STAMP) ## the tests alone; T="tests/unit -k money" picks some
	@$(BIN)/python -m pytest $(or $(T),tests)

policies: $(STAMP) ## the law's cases alone
	@$(BIN)/mianshen policy test

demo: $(STAMP) ## two fictional counties from feed to payment file, through Airflow
	@$(BIN)/mianshen demo --insured $(INSURED) --seed $(SEED) --port $(PORT) --home $(HOME_DIR) $(if $(filter 0,$(KEEP)),--no-keep,--keep) $(if $(filter 1,$(CONTINUE)),--continue,--fresh)

prove: $(STAMP) ## every shard of every enumeration; resumable; writes docs/reference/proofs.md
	@$(BIN)/python tools/prove.py

realdata: $(STAMP) ## the chain on the third-party sample; MIANSHEN_REALDATA=DIR says where it lies
	@test -n "$${MIANSHEN_REALDATA:-}" || { echo "make realdata: MIANSHEN_REALDATA is not set. Say where the sample lies: make realdata MIANSHEN_REALDATA=DIR"; exit 1; }
	@$(BIN)/python -m pytest -m realdata -rs tests

docs: $(STAMP) ## the generated reference pages again
	@$(BIN)/python tools/reference.py && $(BIN)/python tools/requirements.py

clean: ## everything that commands made, .venv included
	rm -rf $(VENV) .demo .home build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
