#!/bin/sh -eu
# Makes the embedded model from nothing: make_model.sh FOOTAGE WORK [minutes in the drawn world] [seconds on real footage]
# FOOTAGE is a folder with manifest.csv, clips and panoramas; WORK receives everything that is made, the model in WORK/model.
# Each step that was finished is left as it is, and an interrupted second half goes on where it was.
footage=$(realpath "$1"); work=$(realpath -m "$2"); minutes=${3:-120}; seconds=${4:+--seconds $4}
cd "$(dirname "$0")"
mkdir -p "$work"
if [ ! -e "$work/drawn/done" ]; then
    resume=; [ ! -e "$work/drawn/training.pt" ] || resume=--resume
    python train.py --out "$work/drawn" --minutes "$minutes" $resume
    touch "$work/drawn/done"
fi
[ -e "$work/pack/index.json" ] || python -m footage.pack "$footage" --out "$work/pack"
resume=; [ ! -e "$work/model/training.pt" ] || resume=--resume
python refine.py --start "$work/drawn" --pack "$work/pack" --out "$work/model" $seconds --keep-optimizers $resume
