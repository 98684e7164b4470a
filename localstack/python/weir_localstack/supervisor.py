"""Runs LocalStack and ends the whole tree of its processes: on SIGTERM, when LocalStack ends, and when the launcher dies.

The launcher holds the other end of this process's standard input; the kernel closes it however the launcher ends.
As "child subreaper" this process inherits every orphan below it, so that none can get away.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

import psutil

PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.2


def become_subreaper() -> None:
    """Only Linux has it; elsewhere the process group is the net."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(main: subprocess.Popen) -> None:
    """Collects ended orphans, so that they do not stay as zombies. LocalStack's own end is left to `main.poll`."""
    for child in psutil.Process().children():
        if child.pid != main.pid and child.status() == psutil.STATUS_ZOMBIE:
            try:
                os.waitpid(child.pid, os.WNOHANG)
            except ChildProcessError:
                pass


def end_tree(main: subprocess.Popen) -> None:
    """Kills all descendants until there are none. SIGKILL: LocalStack keeps nothing that would need an orderly end."""
    while True:
        main.poll()
        descendants = psutil.Process().children(recursive=True)
        if not descendants:
            return
        for process in descendants:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                pass
        reap_orphans(main)
        time.sleep(0.02)


def launcher_died() -> bool:
    """Waits a moment for the end of standard input."""
    readable, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
    return bool(readable) and os.read(sys.stdin.fileno(), 1) == b""


def main() -> int:
    become_subreaper()
    stopping = False

    def stop(_signal, _frame) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    localstack = subprocess.Popen(
        [sys.executable, "-m", "localstack.runtime.main"],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "WEIR_SUPERVISED": "1"},
    )
    try:
        while not stopping and localstack.poll() is None and not launcher_died():
            try:
                reap_orphans(localstack)
            except psutil.NoSuchProcess:
                pass
    finally:
        end_tree(localstack)
    return 0 if stopping else localstack.returncode or 0


if __name__ == "__main__":
    sys.exit(main())
