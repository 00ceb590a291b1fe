# make demo | make test | make check | make install | make wheel; nothing here needs more than Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: install demo test check format bench docs wheel clean

install: $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.uv: $(BIN)/python
	@echo "Installing uv, which installs the rest"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || echo "uv cannot be had here; going on with pip, which is slower"
	@touch $@

# uv compiles what it installs, as pip does, so that no start of the program has to (2 s each where bytecode is not kept).
export UV_COMPILE_BYTECODE = 1

# An editable install: the files of the clone are used, so only a change of dependencies needs it again.
$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.uv
	@echo "Installing sellergraph into $(VENV)"
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .; fi
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt $(VENV)/.uv
	@echo "Installing sellergraph and what its tests need into $(VENV)"
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[test]'; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'; fi
	@touch $@ $(VENV)/.installed

demo: install
	$(BIN)/sellergraph demo --port $(PORT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m graph.schema_docs --check

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-test
	$(BIN)/python -m graph.schema_docs

bench: install
	$(BIN)/python benchmarks/ingest.py

# A wheel for this kind of machine, in which the contact reader is compiled; a C compiler is needed. It is made of a
# copy, since the compiled modules are left beside the sources and would hide them.
wheel: $(BIN)/python
	@echo "Building dist/*.whl with the contact reader compiled to C, which takes some minutes"
	@rm -rf build/source && mkdir -p build/source
	@cp -R pyproject.toml README.md LICENSE app.py cypher sellergraph graph resolvers ingest views build/source
	HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist build/source
	@rm -rf build/source

clean:
	rm -rf $(VENV) build dist demo-case tests/neo4j/target
