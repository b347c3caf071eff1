# A Debian 12 of its own, made by debootstrap and booted by systemd-nspawn; its changes are gone with it. Read by `run`.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/watchword-test
base=$cache/bookworm
work=$(mktemp -d /tmp/watchword-system.XXXXXX)
machine='' leader=''

skip() {
    echo "make test-system: skipped: $*"
    exit 0
}

power_off() {
    if [[ -n $leader ]]; then inside systemctl poweroff --force --force &>/dev/null || true; fi
    if [[ -n $machine ]]; then
        sleep 1
        kill -KILL "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
    rm -rf -- "$work"
}

# Makes the base once and puts the package's dependencies into it, so that later runs need no network.
make_base() {
    local depends=$1
    mkdir -p "$cache"
    if [[ ! -e $base.ready ]]; then
        echo "making a Debian 12 in $base, once"
        rm -rf -- "$base"
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,adduser bookworm "$base" \
            http://deb.debian.org/debian &>"$work/debootstrap" ||
            skip "debootstrap cannot make a Debian 12: $(tail -n 1 "$work/debootstrap")"
        touch "$base.ready"
    fi
    if [[ $(cat "$base.depends" 2>/dev/null) != "$depends" ]]; then
        echo "installing what the package depends on, once"
        local names
        names=$(sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g' <<<"$depends")
        # shellcheck disable=SC2086 # names, one a word
        systemd-nspawn --quiet --register=no --keep-unit --pipe --directory="$base" /bin/sh -c \
            "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            $(echo $names)" &>"$work/depends" </dev/null ||
            skip "the package's dependencies cannot be installed: $(tail -n 1 "$work/depends")"
        printf '%s\n' "$depends" >"$base.depends"
    fi
}

# boot PACKAGES: with that folder as /package, $work as /test, and no network.
boot() {
    systemd-nspawn --quiet --register=no --keep-unit --private-network --volatile=overlay --console=pipe \
        --bind-ro="$1:/package" --bind-ro="$work:/test" --directory="$base" --boot &>"$work/console" </dev/null &
    machine=$!
    local tries
    for ((tries = 0; tries < 120; tries++)); do
        kill -0 "$machine" 2>/dev/null || skip "systemd-nspawn cannot boot here: $(tail -n 1 "$work/console")"
        leader=$(pgrep -P "$machine" | head -n 1 || true)
        if [[ -n $leader ]] && [[ $(inside systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; then return; fi
        sleep 1
    done
    skip "systemd did not come up within two minutes: $(tail -n 1 "$work/console")"
}

# inside COMMAND…: as root in the machine.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}
