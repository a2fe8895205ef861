# What a person types. A target of more than a few lines is a script in tools/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check format layout clippy domain-purity no-couplings openapi openapi-sync lint-openapi fuzz-api clients bench audit

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve a demo school on this computer; what is entered stays in ./data, ./keys and ./letters
	@tools/run.sh

test: ## Run all tests, on SQLite and on PostgreSQL
	@tools/test.sh

check: format layout clippy domain-purity no-couplings openapi-sync ## Check the format, the layout, the lints and openapi.yaml

format: ## Check the format of the code
	cargo fmt --all --check

layout: ## Check that no crate has circles among its files and that the walls between the crates stand
	cargo run --quiet --locked -p groeilijn-layout

clippy: ## Check all code with clippy; a warning is an error
	cargo clippy --workspace --all-targets --locked -- -D warnings

# zip asks for chance where it writes an encrypted archive; we only read.
domain-purity: ## Check that the domain stays free of databases, HTTP, threads of others, clocks and chance
	@tree=$$(cargo tree --locked -p groeilijn-domain --prune zip --edges normal,build --prefix none); ! grep -E \
		'^(diesel|libsqlite3-sys|pq-sys|actix|tokio|hyper|rand|getrandom|groeilijn-(engine|persistence|api))' <<<"$$tree"

no-couplings: ## Check that nothing in the program could call another system, letters, wrapped keys, webhooks and witnesses aside (C053)
	@tree=$$(cargo tree --locked -p groeilijn-api --prune groeilijn-mail --prune groeilijn-vault --prune groeilijn-webhook --edges normal --prefix none); ! grep -E \
		'^(reqwest|hyper|h2|ureq|awc|curl|isahc|lettre|tonic|webpki-roots|rustls-native-certs|rustls-platform-verifier|native-tls) ' <<<"$$tree" && \
		! cargo tree --locked -p groeilijn-api --prune groeilijn-mail --prune groeilijn-vault --prune groeilijn-webhook --edges features --prefix none | grep -E '^actix-tls feature "connect"'

openapi: ## Make openapi.yaml anew from the code
	cargo run --quiet --locked -p groeilijn-api -- openapi >openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

openapi-sync: ## Check that openapi.yaml is what the code says
	cargo run --quiet --locked -p groeilijn-api -- openapi | diff openapi.yaml - || \
		{ echo "openapi.yaml is out of date: run 'make openapi'" >&2; exit 1; }

lint-openapi: ## Hold openapi.yaml against the API Design Rules, OWASP's rules and Redocly's strictest set
	@tools/lint_openapi.sh

fuzz-api: ## Fuzz the running API with schemathesis, as everybody of each of two schools
	@tools/fuzz_api.sh

clients: ## Make clients for TypeScript, Go and Python, compile them, and walk through the API with the last
	@tools/clients.sh

bench: ## Measure against a server with the same duties, written as plainly as can be, and one without; needs 8 GB of memory
	cargo build --profile dist --locked -p groeilijn-api -p groeilijn-bench
	target/dist/compare

audit: ## Check the licences, versions, sources and known faults of all dependencies
	@tools/audit.sh
