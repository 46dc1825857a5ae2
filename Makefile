# Everything runs in .venv; each target sets it up when it is missing or pyproject.toml is newer.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test walks chaos check bench setup clean

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Redress needs Python 3.11 or newer; this is $$($(PYTHON) --version)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Redress needs into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)

run: $(READY)
	@$(BIN)/redress demo

test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

walks: $(READY)
	@$(BIN)/python -m pytest -n 2 -m walk tests/stories/test_each_regulation_in_slack.py

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy complaints handlers storage reminders bot sandbox
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" tests/complaints tests/policies tests/handlers tests/reminders

# make chaos KILLS=500 DB=postgresql SEED=7 FAULTS=all; without SEED a new one, printed first.
chaos: $(READY)
	@$(BIN)/python -m tests.chaos --kills $(or $(KILLS),100) --db $(or $(DB),sqlite) --faults $(or $(FAULTS),kill) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf .venv data build
