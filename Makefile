# Everything runs in .venv; each target sets it up when it is missing or pyproject.toml is newer.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# Compiled modules are kept: the many processes of the tests would compile them again and again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test tours walks chaos long fuzz audit check bench setup clean

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Redress needs Python 3.11 or newer; this is $$($(PYTHON) --version)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --upgrade-deps .venv
	@echo "Installing what Redress needs into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)

run: $(READY)
	@$(BIN)/redress demo

# Four at a time on two cores: a good part of them waits for processes.
test: $(READY)
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# What takes longer than make test may, and CI plays after it: the branches of the tour, and a whole complaint under each
# regulation through Slack's protocol. Six walks at a time: they wait for their turns at Slack and for the clock.
tours: $(READY)
	@$(BIN)/python -m pytest -n 4 -m tour tests/stories

walks: $(READY)
	@$(BIN)/python -m pytest -n 6 -m walk tests/stories

# Of the regulations' own tests those of the hardest one; with POLICY=id all of them.
check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy complaints handlers storage reminders bot sandbox
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" tests/complaints tests/handlers tests/reminders $(if $(POLICY),tests/policies,tests/policies/test_pcb_*.py)

# make chaos KILLS=500 DB=postgresql SEED=7 FAULTS=all; without SEED a new one, printed first.
# make chaos GOALS=15,16,17,18,19,20 SIZE=0.1; SIZE: part of the size that the ambition wants, 1 unless said.
chaos: $(READY)
ifdef GOALS
	@$(BIN)/python -m tests.chaos.goals --goals $(GOALS) $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED)) $(ARGS)
else
	@$(BIN)/python -m tests.chaos --kills $(or $(KILLS),100) --db $(or $(DB),sqlite) --faults $(or $(FAULTS),kill) $(if $(SEED),--seed $(SEED)) $(ARGS)
endif

# Hostile input, and acts at the same moment: 250 examples for each test instead of a few; EXAMPLES=1000 for more.
AT_ONCE := tests/complaints/test_acts_in_any_order.py tests/storage/test_everybody_at_once.py tests/storage/test_races.py tests/storage/test_versions_meet_acts.py

fuzz: $(READY)
	@for module in tests/fuzz/test_*.py $(AT_ONCE); do REDRESS_FUZZ=$(or $(EXAMPLES),250) $(BIN)/python -m pytest $$module || exit 1; done

# What takes hours: each complaint under each regulation through Slack, faults of every kind on both databases, goals 15 to 20, fuzz.
long: tours walks fuzz
	@for db in sqlite postgresql; do for faults in kill storage; do \
		$(BIN)/python -m tests.chaos --kills $(or $(KILLS),500) --db $$db --faults $$faults || exit 1; done; done
	@for faults in slack desk all; do $(BIN)/python -m tests.chaos --kills $(or $(KILLS),500) --faults $$faults || exit 1; done
	@for faults in replicas all; do $(BIN)/python -m tests.chaos --kills $(or $(KILLS),500) --faults $$faults --replicas 8 || exit 1; done
	@$(BIN)/python -m tests.chaos.goals --size $(or $(SIZE),1)

# The dependencies against what is known of their vulnerabilities (docs/security.md); asks PyPI, or, without a network,
# ARGS="--database PATH" with a checkout of the Python packaging advisory database.
audit: $(READY)
	@$(BIN)/python -m tests.audit $(ARGS)

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf .venv data build
