"""The logs of functions: START, END and REPORT as AWS writes them, sent to CloudWatch Logs in batches."""

import json
import logging
import math
import queue
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from weir_localstack.emf import publish
from weir_localstack.processes import Line, now_ms

LOG = logging.getLogger(__name__)
FLUSH_SECONDS = 0.1
#: PutLogEvents takes 10,000 events and 1 MB, with 26 bytes counted for each event.
BATCH_EVENTS = 5000
BATCH_BYTES = 1_000_000
EVENT_OVERHEAD = 26


@dataclass(frozen=True)
class LogTarget:
    """Where an environment's log goes."""

    account: str
    region: str
    group: str
    stream: str

    @classmethod
    def of(cls, version: FunctionVersion, environment_id: str) -> "LogTarget":
        day = datetime.now(UTC).strftime("%Y/%m/%d")
        custom = (version.config.logging_config or {}).get("LogGroup")
        group = custom or f"/aws/lambda/{version.id.function_name}"
        # In a group that several functions may share, the stream names the function.
        function = version.id.function_name if group != f"/aws/lambda/{version.id.function_name}" else ""
        stream = f"{day}/{function}[{version.id.qualifier}]{environment_id}"
        return cls(version.id.account, version.id.region, group, stream)


def use_our_log_groups() -> None:
    """LocalStack knows only the default group, and stores each line of a log with one and the same time."""
    ExecutionEnvironment.get_log_group_name = lambda self: LogTarget.of(self.function_version, self.id).group
    ExecutionEnvironment.get_log_stream_name = lambda self: LogTarget.of(self.function_version, self.id).stream
    LambdaVersionManager.store_logs = lambda self, invocation_result, execution_env: None


class InvocationLog:
    """The lines of one invocation."""

    def __init__(self, version: FunctionVersion, request_id: str, init) -> None:
        self._json = (version.config.logging_config or {}).get("LogFormat") == "JSON"
        self._memory = version.config.memory_size
        self._request_id = request_id
        self._init_ms = init.milliseconds if init and not init.timed_out else None
        self.lines: list[Line] = list(init.lines) if init else []
        self._write(
            f"START RequestId: {request_id} Version: {version.id.qualifier}",
            "platform.start",
            {"version": version.id.qualifier},
        )

    def _write(self, text: str, kind: str, record: dict) -> None:
        at = now_ms()
        if self._json:
            when = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
            text = json.dumps({"time": when, "type": kind, "record": {"requestId": self._request_id, **record}})
        self.lines.append(Line(at, text))

    def add(self, lines: list[Line]) -> None:
        self.lines.extend(lines)

    def end(self, milliseconds: float, peak_mb: int, status: str | None, error_type: str | None) -> None:
        """Writes END and REPORT. The start of a process is billed since August 2025."""
        billed = math.ceil(milliseconds + (self._init_ms or 0))
        parts = [
            f"REPORT RequestId: {self._request_id}",
            f"Duration: {milliseconds:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {self._memory} MB",
            f"Max Memory Used: {peak_mb} MB",
        ]
        metrics = {
            "durationMs": round(milliseconds, 3),
            "billedDurationMs": billed,
            "memorySizeMB": self._memory,
            "maxMemoryUsedMB": peak_mb,
        }
        if self._init_ms is not None:
            parts.append(f"Init Duration: {self._init_ms:.2f} ms")
            metrics["initDurationMs"] = round(self._init_ms, 3)
        if status:
            parts.append(f"Status: {status}")
        if status == "error" and error_type:
            parts.append(f"Error Type: {error_type}")
        if not self._json:
            self._write(f"END RequestId: {self._request_id}", "", {})
        self._write("\t".join(parts) + "\t", "platform.report", {"metrics": metrics, "status": status or "success"})

    def text(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)


def batches(lines: list[Line]) -> list[list[dict]]:
    """Cuts lines into what PutLogEvents takes, oldest first."""
    result: list[list[dict]] = [[]]
    size = 0
    for line in sorted(lines, key=lambda line: line.at):
        cost = len(line.text.encode()) + EVENT_OVERHEAD
        if result[-1] and (len(result[-1]) >= BATCH_EVENTS or size + cost > BATCH_BYTES):
            result.append([])
            size = 0
        result[-1].append({"timestamp": line.at, "message": line.text})
        size += cost
    return result


class Shipper:
    """Sends logs from a thread of its own, so that no invocation waits for it."""

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[LogTarget, list[Line]]] = queue.Queue()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None
        self._known: set[LogTarget] = set()

    def put(self, target: LogTarget, lines: list[Line]) -> None:
        with self._started:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="weir-logs")
                self._thread.start()
        self._queue.put((target, lines))

    def _run(self) -> None:
        while True:
            waiting = [self._queue.get()]
            time.sleep(FLUSH_SECONDS)
            while not self._queue.empty():
                waiting.append(self._queue.get())
            by_target: dict[LogTarget, list[Line]] = defaultdict(list)
            for target, lines in waiting:
                by_target[target].extend(lines)
            for target, lines in by_target.items():
                # Each by itself: a metric that CloudWatch refuses must not cost the log, nor the other way round.
                for send in (self._send_metrics, self._send_logs):
                    try:
                        send(target, lines)
                    except Exception:
                        LOG.warning("could not send all of the log of %s", target.group, exc_info=True)

    def _send_metrics(self, target: LogTarget, lines: list[Line]) -> None:
        publish(target.account, target.region, [line.text for line in lines])

    def _send_logs(self, target: LogTarget, lines: list[Line]) -> None:
        client = connect_to(aws_access_key_id=target.account, region_name=target.region).logs
        self._ensure_stream(client, target)
        for events in batches(lines):
            put = {"logGroupName": target.group, "logStreamName": target.stream, "logEvents": events}
            try:
                client.put_log_events(**put)
            except client.exceptions.ResourceNotFoundException:
                # Somebody deleted the group meanwhile.
                self._known.discard(target)
                self._ensure_stream(client, target)
                client.put_log_events(**put)

    def _ensure_stream(self, client, target: LogTarget) -> None:
        if target in self._known:
            return
        for create in (
            lambda: client.create_log_group(logGroupName=target.group),
            lambda: client.create_log_stream(logGroupName=target.group, logStreamName=target.stream),
        ):
            try:
                create()
            except client.exceptions.ResourceAlreadyExistsException:
                pass
        self._known.add(target)


SHIPPER = Shipper()
