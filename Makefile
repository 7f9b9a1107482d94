# make reproduce [PROFILE=smoke|cpu|gpu|p100] [DATA_ROOT=...] [WEIGHTS_DIR=...] [ONLY=02]
# make test                      all tests; make test-fast leaves out those marked slow
# make lint                      ruff, and mypy where pyproject.toml says so
# make hosts [HOST=colab] [ONLY=02]   the notebooks on what Colab and Kaggle preinstall
# make kaggle ONLY=02 PROFILE=p100   a folder for `kaggle kernels push`
# make redraw                    every table and figure anew from the committed records, compared with them
# make site [CHECK=--check]      the study as web pages, in results/site; read in Chromium
PYTHON ?= python3
VENV ?= .venv
PROFILE ?= smoke
ONLY ?=
CORES ?= all
CHECK ?=
PY := $(VENV)/bin/python
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
# Of pip's report, what shows that it moves.
PROGRESS := sed -u -n -E '/^ *(Collecting|Downloading|Installing|Successfully|ERROR)/p' | cut -c -100

ifneq ($(DATA_ROOT),)
export DERM_DATA := $(abspath $(DATA_ROOT))
endif
ifneq ($(WEIGHTS_DIR),)
export DERM_WEIGHTS := $(abspath $(WEIGHTS_DIR))
endif
export PYTHONPATH := $(CURDIR)
# Waiting threads would otherwise take the cores of those that work.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: reproduce store redraw site kaggle hosts test test-fast lint clean

reproduce: $(VENV)/installed
	@$(PY) -m lib reproduce --profile $(PROFILE) --only "$(ONLY)" --cores $(CORES)

# Keep the notebooks in notebooks/ as rendered from the records at hand, without training.
store: $(VENV)/installed
	$(PY) -m lib notebook $(or $(ONLY),all) --profile $(PROFILE) --records-only --store

# Needs no data, weights or GPU.
redraw: $(VENV)/installed
	$(PY) -m lib redraw --only "$(ONLY)"

# KAGGLE_USERNAME names the account.
kaggle: $(VENV)/installed
	@$(PY) -m lib kaggle "$(ONLY)" --profile $(PROFILE)

site: $(VENV)/installed
	$(PY) -m lib site $(CHECK)

# About 7 GB and half an hour each; HOST=colab for one of them.
HOST ?= colab kaggle-p100
hosts: $(VENV)/installed
	@for host in $(HOST); do $(PY) tests/hosts/run.py $$host $(ONLY) || exit 1; done

PYTEST := $(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder

test: $(VENV)/installed
	$(PYTEST)

test-fast: $(VENV)/installed
	$(PYTEST) -m "not slow"

lint: $(VENV)/installed
	$(PY) -m ruff check lib tests && $(PY) -m ruff format --check lib tests && $(PY) -m mypy

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing about 6 GB into $(VENV), once"
	@$(PY) -m pip install --progress-bar off --upgrade pip 2>&1 | $(PROGRESS)
	@$(PY) -m pip install --progress-bar off -r requirements.txt 2>&1 | $(PROGRESS)
	@touch $@

clean:
	rm -rf results/smoke results/site .cache
