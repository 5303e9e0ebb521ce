# Everything here starts from a fresh clone with nothing but Python 3.11 or newer, make, and a package index.
# PYTHON names the interpreter to build on, VENV the directory to build in.
VENV ?= .venv
PYTHON ?=
SETUP = PYTHON='$(PYTHON)' sh deploy/venv.sh '$(VENV)'
BIN = $(VENV)/bin

.PHONY: help demo test check lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo   install, serve the sample feeds on this machine, show the alerts, end by itself'
	@echo 'make test   install with the test tools, run the tests'
	@echo 'make check  what a change must pass: ruff, mypy --strict, tests with coverage'
	@echo 'make lock   resolve the pinned requirements in deploy/ again'
	@echo 'make clean  remove what the others made'

demo: $(VENV)/.runtime
	@$(BIN)/monitor demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --skip-empty

# The stamps are written last, so that an interrupted installation is done again.
$(VENV)/.runtime: pyproject.toml deploy/requirements.txt deploy/venv.sh
	@$(SETUP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r deploy/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime deploy/requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r deploy/requirements-dev.txt
	@touch $@

# --universal: one list for every Python from 3.11 on, with markers where the versions differ.
COMPILE = $(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --no-emit-index-url --no-annotate --no-header
lock: $(VENV)/.dev
	$(COMPILE) --overrides deploy/overrides.txt pyproject.toml --output-file deploy/requirements.txt
	$(COMPILE) --constraints deploy/requirements.txt --group dev --output-file deploy/requirements-dev.txt

clean:
	rm -rf .venv build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
