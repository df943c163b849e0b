# `make run` and `make test` each do everything that is needed, from nothing but Python 3.11.
# ARGS is passed on: make test ARGS="-k invoice", make run ARGS="--help", make lock ARGS=--upgrade.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup environment sam-environment python run test test-data-api check validate sam-local bench generate lock clean

ARGS ?=
BIN := .venv/bin
# The first of these that is a working Python 3.11.
ifndef PYTHON
PYTHON := $(shell for candidate in python3.11 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 && { echo "$$candidate"; break; }; \
	done)
endif

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: environment  ## make .venv with the pinned packages (the other targets do it when needed)
	@echo "The environment in .venv is ready."

environment: python
	@"$(PYTHON)" devtools/environment.py

# AWS SAM CLI pins older releases of what the project uses, so it has an environment of its own.
sam-environment: python
	@"$(PYTHON)" devtools/environment.py sam

python:
	@"$(or $(PYTHON),false)" -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" 2>/dev/null || { \
		echo "BigLedger needs Python 3.11, and found none$(if $(PYTHON), in $(PYTHON)). Install it, or name it:" \
		"make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }

run: environment  ## start the whole system on this machine and keep serving (PORT=8080)
	@$(BIN)/bigledger run $(ARGS)

test: environment  ## run the tests on two workers (ARGS="-k name" selects)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

test-data-api: environment  ## run the tests that use the database on the RDS Data API instead of psycopg
	@DRIVER=data-api $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

soak: environment  ## play with faults, crashes and drawn requests for SECONDS=600, and tell how far it got
	@$(BIN)/python -P -m tests.soak $(or $(SECONDS),600)

check: environment  ## lint, format, types, import contracts and drift of everything generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bigledger generate --check

validate: environment sam-environment  ## check the templates with AWS SAM CLI, build them, and deploy them into an emulator
	@$(BIN)/python -P -m devtools.deploy.validate $(ARGS)

sam-local: environment  ## serve the API with `sam local start-api`, for those who have Docker
	@$(BIN)/python -P -m devtools.deploy.sam_local $(ARGS)

bench: environment  ## measure speed and cost as ratios to the server (ARGS="throughput --seconds 5")
	@$(BIN)/python -m benchmarks $(ARGS)

generate: environment  ## print templates, contracts, schemas and examples from the operations
	@$(BIN)/bigledger generate $(ARGS)

# --no-config and the missing index options keep this machine's package sources out of the files.
LOCK := $(CURDIR)/$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: environment  ## resolve the requirement files again (ARGS=--upgrade for newer versions)
	@cd layers/dependencies && $(LOCK) $(ARGS) requirements.in --output-file requirements.txt
	@cd requirements && $(LOCK) $(ARGS) dev.in --output-file dev.txt
	@cd requirements && $(LOCK) $(ARGS) sam.in --output-file sam.txt
	@cd applets/sdk && $(LOCK) $(ARGS) requirements.in --output-file requirements.txt
	@echo "Wrote the lock files of the layer, of the applet SDK, of development and of AWS SAM CLI."

clean: python  ## forget the local data (.local); refuses while the local cloud is running
	@"$(PYTHON)" -m devtools.local.clean
