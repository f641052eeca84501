# Fails unless the limits hold. PORT, FILE, FOLDER, PROCESSES and MEMORY are set before.
import os, socket, time
def refused(what, attempt):
    try:
        attempt()
    except (OSError, MemoryError):
        return
    raise AssertionError(what)
refused("the network is reachable", lambda: socket.create_connection(("127.0.0.1", PORT), 2))
refused("files of the machine are readable", lambda: open(FILE))
refused("files of the machine are writable", lambda: open(FOLDER + "/written", "w"))
refused("the root folder is writable", lambda: open("/written", "w"))
refused("the interpreter's folder is writable", lambda: open(os.__file__ + ".written", "w"))
refused("memory isn't limited", lambda: bytearray(MEMORY))
assert os.environ.keys() <= {"LC_CTYPE", "PWD", "SHLVL", "_"}, "the environment is visible"
assert os.listdir(".") == [], "the working folder isn't empty"
open("written", "w").write("x")
def forks():
    for _ in range(PROCESSES):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
refused("the number of processes isn't limited", forks)
