"""Tokens a second of whole training steps in PyTorch, on the shapes of TrainingThroughput.java.

A yardstick for bench/train.sh, run from a venv outside the project; no part of the product or of its tests.
Usage: pytorch_training.py SHAPE SECONDS THREADS eager|compiled f32|bf16
"""

import json
import statistics
import sys
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM

shape, seconds, threads, how, mode = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(1)
if shape == "pythia-14m":
    batch, length = 4, 512
    model = GPTNeoXForCausalLM(
        GPTNeoXConfig(vocab_size=50304, hidden_size=128, intermediate_size=512, num_hidden_layers=6,
                      num_attention_heads=4, max_position_embeddings=2048, attn_implementation="sdpa"))
elif shape == "llama-14m":
    batch, length = 8, 256
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=8192, hidden_size=384, intermediate_size=1024, num_hidden_layers=6,
                    num_attention_heads=6, max_position_embeddings=2048, attn_implementation="sdpa"))
elif shape == "gpt2-124m":
    batch, length = 4, 64
    model = GPT2LMHeadModel(GPT2Config(resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, attn_implementation="sdpa"))
else:
    sys.exit(f"unknown shape {shape}; known are pythia-14m, llama-14m, gpt2-124m")
model.train()
model.config.use_cache = False
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
ids = torch.randint(0, model.config.vocab_size, (batch, length))
labels = torch.randint(0, model.config.vocab_size, (batch, length))


def step():
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=mode == "bf16"):
        logits = model(input_ids=ids).logits
        loss = torch.nn.functional.cross_entropy(logits.view(-1, logits.size(-1)), labels.view(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss


if how == "compiled":
    model = torch.compile(model)
first = step().item()
step()
end = time.perf_counter() + seconds
times = []
while time.perf_counter() < end or len(times) < 3:
    start = time.perf_counter()
    loss = step()
    times.append(time.perf_counter() - start)
assert loss.item() < first, "the loss didn't fall: the figure means nothing"
median = statistics.median(times)
print(json.dumps({"engine": f"pytorch {torch.__version__} {how}", "shape": shape, "mode": mode, "threads": threads,
                  "steps": len(times), "ms": round(median * 1e3, 1), "tokens_per_second": round(batch * length / median),
                  "loss": round(loss.item(), 4)}))
