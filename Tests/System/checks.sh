# A line for each check, and the counts at the end. Read by every stage, and in the camera's machine by `camera-inside`.
# `work` is a directory of the caller's.

passed=0 failed=0 skipped=0
# How long one wait may take, in seconds: far longer than any takes on a machine that works. A stage may raise it.
patience=300
gave_up=

# check WHAT COMMAND…: whether the command succeeds. The first wait that runs out of patience ends the stage, since
# what follows builds on it and would only wait as long again.
check() {
    local what=$1
    shift
    if "$@" &>"$work/check"; then
        printf 'PASS  %s\n' "$what"
        passed=$((passed + 1))
        return
    fi
    printf 'FAIL  %s\n' "$what"
    sed 's/^/      /' "$work/check" | tail -n 20
    failed=$((failed + 1))
    if [[ -n $gave_up ]]; then
        printf 'The stage ends here: it waited %s s for this.\n' "$patience"
        finish || show_logs || true
        exit 1
    fi
}

# wait_for COMMAND…: until the command succeeds.
wait_for() {
    local end=$((SECONDS + patience))
    until "$@"; do
        if ((SECONDS >= end)); then
            gave_up=yes
            return 1
        fi
        sleep 0.2
    done
}

# skip REASON…: the machine cannot carry the rest of this stage. The reason says what was measured.
skip() {
    printf 'SKIP  %s\n' "$*"
    skipped=$((skipped + 1))
    finish
    exit 0
}

not() { ! "$@"; }
is() {
    local found
    found=$("${@:2}") || true
    [[ $found == "$1" ]] || { echo "$found, not $1"; return 1; }
}

# The number of lines in FILE with all these texts: lines FILE TEXT…
lines() {
    local found text
    found=$(cat "$1")
    shift
    for text in "$@"; do found=$(grep -F -- "$text" <<<"$found" || true); done
    grep -c . <<<"$found" || true
}
some() { (($(lines "$@") > 0)); }
last_seq() { grep -o '"seq":[0-9]*' "$1" | cut -d: -f2 | sort -n | tail -n 1; }
# The numbers of the records in FILE. A snapshot repeats records and does not count.
numbers() { { grep -E '^\{"type":"(event|stream)"' "$1" || true; } | grep -o '"seq":[0-9]*' | cut -d: -f2; }

# The counts, in the form that `stages` reads. Succeeds unless a check failed.
finish() {
    printf '== %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    ((passed + skipped > 0 && failed == 0))
}
show_logs() { true; }
