# Two commands do everything on a fresh Debian 12 with a Swift 6.3 toolchain: `make demo` and `make test`. A third,
# `make test-system`, tests the package on machines of its own. Tests/System/fresh runs them in a fresh Debian 12.

PACKAGES := build-essential pkg-config libavformat-dev libavdevice-dev libavcodec-dev libswscale-dev libavutil-dev \
	libopenblas-dev libsystemd-dev libsqlite3-dev libcurl4-openssl-dev libssl-dev libmosquitto-dev \
	libxml2-dev libnats-dev
TEST_PACKAGES := ffmpeg netcat-openbsd faketime mosquitto mosquitto-clients openssl prometheus chromium chromium-driver curl \
	nginx caddy haproxy \
	python3-jsonschema python3-yaml python3-venv python3-gi gir1.2-gst-rtsp-server-1.0 \
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
# Python programs that Debian does not package, for the tests.
TEST_PEERS := .build/test-peers
# For `make deb` and `make install`; and a machine of its own for `make test-system`.
DEB_PACKAGES := debhelper dpkg-dev lintian man-db python3
SYSTEM_PACKAGES := debootstrap systemd-container procps util-linux qemu-system-x86 e2fsprogs
# Another processor's programs, for `make test-processors`.
PROCESSOR_PACKAGES := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
SHELL := /bin/bash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# One build serves the program, the tests and the package; warnings are errors in CI.
FLAGS := -c release -Xswiftc -enable-testing $(if $(CI),-Xswiftc -warnings-as-errors)
WATCHWORD := .build/release/watchword

PACKAGE := .build/package
prefix ?= /usr
unitdir ?= $(prefix)/lib/systemd/system
zshdir ?= $(prefix)/share/zsh/site-functions
# Put into the package where there is one.
MODEL := Training/model

.PHONY: demo truth fleet-storm capture-storm fuzz-capture test test-system test-home-assistant test-processors build install deb bench fuzz setup setup-test setup-deb lint clean

demo: build
	@Tests/demo.sh $(WATCHWORD)

# How well the model detects trouble on real cameras: events on streams made of footage, in scenes that were never trained
# on: make truth FOOTAGE=FOLDER, a folder with video clips.
truth: build
	@test -n "$(FOOTAGE)" || { echo "make truth: name a folder with video clips, as in make truth FOOTAGE=clips" >&2; exit 2; }
	@Training/truth.sh $(WATCHWORD) $(FOOTAGE)

# Unit and end-to-end tests: all that needs no machine of its own. As root or not. With TEST_CAPTURE=thread in the
# environment, the daemons under test read their sources in threads.
test: setup-test
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build

build: setup
	swift build $(FLAGS) --product watchword

# Below DESTDIR. A configuration that is there already stays. For the system itself it is `make install`, as
# root, after `make build` by a user who has the toolchain.
install: $(if $(wildcard $(WATCHWORD)),,build)
	@$(call install,python3)
	install -d $(PACKAGE)/text
	$(WATCHWORD) --experimental-dump-help >$(PACKAGE)/text/help.json
	for shell in bash zsh fish; do \
		$(WATCHWORD) --generate-completion-script $$shell >$(PACKAGE)/text/completion.$$shell || exit; \
	done
	python3 systemd/man/manual.py commands $(PACKAGE)/text/help.json >$(PACKAGE)/text/watchword.1
	python3 systemd/man/manual.py configuration systemd/man/watchword.yaml.5.in Config/watchword.yaml \
		>$(PACKAGE)/text/watchword.yaml.5
	install -D -m 755 $(WATCHWORD) $(DESTDIR)$(prefix)/bin/watchword
	install -D -m 644 -t $(DESTDIR)$(unitdir) systemd/watchword.service systemd/watchword.socket \
		systemd/watchword-nats.service
	sed -i 's|=/usr/bin/|=$(prefix)/bin/|' $(DESTDIR)$(unitdir)/watchword.service
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/watchword Config/watchword.schema.json Config/grafana.json \
		Config/tamper.yaml
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/watchword/fleet Config/fleet/*
	install -D -m 644 systemd/watchword.sysusers $(DESTDIR)$(prefix)/lib/sysusers.d/watchword.conf
	install -D -m 644 systemd/watchword.tmpfiles $(DESTDIR)$(prefix)/lib/tmpfiles.d/watchword.conf
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/man/man1 $(PACKAGE)/text/watchword.1
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/man/man5 $(PACKAGE)/text/watchword.yaml.5
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/man/man8 systemd/man/watchword.service.8
	# Read, never run: bash's begins as a script does.
	sed -i '1{/^#!/d}' $(PACKAGE)/text/completion.bash
	install -D -m 644 $(PACKAGE)/text/completion.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/watchword
	install -D -m 644 $(PACKAGE)/text/completion.zsh $(DESTDIR)$(zshdir)/_watchword
	install -D -m 644 $(PACKAGE)/text/completion.fish \
		$(DESTDIR)$(prefix)/share/fish/vendor_completions.d/watchword.fish
	if [ ! -e $(DESTDIR)/etc/watchword/watchword.yaml ]; then \
		install -D -m 640 Config/watchword.yaml $(DESTDIR)/etc/watchword/watchword.yaml && \
		sed -i '1s|schema=|schema=$(prefix)/share/watchword/|' $(DESTDIR)/etc/watchword/watchword.yaml; \
	fi
	if [ -d $(MODEL) ]; then install -D -m 644 -t $(DESTDIR)$(prefix)/share/watchword/model $(MODEL)/*; fi

# A Debian package, checked by lintian.
deb: setup-deb build
	rm -rf $(PACKAGE)/deb
	install -d $(PACKAGE)/deb/watchword
	cp -r systemd/debian $(PACKAGE)/deb/watchword/debian
	cd $(PACKAGE)/deb/watchword && SOURCE=$(CURDIR) dpkg-buildpackage --build=binary --no-sign
	lintian --allow-root --fail-on error $(PACKAGE)/deb/*.changes
	@ls $(PACKAGE)/deb/*.deb

# The package under a systemd of its own, and on a camera of a kernel of its own: installed, started, killed, unplugged,
# removed. What the machine cannot carry is skipped, with the reason, and counted as skipped.
test-system:
	@skip() { printf 'SKIP  make test-system: %s\nsystem: 0 passed, 0 failed, 1 skipped\n' "$$1"; }; \
	if ! $(SUDO) true; then \
		skip "booting a machine needs root or sudo"; \
	elif ! ($(call install,$(SYSTEM_PACKAGES))); then \
		skip "$(SYSTEM_PACKAGES) cannot be installed"; \
	else \
		$(MAKE) --no-print-directory deb && $(SUDO) Tests/System/stages $(PACKAGE)/deb; \
	fi

# Watchword in a real Home Assistant, which is installed below .build the first time: about 700 MB.
test-home-assistant: build
	@$(call install,mosquitto mosquitto-clients python3-venv)
	@Tests/HomeAssistant/run $(WATCHWORD)

# The int8 kernels of this processor and, under qemu, of arm64 ones, bit by bit.
test-processors:
	@$(call install,$(PROCESSOR_PACKAGES))
	@Tests/Processors/run

# Watchword beside its peers, in an environment of their own; the tables for Benchmarks/RESULTS.md. With VIDEO=FILE the drift of
# the trained model is measured on a video instead of noise.
bench: build
	test -d .build/peers || python3 -m venv .build/peers
	.build/peers/bin/pip install -q -r Benchmarks/requirements.txt
	.build/peers/bin/python Benchmarks/compare.py --watchword $(WATCHWORD) $(if $(VIDEO),--video $(VIDEO))

# STORM_SEEDS fleets of 10 hosts and 200 cameras on three real servers; each is held against what its hosts recorded. One table
# at the end sums up all of them.
STORM_SEEDS := 20
STORMS := host leader host-and-leader frozen frozen-leader subscriber join servers servers-apart cut clock disk-full
fleet-storm: setup-test
	swift build $(FLAGS) --product fleetload
	@reports=$$(mktemp); failed=; unsummed=; for seed in $$(seq $(STORM_SEEDS)); do \
		echo "== seed $$seed"; directory=$$(mktemp -d); \
		.build/release/fleetload storm $(TEST_PEERS)/bin/nats-server $$directory/storm $$seed 9 200 4 \
			$$(shuf -e --random-source=<(yes $$seed) $(STORMS)) || failed+=" $$seed (its files: $$directory)"; \
		cat $$directory/storm/report >> $$reports; \
		[[ "$$failed" = *$$directory* ]] || rm -r $$directory; \
	done; \
	.build/release/fleetload summary $$reports && rm $$reports || unsummed="no summary of $$reports"; \
	test -z "$$failed" || echo "seeds with faults:$$failed"; \
	test -z "$$unsummed" || echo "$$unsummed"; \
	test -z "$$failed$$unsummed"

# STORM_KILLS times the process that reads one of eight streams is killed, at random moments: the others lose no picture.
STORM_KILLS := 1000
capture-storm: setup-test build
	@Tests/Fuzz/capture_storm.py $(WATCHWORD) $(STORM_KILLS)

# FUZZ_SECONDS of libFuzzer for each kind of input; what it finds new joins a copy of the corpus under .build.
FUZZ_SECONDS := 600
FUZZ_TARGETS := requests http configuration safetensors pytorch pickle zip tokenizer onvif reports video
fuzz: setup
	WATCHWORD_FUZZ=1 swift build -c release -Xswiftc -enable-testing --sanitize fuzzer --scratch-path .build/fuzz \
		--product fuzz
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p .build/fuzz/corpus/$$target; \
		echo "== $$target, $(FUZZ_SECONDS) s"; \
		SWIFT_BACKTRACE=enable=no WATCHWORD_FUZZ_TARGET=$$target .build/fuzz/release/fuzz .build/fuzz/corpus/$$target \
			Tests/Fuzz/Corpus/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix=.build/fuzz/$$target- || exit 1; \
	done

# What a capture process takes from a camera, with AddressSanitizer: decoding for an hour, and the rest for ten minutes each.
# Of several -sanitize= the compiler follows the last, and swift build gives them in any order.
fuzz-capture: setup
	WATCHWORD_FUZZ=1 swift build -c release -Xswiftc -enable-testing --sanitize fuzzer --sanitize address \
		-Xswiftc -sanitize=address,fuzzer --scratch-path .build/fuzz-address --product fuzz
	@for target in video:3600 onvif:$(FUZZ_SECONDS) reports:$(FUZZ_SECONDS); do \
		name=$${target%:*}; mkdir -p .build/fuzz-address/corpus/$$name; \
		echo "== $$name with AddressSanitizer, $${target#*:} s"; \
		SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 WATCHWORD_FUZZ_TARGET=$$name \
			.build/fuzz-address/release/fuzz .build/fuzz-address/corpus/$$name Tests/Fuzz/Corpus/$$name \
			-max_total_time=$${target#*:} -timeout=60 -rss_limit_mb=6144 -print_final_stats=1 \
			-artifact_prefix=.build/fuzz-address/$$name- || exit 1; \
	done

# Installs only what is missing, so that a second run needs neither network nor root.
setup:
	@$(call install,$(PACKAGES))

setup-test:
	@$(call install,$(PACKAGES) $(TEST_PACKAGES))
	@cmp -s Tests/Reference/peers.txt $(TEST_PEERS)/peers.txt || { \
		echo "installing: Tests/Reference/peers.txt" && /usr/bin/python3 -m venv $(TEST_PEERS) && \
		$(TEST_PEERS)/bin/pip install -q -r Tests/Reference/peers.txt && cp Tests/Reference/peers.txt $(TEST_PEERS); \
	}

setup-deb:
	@$(call install,$(PACKAGES) $(DEB_PACKAGES))

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
