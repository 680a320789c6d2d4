# make run        set up what a run needs, then a year of the quickstart site
# make test       set up the tests, then run them (the slow references are `make reference`)
# make check      lint and types
# make reference  the slow tests: EnergyPlus runs beside the twin
# make validation docs/validation.md anew: every comparison, its value and whether it holds
# make bench      CPU times and memory beside their targets
# make clean      remove the environment and everything that runs wrote
.DEFAULT_GOAL := help
.PHONY: help run test check format reference validation bench schema clean

PYTHON ?= python3
VENV ?= .venv
SCENARIO ?= scenarios/quickstart.yaml
OUT ?= runs/$(basename $(notdir $(SCENARIO)))
PYTEST_FLAGS ?=

BIN := $(VENV)/bin
# Known versions. Modules are compiled to bytecode when they are first imported (which saves half of the install's time,
# for most never are), so that must be allowed here whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile --prefer-binary -c constraints.txt

help:
	@sed -n 's/^# make /make /p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`. Try: make run PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.dev-ready: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable ".[dev]"
	@touch $@ $(VENV)/.run-ready

run: $(VENV)/.run-ready
	$(BIN)/twin run $(SCENARIO) --out $(OUT)

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -m "not slow" -n auto $(PYTEST_FLAGS)

check: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy twin

format: $(VENV)/.dev-ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -m slow -n auto $(PYTEST_FLAGS)

validation: $(VENV)/.dev-ready
	$(BIN)/python -m tests.validation --write

bench: $(VENV)/.dev-ready
	$(BIN)/python benchmarks/run_times.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/batch.py --energyplus
	$(BIN)/python benchmarks/n_minus_one.py

schema: $(VENV)/.run-ready
	$(BIN)/twin schema > scenarios/scenario.schema.json.tmp
	mv scenarios/scenario.schema.json.tmp scenarios/scenario.schema.json

clean:
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
