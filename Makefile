# "make help" lists what there is to run.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

MODULES  := . bench cmd/toolset example/hrm internal/integration tools
TOOL     := GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod
# The race detector wants a C compiler; without one the tests still run.
RACE     := $(shell command -v $$(go env CC) >/dev/null 2>&1 && echo -race)
# A number of inputs: a time limit that ends between two inputs fails runs that found nothing (go.dev/issue/75804).
FUZZTIME ?= 3000x
BENCH    ?= .
COUNT    ?= 6

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: ## Run the example service (ADDR, DATABASE_URL and RABBITMQ_HOST choose its parts)
	@cd example/hrm && go build -o "$(CURDIR)/bin/hrm" . && exec "$(CURDIR)/bin/hrm"

.PHONY: services
services: ## Bring up PostgreSQL and RabbitMQ for the tests
	@scripts/services

.PHONY: test
test: services ## Run every test of every module against the real servers
	$(if $(RACE),,@echo "no C compiler: running without the race detector" >&2)
	TOOLSET_TEST_REQUIRE=$${TOOLSET_TEST_REQUIRE:-servers} go test $(RACE) -shuffle=on -timeout=15m work
	GOWORK=off go test -shuffle=on ./...

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, golangci-lint on every module
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	go vet work
	for m in $(MODULES); do (cd $$m && echo "staticcheck, golangci-lint: $$m" && \
		$(TOOL) staticcheck ./... && $(TOOL) golangci-lint run --config "$(CURDIR)/.golangci.yml" ./...) || exit 1; done

.PHONY: api
api: ## Write docs/api.txt, the public API, anew (a change of it wants a changelog entry)
	GOWORK=off go run -C tools ./api -root .. -write

.PHONY: api-check
api-check:
	GOWORK=off go run -C tools ./api -root ..
	scripts/changelog-check

.PHONY: fuzz
fuzz: ## Run every fuzz test on FUZZTIME (3000x) new inputs
	@for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -h -o '^func Fuzz[A-Za-z0-9_]*' $$pkg/*_test.go | sed 's/func //'); do \
			echo "fuzz $$pkg $$f"; (cd $$pkg && go test -run='^$$' -fuzz="^$$f$$" -fuzztime=$(FUZZTIME) .) || exit 1; \
		done; \
	done

.PHONY: bench
bench: services ## Run the benchmarks in COUNT (6) shuffled rounds and compare them (BENCH selects)
	@mkdir -p bin && rm -f bin/bench.txt
	cd bench && go test -c -o "$(CURDIR)/bin/bench.test" . && for round in $$(seq $(COUNT)); do \
		"$(CURDIR)/bin/bench.test" -test.run='^$$' -test.bench='$(BENCH)' -test.benchmem -test.shuffle=on \
		| tee -a "$(CURDIR)/bin/bench.txt"; done
	$(TOOL) benchstat bin/bench.txt

.PHONY: bench-smoke
bench-smoke: services
	cd bench && go test -run='^$$' -bench=. -benchtime=3x .

.PHONY: check
check: lint api-check test fuzz bench-smoke ## Everything that CI runs
