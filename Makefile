# Two commands do everything on a fresh Debian 12 with a Swift 6.3 toolchain: `make demo` and `make test`.

PACKAGES := build-essential pkg-config libavformat-dev libavdevice-dev libavcodec-dev libswscale-dev libavutil-dev \
	libopenblas-dev libsystemd-dev libsqlite3-dev
TEST_PACKAGES := ffmpeg netcat-openbsd python3-jsonschema python3-yaml python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
SHELL := /bin/bash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# One build serves the program and the tests; warnings are errors in CI.
FLAGS := -c release -Xswiftc -enable-testing $(if $(CI),-Xswiftc -warnings-as-errors)
WATCHWORD := .build/release/watchword

.PHONY: demo test build bench setup setup-test lint clean

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

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build
