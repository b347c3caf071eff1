#!/bin/bash
# Shows what Watchword does in a minute: Tests/demo.sh [WATCHWORD]. Exits 0 if events came and the daemon ended cleanly.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
watchword=$(realpath -- "${1:-$root/.build/release/watchword}")
if [[ ! -x $watchword ]]; then
    echo "no program at $watchword: build it with \`make build\`" >&2
    exit 1
fi
# The clip's path in the configuration is relative to this directory.
cd "$root"

clip=Tests/Streams/demo
seconds=51
# $TMPDIR is not used: a socket's path has at most 107 bytes.
work=$(mktemp -d /tmp/watchword-demo.XXXXXX)
log=$work/daemon.log
daemon='' viewer='' reader=''

clean_up() {
    for child in $reader $viewer $daemon; do kill -KILL "$child" 2>/dev/null || true; done
    # Reap the children first, so that the shell does not report their end.
    wait 2>/dev/null || true
    rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf '\nThe demo failed: %s. The daemon wrote this log:\n' "$1" >&2
    sed 's/^/  /' "$log" >&2
    exit 1
}

# Only ends a hang: a slow machine may take as long as it needs.
limit=600

# wait_for COMMAND…: until the command succeeds; fails when that takes too long.
wait_for() {
    local tries=$((limit * 10))
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.1
    done
}

is_over() { ! kill -0 "$1" 2>/dev/null; }
has_event() { grep -q '  started  ' "$work/shown"; }
has_event_or_is_over() { has_event || is_over "$daemon"; }
is_told() { grep -q '^{"type":"event".*"state":"started"' "$work/json"; }
is_up_or_over() { [[ -S $WATCHWORD_EVENTS_SOCKET ]] || is_over "$daemon"; }

say "The daemon: watchword run --config Config/demo.yaml"
export WATCHWORD_EVENTS_SOCKET=$work/events.sock
touch "$log" "$work/shown" "$work/json"
"$watchword" run --config Config/demo.yaml >>"$log" 2>&1 &
daemon=$!
wait_for is_up_or_over || fail "no event socket after $limit s"
is_over "$daemon" && fail "the daemon ended before it made its socket"
cat <<END
The model that comes with Watchword watches $clip.mp4, a drawn scene that plays like a live camera.
What happens in the scene (UTC):

$(awk -F, -v now="$(date +%s)" 'NR > 1 { printf "  %s  %s\n", strftime("%H:%M:%S", now + $2, 1), $1 }' "$clip.csv")
END

say "The events of $seconds s: watchword events. The live page: http://127.0.0.1:8642/"
"$watchword" events --socket "$WATCHWORD_EVENTS_SOCKET" 2>/dev/null > >(tee "$work/shown") &
viewer=$!
for ((second = 0; second < seconds; second++)); do
    sleep 1
    is_over "$daemon" && fail "the daemon died"
done
# A slow machine may be late with the first.
wait_for has_event_or_is_over || fail "no event came"
is_over "$daemon" && fail "the daemon died"
"$watchword" events --socket "$WATCHWORD_EVENTS_SOCKET" --since 0 --json >"$work/json" 2>/dev/null &
reader=$!
wait_for is_told || fail "the event feed does not replay its events"
kill "$reader"
wait "$reader" 2>/dev/null || true
reader=''

say "The daemon's state: watchword status"
"$watchword" status --socket "$WATCHWORD_EVENTS_SOCKET" | sed "s|$work/||"

# An event that is still open now ends with the reason "shutdown".
kill -TERM "$daemon"
wait_for is_over "$daemon" || fail "the daemon did not stop within $limit s"
status=0
wait "$daemon" || status=$?
wait_for is_over "$viewer" || fail "the event feed did not close with the daemon"
((status == 0)) || fail "the daemon ended with exit code $status"
[[ ! -e $WATCHWORD_EVENTS_SOCKET ]] || fail "the daemon left its socket behind"

say "One of these events as programs read it: nc -U SOCKET"
grep -m 1 '^{"type":"event".*"state":"started"' "$work/json"

say "What to try next"
cat <<END
Your own camera: copy Config/watchword.yaml to mine.yaml, write the camera's URL and your labels into it, then run

  watchword check --config mine.yaml                       # every value in force, or every error
  WATCHWORD_EVENTS_SOCKET=/tmp/ww.sock watchword run --config mine.yaml
  watchword events --socket /tmp/ww.sock                   # in another terminal, or as JSON lines: nc -U /tmp/ww.sock

Your own words: the embedded model recognises light changes, camera trouble and plain motion, but nothing else. For
"a person falls", download a published X-CLIP and set model.path to its name (Sources/Documentation/first-camera.md
describes every step):

  watchword model pull microsoft/xclip-base-patch32
  watchword recognise clip.mp4 --model microsoft/xclip-base-patch32 --label "a person falls" --label "a dog barks"

Here, watchword is ${watchword#"$root"/}.
END
