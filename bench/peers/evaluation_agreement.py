"""Compares samples and results that two harnesses wrote, and prints medians of their seconds.

usage: evaluation_agreement.py OURS THEIRS SECONDS
"""

import glob
import json
import os
import statistics
import sys

TOLERANCE = 1e-3


def newest(folder, pattern):
    files = sorted(glob.glob(os.path.join(folder, "**", pattern), recursive=True), key=os.path.basename)
    if not files:
        sys.exit(f"{folder}: no {pattern}")
    return files[-1]


def samples(folder, task):
    with open(newest(folder, f"samples_{task}_*.jsonl"), encoding="utf-8") as lines:
        return {(s["doc_id"], s["filter"]): s for s in map(json.loads, lines)}


def main():
    ours, theirs, seconds = sys.argv[1:]
    with open(newest(ours, "results_*.json"), encoding="utf-8") as f:
        a = json.load(f)
    with open(newest(theirs, "results_*.json"), encoding="utf-8") as f:
        b = json.load(f)
    agree = True
    for task in b["results"]:
        x, y = samples(ours, task), samples(theirs, task)
        if x.keys() != y.keys():
            sys.exit(f"{task}: the documents differ")
        worst, flips, texts, hashes = 0.0, 0, 0, 0
        for key, sample in y.items():
            mine = x[key]
            hashes += any(mine[h] != sample[h] for h in ("doc_hash", "prompt_hash", "target_hash"))
            flips += any(mine[m] != sample[m] for m in sample["metrics"])
            for r, s in zip(mine["resps"], sample["resps"]):
                if isinstance(s[0], list):
                    p, q = float(r[0][0]), float(s[0][0])
                    worst = max(worst, abs(p - q) / max(1.0, abs(q)))
                else:
                    texts += r[0] != s[0]
        figures = [
            (k, a["results"][task].get(k), v)
            for k, v in b["results"][task].items()
            if "," in k and a["results"][task].get(k) != v
        ]
        print(
            f"{task}: {len(y)} samples, largest difference of log-likelihoods {worst:.2e}, "
            f"{flips} scored differently, {texts} other texts, {hashes} other hashes, "
            f"{'figures equal' if not figures else figures}"
        )
        agree &= worst <= TOLERANCE and not figures
    with open(seconds, encoding="utf-8") as f:
        pairs = [tuple(map(float, line.split())) for line in f]
    mine = statistics.median(p[0] for p in pairs)
    other = statistics.median(p[1] for p in pairs)
    print(f"medians of whole processes: gamelan {mine:.1f} s, lm_eval {other:.1f} s: {other / mine:.2f} times as fast")
    sys.exit(0 if agree else 1)


main()
