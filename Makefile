# Everything that is done with Voronka from a clone. Needs Python 3.11 or newer; what else is needed is fetched into .venv/.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
BIN := .venv/bin
TRIALS := tests/torture tests/store tests/runtime_engine/test_engine_any_graph.py tests/hostile/test_hostile_gate.py
ROOMS := $(sort $(patsubst %/,%,$(dir $(wildcard tests/*/*.py))))
# Tests share helpers in tests/, each room's own stand beside them; none is a package, so each room is checked by itself. What is
# None where a test wants something fails the test: types need not say so too.
LENIENT := --explicit-package-bases --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls --allow-untyped-decorators \
  --no-warn-return-any --no-warn-unused-ignores --disable-error-code union-attr --disable-error-code index \
  --disable-error-code import-untyped --disable-error-code arg-type --disable-error-code comparison-overlap \
  --disable-error-code var-annotated --disable-error-code misc
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test torture check types bench components chromium programs tinydb clean
.DEFAULT_GOAL := help

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## start Voronka at http://localhost:8501
	@$(BIN)/voronka run

test: .venv/dev.stamp chromium programs tinydb ## run every test, a real browser included (ARGS="-k board" for some)
	$(BIN)/python tests/again.py -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

torture: .venv/dev.stamp tinydb ## kill, starve, flood and mislead it for a long time, and tell what came of it (ARGS="-k kill" for some)
	VORONKA_TORTURE=1 $(BIN)/python -m pytest $(TRIALS) $(ARGS)

check: .venv/dev.stamp types ## lint, formatting, types, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/dev.stamp
	$(BIN)/mypy
	@for room in tests $(ROOMS); do \
	  echo "mypy $$room"; \
	  MYPYPATH=.:tests:$$room $(BIN)/mypy $(LENIENT) $$room/*.py || failed=1; \
	done; test -z "$$failed"

bench: .venv/dev.stamp chromium $(if $(filter peers,$(or $(ARGS),peers)),.venv/bench.stamp) ## measure, beside what there is to compare with (ARGS="moves pages" for some)
	@$(BIN)/python -m bench $(ARGS)

components: ## build pages/assets/ from components/ (needs node and npm; developers only)
	@command -v npm >/dev/null || { echo "npm is missing: install Node 20 or newer. Only developers of the components need it."; exit 1; }
	cd components && npm ci --no-audit --no-fund && npm run check && npm run build

chromium: .venv/dev.stamp
	@$(BIN)/python tests/bring_chromium.py

programs: .venv/dev.stamp
	@$(BIN)/python tests/bring_programs.py

tinydb: .venv/dev.stamp
	@$(BIN)/python tests/bring_tinydb.py

clean: ## remove .venv and caches; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Voronka needs Python 3.11, 3.12 or 3.13; $(PYTHON) is none. Name one: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make virtual environments here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/run.stamp: requirements.lock pyproject.toml | .venv/python.stamp
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/python.stamp
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@ .venv/run.stamp

.venv/bench.stamp: requirements-bench.lock | .venv/dev.stamp
	$(BIN)/python -m pip install --quiet --requirement requirements-bench.lock
	@touch $@
