# A line for each thing checked, and the count at the end. Read by `service`, and in the camera's machine by `camera-inside`;
# `work` is a directory of the caller's.

passed=0 failed=0

# check WHAT COMMAND…: whether the command succeeds.
check() {
    local what=$1
    shift
    if "$@" &>"$work/check"; then
        printf 'PASS  %s\n' "$what"
        passed=$((passed + 1))
    else
        printf 'FAIL  %s\n' "$what"
        sed 's/^/      /' "$work/check" | tail -n 20
        failed=$((failed + 1))
    fi
}

# within SECONDS COMMAND…: until the command succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

not() { ! "$@"; }
is() { [[ $("${@:2}") == "$1" ]] || { echo "$("${@:2}"), not $1"; return 1; }; }

# The number of lines in FILE with all these texts: lines FILE TEXT…
lines() {
    local found
    found=$(cat "$1")
    shift
    for text in "$@"; do found=$(grep -F -- "$text" <<<"$found" || true); done
    grep -c . <<<"$found" || true
}
some() { (($(lines "$@") > 0)); }
last_seq() { grep -o '"seq":[0-9]*' "$1" | cut -d: -f2 | sort -n | tail -n 1; }

# The count, and whether all held.
finish() {
    printf '%s passed, %s failed\n' "$passed" "$failed"
    ((passed > 0 && failed == 0))
}
