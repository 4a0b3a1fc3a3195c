# Two commands for a fresh clone: `make smoke` and `make test`. Needed: Python 3.11 or newer, make, a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)

.PHONY: smoke test test-faults test-slurm lint reuse

smoke: reuse $(VENV)/core.stamp ## the whole workflow with tiny budgets
	snakemake --cores 2 --config scale=smoke
	@echo "The report: $(CURDIR)/reports/smoke/index.html"

test: reuse $(VENV)/test.stamp ## all tests but those of the next two
	OMP_NUM_THREADS=1 pytest -n 2 --dist loadgroup

test-faults: reuse $(VENV)/test.stamp ## work that is killed at random moments, or done in another order without a network
	OMP_NUM_THREADS=1 pytest -n 2 -m faults tests/faults tests/workflow

test-slurm: reuse $(VENV)/test.stamp ## the workflow on a Slurm cluster of its own (root, and packages: says if it cannot)
	OMP_NUM_THREADS=1 pytest -m slurm -rs tests/slurm

lint: reuse $(VENV)/lint.stamp ## style of Python and of the workflow
	ruff check . && ruff format --check .
	snakefmt --check Snakefile workflow
	snakemake --lint --config scale=smoke

reuse:
	@ls $(VENV)/*.stamp >/dev/null 2>&1 && echo "Reusing the environment in $(VENV) (remove that folder to start afresh)" || true

$(VENV)/core.stamp: EXTRAS :=
$(VENV)/test.stamp: EXTRAS := [test,tensorflow,encoder,slurm]
# BackPACK asks for torchvision, which it needs for its examples only, and which wants another torch.
$(VENV)/test.stamp: ALONE := backpack-for-pytorch unfoldnd einops
$(VENV)/lint.stamp: EXTRAS := [lint]
$(VENV)/%.stamp: pyproject.toml constraints.txt
	@echo "Installing tnas_bench$(EXTRAS) into $(VENV) (one to three minutes)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	pip install --disable-pip-version-check --constraint constraints.txt --editable '.$(EXTRAS)'
	$(if $(ALONE),pip install --disable-pip-version-check --constraint constraints.txt --no-deps $(ALONE))
	@touch $@
