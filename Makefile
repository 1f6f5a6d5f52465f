# Everything a fresh machine needs: Swift, and these commands. `make` alone lists them.

SWIFT_FLAGS = -c release -Xswiftc -enable-testing

.PHONY: help build demo test bench pytorch vectors speech pretrained tokenizers transformers lint format golden clean swift

help:
	@echo "make demo     train on real Chinese reviews (some minutes), judge a sentence, leave runs/demo/report.html"
	@echo "make build    build the command, .build/release/martlet"
	@echo "make test     lint, and every test on every instruction set of this machine"
	@echo "make bench    our speed beside PyTorch's, OpenBLAS's and oneDNN's, as ratios (downloads PyTorch into a cache)"
	@echo "make lint     swift format lint --strict"
	@echo "make format   let swift format rewrite the sources"
	@echo "make golden   recompute the expected values in Tests/Golden (downloads PyTorch into a cache)"
	@echo "make pytorch  check that what we save loads in PyTorch and gives the same (downloads PyTorch into a cache)"
	@echo "make vectors  run ONNX's test vectors for RNN, LSTM and GRU (downloads them into a cache)"
	@echo "make speech   check the speech detector on real recordings (downloads PyTorch, the model and recordings into a cache)"
	@echo "make pretrained  check three networks that others trained against the originals (downloads them and PyTorch into a cache)"
	@echo "make tokenizers  compare the tokens of real tokenizers with the libraries they were made for (downloads them into a cache)"
	@echo "make transformers  check MiniLM's embeddings against Hugging Face's (downloads both into a cache)"
	@echo "make clean    remove what was built"

swift:
	@command -v swift > /dev/null || { \
	    echo "Swift is not installed: see https://www.swift.org/install (6.3 or later), then try again." >&2; exit 69; }

build: swift
	swift build $(SWIFT_FLAGS) --product martlet

demo: build
	@Tools/demo.sh

# One build serves all runs. The last run is the one on the machine's own instruction set, with all threads.
test: lint
	swift build $(SWIFT_FLAGS) --build-tests
	Examples/01-sentiment/run.sh
	MARTLET_ISA=scalar MARTLET_THREADS=1 swift test $(SWIFT_FLAGS) --skip-build --filter 'MartletTensorTests|MartletNNTests'
	@for isa in avx2 avx512; do if .build/release/martlet info | grep -q "can run here:.* $$isa, "; then (set -x; \
	    MARTLET_ISA=$$isa swift test $(SWIFT_FLAGS) --skip-build --filter 'MartletTensorTests|MartletNNTests') || exit; fi; done
	@if .build/release/martlet info | grep -q "of bfloat16: amx"; then (set -x; \
	    MARTLET_BFLOAT16=avx512bf16 swift test $(SWIFT_FLAGS) --skip-build --filter ProductPrecisionTests); fi
	swift test $(SWIFT_FLAGS) --skip-build

# In turns with the peers, in one run. Say ONLY=LSTM for the cases with that in their name.
CACHE = $(or $(MARTLET_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/martlet)
bench: build
	@Tools/system_packages.sh bench || true
	python=$$(Tools/python_environment.sh) && $$python Benchmarks/run.py --python $$python --cache $(CACHE)/bench --only '$(ONLY)'

pytorch: build
	Tools/check_in_pytorch.sh

vectors: build
	Tools/check_onnx_vectors.sh

speech: build
	Tools/check_silero.sh

pretrained: build
	Tools/check_pretrained.sh

lint: swift
	swift format lint --strict --recursive Package.swift Sources Tests Examples

format: swift
	swift format --in-place --recursive Package.swift Sources Tests Examples

tokenizers: build
	Tools/check_tokenizers.sh

transformers: build
	Tools/check_transformers.sh minilm

golden:
	Tools/golden/make.sh

clean:
	rm -rf .build
