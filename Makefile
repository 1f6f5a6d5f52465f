# Everything a fresh machine needs: Swift, and these commands. `make` alone lists them.

SWIFT_FLAGS = -c release -Xswiftc -enable-testing

.PHONY: help build test bench lint format golden clean swift

help:
	@echo "make build    build the command (.build/release/martlet) and the tests, once, in release"
	@echo "make test     lint, and every test on every instruction set of this machine"
	@echo "make bench    our speed beside PyTorch's, OpenBLAS's and oneDNN's, as ratios (downloads PyTorch into a cache)"
	@echo "make lint     swift format lint --strict"
	@echo "make format   let swift format rewrite the sources"
	@echo "make golden   recompute the expected values in Tests/Golden (downloads PyTorch into a cache)"
	@echo "make clean    remove what was built"

swift:
	@command -v swift > /dev/null || { \
	    echo "Swift is not installed: see https://www.swift.org/install (6.3 or later), then try again." >&2; exit 69; }

build: swift
	swift build $(SWIFT_FLAGS) --build-tests

# One build serves all runs. The last run is the one on the machine's own instruction set, with all threads.
test: lint build
	MARTLET_ISA=scalar MARTLET_THREADS=1 swift test $(SWIFT_FLAGS) --skip-build --filter 'MartletTensorTests|MartletNNTests'
	@if .build/release/martlet info | grep -q 'can run here:.*avx512'; then \
	    set -x; MARTLET_ISA=avx2 swift test $(SWIFT_FLAGS) --skip-build --filter 'MartletTensorTests|MartletNNTests'; fi
	swift test $(SWIFT_FLAGS) --skip-build

# In turns with the peers, in one run. Say ONLY=LSTM for the cases with that in their name.
CACHE = $(or $(MARTLET_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/martlet)
bench: build
	python=$$(Tools/python_environment.sh) && $$python Benchmarks/run.py --python $$python --cache $(CACHE)/bench --only '$(ONLY)'

lint: swift
	swift format lint --strict --recursive Package.swift Sources Tests

format: swift
	swift format --in-place --recursive Package.swift Sources Tests

golden:
	Tools/golden/make.sh

clean:
	rm -rf .build
