# make run, make test: all that a fresh clone needs. Python 3.11 or later; `make PYTHON=python3.12 …` chooses one.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt
WANTED := pyproject.toml constraints.txt

.PHONY: install run test check audit clean

install: $(VENV)/.installed

run: install
	@$(BIN)/cites up --example

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: $(VENV)/.installed-check
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format -q --check
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@$(BIN)/mypy --no-error-summary

# Known vulnerabilities of the versions in constraints.txt: asks a database on the network, hence neither a test nor in .ci/run.
audit: install
	@$(INSTALL) 'pip-audit>=2.9,<3'
	@$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	@echo "var/ (database, letters, journals) is left as it is"

# Each stamp is younger than what it was made from, so that an installation is done again only when that changes.

$(VENV)/.installed: $(WANTED) | $(BIN)/python
	@echo "installing into $(VENV) (a minute or so, once)" >&2
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-test: $(WANTED) $(VENV)/.installed
	@$(INSTALL) -e '.[test]'
	@touch $@

$(VENV)/.installed-check: $(WANTED) $(VENV)/.installed-test
	@$(INSTALL) -e '.[test,check]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or later is needed and $(PYTHON) is not one: try make PYTHON=python3.12 install" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
