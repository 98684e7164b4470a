"""Runs a function's environment as a Node process of its own, with the limits and errors of AWS Lambda.

What the environment owns: the process (a fresh one after each timeout or crash), its temporary folder, and the mapping of
its credentials to the function's name. A stop during an invocation takes effect when that invocation ends, as on AWS.
"""

import json
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from weir_localstack.callers import CALLERS
from weir_localstack.logs import SHIPPER, InvocationLog, LogTarget, use_our_log_groups
from weir_localstack.processes import DeadlinePassed, Line, NodeProcess, RuntimeEnded, now_ms

INIT_LIMIT_SECONDS = 10
RESPONSE_LIMIT_BYTES = config.LAMBDA_LIMITS_MAX_FUNCTION_PAYLOAD_SIZE_BYTES
LOCALHOST = "127.0.0.1"

use_our_log_groups()


@dataclass
class Init:
    """How the start of a process ended."""

    milliseconds: float
    lines: list[Line]
    error: dict | None = None
    timed_out: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to. `status` is None, "timeout" or "error", as the REPORT line says it."""

    payload: bytes
    is_error: bool = False
    status: str | None = None
    error_type: str | None = None
    #: Whether the process has ended, or is about to.
    ends_process: bool = False


def failure(error_type: str, message: str, status: str) -> Outcome:
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return Outcome(payload, True, status, error_type, True)


class ProcessExecutor(RuntimeExecutor):
    """LocalStack makes one for each environment, and gives it one invocation at a time."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._process: NodeProcess | None = None
        self._init: Init | None = None
        self._env: dict[str, str] = {}
        self._folder = ""
        #: One stream for the environment's whole life, also past midnight.
        self._log_target = LogTarget.of(function_version, id)
        self._state = threading.Lock()
        self._invoking = False
        self._stopped = False

    @property
    def _name(self) -> str:
        return self.function_version.id.function_name

    # Life ------------------------------------------------------------------------------------------------------------

    def start(self, env_vars: dict[str, str]) -> None:
        """Starts the process. A failing start is answered by the first invocation, which also gets its log."""
        self._folder = tempfile.mkdtemp(prefix="function-")
        self._env = self._environment(env_vars)
        CALLERS.register(self._env["AWS_ACCESS_KEY_ID"], self._name)
        self._start_process(INIT_LIMIT_SECONDS)
        if self._init.error and env_vars.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "on-demand":
            raise StatusErrorException("Runtime failed to start", json.dumps(self._init.error).encode())

    def stop(self) -> None:
        with self._state:
            self._stopped = True
            if self._invoking:
                return
        self._release()

    def _release(self) -> None:
        self._discard_process()
        CALLERS.forget(self._env.get("AWS_ACCESS_KEY_ID", ""))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _environment(self, env_vars: dict[str, str]) -> dict[str, str]:
        """LocalStack's variables (with the function's own in them), and what AWS's runtime adds."""
        code = str(self.function_version.config.code.get_unzipped_code_location())
        env = {name: str(value) for name, value in env_vars.items() if not name.startswith("LOCALSTACK_")}
        if "AWS_LAMBDA_LOG_LEVEL" in env:
            env["AWS_LAMBDA_LOG_LEVEL"] = env["AWS_LAMBDA_LOG_LEVEL"].upper()
        env.update(
            AWS_EXECUTION_ENV=f"AWS_Lambda_{self.function_version.config.runtime}",
            LAMBDA_TASK_ROOT=code,
            LANG=env.get("LANG", "en_US.UTF-8"),
            PATH=os.environ["PATH"],
            TMPDIR=self._folder,
            # Nothing of the developer's own, such as ~/.aws/config, reaches a function.
            HOME=self._folder,
        )
        return env

    def _start_process(self, limit_seconds: float) -> None:
        self._discard_process()
        started = time.monotonic()
        init = Init(0, [])
        memory = self.function_version.config.memory_size
        process = NodeProcess(self._name, self._env, self._env["LAMBDA_TASK_ROOT"], memory)
        try:
            init.error = process.receive(started + limit_seconds).get("initError")
        except DeadlinePassed:
            init.timed_out = True
        except RuntimeEnded as end:
            init.error = {"errorType": end.error_type, "errorMessage": f"Error: {end.reason}"}
        if init.timed_out:
            process.kill()
        init.milliseconds = (time.monotonic() - started) * 1000
        init.lines = process.output.take(1)
        self._process, self._init = process, init

    def _discard_process(self) -> None:
        process, self._process = self._process, None
        if process:
            process.close()

    # Invocation ------------------------------------------------------------------------------------------------------

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        with self._state:
            self._invoking = True
        try:
            return self._invoke(payload)
        finally:
            with self._state:
                self._invoking = False
                stopped = self._stopped
            if stopped:
                self._release()

    def _invoke(self, payload: dict[str, str]) -> InvocationResult:
        if self._process is None or (self._init is None and self._process.has_ended()):
            self._start_process(INIT_LIMIT_SECONDS)
        if self._init and self._init.timed_out:
            # As AWS does: a start that took too long is tried again within the function's own time limit.
            self._start_process(self.function_version.config.timeout)
        init, self._init = self._init, None
        log = InvocationLog(self.function_version, payload["invoke-id"], init)
        started = time.monotonic()
        outcome = self._failed_init(init, payload["invoke-id"]) or self._run(payload, started)
        milliseconds = (time.monotonic() - started) * 1000
        log.add(self._process.output.take(1))
        if outcome.status:
            log.add([Line(now_ms(), json.loads(outcome.payload)["errorMessage"])])
        log.end(milliseconds, self._process.peak_mb(), outcome.status, outcome.error_type)
        if outcome.ends_process:
            self._discard_process()
        SHIPPER.put(self._log_target, log.lines)
        return InvocationResult(payload["invoke-id"], outcome.payload, outcome.is_error, log.text())

    def _failed_init(self, init: Init | None, request_id: str) -> Outcome | None:
        if init is None or not (init.error or init.timed_out):
            return None
        if init.timed_out:
            return self._timed_out(request_id)
        error = dict(init.error)
        if "trace" not in error:
            error["errorMessage"] = f"RequestId: {request_id} {error['errorMessage']}"
        return Outcome(json.dumps(error).encode(), True, "error", error["errorType"], True)

    def _run(self, payload: dict[str, str], started: float) -> Outcome:
        seconds = self.function_version.config.timeout
        request_id = payload["invoke-id"]
        request = {
            "id": request_id,
            "payload": payload["payload"],
            "functionArn": payload["invoked-function-arn"],
            "traceId": payload["trace-id"],
            "deadline": now_ms() + seconds * 1000,
        }
        self._process.busy = True
        try:
            self._process.send(request, started + seconds)
            return self._outcome(self._process.receive(started + seconds))
        except DeadlinePassed:
            self._process.kill()
            return self._timed_out(request_id)
        except RuntimeEnded as end:
            return failure(end.error_type, f"RequestId: {request_id} Error: {end.reason}", "error")
        finally:
            self._process.busy = False

    def _timed_out(self, request_id: str) -> Outcome:
        seconds = self.function_version.config.timeout
        message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
        return failure("Sandbox.Timedout", message, "timeout")

    def _outcome(self, message: dict) -> Outcome:
        if "error" in message:
            return Outcome(json.dumps(message["error"]).encode(), True, ends_process=bool(message.get("exiting")))
        payload = message["payload"].encode()
        if len(payload) <= RESPONSE_LIMIT_BYTES:
            return Outcome(payload)
        text = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes)."
        error = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": text}
        return Outcome(json.dumps(error).encode(), True)

    # What else LocalStack asks ---------------------------------------------------------------------------------------

    def get_address(self) -> str:
        return LOCALHOST

    def get_endpoint_from_executor(self) -> str:
        return LOCALHOST

    def get_runtime_endpoint(self) -> str:
        return f"http://{LOCALHOST}:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass
