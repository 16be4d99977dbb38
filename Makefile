# Two commands: `make up` runs Steelyard here, `make test` runs everything CI runs.

export CARGO_TERM_PROGRESS_WHEN ?= auto
ARGS ?=

.PHONY: up test bench openapi fmt

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

# Writes the OpenAPI documents that the gateway routes by; a test compares them with the code.
openapi:
	@cargo build --workspace --bin steelyard
	@for service in organisation planning scoring pay notification; do \
	    $${CARGO_TARGET_DIR:-target}/debug/steelyard openapi $$service > docs/openapi/$$service.json.new && \
	    mv docs/openapi/$$service.json.new docs/openapi/$$service.json; \
	done

fmt:
	@cargo fmt --all
