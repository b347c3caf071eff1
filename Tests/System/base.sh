# A Debian 12 made by debootstrap, with what the package depends on, kept between runs. Read by `service`, `camera` and
# `fresh`.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/watchword-test
base=$cache/bookworm
mirror=http://deb.debian.org/debian
work=$(mktemp -d /tmp/watchword-system.XXXXXX)

# in_root ROOT COMMAND: by the shell, as root in that directory, with the network.
in_root() {
    systemd-nspawn --quiet --register=no --keep-unit --pipe --directory="$1" /bin/sh -c "$2" </dev/null
}

install_line() {
    echo "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $*"
}

# Makes the base once and puts the package's dependencies into it, so that later runs need no network.
make_base() {
    local depends=$1
    mkdir -p "$cache"
    if [[ ! -e $base.ready ]]; then
        echo "making a Debian 12 in $base, once"
        rm -rf -- "$base"
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,adduser bookworm "$base" \
            "$mirror" &>"$work/debootstrap" ||
            skip "debootstrap cannot make a Debian 12: $(tail -n 1 "$work/debootstrap")"
        # The base can be made again, so dpkg need not wait for the disk.
        echo force-unsafe-io >"$base/etc/dpkg/dpkg.cfg.d/unsafe-io"
        touch "$base.ready"
    fi
    if [[ $(cat "$base.depends" 2>/dev/null) != "$depends" ]]; then
        echo "installing what the package depends on, once"
        local names
        names=$(sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g' <<<"$depends")
        # shellcheck disable=SC2086 # names, one a word
        in_root "$base" "$(install_line $names)" &>"$work/depends" ||
            skip "the package's dependencies cannot be installed: $(tail -n 1 "$work/depends")"
        printf '%s\n' "$depends" >"$base.depends"
    fi
}
