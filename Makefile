# Thin verbs over Maven. `make help` lists them.
MVN ?= mvn -ntp

.PHONY: help setup fmt check test faults bench jmh dist run clean
help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'
fmt: ## format every Java file
	$(MVN) -q -N initialize -Dfreshet.format=apply
check: ## format check and compile with Error Prone
	$(MVN) -q compile
test: ## everything CI runs
	$(MVN) verify
dist: ## build the runnable bundle without tests
	$(MVN) -q -DskipTests package
bench: ## measure against deepstream side by side (ARGS="--quick", see bench/README.md)
	bench/compare.sh $(ARGS)
jmh: ## micro benchmarks (ARGS=".*Codec.* -prof gc")
	bench/run.sh org.openjdk.jmh.Main $(ARGS)
run: ## start a server on ./data
	./freshet start
clean: ## remove build output
	$(MVN) -q clean
