#!/bin/bash
# Watchword's main job in a minute: Tests/demo.sh [WATCHWORD]. Exits 0 when events came and the daemon ended cleanly.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
watchword=$(realpath -- "${1:-$root/.build/release/watchword}")
if [[ ! -x $watchword ]]; then
    echo "no program at $watchword: build it with \`make build\`" >&2
    exit 1
fi
# The configuration names the clip from here.
cd "$root"

clip=Tests/Streams/demo
seconds=51
# Not in $TMPDIR: the path of a socket has at most 107 bytes.
work=$(mktemp -d /tmp/watchword-demo.XXXXXX)
log=$work/daemon.log
daemon='' viewer='' reader=''

clean_up() {
    for child in $reader $viewer $daemon; do kill -KILL "$child" 2>/dev/null || true; done
    # The shell's notice of their end goes the way of the files.
    wait 2>/dev/null || true
    rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf '\nThe demo failed: %s. The log of the daemon:\n' "$1" >&2
    sed 's/^/  /' "$log" >&2
    exit 1
}

# Only to end a hang: a slow machine may take as long as it needs.
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
The model that comes with Watchword watches $clip.mp4, a drawn scene that plays as a camera does.
What happens in it, by the clock:

$(awk -F, -v now="$(date +%s)" 'NR > 1 { printf "  %s  %s\n", strftime("%H:%M:%S", now + $2, 1), $1 }' "$clip.csv")
END

say "Its events for $seconds s: watchword events, and meanwhile http://127.0.0.1:8642/"
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

say "How it fares: watchword status"
"$watchword" status --socket "$WATCHWORD_EVENTS_SOCKET" | sed "s|$work/||"

# What is still open now ends with the reason "shutdown".
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
Your own camera: copy Config/watchword.yaml, write its URL and what to look for, then

  watchword check --config mine.yaml                       # what is in force, or all that is wrong
  WATCHWORD_EVENTS_SOCKET=/tmp/ww.sock watchword run --config mine.yaml
  watchword events --socket /tmp/ww.sock                   # in another terminal, or as JSON lines: nc -U /tmp/ww.sock

Your own words: the embedded model knows light, camera trouble and plain motion, and nothing of the world. For "a
person falls" fetch a published X-CLIP, and name it as model.path (Sources/Documentation/first-camera.md has it all):

  watchword model pull microsoft/xclip-base-patch32
  watchword recognise clip.mp4 --model microsoft/xclip-base-patch32 --label "a person falls" --label "a dog barks"

where watchword is ${watchword#"$root"/}.
END
