#!/bin/sh
# Gamelan beside LM Evaluation Harness on the same model, tasks and machine, in turns: seconds, and whether every
# log-likelihood and figure agrees.
#
#   PYTHON=/path/to/venv/bin/python bench/evaluation.sh [MODEL [TASKS [LIMIT]]]
#
# MODEL   a Hugging Face folder (config.json, model.safetensors, tokenizer.json), or a .gguf, which is converted first
# TASKS   separated by commas (default: arc_easy,hellaswag,sciq,winogrande of the recorded results)
# LIMIT   documents a task (default: 100)
# Environment: PYTHON (with lm_eval, torch, transformers), TASK_DIR (task files for both), BATCHES (batch sizes the
# harness is tried with; its best counts; default "1 8 32"), RUNS (default 3), DTYPE (float32 or bfloat16), OUT.
set -eu
cd "$(dirname "$0")/.."
shared=$(cd ../shared && pwd)
model=${1:-$shared/assets/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf}
tasks=${2:-arc_easy,hellaswag,sciq,winogrande}
limit=${3:-100}
: "${PYTHON:?set PYTHON to an interpreter that has lm_eval}"
task_dir=${TASK_DIR:-$shared/assets/eval/lm-eval-golden/tasks}
batches=${BATCHES:-1 8 32}
runs=${RUNS:-3}
dtype=${DTYPE:-float32}
out=${OUT:-$(mktemp -d)}
case $dtype in
  float32) compute=f32 ;;
  bfloat16) compute=bf16 ;;
  *) echo "DTYPE must be float32 or bfloat16, not $dtype" >&2; exit 2 ;;
esac

case $model in
  *.gguf)
    folder=$out/model
    if [ ! -f "$folder/config.json" ]; then
      ./gamelan convert "$model" --to safetensors --out "$folder"
    fi
    if [ ! -f "$folder/tokenizer.json" ]; then
      gzip -dc "$(dirname "$model")/tokenizer.json.gz" > "$folder/tokenizer.json"
    fi
    model=$folder
    ;;
esac

ours() {
  rm -rf "$out/ours"
  started=$(date +%s.%N)
  ./gamelan eval --model "$model" --tasks "$tasks" --limit "$limit" --include-path "$task_dir" \
    --compute "$compute" --output "$out/ours" --log-samples > "$out/ours.txt" 2> "$out/ours.err"
  echo "$started $(date +%s.%N)" | awk '{printf "%.1f", $2 - $1}'
}

theirs() {
  rm -rf "$out/theirs"
  started=$(date +%s.%N)
  HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 "$PYTHON" -m lm_eval run --model hf \
    --model_args "pretrained=$model,dtype=$dtype" --device cpu --batch_size "$1" --tasks "$tasks" \
    --limit "$limit" --include_path "$task_dir" --output_path "$out/theirs" --log_samples \
    > "$out/theirs.txt" 2> "$out/theirs.err"
  echo "$started $(date +%s.%N)" | awk '{printf "%.1f", $2 - $1}'
}

# Which batch size suits the harness best here, once; the first run also warms its caches.
best=1
best_seconds=
for batch in $batches; do
  seconds=$(theirs "$batch")
  echo "lm_eval, batch $batch: $seconds s (whole process)"
  if [ -z "$best_seconds" ] || [ "$(echo "$seconds < $best_seconds" | bc)" = 1 ]; then
    best=$batch
    best_seconds=$seconds
  fi
done

: > "$out/seconds"
i=0
while [ $i -lt "$runs" ]; do
  a=$(ours)
  b=$(theirs "$best")
  echo "run $i: gamelan $a s, lm_eval (batch $best) $b s"
  echo "$a $b" >> "$out/seconds"
  i=$((i + 1))
done
"$PYTHON" bench/peers/evaluation_agreement.py "$out/ours" "$out/theirs" "$out/seconds"
grep 'saved by sharing' "$out/ours.err" || true
