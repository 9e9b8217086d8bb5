# One recipe per thing one does here. `make setup` first.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: setup check test golden

setup:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'

check:
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test:
	$(BIN)/pytest --quiet

# Rewrites every golden file from what the code says now: read the diff before committing it.
golden:
	UPDATE_GOLDEN=1 $(BIN)/pytest --quiet
