# SPDX-License-Identifier: Apache-2.0
"""watchdog.py LOG PROGRAM ...: the service manager's side of a watchdog. Starts the program, counts its signs of life,
stops one thread after the other as a debugger does, and looks whether they cease, and come back."""
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
USEC = 400000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) < 0:
        error = ctypes.get_errno()
        if request == PTRACE_SEIZE:
            print("skipped: no thread may be stopped here:", os.strerror(error))
            process.kill()
            sys.exit(77)
        raise OSError(error, os.strerror(error))


folder = tempfile.mkdtemp()
path = folder + "/notify"
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(path)
environment = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC=str(USEC))
environment.pop("WATCHDOG_PID", None)
with open(sys.argv[1], "w") as log:
    process = subprocess.Popen(sys.argv[2:], env=environment, stderr=log, stdout=log)


def signs(seconds):
    """How many come within a time."""
    count, end = 0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        manager.settimeout(left)
        try:
            count += manager.recv(4096).decode().split("\n").count("WATCHDOG=1")
        except TimeoutError:
            break
    return count


def settle():
    """Those that were under way are taken: however late this process comes to it, none of them is left."""
    time.sleep(3 * USEC / 1e6)
    manager.setblocking(False)
    try:
        while manager.recv(4096):
            pass
    except BlockingIOError:
        pass


def await_signs(wanted):
    return any(signs(1) > 0 for _ in range(30)) == wanted


failures = 0


def check(what, fine):
    global failures
    print(("ok: " if fine else "FAILED: ") + what)
    failures += not fine


check("signs of life come", await_signs(True))
threads = {}
for thread in os.listdir(f"/proc/{process.pid}/task"):
    threads[open(f"/proc/{process.pid}/task/{thread}/comm").read().strip()] = int(thread)
wanted = [name for name in threads if name.startswith(("committer", "publisher", "worker"))]
check("all kinds of threads are there", len(wanted) >= 3)
for name in sorted(wanted):
    ptrace(PTRACE_SEIZE, threads[name])
    ptrace(PTRACE_INTERRUPT, threads[name])
    os.waitpid(threads[name], 0x40000000)
    settle()
    check(f"none while {name} stands still", signs(5 * USEC / 1e6) == 0)
    ptrace(PTRACE_DETACH, threads[name])
    check("and again when it goes on", await_signs(True))
process.send_signal(signal.SIGTERM)
check("it ends", process.wait(timeout=60) == 0)
os.unlink(path)
os.rmdir(folder)
sys.exit(bool(failures))
