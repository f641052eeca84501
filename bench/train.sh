#!/usr/bin/env bash
# Training throughput beside PyTorch, interleaved in one run: tokens a second of whole steps, medians over rounds.
#
#   bench/train.sh [ROUNDS] [SECONDS] [SHAPE...]       default: 3 rounds of 10 seconds, pythia-14m llama-14m; also gpt2-124m
#
# JAVA_HOME  a JDK 25
# PYTHON     a Python with torch and transformers; without it only Gamelan is measured
# MODES      PyTorch's modes (default: f32); "f32 bf16" measures both
# KERNELS    Gamelan's backends (default: the best that is usable); "x86 vector" measures both
# HOW        PyTorch's ways (default: "eager compiled")
# BUILD      "no": measures what bench/target holds
# THREADS    (default: all processors)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-10}
shift $(($# < 2 ? $# : 2))
[ $# -gt 0 ] || set -- pythia-14m llama-14m
threads=${THREADS:-$(nproc)}
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
[ "${BUILD:-yes}" = no ] || mvn -B -q -pl bench -am -DskipTests package
results=bench/target/train.jsonl
: >"$results"
for round in $(seq "$rounds"); do
  for shape in "$@"; do
    echo "round $round of $rounds: $shape" >&2
    for kernels in ${KERNELS:-auto}; do
      "$JAVA_HOME/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
        -cp 'bench/target/classes:bench/target/lib/*' dev.gamelan.bench.TrainingThroughput "$shape" "$seconds" "$threads" \
        "$kernels" 2>/dev/null | tail -n 1 | tee -a "$results"
    done
    [ -n "${PYTHON:-}" ] || continue
    for mode in ${MODES:-f32}; do
      for how in ${HOW:-eager compiled}; do
        "$PYTHON" bench/peers/pytorch_training.py "$shape" "$seconds" "$threads" "$how" "$mode" 2>/dev/null |
          tail -n 1 | tee -a "$results"
      done
    done
  done
done
grep -m 1 '^model name' /proc/cpuinfo || true
grep -m 1 '^flags' /proc/cpuinfo | tr ' ' '\n' | grep -x -E 'avx2|fma|avx512f|avx512_bf16|amx_bf16' | tr '\n' ' ' || true
echo
exec "$JAVA_HOME/bin/java" -cp 'bench/target/classes:bench/target/lib/*' dev.gamelan.bench.Medians "$results"
