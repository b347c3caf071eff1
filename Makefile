# Two commands do everything on a fresh Debian 12 with a Swift 6.3 toolchain: `make demo` and `make test`.

PACKAGES := build-essential pkg-config libavformat-dev libavdevice-dev libavcodec-dev libswscale-dev libavutil-dev \
	libopenblas-dev libsystemd-dev libsqlite3-dev
TEST_PACKAGES := ffmpeg netcat-openbsd python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# One build serves the program and the tests; warnings are errors in CI.
FLAGS := -c release -Xswiftc -enable-testing $(if $(CI),-Xswiftc -warnings-as-errors)
WATCHWORD := .build/release/watchword

.PHONY: demo test build setup setup-test lint clean

demo: build
	@Tests/demo.sh $(WATCHWORD)

test: setup-test
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build

build: setup
	swift build $(FLAGS) --product watchword

# Installs only what is missing, so that a second run needs neither network nor root.
setup:
	@$(call install,$(PACKAGES))

setup-test:
	@$(call install,$(PACKAGES) $(TEST_PACKAGES))

define install
missing=$$(dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(1) 2>/dev/null | awk '$$1 == "installed" {print $$2}' \
	| grep -vxFf - <(printf '%s\n' $(1)) || true); \
if [ -n "$$missing" ]; then \
	echo "installing:" $$missing; \
	$(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
fi
endef
SHELL := /bin/bash

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build
