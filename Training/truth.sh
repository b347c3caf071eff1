#!/bin/sh -eu
# The bench on real footage that `make truth` runs: truth.sh PROGRAM FOOTAGE [MODEL]
# Streams are made once, in .build/truth/streams; remove that folder to make them anew.
program=$(realpath "$1"); footage=$(realpath "$2"); model=${3:+--model $(realpath "$3")}
cd "$(dirname "$0")"
work=$(realpath ..)/.build/truth
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install -q $(grep -E '^(av|numpy|opencv-python-headless)==' requirements.txt)
fi
[ -e "$work/streams/done" ] || "$work/venv/bin/python" make_real.py "$footage" --out "$work/streams"
touch "$work/streams/done"
"$work/venv/bin/python" truth.py --watchword "$program" --streams "$work/streams" $model
# Damage in the streams themselves, which is the decoder's to notice: without the model.
[ -e "$work/lossy/done" ] || "$work/venv/bin/python" make_real.py "$footage" --kinds lossy --out "$work/lossy"
touch "$work/lossy/done"
"$work/venv/bin/python" truth.py --watchword "$program" --streams "$work/lossy" --signals-alone
[ ! -e "$footage/intel_onebyone.mp4" ] || "$work/venv/bin/python" motions.py --watchword "$program" $model "$footage"
