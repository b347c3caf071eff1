#!/bin/bash
# Watchword's main job in half a minute: Tests/demo.sh [WATCHWORD]. Exits 0 when events came and the daemon ended cleanly.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
watchword=$(realpath -- "${1:-$root/.build/release/watchword}")
if [[ ! -x $watchword ]]; then
    echo "no program at $watchword: build it with \`make build\`" >&2
    exit 1
fi

seconds=20
# Not in $TMPDIR: the path of a socket has at most 107 bytes.
work=$(mktemp -d /tmp/watchword-demo.XXXXXX)
log=$work/daemon.log
daemon='' viewer=''

clean_up() {
    for child in $viewer $daemon; do kill -KILL "$child" 2>/dev/null || true; done
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

# wait_for SECONDS COMMAND…: until the command succeeds; fails when that takes too long.
wait_for() {
    local tries=$(($1 * 10))
    shift
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.1
    done
}

is_over() { ! kill -0 "$1" 2>/dev/null; }
is_up_or_over() { [[ -S $WATCHWORD_EVENTS_SOCKET ]] || is_over "$daemon"; }

say "A model to try the machinery with"
"$watchword" model random "$work/tiny" --size tiny --seed 1 | sed "s|$work/||"
cat <<'END'
No trained model comes with Watchword yet. This one has random weights: it answers to
changes in the picture, but its labels MEAN NOTHING: a "parcel" below is no parcel.
END

say "The daemon: watchword run --config Config/demo.yaml"
export WATCHWORD_MODEL_PATH=$work/tiny WATCHWORD_EVENTS_SOCKET=$work/events.sock
: >"$log"
"$watchword" run --config "$root/Config/demo.yaml" >>"$log" 2>&1 &
daemon=$!
wait_for 10 is_up_or_over || fail "no event socket after 10 s"
is_over "$daemon" && fail "the daemon ended before it made its socket"
echo "It watches two test pictures, \"door\" and \"yard\", as if they were cameras."

say "Its events for $seconds s: watchword events"
"$watchword" events --socket "$WATCHWORD_EVENTS_SOCKET" 2>/dev/null > >(tee "$work/shown") &
viewer=$!
for ((second = 0; second < seconds; second++)); do
    sleep 1
    is_over "$daemon" && fail "the daemon died"
done
timeout 1 "$watchword" events --socket "$WATCHWORD_EVENTS_SOCKET" --json >"$work/json" 2>/dev/null || true

# What is still open now ends with the reason "shutdown".
kill -TERM "$daemon"
wait_for 10 is_over "$daemon" || fail "the daemon did not stop within 10 s"
status=0
wait "$daemon" || status=$?
wait_for 5 is_over "$viewer" || fail "the event feed did not close with the daemon"
((status == 0)) || fail "the daemon ended with exit code $status"
[[ ! -e $WATCHWORD_EVENTS_SOCKET ]] || fail "the daemon left its socket behind"
grep -q '  started  ' "$work/shown" || fail "no event came"

say "The daemon has ended cleanly: exit code 0, no event left open, its socket gone"
sed 's/^/  /' "$log"

say "One of these events as programs read it: nc -U SOCKET"
grep -m 1 '"state":"started"' "$work/json" || true

say "What to try next"
cat <<END
Write what to look for, and where, in a copy of Config/watchword.yaml. For labels that mean something,
download a published X-CLIP checkpoint, such as huggingface.co/microsoft/xclip-base-patch32 (README.md,
"Models", names the files; the weights must be model.safetensors), and name its directory DIR:

  watchword recognise clip.mp4 --model DIR --label "a person falls" --label "a dog barks"  # a file
  watchword check --config mine.yaml                                       # your camera, your labels
  WATCHWORD_MODEL_PATH=DIR WATCHWORD_EVENTS_SOCKET=/tmp/ww.sock watchword run --config mine.yaml
  watchword events --socket /tmp/ww.sock                                   # in another terminal,
  nc -U /tmp/ww.sock                                                       # or as JSON lines

where watchword is ${watchword#"$root"/}.
END
