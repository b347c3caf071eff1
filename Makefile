# Two commands do everything on a fresh Debian 12 with a Swift 6.3 toolchain: `make demo` and `make test`.

PACKAGES := build-essential pkg-config libavformat-dev libavdevice-dev libavcodec-dev libswscale-dev libavutil-dev \
	libopenblas-dev libsystemd-dev libsqlite3-dev
TEST_PACKAGES := ffmpeg netcat-openbsd faketime python3-jsonschema python3-yaml python3-gi gir1.2-gst-rtsp-server-1.0 \
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
SHELL := /bin/bash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# One build serves the program and the tests; warnings are errors in CI.
FLAGS := -c release -Xswiftc -enable-testing $(if $(CI),-Xswiftc -warnings-as-errors)
WATCHWORD := .build/release/watchword

.PHONY: demo test build bench fuzz setup setup-test lint clean

demo: build
	@Tests/demo.sh $(WATCHWORD)

test: setup-test
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build

build: setup
	swift build $(FLAGS) --product watchword

# Watchword beside its peers, in an environment of their own; the table for Benchmarks/RESULTS.md.
bench: build
	test -d .build/peers || python3 -m venv .build/peers
	.build/peers/bin/pip install -q -r Benchmarks/requirements.txt
	.build/peers/bin/python Benchmarks/compare.py --watchword $(WATCHWORD)

# Installs only what is missing, so that a second run needs neither network nor root.
setup:
	@$(call install,$(PACKAGES))

setup-test:
	@$(call install,$(PACKAGES) $(TEST_PACKAGES))

# dpkg-query names the packages it does not know on stderr alone, so what is wanted is compared with what it calls
# installed. A package is wanted by name, whatever its architecture.
define install
missing=$$(comm -23 <(printf '%s\n' $(1) | sort) \
	<(dpkg-query -W -f '$${Package} $${db:Status-Status}\n' $(1) 2>/dev/null | sed -n 's/ installed$$//p' | sort)); \
if [ -n "$$missing" ]; then \
	echo "installing:" $$missing; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
fi
endef

# FUZZ_SECONDS of libFuzzer for each kind of input; what it finds new joins a copy of the corpus under .build.
FUZZ_SECONDS := 600
FUZZ_TARGETS := requests configuration safetensors pytorch tokenizer video
fuzz: setup
	WATCHWORD_FUZZ=1 swift build -c release -Xswiftc -enable-testing --sanitize fuzzer --scratch-path .build/fuzz --product fuzz
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p .build/fuzz/corpus/$$target; \
		echo "== $$target, $(FUZZ_SECONDS) s"; \
		SWIFT_BACKTRACE=enable=no WATCHWORD_FUZZ_TARGET=$$target .build/fuzz/release/fuzz .build/fuzz/corpus/$$target \
			Tests/Fuzz/Corpus/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix=.build/fuzz/$$target- || exit 1; \
	done

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build
