"""One function's Node process: starting it, talking to it, watching its memory, ending it."""

import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

BOOTSTRAP = Path(__file__).with_name("bootstrap.mjs")
NODE = os.environ.get("LAMBDA_NODE") or "node"
MEGABYTE = 1024 * 1024
TICK_SECONDS = 0.05
END_OF_OUTPUT = "\x1e"

SIGNALS = {
    signal.SIGKILL: "signal: killed",
    signal.SIGABRT: "signal: aborted (core dumped)",
    signal.SIGSEGV: "signal: segmentation fault (core dumped)",
    signal.SIGTERM: "signal: terminated",
}


class RuntimeEnded(Exception):
    """The process ended without an answer."""

    def __init__(self, reason: str, error_type: str = "Runtime.ExitError") -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_type = error_type


class DeadlinePassed(Exception):
    """The process did not answer in time."""


@dataclass(frozen=True)
class Line:
    """One event of a function's log. `at` is in milliseconds since the epoch."""

    at: int
    text: str


def now_ms() -> int:
    return int(time.time() * 1000)


def wait_for(descriptor: int, event: int) -> bool:
    """Waits a moment for a pipe. `poll`, because `select` takes no descriptor above 1023."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(TICK_SECONDS * 1000))


@dataclass
class Output:
    """What the process prints, cut into lines as it comes."""

    lines: list[Line] = field(default_factory=list)
    complete: threading.Event = field(default_factory=threading.Event)
    ended: bool = False

    def pump(self, stream) -> None:
        """Reads to the end of the stream; runs in a thread of its own."""
        for raw in stream:
            text, marker, _ = raw.decode(errors="replace").rstrip("\n").partition(END_OF_OUTPUT)
            if text:
                self.lines.append(Line(now_ms(), text.replace("\r", "\n")))
            if marker:
                self.complete.set()
        self.ended = True
        self.complete.set()

    def take(self, wait_seconds: float) -> list[Line]:
        """The lines up to the end of the invocation, and forgets them."""
        self.complete.wait(wait_seconds)
        if not self.ended:
            self.complete.clear()
        taken, self.lines = self.lines, []
        return taken


def node_arguments(memory_mb: int) -> list[str]:
    """The heap sizes that AWS's own runtime gives Node: 90 % of the memory, and 5 % for the young generation."""
    return [
        "--enable-source-maps",
        f"--max-old-space-size={memory_mb * 90 // 100}",
        f"--max-semi-space-size={max(1, memory_mb * 5 // 100)}",
    ]


class NodeProcess:
    """A running function. Not safe for use by several threads, except `kill`."""

    def __init__(self, function_name: str, env: Mapping[str, str], cwd: str, memory_mb: int) -> None:
        self.function_name = function_name
        self.memory_mb = memory_mb
        self.peak_bytes = 0
        self.busy = False
        request_read, self._requests = os.pipe()
        self._results, result_write = os.pipe()
        command = [NODE, *node_arguments(memory_mb), str(BOOTSTRAP), str(request_read), str(result_write)]
        try:
            self._process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(request_read, result_write),
                start_new_session=True,
            )
        except OSError:
            os.close(self._requests)
            os.close(self._results)
            raise
        finally:
            os.close(request_read)
            os.close(result_write)
        os.set_blocking(self._requests, False)
        self._received = b""
        self.output = Output()
        self._pump = threading.Thread(
            target=self.output.pump, args=(self._process.stdout,), daemon=True, name=f"output-{function_name}"
        )
        self._pump.start()
        RUNNING.add(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, message: object, deadline: float) -> None:
        """Writes one message; never blocks past the deadline, though the process may not be reading."""
        data = memoryview(json.dumps(message).encode() + b"\n")
        while data:
            self._check(deadline)
            if not wait_for(self._requests, select.POLLOUT):
                continue
            try:
                data = data[os.write(self._requests, data) :]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                raise self._ended() from None

    def receive(self, deadline: float) -> dict:
        """Waits for one message. `deadline` is a time of `time.monotonic`."""
        while b"\n" not in self._received:
            self._check(deadline)
            if not wait_for(self._results, select.POLLIN):
                continue
            chunk = os.read(self._results, MEGABYTE)
            if not chunk:
                raise self._ended()
            self._received += chunk
        message, _, self._received = self._received.partition(b"\n")
        return json.loads(message)

    def _check(self, deadline: float) -> None:
        self._watch_memory()
        if time.monotonic() >= deadline:
            raise DeadlinePassed

    def _watch_memory(self) -> None:
        """The limit holds for the whole process, as on AWS, where Node itself is inside the function's memory too."""
        try:
            used = psutil.Process(self.pid).memory_info().rss
        except psutil.Error:
            return
        self.peak_bytes = max(self.peak_bytes, used)
        if used > self.memory_mb * MEGABYTE:
            self.kill()
            raise RuntimeEnded("Runtime exited with error: signal: killed", "Runtime.OutOfMemory")

    def peak_mb(self) -> int:
        """The most memory that the process has had, by the kernel's own account where it gives one."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
            kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
            self.peak_bytes = max(self.peak_bytes, int(kilobytes) * 1024)
        except (OSError, StopIteration):
            pass
        return min(self.memory_mb, -(-self.peak_bytes // MEGABYTE))

    def _ended(self) -> RuntimeEnded:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        if code == 0:
            return RuntimeEnded("Runtime exited without providing a reason")
        if code > 0:
            return RuntimeEnded(f"Runtime exited with error: exit status {code}")
        return RuntimeEnded(f"Runtime exited with error: {SIGNALS.get(-code, f'signal: {-code}')}")

    def kill(self) -> None:
        """Kills the process and all that it started."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def close(self) -> None:
        """Ends the process for good and frees what it held."""
        RUNNING.remove(self)
        self.kill()
        self._process.wait()
        self._pump.join(1)
        os.close(self._requests)
        os.close(self._results)


class Running:
    """All running functions, for the status and for tests that kill one."""

    def __init__(self) -> None:
        self._processes: set[NodeProcess] = set()
        self._lock = threading.Lock()

    def add(self, process: NodeProcess) -> None:
        with self._lock:
            self._processes.add(process)

    def remove(self, process: NodeProcess) -> None:
        with self._lock:
            self._processes.discard(process)

    def list(self) -> list[dict]:
        with self._lock:
            return [{"function": p.function_name, "pid": p.pid, "busy": p.busy} for p in self._processes]

    def kill_busy(self, prefix: str) -> int:
        """Kills the processes that are in an invocation now; returns how many."""
        with self._lock:
            busy = [p for p in self._processes if p.busy and p.function_name.startswith(prefix)]
            for process in busy:
                process.kill()
        return len(busy)


RUNNING = Running()
