# Everything that this project does begins here. `make run` and `make test` need Python 3.11+ only.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 3
# Each worker begins with modules of its own, so that a site is started once; whoever is idle takes from the others.
# Thousands of small databases: in memory where there is room, for no test pulls the plug of the machine.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 {print "TMPDIR=/dev/shm "}')
KILLS ?= 100
DATES ?= 2027-02-01 2027-03-28 2028-02-29 2029-12-31 2031-06-15

.PHONY: help run demo test chaos double mails spam pictures pages gallery test-dates check bench format lint types imports migrations translations sizes catalogue clean
.DEFAULT_GOAL := help

help:
	@echo "make run        everything on this machine (ARGS=\"--port 8080 --data folder\")"
	@echo "make demo       the same with people and letters made up, in a folder of its own"
	@echo "make check      form, types, imports, migrations, catalogues, sizes"
	@echo "make test       all tests (ARGS=\"-k words\" for some)"
	@echo "make chaos      a hundred kills on each database, and everything else that can go wrong"
	@echo "make double     what we send, looked at by a stand-in for SES that others wrote (needs node)"
	@echo "make mails      every mail against HTML and against what mail programs can do (needs node)"
	@echo "make spam       every mail as a filter of spam sees it (needs spamassassin)"
	@echo "make pictures   every mail as it looks, in build/pictures; and the gallery"
	@echo "make pages      every page against HTML, and nine as Lighthouse sees them (needs node)"
	@echo "make gallery    the pictures of the README, from the demo, in docs/pictures"
	@echo "make test-dates all tests again on five other days of the machine's clock (half an hour)"
	@echo "make bench      how fast it is; the figures go into docs/benchmarks.md"
	@echo "make format     put the sources into form"
	@echo "make catalogue  bring the catalogues up to date; then translate what is new"
	@echo "make clean      take away what was installed and made here"

run: $(VENV)/.installed
	@exec $(BIN)/staffroom run $(ARGS)

demo: $(VENV)/.installed
	@exec $(BIN)/staffroom demo $(ARGS)

test: $(VENV)/.tests
	$(IN_MEMORY)$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

chaos: $(VENV)/.tests
	CHAOS_KILLS=$(KILLS) $(BIN)/python -m pytest -p no:randomly tests/chaos $(ARGS)

# A stand-in for SES that others wrote. Needs node; its own mailparser is older than what it asks for.
double: $(VENV)/.tests
	mkdir -p $(VENV)/double
	echo '{"private":true,"dependencies":{"aws-ses-v2-local":"2.10.2"},"overrides":{"mailparser":"3.7.5"}}' > $(VENV)/double/package.json
	npm install --prefix $(VENV)/double --no-audit --no-fund --silent
	SES_DOUBLE=$(VENV)/double/node_modules/.bin/aws-ses-v2-local $(BIN)/python -m pytest tests/double $(ARGS)

# Every mail against HTML itself and against what mail programs can do. Needs node.
mails: $(VENV)/.tests
	mkdir -p $(VENV)/mails
	echo '{"private":true,"dependencies":{"caniemail":"1.0.5","html-validate":"10.17.0"}}' > $(VENV)/mails/package.json
	npm install --prefix $(VENV)/mails --no-audit --no-fund --silent
	$(BIN)/python -m tests.pictures files build/mails
	node tests/support/check_mails.mjs build/mails $(VENV)/mails

# Every mail as a filter of spam sees it. Needs spamassassin.
spam: $(VENV)/.tests
	$(BIN)/python -m tests.spam build/spam/mails.mbox

# Every mail as it looks: both languages, light and dark, desk and phone. To be looked at.
pictures: $(VENV)/.tests gallery
	$(BIN)/python -m tests.pictures pictures build/pictures
	@echo "Look at build/pictures/index.html"

# Every page against HTML itself, and nine of them as Lighthouse sees them. Needs node.
pages: $(VENV)/.tests
	mkdir -p $(VENV)/pages
	echo '{"private":true,"dependencies":{"lighthouse":"13.5.0","html-validate":"10.17.0"}}' > $(VENV)/pages/package.json
	npm install --prefix $(VENV)/pages --no-audit --no-fund --silent
	$(BIN)/python -m tests.pages $(VENV)/pages

# The demo as it looks: home, library, a recording, a letter; light, dark, on a phone. To be looked at.
gallery: $(VENV)/.tests
	$(BIN)/python -m tests.gallery docs/pictures

test-dates: $(VENV)/.tests
	for day in $(DATES); do MACHINE_DATE=$$day $(IN_MEMORY)$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS) || exit 1; done

check: lint types imports migrations translations sizes

bench: $(VENV)/.tests
	$(BIN)/python -m bench $(ARGS)

lint: $(VENV)/.tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.tests
	$(BIN)/mypy

imports: $(VENV)/.tests
	$(BIN)/lint-imports

migrations: $(VENV)/.tests
	$(BIN)/python -m tests.check_migrations

translations: $(VENV)/.tests
	$(BIN)/python -m tests.check_translations

sizes: $(VENV)/.tests
	$(BIN)/python -m tests.check_sizes

# Bring the catalogues up to date with the sources; then translate what is new.
catalogue: $(VENV)/.tests
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k NN_:1,2 --no-location --sort-output --omit-header --ignore-dirs '.*' -o locales/staffroom.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header -w 100 -D staffroom -l fi -i locales/staffroom.pot -d locales

format: $(VENV)/.tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Staffroom needs Python 3.11 or newer." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Staffroom into $(VENV) …"
	@$(PIP) install -c constraints.txt -e '.[postgresql]'
	@touch $@

$(VENV)/.tests: $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(PIP) install -c constraints.txt -e '.[postgresql,test]'
	@$(BIN)/python -m tests.support.chromium
	@touch $@
