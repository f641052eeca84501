#!/usr/bin/env bash
# Prefill and decoding beside llama.cpp, interleaved in one run: tokens a second, medians over rounds.
#
#   bench/inference.sh ROUNDS MODEL.gguf...
#
# JAVA_HOME    a JDK 25
# LLAMA_BENCH  llama.cpp's llama-bench, built for this CPU; without it only Gamelan is measured. Where uname -m doesn't
#              name the processor, cmake needs -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=x86_64, or it builds
#              for none (look for "Adding CPU backend variant ggml-cpu: -march=native"). Other types of a model:
#              llama-quantize --allow-requantize IN OUT TYPE
# THREADS      (default: all processors)
# PROMPT, GENERATE, SEQUENCES   (default: 512, 128, 1,4,16); llama-bench measures one sequence
# REPEAT       repetitions of a test in a round (default: 3)
# BUILD        "no": measures what bench/target holds
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 2 ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
rounds=$1
shift
threads=${THREADS:-$(nproc)}
prompt=${PROMPT:-512}
generate=${GENERATE:-128}
sequences=${SEQUENCES:-1,4,16}
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
[ "${BUILD:-yes}" = no ] || mvn -B -q -pl bench -am -DskipTests package
results=bench/target/inference.jsonl
: >"$results"
java() {
  "$JAVA_HOME/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -Dgamelan.home="$PWD" -cp 'bench/target/classes:bench/target/lib/*' "$@" 2>/dev/null
}
for round in $(seq "$rounds"); do
  for model in "$@"; do
    echo "round $round of $rounds: $model" >&2
    java dev.gamelan.app.Main bench "$model" --threads "$threads" --prompt "$prompt" --generate "$generate" \
      --sequences "$sequences" --repeat "${REPEAT:-3}" --json |
      java dev.gamelan.bench.InferenceLines "$model" | tee -a "$results"
    [ -n "${LLAMA_BENCH:-}" ] || continue
    "$LLAMA_BENCH" -m "$model" -t "$threads" -p "$prompt" -n "$generate" -r "${REPEAT:-3}" -o json 2>/dev/null |
      java dev.gamelan.bench.InferenceLines "$model" | tee -a "$results"
  done
done
grep -m 1 '^model name' /proc/cpuinfo || true
grep -m 1 '^flags' /proc/cpuinfo | tr ' ' '\n' | grep -x -E 'avx2|fma|avx512f|avx512_vnni|avx512_bf16|amx_bf16' | tr '\n' ' ' || true
echo
java dev.gamelan.bench.Medians "$results"
