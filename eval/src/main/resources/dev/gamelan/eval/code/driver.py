# Runs a program that comes on standard input after a line with a secret, as code_eval of Hugging Face's evaluate
# does: in globals of its own, right if it ends without an exception. An early exit isn't the end.
import os, sys
verdicts = os.dup(2)
os.dup2(1, 2)
secret, _, source = sys.stdin.buffer.read().partition(b"\n")
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
me = os.getpid()
def tell(text):
    if os.getpid() == me:
        os.write(verdicts, secret + b" " + text.encode("utf-8", "replace")[:500].replace(b"\n", b" ") + b"\n")
tell("started")
try:
    exec(compile(source, "program", "exec"), {})
    sys.stdout.flush()
except BaseException as e:
    tell("failed " + type(e).__name__ + ": " + str(e))
    os._exit(1)
tell("passed")
os._exit(0)
