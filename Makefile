# Thin verbs over Maven. `make help` lists them.
MVN ?= mvn -ntp
JAVA ?= java
ROUNDS ?= 20
# Taken as it is, "$" included, and handed on in the environment: a recipe splits it at spaces, and
# no shell looks for patterns or commands in it.
override ARGS := $(value ARGS)
export ARGS

.PHONY: help fmt check test faults ts docs bench jmh dist run clean
help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'
fmt: ## format every Java file
	$(MVN) -q -N initialize -Dfreshet.format=apply
check: ## format check and compile with Error Prone
	$(MVN) -q compile
test: ## everything CI runs
	$(MVN) verify
faults: ## everything, with many rounds of each randomised test (ROUNDS=20): crashes, lost power, fuzz
	FRESHET_ROUNDS=$(ROUNDS) $(MVN) verify
	$(MVN) -q test -pl backends/rocksdb -am -Dtest=SyncOrderFaults -Dsurefire.failIfNoSpecifiedTests=false
ts: ## build and test the TypeScript client and the Prisma extension against ./freshet
	cd clients/typescript && npm ci && npm test
	cd dist/src/test/client && npm ci
	cd clients/prisma && npm ci && npm test
docs: ## write the generated reference pages
	$(JAVA) tools/Errors.java write .
	./freshet config reference > target/configuration.md && cp target/configuration.md docs/reference/
dist: ## build the runnable bundle without tests
	$(MVN) -q -DskipTests package
bench: ## measure against deepstream side by side (ARGS="--quick", see bench/README.md)
	set -f; exec bench/compare.sh $$ARGS
jmh: ## micro benchmarks (ARGS='(Codec|Decide).* -prof gc')
	set -f; exec bench/run.sh org.openjdk.jmh.Main $$ARGS
run: ## start a server on ./data
	./freshet start
clean: ## remove build output
	$(MVN) -q clean
