"""Ends LocalStack when its supervisor has gone, which otherwise ends everything: not even a SIGKILL there leaves a rest."""

import os
import threading
import time

import psutil

INTERVAL_SECONDS = 0.5


def _watch(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(INTERVAL_SECONDS)
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    os._exit(1)


def end_with_parent() -> None:
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="weir-guard").start()
