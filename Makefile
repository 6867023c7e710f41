# stoa: every task of the house. `make help` lists them; both CI and people use these same commands.
# A second run of any target downloads and builds nothing: stamps stand beside what they describe.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
OUT    ?= out
RUFF   := $(VENV)/bin/ruff
STAMP_NPM := stoa-node/node_modules/.stamp-deps
SHOP   := examples/storefront
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# napi always names a target, which gives a build directory of its own: maturin names the same one, so that the two
# bindings share the compiled core and its dependencies.
HOST := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
# Exact versions of every Python package; the ranges in pyproject.toml are what a user's project sees.
export PIP_CONSTRAINT := $(CURDIR)/stoa-py/constraints.txt

CORE_SOURCES := Cargo.toml Cargo.lock $(shell find stoa-core -name '*.rs' -o -name Cargo.toml)
PY_SOURCES   := $(shell find stoa-py -name '*.rs' -o -name Cargo.toml) stoa-py/pyproject.toml
NODE_SOURCES := $(shell find stoa-node -name node_modules -prune -o -name lib -prune -o \
                  \( -name '*.rs' -o -name '*.ts' -o -name '*.mts' -o -name Cargo.toml -o -name tsconfig.json \) -print) stoa-node/package.json
SHOP_SOURCES := $(shell find $(SHOP) \( -name node_modules -o -name build -o -name data -o -name .react-router \) -prune -o \
                  -type f -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

##@ The commands of a newcomer
.PHONY: demo
demo: $(VENV)/.stamp-ext $(STAMP_NPM)-built ## The loop on a real experiment: out/report.html, loop.json and registry.jsonl
	@$(PY) -m stoa demo --out $(OUT) --approval simulated

.PHONY: storefront
storefront: $(SHOP)/build/.stamp ## A small shop under three experiments, with a Redis of its own; Ctrl-C ends both
	@tools/servers redis
	@cd $(SHOP) && exec node scripts/start.mjs

.PHONY: test
test: test-rust test-py test-node test-sql test-assign test-e2e ## Everything: Rust, doctests, Python, Node, SQL, browser, shared vectors, README examples
	@echo "make test: all parts passed"

##@ Parts of make test
.PHONY: test-rust
test-rust: doctor ## Rust: unit, doctests (README too), truth tables, floors, the example
	cargo test --locked -p stoa-core -p stoa-tests
	cargo run --locked --quiet -p stoa-core --example loop

.PHONY: test-py
test-py: servers $(VENV)/.stamp-dev $(VENV)/.stamp-ext $(STAMP_NPM)-built ## Python and DuckDB SQL: vectors, demo, README examples
	$(PY) -m pytest tests/python
	$(PY) examples/loop.py
	@if [ -d ../shared/data ]; then $(MAKE) --no-print-directory truth; \
	 else echo "no ../shared/data beside this clone: the comparison with its truth is skipped"; fi

.PHONY: test-node
test-node: $(STAMP_NPM)-built ## TypeScript: types and tests
	@tools/servers redis
	npm --prefix stoa-node run check
	@mkdir -p target
	@node --test --test-reporter=tap tests/node/*.test.mjs > target/node-test.tap || \
	  { grep -A 30 '^ *not ok' target/node-test.tap; tail -n 8 target/node-test.tap; exit 1; }
	@tail -n 8 target/node-test.tap
	node examples/loop.mjs

.PHONY: test-sql
test-sql: servers $(VENV)/.stamp-deps ## Rules: native evaluation against generated SQL in DuckDB and PostgreSQL, pair by pair
	$(PY) tests/sql/rule_differential.py

.PHONY: test-assign
test-assign: servers $(VENV)/.stamp-deps $(STAMP_NPM)-built ## Decisions: Rust's repeated by Python, Node, the edge module, DuckDB and PostgreSQL
	$(PY) tests/assign/differential.py

.PHONY: test-e2e
test-e2e: servers $(SHOP)/build/.stamp ## The built storefront in Chromium beside a real Redis: stopped, killed, full of rubbish
	npm --prefix $(SHOP) run check
	@mkdir -p target
	@node --test --test-reporter=tap tests/e2e/*.test.mjs > target/e2e-test.tap || \
	  { grep -A 30 '^ *not ok' target/e2e-test.tap; tail -n 8 target/e2e-test.tap; exit 1; }
	@tail -n 8 target/e2e-test.tap

.PHONY: test-spark
test-spark: $(VENV)/.stamp-spark $(VENV)/.stamp-ext ## Rules and decisions in a real Spark (installs pyspark and a JRE; not part of make test)
	@tools/java
	$(PY) tests/sql/spark_differential.py

.PHONY: truth
truth: demo ## out/loop.json against ../shared/data/truth.json; prints the worst
	$(PY) tests/hillstrom_truth.py $(OUT)/loop.json ../shared/data/truth.json

##@ More of the same tests (not part of make test)
.PHONY: test-differential test-assign-differential
test-differential: servers $(VENV)/.stamp-deps ## A million pairs for every way of deciding a rule: docs/DIFFERENTIAL.md; resumable
	$(PY) tests/sql/rule_differential.py --million

test-assign-differential: servers $(VENV)/.stamp-deps $(STAMP_NPM)-built ## A million decisions in every language and in SQL: docs/DIFFERENTIAL.md; resumable
	$(PY) tests/assign/differential.py --million

# No sanitizer: the core forbids unsafe code, and without one a second tries thousands of texts. 256 MB and 5 s are what
# one text may cost at most, with everything libFuzzer itself keeps.
FUZZ_SECONDS ?= 600
FUZZ := target/fuzz
.PHONY: fuzz
fuzz: doctor ## Any bytes as rule, visitor and segment, FUZZ_SECONDS=600 (installs cargo-fuzz: minutes the first time)
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@mkdir -p $(FUZZ)/corpus
	RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none --target-dir $(FUZZ) rule $(FUZZ)/corpus fuzz/seeds -- \
	  -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=256 -timeout=5 -max_len=4096 -dict=fuzz/rule.dict \
	  -print_final_stats=1 2>&1 | tee $(FUZZ)/log | grep -v 'NEW\|REDUCE'
	$(PYTHON) tools/fuzz_table.py $(FUZZ)/log

# The SDKs that tests come from, exact versions, in a folder of their own: none of them is a dependency of stoa.
MIGRATION := target/migration
MIGRATION_NPM := @growthbook/growthbook@1.8.0 @eppo/js-client-sdk-common@4.14.4
MIGRATION_PIP := growthbook==4.0.0 eppo-server-sdk==4.4.1
MIGRATION_IDS ?= 100000
.PHONY: test-migration
test-migration: $(VENV)/.stamp-dev $(VENV)/.stamp-ext ## GrowthBook's and Eppo's own SDKs beside stoa, 100,000 ids: docs/MIGRATION.md (downloads them)
	@mkdir -p $(MIGRATION)
	npm --prefix $(MIGRATION) install --no-save --no-audit --no-fund --loglevel=error $(MIGRATION_NPM)
	PIP_CONSTRAINT= $(PY) -m pip install --quiet --upgrade --target $(MIGRATION)/python $(MIGRATION_PIP)
	cd $(MIGRATION) && node $(CURDIR)/tests/vectors/make_migration.mjs peers.json $(MIGRATION_IDS) 20
	$(PY) tests/migration_peers.py $(MIGRATION) | tee $(MIGRATION)/table.md

##@ Quality
.PHONY: check
check: doctor $(VENV)/.stamp-dev $(VENV)/.stamp-ext $(STAMP_NPM) ## Format, lints and types in three languages
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(RUFF) check stoa-py/python tests examples tools benches
	$(RUFF) format --check stoa-py/python tests examples tools benches
	cd stoa-py && ../$(VENV)/bin/mypy
	cd stoa-py && ../$(VENV)/bin/python -m mypy.stubtest stoa._stoa
	npm --prefix stoa-node run check

.PHONY: deny
deny: ## Licences, sources and advisories of the crates (installs cargo-deny: minutes the first time; not part of make test)
	command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources

.PHONY: docs
docs: doctor ## API documentation of the core in target/doc
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps -p stoa-core
	@echo "open target/doc/stoa_core/index.html"

##@ Benches (each prints a table; rule, forest, policy and storefront also write target/bench/NAME.json)
.PHONY: bench-rule
bench-rule: $(VENV)/.stamp-dev $(VENV)/.stamp-ext ## Rules: one visitor beside serde_json, 10 M rows beside DuckDB (ratios in one run)
	cargo bench --locked -p stoa-benches --bench rule --bench rule_visitor
	$(PY) benches/rule_batch.py
	$(PY) benches/profile.py

.PHONY: bench-assign
bench-assign: doctor $(STAMP_NPM)-built ## One decision: Rust, then Node.js beside flagd, GrowthBook, Eppo and Statsig (downloads them)
	cargo bench --locked -p stoa-benches --bench assign
	npm --prefix benches/assign ci --no-audit --no-fund --loglevel=error && node benches/assign/node.mjs

# The peers' packages, in an environment of their own: none of them is a dependency of stoa.
PEERS := target/peers-assign
.PHONY: bench-assign-python
bench-assign: bench-assign-python
bench-assign-python: $(VENV)/.stamp-ext ## One decision in Python beside Eppo, Statsig, flagd and GrowthBook (downloads them)
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r benches/assign/peers.txt
	$(PEERS)/bin/python benches/assign.py

.PHONY: bench-posterior-python
bench-posterior: bench-posterior-python
bench-posterior-python: $(VENV)/.stamp-ext ## Readouts in Python beside gbstats, bayesian-testing and PyMC (downloads them)
	test -x target/peers-posterior/bin/python || $(PYTHON) -m venv target/peers-posterior
	PIP_CONSTRAINT= target/peers-posterior/bin/python -m pip install --quiet -r benches/posterior-peers.txt
	target/peers-posterior/bin/python benches/posterior.py

.PHONY: bench-posterior bench-forest bench-policy
bench-posterior bench-forest bench-policy: bench-%: doctor ## Time one room of the core (forest, policy: CPU seconds)
	cargo bench --locked -p stoa-benches --bench $*

.PHONY: bench-storefront
bench-storefront: $(SHOP)/build/.stamp ## The storefront while Redis goes away, then 10 minutes of mixed load
	@tools/servers redis
	node benches/storefront/bench.mjs

.PHONY: bench-registry
bench-registry: $(VENV)/.stamp-ext ## Two processes write 2,000 events each to one registry: seconds, lost, chain
	$(PY) tests/registry_writers.py 2000

##@ Simulations (resumable; results in docs/SIMULATIONS.md)
SIM_CPU ?= 3600
.PHONY: sim-forest
sim-forest: $(VENV)/.stamp-ext ## How often discovery claims a segment where none is; SIM_CPU=seconds to spend (3600)
	$(PY) tests/sim/forest_null.py --cpu-budget $(SIM_CPU)

.PHONY: sim-assign
sim-assign: doctor ## Is the hash uniform and independent? 1,000 salts of 10 M ids; SIM_CPU=seconds to spend (3600)
	cargo build --locked --release -p stoa-tests --bin assign_hash
	$(PYTHON) tests/sim/assign_hash.py --cpu-budget $(SIM_CPU)

.PHONY: sim-decide
sim-decide: doctor ## Does the verdict keep its promise, and do intervals hold? 20,000 runs a store; SIM_CPU=seconds to spend (3600)
	cargo build --locked --release -p stoa-tests --bin sim_decide --bin sim_coverage
	$(PYTHON) tests/sim/decide.py --cpu-budget $(SIM_CPU)

##@ Set-up (the targets above call these)
.PHONY: doctor
doctor: ## Are cargo, Python, Node and a C compiler here, and new enough?
	@PYTHON="$(PYTHON)" tools/doctor

.PHONY: servers
servers: ## Programs the tests start (PostgreSQL, Redis, Chromium): here, or installed (root with apt), or how to get them
	@tools/servers

.PHONY: setup
setup: $(VENV)/.stamp-dev $(VENV)/.stamp-ext $(STAMP_NPM)-built ## Everything a contributor needs, without running anything

.PHONY: clean
clean: ## Remove what was built (not the cache of downloaded data)
	rm -rf target $(VENV) $(OUT) stoa-node/node_modules stoa-node/*.node $(addprefix $(SHOP)/,node_modules build data)

$(VENV)/.stamp-venv: tools/doctor
	@PYTHON="$(PYTHON)" tools/doctor
	@echo "[1/4] a Python environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.stamp-deps: $(VENV)/.stamp-venv stoa-py/pyproject.toml stoa-py/constraints.txt
	@echo "[2/4] Python packages: numpy, duckdb, altair, maturin ..."
	$(PY) tools/extras.py stoa-py/pyproject.toml runtime > $(VENV)/requirements.txt
	$(PY) -m pip install --quiet --progress-bar on -r $(VENV)/requirements.txt
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-deps
	@echo "      Python packages of the tests: pytest, mypy, ruff, pandas, polars, pyarrow, sqlglot, jsonschema"
	$(PY) tools/extras.py stoa-py/pyproject.toml dev > $(VENV)/requirements-dev.txt
	$(PY) -m pip install --quiet --progress-bar on -r $(VENV)/requirements-dev.txt
	@touch $@

$(VENV)/.stamp-spark: $(VENV)/.stamp-deps
	@echo "      pyspark, for make test-spark alone: a download of 435 MB"
	$(PY) tools/extras.py stoa-py/pyproject.toml spark > $(VENV)/requirements-spark.txt
	$(PY) -m pip install --quiet --progress-bar on -r $(VENV)/requirements-spark.txt
	@touch $@

$(VENV)/.stamp-ext: $(VENV)/.stamp-deps $(CORE_SOURCES) $(PY_SOURCES)
	@echo "[3/4] the Rust core as a Python extension (release; minutes the first time)"
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(VENV)/bin/maturin develop --release --locked --config stoa-node/.cargo/config.toml --target $(HOST) -m stoa-py/Cargo.toml
	@touch $@

$(STAMP_NPM): stoa-node/package-lock.json
	@tools/doctor
	npm --prefix stoa-node ci --no-audit --no-fund --loglevel=error
	@touch $@

# After the Python extension, so that two builds do not compete for the machine.
$(STAMP_NPM)-built: $(VENV)/.stamp-ext $(STAMP_NPM) $(CORE_SOURCES) $(NODE_SOURCES)
	@echo "[4/4] the same core as a Node addon"
	npm --prefix stoa-node run build
	@touch $@

# stoa-node is installed there as a stranger would have it; a new build of it is copied over that, which keeps the mode of
# its command.
$(SHOP)/node_modules/.stamp-deps: $(SHOP)/package-lock.json | $(STAMP_NPM)-built
	@echo "      the storefront's packages: react-router, vite, playwright-core ..."
	npm --prefix $(SHOP) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(SHOP)/build/.stamp: $(SHOP)/node_modules/.stamp-deps $(STAMP_NPM)-built $(SHOP_SOURCES)
	cp -R stoa-node/lib stoa-node/package.json stoa-node/*.node $(SHOP)/node_modules/stoa-node/
	npm --prefix $(SHOP) run build --loglevel=error > $(SHOP)/node_modules/.build.log 2>&1 || \
	  { cat $(SHOP)/node_modules/.build.log; exit 1; }
	@touch $@

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z0-9 -]*:.*## / {n = split($$1, names, " "); for (i = 1; i <= n; i++) printf "  %-16s %s\n", names[i], $$2}' $(MAKEFILE_LIST)
