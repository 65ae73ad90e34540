# One command for each thing to do with the course. `.venv/` is made on the first call and
# again only when pyproject.toml or constraints.txt change, or when the checkout has moved.

# An assignment is a folder of modules/ with notebooks in it. One that is not named is the only one.
ASSIGNMENTS := $(sort $(patsubst modules/%/,%,$(dir $(wildcard modules/*/*.ipynb))))
ASSIGNMENT := $(if $(word 2,$(ASSIGNMENTS)),,$(ASSIGNMENTS))
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# The newest Python that was tried: for one that is newer, pip may find no wheels, and compile.
NEWEST := $(shell sed -n 's/.*Python :: 3\.\([0-9]*\)".*/\1/p' pyproject.toml | sort -n | tail -n 1)

# make 3.81, which is macOS's, looks for programs in the PATH below only by way of a shell, and takes
# one for each command only if it is not /bin/sh.
SHELL := $(or $(wildcard /bin/bash),/bin/sh)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# For the interpreter of .venv/ alone, whatever the caller's shell or pip's settings have.
unexport PYTHONPATH PYTHONHOME PYTHONOPTIMIZE PIP_TARGET PIP_PREFIX
export PIP_USER := 0

.DEFAULT_GOAL := help
.PHONY: help environment sandbox postgresql chromium course lab which kit test lint browser apart mutants reference bench pretrain site clean moved

help:
	@echo 'make course     release the labs, grade a small sample class, show the result'
	@echo 'make environment'
	@echo '                only make .venv/, which each of these makes first; then: . .venv/bin/activate'
	@echo 'make lab        open JupyterLab on the student release of an assignment'
	@echo 'make kit        write what its students get to dist/: a folder and a zip'
	@echo '                $(or $(foreach name,$(ASSIGNMENTS),ASSIGNMENT=$(name)),(there are no labs in modules/))'
	@echo 'make test       lint, type checks, unit tests, every notebook replayed, the grading loop'
	@echo 'make lint       only ruff, mypy and the lint of the notebooks'
	@echo 'make browser    go through JupyterLab and the pages in Chromium (installs a driver first)'
	@echo 'make apart      judge every known answer apart from the checks, as grading does: half an'
	@echo '                hour; make test takes a part of them. One lab: make apart LAB=01_sparsity'
	@echo 'make mutants    run small changes to the reference answers against the checks (installs'
	@echo '                mutmut first): all labs take an hour, one less: make mutants LAB=01_sparsity'
	@echo 'make reference  compare tinytorch with PyTorch (installs PyTorch first: gigabytes, on Linux)'
	@echo 'make bench      time tinytorch against PyTorch (likewise)'
	@echo 'make pretrain   train the language models in the package anew: half an hour'
	@echo 'make site       write the course as web pages to build/site/ (installs Sphinx first)'
	@echo 'make clean      remove .venv/ and caches; submissions and grades are left alone'
	@echo 'PYTHON=...      the Python 3.11 to 3.$(NEWEST) to make .venv/ with'

# Python and its packages ----------------------------------------------------------------

# The stamp holds the checkout's path: the scripts of a .venv/ that was moved would not start. Its
# own Python reads it, which may have gone away.
ifneq ($(wildcard $(STAMP)),)
ifneq ($(shell { "$(BIN)/python" -c 'print(open("$(STAMP)").read().strip())'; } 2>/dev/null),$(CURDIR))
$(STAMP): moved
endif
endif

$(STAMP): pyproject.toml constraints.txt
	@set -e; \
	for python in $(if $(PYTHON),'$(PYTHON)',python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$python" -c 'import sys; sys.exit(not 11 <= sys.version_info[1] <= $(NEWEST))' \
	        2>/dev/null; \
	    then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "This course needs Python 3.11 to 3.$(NEWEST), but $(or $(PYTHON),python3) --version says:" \
	        "$$('$(or $(PYTHON),python3)' --version 2>&1 || true)." \
	        'Name another one: make PYTHON=/path/to/python3.11' >&2; \
	    exit 1; \
	fi; \
	if [ "$$(cat "$(STAMP)" 2>/dev/null || pwd -P)" != "$$(pwd -P)" ] || \
	    ! { "$(BIN)/python" -m pip --version; } >/dev/null 2>&1; then \
	    echo "Making $(VENV)/ with $$("$$found" --version)"; \
	    "$$found" -m venv --clear "$(VENV)"; \
	fi; \
	echo 'Installing the course and its tools: three to five minutes the first time'; \
	"$(BIN)/python" -m pip install --quiet -c constraints.txt -e '.[lab,grading,cluster,test]'; \
	printf '%s\n' "$$(pwd -P)" >"$(STAMP)"

environment: $(STAMP)

# PyTorch for the CPU alone, a tenth of the size, is in an index of PyTorch's own. One that is
# installed already is kept.
$(VENV)/installed-reference: $(STAMP)
	@"$(BIN)/python" -c 'import torch' 2>/dev/null || [ "$$(uname)" != Linux ] || echo \
	    'Installing PyTorch. Where pip finds no build for the CPU, this takes several gigabytes of' \
	    'CUDA; to be spared them, stop here, and install the build that pytorch.org names for' \
	    'pip and CPU into .venv/ first.' >&2
	"$(BIN)/python" -m pip install --quiet -c constraints.txt -e '.[reference]'
	@touch "$@"

$(VENV)/installed-browser: $(STAMP)
	"$(BIN)/python" -m pip install --quiet -c constraints.txt -e '.[browser,hub,site]'
	@touch "$@"

$(VENV)/installed-mutants: $(STAMP)
	"$(BIN)/python" -m pip install --quiet -c constraints.txt -e '.[mutants]'
	@touch "$@"

$(VENV)/installed-site: $(STAMP)
	"$(BIN)/python" -m pip install --quiet -c constraints.txt -e '.[site]'
	@touch "$@"

# Students' code is graded in Bubblewrap's sandbox. Root on Debian or Ubuntu gets it here; anybody
# else is told how, and nbgrader refuses to grade until it is there.
sandbox:
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    echo 'Installing bubblewrap, the sandbox for grading' && apt-get -qq update && \
	    apt-get -qq install -y bubblewrap >/dev/null; } || \
	    echo 'Grading needs bubblewrap: sudo apt-get install bubblewrap (or dnf, pacman)' >&2

# A real PostgreSQL for the tests to start: Debian's for root, any that is there.
postgresql:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	    { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    echo 'Installing postgresql, for its tests' && apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends postgresql \
	    >/dev/null 2>&1; } || \
	    echo 'The tests need PostgreSQL: sudo apt-get install postgresql (or dnf, pacman)' >&2

# The browser that journeys are made in: Debian's for root, any Chromium or Chrome that is there.
chromium:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } \
	    >/dev/null || { [ "$$(id -u)" = 0 ] && \
	    command -v apt-get >/dev/null && echo 'Installing chromium' && apt-get -qq update && \
	    apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || \
	    echo 'This needs Chromium: sudo apt-get install chromium (or dnf, pacman)' >&2

# The course -----------------------------------------------------------------------------

course: $(STAMP) sandbox
	@python -m autograders course

release/%: | $(STAMP)
	nbgrader generate_assignment $*

lab: $(if $(ASSIGNMENT),release/$(ASSIGNMENT),which)
	jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir="$(CURDIR)" \
	    --LabApp.app_settings_dir=tinytorch/jupyterlab --LabApp.default_url=/lab/tree/release/$(ASSIGNMENT)

which:
	@echo 'Say which assignment: $(or $(foreach name,$(ASSIGNMENTS),make lab ASSIGNMENT=$(name);),there is none)' >&2
	@exit 1

kit: $(STAMP)
	@python -m autograders kit $(ASSIGNMENT)

site: $(VENV)/installed-site
	@python -m autograders site

# Checks ---------------------------------------------------------------------------------

lint: $(STAMP)
	ruff check .
	mypy
	python -m autograders lint
	python -m tinytorch.export --check modules/*/*.ipynb

# Two workers of one BLAS thread each fit on the smallest machine; a notebook, like a test
# module, stays on one worker because its cells share a kernel. The grading loop is the longest
# and starts first.
lab test apart browser reference: export OPENBLAS_NUM_THREADS ?= 1
test: lint sandbox postgresql
	pytest -n 2 --dist loadscope --no-loadscope-reorder --nbval --nbval-current-env \
	    autograders modules tinytorch

# What was on the screen is kept in screenshots/. A class on JupyterHub takes root; one journey:
# make browser JOURNEY=test_hub.py
browser: $(VENV)/installed-browser chromium sandbox
	pytest -n 2 --dist loadscope -m browser autograders/tests/browser/$(JOURNEY)

apart: $(STAMP) sandbox
	@python -m autograders apart $(LAB)

mutants: $(VENV)/installed-mutants
	@python -m autograders mutants $(LAB)

reference: $(VENV)/installed-reference
	pytest -n 2 -m reference tinytorch/tests

# With the kernels that NumPy has for this processor, as PyTorch does.
bench: $(VENV)/installed-reference
	@env -u OPENBLAS_CORETYPE python -m tinytorch.benchmarks

# What was trained so far is in build/pretraining/: stop it, and the same command goes on.
pretrain: $(STAMP)
	@python -m tinytorch.language

clean:
	rm -rf "$(VENV)" build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
