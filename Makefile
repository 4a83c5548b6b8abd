# `make` alone says what there is. Nothing here needs root or Docker.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The exact Go of go.mod, with its fixes and for builds that can be repeated: a machine may say GOTOOLCHAIN=local, which
# ignores that line. Without a network: make build GOTOOLCHAIN=local
export GOTOOLCHAIN := $(shell sed -n 's/^toolchain //p' go.mod)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
BUILD := -trimpath -buildvcs=false -ldflags '-s -w -X main.release=$(VERSION)'
LINT_VERSION := v2.15.0
LINT := .cache/bin/golangci-lint
FUZZ_SECONDS ?= 60
# Tests of how many packages run at once: two for each processor, since the long ones wait for disks, databases, browsers
# and other programs most of the time. Those that take longest begin first: docs/performance.md.
PACKAGES_AT_ONCE ?= $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2))
LONGEST := ./internal/test/crash ./internal/test/fed ./store/postgres ./cmd/earshot ./internal/console ./store/bolt ./internal/test/fed/attacks ./internal/public
ROUNDS ?= 500
PEOPLE ?= 20000
STEPS ?= 10000
RELAY_SECONDS ?= 30
LARGE ?= 1000000
BINARY ?= earshot
PREFIX ?= /usr/local
DESTDIR ?=
MAINTAINER ?= Earshot maintainers <maintainers@earshot.invalid>
VULNDB ?=
CERTIFICATES ?=
CERTIFICATES_DAYS ?= 183
# For programs that run here, also while something is built for another machine.
HERE := GOOS= GOARCH= CGO_ENABLED=0

# Two builds of one commit are the same, so their dates are the commit's.
install image-root dist: export SOURCE_DATE_EPOCH := $(SOURCE_DATE_EPOCH)

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

.PHONY: demo
demo: build ## the whole story on this machine: a provider and a small town, over real ActivityPub
	./earshot demo $(ARGS)

.PHONY: assets
assets: ## the console's browser library and the font of all pages, from npm; the build embeds them
	@scripts/assets.sh

.PHONY: build
build: assets ## the static binary, ./earshot
	CGO_ENABLED=0 go build $(BUILD) -o '$(BINARY)' ./cmd/earshot

.PHONY: install
install: ## binary, manual page, completions, systemd units below $(DESTDIR)$(PREFIX); make build comes first
	@scripts/install.sh install '$(BINARY)' '$(DESTDIR)' '$(PREFIX)'
	@echo "installed below $(DESTDIR)$(PREFIX)"

.PHONY: uninstall
uninstall: ## remove what make install installed; data folders stay
	@scripts/install.sh uninstall '$(DESTDIR)' '$(PREFIX)'

# A third of the work on a fresh clone is compiling. It takes a fifth less without tables for a debugger, which no test reads,
# and with a compiler that collects less of its garbage. The tests themselves collect as usual.
.PHONY: test
test: export GOFLAGS := $(GOFLAGS) -gcflags=all=-dwarf=false
test: export EARSHOT_PROGRAM := $(CURDIR)/dist/test/earshot
test: needs assets fmt subjects tidy vet deadcode lint-if-there program ## everything CI runs: format, subjects of commits, vet, dead code, every test with the race detector, a little fuzzing
	go test -race -vet=off -timeout 45m -p $(PACKAGES_AT_ONCE) $(LONGEST) ./...
	@scripts/fuzz.sh $(FUZZ_SECONDS)

# The program that tests run as an operator does, built once for all of them. It is replaced only when it is another, so
# that the go command can reuse results.
.PHONY: program
program: assets
	@mkdir -p dist/test
	@GOGC=400 CGO_ENABLED=0 go build -trimpath -buildvcs=false -o dist/test/built ./cmd/earshot
	@cmp -s dist/test/built dist/test/earshot || { rm -f dist/test/earshot; cp dist/test/built dist/test/earshot; }

.PHONY: needs
needs:
	@scripts/needs.sh

.PHONY: fmt
fmt:
	@out=$$(find . -name '*.go' -not -path './.cache/*' -not -path '*/node_modules/*' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$out" ]; then echo "not gofmt:"; echo "$$out"; exit 1; fi

.PHONY: subjects
subjects: ## check the subjects of commits: those that BASE=COMMIT has not, else the last 50
	@scripts/subjects.sh '$(BASE)'

.PHONY: tidy
tidy: # go.mod and go.sum name the imported modules, and no more
	@go mod tidy -diff

.PHONY: deadcode
deadcode: # functions that nothing calls, or only tests; scripts/deadcode.txt says which of these may be
	@scripts/deadcode.sh

.PHONY: vet
vet: # with -race, so that it shares its build with the tests
	GOGC=400 go vet -race ./...

.PHONY: fuzz
fuzz: ## fuzz every target, FUZZ_SECONDS=60 shared among them
	@scripts/fuzz.sh $(FUZZ_SECONDS)

.PHONY: corpus
corpus: ## read the recorded payloads of other servers, and report how much of each platform is understood
	go test -count=1 -v -run '^TestCorpus' ./federation/inbox ./federation/webfinger ./federation/instance | grep -Ev '^(=== |    --- PASS)'

.PHONY: bench-crowd
bench-crowd: ## PEOPLE=20000 report one outage at once and are told, on each store, while the program is killed: docs/performance.md
	EARSHOT_CROWD='$(PEOPLE)' go test -count=1 -timeout 6h -v -run '^TestCrowd$$' ./internal/test/crash | grep --line-buffered -v '^ *time='

.PHONY: crash
crash: ## break a server on each store in ROUNDS=500 ways and print what was lost: docs/operations/crash.md
	EARSHOT_CRASH_ROUNDS='$(ROUNDS)' go test -count=1 -timeout 3h -v -run '^TestCrash$$' ./internal/test/crash | grep --line-buffered -v '^ *time='

.PHONY: model
model: ## compare each store with the model in STEPS=10000 random steps, with the race detector
	EARSHOT_MODEL_STEPS='$(STEPS)' go test -race -count=1 -timeout 1h -v -run '^TestConformance$$/^Model$$' ./store/bolt ./store/postgres | grep --line-buffered -vE '^ *time='

.PHONY: upgrade
upgrade: ## build the program of FROM=COMMIT, fill both stores with it, go on with this one and report missing records
	@test -n '$(FROM)' || { echo "which commit? make upgrade FROM=COMMIT"; exit 2; }
	EARSHOT_UPGRADE_FROM='$(FROM)' go test -count=1 -timeout 45m -v -run '^TestUpgrade$$' ./cmd/earshot

.PHONY: bench
bench: build ## measure the built program over HTTP, as ratios to bounds of the same run; ARGS='-posts 20000': docs/performance.md
	@go build -trimpath -buildvcs=false -o dist/bench ./internal/test/bench
	@dist/bench $(ARGS) './$(BINARY)'

.PHONY: bench-relay
bench-relay: build ## measure a relay of 2,000 posts a second, of which 1 in 1,000 is for the desk, for RELAY_SECONDS=30
	@go build -trimpath -buildvcs=false -o dist/bench ./internal/test/bench
	@dist/bench -relay '$(RELAY_SECONDS)' $(ARGS) './$(BINARY)'

.PHONY: bench-large
bench-large: build ## fill a store with LARGE=1000000 issues and measure the program on it; ARGS='-keep FOLDER' goes on later: docs/performance.md
	@go build -trimpath -buildvcs=false -o dist/bench ./internal/test/bench
	@dist/bench -large '$(LARGE)' $(ARGS) './$(BINARY)'

.PHONY: benchmarks
benchmarks: ## every Go benchmark once, with allocations
	go test -run '^$$' -bench . -benchmem ./...

$(LINT):
	GOBIN='$(CURDIR)/.cache/bin' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

.PHONY: lint
lint: $(LINT) ## golangci-lint; the first time it is built into .cache, which takes minutes
	$(LINT) run ./...

.PHONY: lint-if-there
lint-if-there:
	@if [ -x $(LINT) ]; then $(LINT) run ./...; else echo "lint: skipped, make lint installs it"; fi

.PHONY: vulncheck
vulncheck: assets ## known vulnerabilities in what the program calls; needs the public database, so it is not in make test
	@VULNDB='$(VULNDB)' scripts/vulncheck.sh

.PHONY: dist
dist: assets ## a release, in dist/release: archives, Debian packages, SBOMs, checksums: docs/operations/releasing.md
	@VERSION='$(VERSION)' MAINTAINER='$(MAINTAINER)' scripts/dist.sh

.PHONY: dist-check
dist-check: assets ## make dist of the last commit twice, in two folders with two build caches, and compare every byte
	@VERSION='$(VERSION)' scripts/dist-check.sh

.PHONY: image-root
image-root: assets ## what goes into a container image, in dist/image: binary, manual page, certificates (CERTIFICATES=FILE), an empty /data
	rm -rf dist/image
	mkdir -p dist/image/root/etc/ssl/certs dist/image/root/usr/share/man/man1 dist/image/data
	$(HERE) go run ./internal/release/certificates -from '$(CERTIFICATES)' -days '$(CERTIFICATES_DAYS)' >dist/image/root/etc/ssl/certs/ca-certificates.crt
	CGO_ENABLED=0 go build $(BUILD) -o dist/image/root/earshot ./cmd/earshot
	$(HERE) go run $(BUILD) ./cmd/earshot man >dist/image/root/usr/share/man/man1/earshot.1

.PHONY: image
image: image-root ## a container image around a binary that was built here; pulls nothing
	docker build --target prebuilt --tag earshot:$(VERSION) --tag earshot:latest .

.PHONY: screenshots
screenshots: assets ## pictures of every page, at three widths, light and dark, in dist/screenshots, and the README's; needs Chromium
	rm -rf dist/screenshots
	EARSHOT_SCREENSHOTS='$(CURDIR)/dist/screenshots' EARSHOT_PICTURES='$(CURDIR)/docs/images' \
		go test -count=1 -run '^(TestScreenshots|TestMorningScreenshots|TestPicture|TestMorningPictures|TestDemoInABrowser)$$' ./internal/public ./internal/console ./cmd/earshot
	@find dist/screenshots -type f | wc -l | xargs printf '%s pictures in dist/screenshots\n'

.PHONY: pictures
pictures: assets ## the pictures of the README and of the guide, in docs/images; needs Chromium
	EARSHOT_PICTURES='$(CURDIR)/docs/images' go test -count=1 -run '^(TestPicture|TestMorningPictures|TestDemoInABrowser)$$' ./internal/public ./internal/console ./cmd/earshot
	@find docs/images -name '*.webp' -size +120k | sed 's/$$/ is larger than 120 kB/'

.PHONY: clean
clean: ## remove what was built here, not what was installed into .cache
	rm -rf earshot dist
