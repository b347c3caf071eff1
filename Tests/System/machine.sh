# The base booted by systemd-nspawn; its changes are gone with it. Read by `service`.

machine='' leader=''

power_off() {
    if [[ -n $leader ]]; then inside systemctl poweroff --force --force &>/dev/null || true; fi
    if [[ -n $machine ]]; then
        sleep 1
        kill -KILL "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
    rm -rf -- "$work"
}

# boot PACKAGES: with that folder as /package, $work as /test, and no network.
boot() {
    systemd-nspawn --quiet --register=no --keep-unit --private-network --volatile=overlay --console=pipe \
        --bind-ro="$1:/package" --bind-ro="$work:/test" --directory="$base" --boot &>"$work/console" </dev/null &
    machine=$!
    local start=$SECONDS
    while ((SECONDS - start < patience)); do
        kill -0 "$machine" 2>/dev/null || skip "systemd-nspawn cannot boot here: $(tail -n 1 "$work/console")"
        leader=$(pgrep -P "$machine" | head -n 1 || true)
        if [[ -n $leader ]] && [[ $(inside systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; then
            echo "a machine of systemd-nspawn, up after $((SECONDS - start)) s"
            return
        fi
        sleep 1
    done
    skip "systemd did not come up within $patience s: $(tail -n 1 "$work/console")"
}

# inside COMMAND…: as root in the machine.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}
