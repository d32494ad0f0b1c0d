# The few verbs of this repository. `make run` and `make test` set up all they need by themselves.
SHELL := /bin/sh
PORT ?= 8000
PY := .venv/bin/python
UV := .tools/bin/uv
# Compiled anew, whatever the machine's habits are, each process of the desk would start a second later.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help run bulk second test check bench model messages format clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Debian's Python refuses plain pip installs and may lack venv; uv needs neither.
$(UV): requirements-tools.lock
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade \
		--target .tools --require-hashes -r requirements-tools.lock
	@touch $(UV)

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --python python3 .venv

.venv/run.stamp: requirements.lock pyproject.toml $(UV) | .venv/bin/python
	@test -e .venv/dev.stamp || $(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml $(UV) | .venv/bin/python
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/run.stamp

.venv/messages.stamp: $(shell find src -name django.po 2>/dev/null) | .venv/run.stamp
	@$(PY) tools/messages.py --compile
	@touch $@

run: .venv/run.stamp .venv/messages.stamp ## set up and run the desk with its demonstration (PORT=8000)
	@exec $(PY) -m vigie serve --demo --port $(PORT)

bulk: .venv/run.stamp requirements-bulk.lock ## install what `vigie scan` needs beside the desk
	@test -e .venv/dev.stamp || $(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-bulk.lock

second: .venv/run.stamp requirements-second.lock ## install what a second reader in a folder needs (VIGIE_SECOND_READER)
	@test -e .venv/dev.stamp || $(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-second.lock

test: .venv/dev.stamp .venv/messages.stamp ## set up and pass the tests, on SQLite and on PostgreSQL
	@$(PY) tools/run_tests.py

check: .venv/dev.stamp .venv/messages.stamp ## format, lint, types, imports, migrations, translations, catalogue, docs
	@sh tools/check.sh $(PY)

bench: .venv/dev.stamp .venv/messages.stamp ## print every figure of docs/performance.md anew
	@$(PY) -m benchmarks

model: .venv/dev.stamp ## train the detector's model anew from ../shared/data and our sentence families
	@$(PY) -m vigie.detection.model.train

messages: .venv/dev.stamp ## add new strings to the translations
	@$(PY) tools/messages.py

format: .venv/dev.stamp ## write the code the house's way
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

clean: ## forget what was set up (not your data in var/)
	rm -rf .venv .tools build
