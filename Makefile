# Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup run test check format bench nightly docs clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## the virtual environment with every locked dependency

$(READY): requirements-dev.lock requirements-samples.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-samples.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

run: setup ## the demo site on http://127.0.0.1:8000
	$(BIN)/lims demo

test: setup ## every test
	$(BIN)/python -m pytest -q -n auto

check: setup ## format, lint, types, layers, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

bench: setup ## how fast it is, as ratios against bare baselines (some minutes)
	$(BIN)/python -m tests.bench

nightly: setup ## thousands of random days instead of dozens (hours)
	LIMS_NIGHTLY=1 $(BIN)/python -m pytest -q -n auto tests/properties
	LIMS_NIGHTLY=1 LIMS_DATABASE=postgresql $(BIN)/python -m pytest -q -n auto tests/actions tests/journey tests/pages

docs: setup ## write again what is generated: pages, schemas, the 中文 catalogue
	$(BIN)/python -m docs.make_pages
	$(BIN)/python -m lims.authoring.schema
	$(BIN)/python -m lims.rehearsal.schema
	$(BIN)/python -m lims.translations.catalogue

format: setup ## put code and templates into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## forget the demo and the caches (never a founded instance elsewhere)
	rm -rf instance build .mypy_cache .ruff_cache .pytest_cache .hypothesis
