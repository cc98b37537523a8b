# Broadsheet's commands for people and for CI; `make` alone lists them.
# Needs make, and Python 3.11, 3.12 or 3.13 (PYTHON=python3.12 names one); everything else is installed into .venv.

BIN := .venv/bin
INSTALLED := .venv/.installed$(if $(PYTHON),-$(notdir $(PYTHON)))
STARTED := $(shell date +%s)
# Where nothing was ever started there is nothing to stop, and so nothing to install for it.
IF_STATE = if [ -d "$${BROADSHEET_STATE:-.broadsheet}" ]; then $(MAKE) --no-print-directory install &&
EXPORT := uv export --quiet --frozen --no-dev --no-emit-project --no-annotate --no-header --format requirements.txt

# Without byte code every start of Airflow would compile two thousand modules anew.
unexport PYTHONDONTWRITEBYTECODE
# A virtual environment that is active elsewhere, or a PYTHONPATH, must not get mixed in.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# uv where install.sh has put it, unless it is on the PATH anyway.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

# uv trusts whom the system trusts, as pip and git do: a company's own authority is known there only.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= true
endif

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench-latency bench-overhead bench-api bench-pdf screenshots golden gallery fmt lock down clean distclean
.NOTPARALLEL:

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## Install everything into .venv
	@:

$(INSTALLED): pyproject.toml uv.lock deploy/install.sh deploy/uv-requirements.txt
	@PYTHON='$(PYTHON)' deploy/install.sh
	@touch $@

demo: $(INSTALLED) ## Start everything, run a report on real data, show the mail; EXIT=1 stops by itself
	@$(BIN)/broadsheet demo --since $(STARTED) $(if $(filter-out 0 no,$(EXIT)),--exit)

test: $(INSTALLED) ## Run every test; ARGS="tests/unit -k period" runs some
	@$(if $(ARGS),$(BIN)/pytest $(ARGS),tests/run_all.sh $(BIN)/pytest)

check: $(INSTALLED) ## Lint, check format and types, and that the lock is up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	uv lock --check --quiet
	@$(EXPORT) | cmp -s - requirements.txt || { echo "requirements.txt is out of date: run make lock"; exit 1; }
	$(BIN)/broadsheet check

bench-latency: $(INSTALLED) ## Measure from REST request to accepted mail, by stage
	@$(BIN)/python -m benchmarks.latency

bench-overhead: $(INSTALLED) ## Measure what a task costs at the chosen settings and at Airflow's own
	@$(BIN)/python -m benchmarks.overhead

bench-api: $(INSTALLED) ## Measure the JSON API under fifty clients while reports are built
	@$(BIN)/python -m benchmarks.api

bench-pdf: $(INSTALLED) ## Measure documents of every kind, with Chromium beside them
	@$(BIN)/python -m benchmarks.pdf

screenshots: $(INSTALLED) ## Take the portal's pictures in docs/images anew; needs Chromium
	@$(BIN)/python -m docs.screenshots

golden: $(INSTALLED) ## Write the golden pages of documents anew, after a change of looks that is meant
	@$(BIN)/pytest tests/unit/pipeline/document/test_golden.py --golden -q

gallery: $(INSTALLED) ## Build the gallery's reports into build/gallery, and their pictures for docs and portal
	@$(BIN)/python -m docs.gallery
	@$(BIN)/python -m docs.charts

fmt: $(INSTALLED) ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

lock: $(INSTALLED) ## Renew uv.lock from pyproject.toml, and requirements.txt from that
	uv lock
	$(EXPORT) --output-file requirements.txt

down: ## Stop the stack; its data stays
	@$(IF_STATE) $(BIN)/broadsheet stack down; fi

clean: ## Stop the stack and delete its data, passwords included
	@$(IF_STATE) $(BIN)/broadsheet stack clean; fi

distclean: clean ## Delete what was installed, too
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis
