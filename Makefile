# evochat on a bare machine: Python 3.11 or newer and make are all that must be there.
#
#   make run     install, migrate, print the demo log-ins, serve on http://127.0.0.1:8000 (PORT=… for another)
#   make test    every test: Python, JavaScript, real PostgreSQL, Redis protocol, browser
#   make check   formatting, lint, types, Django's checks, migrations, layers
#   make chaos   every fault scenario, with a table at the end (TIMES=… to play each that often)
#   make soak    a hundred sockets and random faults for SECONDS=300 (SEED=… for the same again)
#   make bench   the benchmarks; make bench-ui those of the page in a browser; make bench-admin those of the admin
#   make messages  bring the catalogues under locale/ in step with the code's words
#   make pictures  those of README.md and docs/, taken anew
#   make lock    compile the requirements files again
#   make clean   remove what the other targets made; the data of `make run` (var/) stays

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run dev test test-python test-javascript chaos soak bench bench-ui bench-admin messages pictures lock clean
.PHONY: check check-format check-lint check-types check-django check-migrations check-layers

PORT ?= 8000
TIMES ?= 1
SECONDS ?= 300
# Processes that share out the tests: half of their time is waiting, so 3 are right for 2 cores.
TEST_WORKERS ?= 3
# The first Python that is new enough; PYTHON=/path/to/python for another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
# The checkout may be anywhere, with spaces in its path, and make started from elsewhere with -f.
ROOT := $(shell dirname -- "$(strip $(MAKEFILE_LIST))")

IN_ROOT = @cd "$(ROOT)" &&
PY = .venv/bin/python
BOOTSTRAP = $(IN_ROOT) if [ -z "$(PYTHON)" ]; then echo "evochat: Python 3.11 or newer is needed" >&2; exit 1; fi; \
	"$(PYTHON)" -m scripts.bootstrap

# No TLS on one's own machine; the secret key is generated and kept under var/.
run: export DJANGO_INSECURE_HTTP = 1
run: export PYTHONUNBUFFERED = 1
# What `make check` hands Django: as in production, with values that exist for the check only.
PRODUCTION_LIKE = env DJANGO_DEBUG=0 DJANGO_INSECURE_HTTP=0 DJANGO_ALLOWED_HOSTS=chat.example.org \
	DJANGO_SECRET_KEY=a-key-for-the-deployment-check-alone-0123456789-abcdefghij-KLMNOPQRST

help:
	@sed -n 's/^#   make/  make/p' "$(ROOT)/Makefile"

run:
	$(BOOTSTRAP) run
	$(IN_ROOT) $(PY) -m scripts.port "$(PORT)"
	$(IN_ROOT) $(PY) manage.py migrate --noinput --verbosity 0
	$(IN_ROOT) $(PY) manage.py collectstatic --noinput --verbosity 0
	$(IN_ROOT) $(PY) manage.py demo_users
	$(IN_ROOT) exec $(PY) manage.py serve --port "$(PORT)"

# Each part is a target of its own: `make --keep-going test check` runs all of them whatever fails.
dev:
	$(BOOTSTRAP) dev

test: test-python test-javascript

test-python: dev
	$(IN_ROOT) $(PY) -m pytest -n $(TEST_WORKERS) --dist loadgroup

test-javascript: dev
	$(IN_ROOT) $(PY) -m scripts.javascript_tests

# One process: scenarios want the machine for themselves.
chaos: dev
	$(IN_ROOT) $(PY) -m pytest tests/chaos --chaos --times "$(TIMES)"

soak: dev
	$(IN_ROOT) $(PY) -m pytest tests/chaos/test_soak.py --chaos -s --soak-seconds "$(SECONDS)" $(if $(SEED),--seed $(SEED))

check: check-format check-lint check-types check-django check-migrations check-layers

check-format: dev
	$(IN_ROOT) $(PY) -m ruff format --check .

check-lint: dev
	$(IN_ROOT) $(PY) -m ruff check .

check-types: dev
	$(IN_ROOT) $(PY) -m mypy

check-django: dev
	$(IN_ROOT) $(PY) manage.py check --fail-level WARNING
	$(IN_ROOT) $(PRODUCTION_LIKE) $(PY) manage.py check --deploy --fail-level WARNING

check-migrations: dev
	$(IN_ROOT) $(PY) manage.py makemigrations --check --dry-run

check-layers: dev
	$(IN_ROOT) $(PY) -m pytest -q tests/test_layers.py

bench: dev
	$(IN_ROOT) $(PY) -m benchmarks

bench-ui: dev
	$(IN_ROOT) $(PY) -m benchmarks.ui

bench-admin: dev
	$(IN_ROOT) $(PY) -m benchmarks.admin

messages: dev
	$(IN_ROOT) $(PY) -m scripts.languages messages

pictures: dev
	$(IN_ROOT) $(PY) -m scripts.pictures

lock: dev
	$(IN_ROOT) $(PY) -m pip install --quiet uv
	$(IN_ROOT) $(PY) -m scripts.lock

clean:
	$(IN_ROOT) rm -rf .venv node_modules staticfiles test-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
	$(IN_ROOT) rm -f locale/*/LC_MESSAGES/*.mo
	$(IN_ROOT) find . -name __pycache__ -type d -prune -exec rm -rf {} +
