#!/usr/bin/env bash
# Reads a folder that Martlet wrote with Hugging Face transformers, or checks MiniLM's embeddings.
#
# usage: Tools/check_transformers.sh FOLDER INPUT EXPECTED [--dtype float64] [--tolerance X]
#        Tools/check_transformers.sh minilm
#
# FOLDER: Tools/check_transformers.py says what INPUT and EXPECTED are. minilm: the embeddings of 200 English lines by
# all-MiniLM-L6-v2 stay in the cache, ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}, as
# minilm-l6-reference/{texts.txt,reference.safetensors}; those of `martlet embed` are held against them, if it is built, and those of
# `martlet embed --type int8` and bfloat16, where the machine has it, by their cosines.
# Exit codes: 1 where they do not agree, 64 usage, 69 where something cannot be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
if [ $# -lt 3 ] && [ "${1:-}" != minilm ]; then
    sed -n '4,5s/^# //p' "$0" >&2
    exit 64
fi
python=$("$here/python_environment.sh" "$here/golden/transformers-requirements.txt" python-transformers)
if [ "$1" != minilm ]; then
    folder=$1 input=$2 expected=$3
    shift 3
    exec "$python" "$here/check_transformers.py" compare "$folder" --input "$input" --expected "$expected" "$@"
fi
python3 "$here/fetch_data.py" minilm-l6 en-film-reviews
folder=$cache/minilm-l6-reference
mkdir -p "$folder"
# Every 50th sentence.
cut -f 1 "$cache/en-film-reviews/reviews.tsv" | awk 'NR > 1 && NR % 50 == 0' | head -n 200 > "$folder/texts.txt"
"$python" "$here/check_transformers.py" embeddings "$cache/minilm-l6" --texts "$folder/texts.txt" \
    --output "$folder/reference.safetensors"
martlet=$here/../.build/release/martlet
if [ ! -x "$martlet" ]; then
    echo "martlet is not built: only the reference was made"
    exit 0
fi
"$martlet" embed --model "$cache/minilm-l6" --data "$folder/texts.txt" --out "$folder/martlet.safetensors"
"$python" "$here/check_transformers.py" same "$folder/reference.safetensors" "$folder/martlet.safetensors"
for type in bfloat16 int8; do
    if [ $type = bfloat16 ] && ! "$martlet" info --json | grep -q '"bfloat16"'; then continue; fi
    "$martlet" embed --model "$cache/minilm-l6" --data "$folder/texts.txt" --type $type --out "$folder/$type.safetensors"
    echo "$type:"
    "$python" "$here/check_transformers.py" same "$folder/reference.safetensors" "$folder/$type.safetensors" --cosine 0.99
done
