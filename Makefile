# `make help` lists what there is to do. Only Go, a JDK 17, Maven and make are needed for run, demo and test; the other
# targets fetch their tools, of pinned versions, into .cache once.

GOLANGCI_VERSION := v2.15.0

STACK    ?= handoff
ARCH     ?= arm64
BENCH    ?= .
FUZZTIME ?= 30s

CACHE     := $(CURDIR)/.cache
GOLANGCI  := $(CACHE)/bin/golangci-lint-$(GOLANGCI_VERSION)
SAM       := $(CACHE)/venv/sam/bin/sam
CFN_LINT  := $(CACHE)/venv/sam/bin/cfn-lint
CHECKOV   := $(CACHE)/venv/checkov/bin/checkov
MINISTACK := $(CACHE)/venv/ministack/bin/python
AXE       := $(CACHE)/axe/node_modules/axe-core/axe.min.js
# The race detector needs cgo, and that a C compiler; CI installs one.
RACE      := $(if $(shell command -v gcc clang cc),-race)
DYNAMODB  := go run ./infra/dynamodb exec --

FUNCTIONS := $(notdir $(patsubst %/,%,$(wildcard functions/*/)))
# What a deployed binary is built with. AWS's runtime lacks the libc that cgo would ask for.
BUILD_FLAGS := -trimpath -tags lambda.norpc -ldflags "-s -w"
SAM_BUILD   := CGO_ENABLED=0 GOFLAGS='-trimpath -tags=lambda.norpc "-ldflags=-s -w"' $(SAM) build
SAM_ARCH     = $(if $(filter amd64,$(ARCH)),x86_64,$(ARCH))

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help

##@ Use it

.PHONY: run
run: ## start the whole stack on this machine, at http://127.0.0.1:$PORT (3000); SECRETS and POLICY name files
	@mkdir -p $(CACHE)/bin
	@go build -o $(CACHE)/bin/handoff-local ./infra/local
	@exec $(CACHE)/bin/handoff-local

.PHONY: demo
demo: ## play a story with real webhooks, on a port and data of its own
	@go run ./infra/demo

##@ Check it

.PHONY: check
check: fmt-check lint vet test template-lint ## everything that CI checks: format, lint, vet, tests, template

.PHONY: test
test: ## run all tests, against a DynamoDB Local of their own; with the race detector where a C compiler is
	$(DYNAMODB) go test $(RACE) -shuffle=on -timeout 40m ./...

.PHONY: fmt
fmt: $(GOLANGCI) ## format the Go files
	$(GOLANGCI) fmt

.PHONY: fmt-check
fmt-check: $(GOLANGCI)
	$(GOLANGCI) fmt --diff

.PHONY: lint
lint: $(GOLANGCI) ## lint the Go files
	$(GOLANGCI) run ./...

.PHONY: vet
vet: ## vet the Go files, and check that go.mod is tidy
	go vet ./...
	go mod tidy -diff

.PHONY: template-lint
template-lint: $(SAM) $(CHECKOV) ## check template.yaml with cfn-lint, SAM CLI and checkov
	$(CFN_LINT) template.yaml
	$(SAM) validate --lint
	$(CHECKOV) --config-file .checkov.yaml

.PHONY: test-pages
test-pages: $(AXE) ## look at the pages in Chromium, hold each to the rules (axe too), leave pictures in .cache/pages
	go run ./infra/browser -axe $(AXE)

.PHONY: screenshots
screenshots: ## only take the pictures of every page, light, dark and on a telephone: .cache/pages/index.html
	go run ./infra/browser -pictures

.PHONY: gallery
gallery: ## serve the components of the pages, for who works on shared/page/style.css
	go run ./infra/browser -serve 127.0.0.1:3300

.PHONY: sim
sim: ## play a month of 20 reps in seconds; charts in .cache/sim (SIM="-seed 2 -days 90")
	@go run ./infra/sim $(SIM)

.PHONY: sim-rollout
sim-rollout: ## play thousands of rollout phases whose truth is known; charts in .cache/sim-rollout (SIM="-runs 500")
	@go run ./infra/sim/rollout $(SIM)

.PHONY: quality
quality: ## tell invented people and companies apart: precision and recall; picture in .cache/quality (QUALITY="-seed 2")
	@go run ./infra/quality $(QUALITY)

.PHONY: bench
bench: ## run the benchmarks (BENCH=pattern)
	$(DYNAMODB) go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: import-bench
import-bench: ## measure an import of 100,000 rows against plain bulk writes, and its memory (IMPORT="-rows 10000")
	$(DYNAMODB) go run ./infra/importbench $(IMPORT)

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s)
	@grep -rl --include='*_test.go' '^func Fuzz' functions shared infra | xargs -n 1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d ' ' -f 2); do \
			echo "$$dir $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) ./$$dir || exit 1; \
		done; \
	done

.PHONY: mail-lists
mail-lists: ## fetch the newest list of throw-away mail domains into shared/standard/tables
	@rm -rf .cache/mail-lists && mkdir -p .cache/mail-lists
	python3 -m pip download --quiet --no-deps --dest .cache/mail-lists disposable-email-domains
	python3 -m zipfile -e .cache/mail-lists/*.whl .cache/mail-lists
	sed -n "/^blocklist/,/^}/s/^ *'\(.*\)',$$/\1/p" .cache/mail-lists/disposable_email_domains/__init__.py | LC_ALL=C sort -u > shared/standard/tables/disposable.txt
	go test ./shared/standard

##@ Build and deploy it

.PHONY: build
build: $(FUNCTIONS:%=build-%) ## build all functions for ARCH (arm64; or amd64) into .cache/build

.PHONY: $(FUNCTIONS:%=build-%)
$(FUNCTIONS:%=build-%): build-%:
	CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build $(BUILD_FLAGS) -o .cache/build/$(ARCH)/$*/bootstrap ./functions/$*

.PHONY: sam-build
sam-build: $(SAM) ## build what sam deploy sends, for ARCH (arm64; or amd64)
	$(SAM_BUILD) --parameter-overrides Architecture=$(SAM_ARCH)

.PHONY: deploy
deploy: ## deploy to AWS as STACK (handoff); PARAMS="MailFrom=…"
	@test -n "$(PARAMS)" || { echo 'say PARAMS="MailFrom=…"; template.yaml explains them' >&2; exit 2; }
	@$(MAKE) sam-build
	$(SAM) deploy --stack-name $(STACK) --resolve-s3 --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset \
		--parameter-overrides Architecture=$(SAM_ARCH) $(PARAMS)

.PHONY: test-deploy
test-deploy: $(SAM) $(MINISTACK) ## deploy to an emulator and follow one request to its message there
	go run ./infra/deploy/trial -sam $(SAM) -python $(MINISTACK)

.PHONY: sam-local
sam-local: $(SAM) ## serve the API by sam local start-api, next to a local stack; needs Docker; TRY=1 only tries it
	go run ./infra/deploy/samlocal -sam $(SAM) $(if $(TRY),-try)

##@ Clean up

.PHONY: clean
clean: ## remove what was built; keeps data and fetched tools
	rm -rf .aws-sam .cache/build .cache/bin/handoff-local .cache/trial

.PHONY: clean-all
clean-all: clean ## remove what was fetched and all local data, too
	rm -rf .cache .data .demo

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

# ---- Tools, fetched once ----

$(GOLANGCI):
	@mkdir -p $(CACHE)/bin
	GOFLAGS= GOBIN=$(CACHE)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(CACHE)/bin/golangci-lint $@

# npm checks what it fetches against package-lock.json. No script of a package is run.
$(AXE): infra/tools/axe/package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing: apt-get install npm' >&2; exit 1; }
	@mkdir -p $(CACHE)/axe && cp infra/tools/axe/package.json infra/tools/axe/package-lock.json $(CACHE)/axe
	cd $(CACHE)/axe && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Each Python tool has an environment of its own, made anew when its list of versions changes.
$(CACHE)/venv/%/.ready: infra/tools/%.txt
	@command -v python3 >/dev/null || { echo 'python3 is missing: apt-get install python3 python3-venv' >&2; exit 1; }
	@rm -rf $(@D) && mkdir -p $(CACHE)/venv
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SAM): $(CACHE)/venv/sam/.ready ;
$(CHECKOV): $(CACHE)/venv/checkov/.ready ;
$(MINISTACK): $(CACHE)/venv/ministack/.ready ;
