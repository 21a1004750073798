# Babeldesk: `make run` and `make test` do all the set-up there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
export BABELDESK_DATA_DIR ?= data
# Node.js comes from a Python package, so that Python is all one needs.
NPM = web/npm $(abspath $(BIN))/python

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -name schema.d.ts)
WEB_BUILT := adapters/webchat/static/widget.js

.PHONY: help run test lint bench web api models clean
help:
	@echo "make run    install, prepare the model, start the server"
	@echo "make test   install and run all tests"
	@echo "make lint   ruff, mypy, import-linter, and the pages' own checks"
	@echo "make bench  accuracy, latency, memory and throughput, beside peers"

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Babeldesk needs Python 3.11 or newer; found $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[postgres,web]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/.npm: $(VENV)/.run web/package.json web/package-lock.json
	$(NPM) ci --no-audit --no-fund --silent
	@touch $@

$(WEB_BUILT): $(VENV)/.npm $(WEB_SOURCES)
	$(NPM) run build --silent
	@touch $@

web: $(WEB_BUILT)

# The console's API changed: its description, which the pages' types are made from, is written anew.
api: $(VENV)/.run
	$(BIN)/python -m adapters.console.document > web/console/openapi.json

models: $(VENV)/.run
	@$(BIN)/babeldesk models fetch

run: $(VENV)/.run $(WEB_BUILT)
	@$(BIN)/babeldesk serve

test: $(VENV)/.dev $(WEB_BUILT) models
	$(NPM) run test --silent
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev $(VENV)/.npm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/babeldesk pack validate packs/ecommerce
	$(BIN)/python -m adapters.console.document --check web/console/openapi.json
	$(NPM) run lint --silent
	$(NPM) run typecheck --silent

bench: $(VENV)/.dev $(WEB_BUILT) models
	$(BIN)/python -m benchmarks $(DATA)

clean:
	rm -rf $(VENV) web/node_modules web/apitypes/node_modules adapters/*/static
