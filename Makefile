# Everything happens in a virtual environment of its own; nothing else on the machine is touched.
# The environment is laid again only when pyproject.toml changes, so a second run needs no package index.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP_QUIET := -qq --disable-pip-version-check

.PHONY: run test lint format generated bench clean
.DEFAULT_GOAL := run

run: $(READY)
	$(BIN)/python -m monitor demo

# Tests run side by side; tests/conftest.py says how many at a time and which start first. One process: python -m pytest.
test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every generated file: dashboards, alert rules, Kubernetes objects, the references of metrics and configuration.
generated: $(READY)
	$(BIN)/python -m tools

# Every benchmark with its default size, one after the other; each says at its head how to run it alone.
BENCHMARKS := $(filter-out _%,$(basename $(notdir $(wildcard benchmarks/*.py))))

bench: $(READY)
	@set -e; for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name; done

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): pyproject.toml
	@set -e; \
	for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "contact-monitor needs Python 3.11 or newer on the PATH (tried python3, python3.14 to python3.11)" >&2; exit 1; fi; \
	if ! [ -x $(BIN)/python ]; then $$found -m venv $(VENV) || \
		{ echo "could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }; fi; \
	echo "installing contact-monitor and its tools into $(VENV)"; \
	$(BIN)/python -m pip install $(PIP_QUIET) --editable '.[dev]'
	@touch $@
