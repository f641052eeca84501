"""Encoding speed of a peer on one thread: a line of JSON a text.

tokenizers_encoding.py tiktoken|hf|sentencepiece SECONDS TEXTS NAME=FILE ...
tokenizers_encoding.py tiktoken|hf|sentencepiece lines NAME=FILE   answers {"text": ...} by {"ids": [...]}
tokenizers_encoding.py train FILE                                  how long HF trains 32k byte-level BPE

tiktoken's ranks come from the JSON of its npm package; its pattern is its own, if it knows the name.
"""

import base64
import gzip
import json
import os
import sys
import tempfile
import time
import zlib
from array import array

if sys.argv[1] != "train":
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["RAYON_NUM_THREADS"] = "1"


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        return f.read()


def tiktoken_encoder(name, path):
    import tiktoken
    import tiktoken_ext.openai_public as public

    npm = json.loads(read(path))
    ranks = {}
    for line in npm["bpe_ranks"].split("\n"):
        words = line.split(" ")
        if len(words) > 2:
            for i, token in enumerate(words[2:]):
                ranks[base64.b64decode(token)] = int(words[1]) + i
    public.load_tiktoken_bpe = lambda *a, **k: ranks
    public.data_gym_to_mergeable_bpe_ranks = lambda *a, **k: ranks
    known = public.ENCODING_CONSTRUCTORS.get(name)
    pattern = known()["pat_str"] if known else npm["pat_str"]
    return tiktoken.Encoding(
        name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=npm["special_tokens"]
    ).encode_ordinary


def hf_encoder(name, path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(read(path).decode())
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def sentencepiece_encoder(name, path):
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=path).encode


ENGINES = {"tiktoken": tiktoken_encoder, "hf": hf_encoder, "sentencepiece": sentencepiece_encoder}


def lines(engine, argument):
    encode = ENGINES[engine](*argument.split("=", 1))
    for line in sys.stdin:
        print(json.dumps({"ids": encode(json.loads(line)["text"])}, separators=(",", ":")))


def train(path):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=32000, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    start = time.perf_counter()
    tokenizer.train([path], trainer)
    print(json.dumps({"what": "training 32k BPE on 12 MB", "engine": "hf", "seconds": time.perf_counter() - start}))


def main():
    if sys.argv[1] == "train":
        return train(sys.argv[2])
    if sys.argv[2] == "lines":
        return lines(sys.argv[1], sys.argv[3])
    engine, seconds, folder = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    make = ENGINES[engine]
    for argument in sys.argv[4:]:
        name, path = argument.split("=", 1)
        encode = make(name, path)
        for language in ("en", "vi", "zh", "java"):
            with open(os.path.join(folder, language + ".jsonl"), encoding="utf-8") as f:
                texts = [json.loads(line)["text"] for line in f]
            size = sum(len(t.encode()) for t in texts)
            times = []
            start = time.perf_counter()
            while not times or time.perf_counter() - start < seconds:
                before = time.perf_counter()
                rows = [encode(text) for text in texts]
                times.append(time.perf_counter() - before)
            times.sort()
            crc, tokens = 0, 0
            for ids in rows:
                tokens += len(ids)
                crc = zlib.crc32(array("i", ids).tobytes(), crc)
            print(
                json.dumps(
                    {
                        "engine": engine,
                        "tokenizer": name,
                        "text": language,
                        "mb_per_second": size / 1e6 / times[len(times) // 2],
                        "tokens": tokens,
                        "crc32": crc,
                    }
                ),
                flush=True,
            )


main()
