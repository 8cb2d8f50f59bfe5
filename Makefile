# `make demo` and `make test` set everything up on a machine that has Python 3.11 and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
PIP := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint bench clean

demo: $(COMPILED)
	$(BIN)/align run corpus/signing --out outputs/signing --formats tmx,moses,tsv --licence cc0-1.0

test: $(COMPILED)
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

# The benchmarks that need no data of others; `make bench DOCS=docs.jsonl` adds those on line-parallel documents.
bench: $(COMPILED)
	$(BIN)/python benchmarks/signing.py
ifdef DOCS
	$(BIN)/align encoder evaluate $(DOCS)
	$(BIN)/python benchmarks/detection.py $(DOCS)
	$(BIN)/python benchmarks/segmentation.py $(DOCS)
	$(BIN)/python benchmarks/encoder.py $(DOCS)
endif

# torch first and by itself: the others would bring its newest build with gigabytes of CUDA.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	$(PIP) -e '.[dev]'
	touch $@

# Numba keeps what it compiled, but does not see where a function that another one calls has changed.
$(COMPILED): $(STAMP) $(shell grep -rl njit align --include='*.py')
	find align -name '*.nb[ci]' -delete
	$(BIN)/align texts corpus/signing/kk/signing.txt corpus/signing/ru/signing.txt --format beads >/dev/null
	$(BIN)/align run corpus/signing --out $(VENV)/first --quiet && rm -rf $(VENV)/first
	touch $@

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
