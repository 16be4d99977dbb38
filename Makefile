# Two commands: `make up` runs Steelyard here, `make test` runs everything CI runs.

export CARGO_TERM_PROGRESS_WHEN ?= auto
ARGS ?=

.PHONY: up test bench fuzz openapi openapi-released fmt

up:
	@scripts/install-needed
	@cargo build --workspace --bin steelyard
	@exec $${CARGO_TARGET_DIR:-target}/debug/steelyard up $(ARGS)

test:
	@scripts/install-needed test
	@scripts/test

bench:
	@scripts/install-needed bench
	@cargo build --release --workspace --bin steelyard --bin steelyard-bench
	@$${CARGO_TARGET_DIR:-target}/release/steelyard-bench $(ARGS)

# Looks for a scheme that is accepted and cannot be computed, and for a text that breaks the reader.
SECONDS ?= 60
fuzz:
	@command -v cargo-fuzz >/dev/null || cargo install -q cargo-fuzz
	@cd shared/domain/fuzz && mkdir -p corpus/texts && cp ../schemes/*.toml corpus/texts/ && \
	for target in schemes texts; do \
	    cargo fuzz run --fuzz-dir . --sanitizer none $$target -- -max_total_time=$(SECONDS) -max_len=20000 -print_final_stats=1 $(ARGS) || exit 1; \
	done

# Writes the OpenAPI documents that the gateway routes by; a test compares them with the code.
openapi:
	@cargo test -q --workspace --no-run --test standalone
	@for service in organisation planning scoring pay appeals notification steelyard; do \
	    $${CARGO_TARGET_DIR:-target}/debug/steelyard openapi $$service > docs/openapi/$$service.json.new && \
	    mv docs/openapi/$$service.json.new docs/openapi/$$service.json || exit 1; \
	done

# At a release: what clients may rely on from now on.
openapi-released:
	@cp docs/openapi/steelyard.json docs/openapi/released/steelyard.json
	@sed -i '/^- `/,$$d; /^Nothing yet\.$$/d' docs/openapi/breaking.md && echo "Nothing yet." >> docs/openapi/breaking.md

fmt:
	@cargo fmt --all
