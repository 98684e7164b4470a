"""Faults for tests, over the wire: the code under test is the code that ships.

A rule says which calls fail, how, and how often. Rules are tried in the order in which they were made; the first that
matches a call decides.
"""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.connect import connect_to
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Response

from weir_localstack.callers import CALLERS

MODES = ("before", "after", "drop", "delay", "partial")
THROTTLED = "ProvisionedThroughputExceededException"


class FaultError(ValueError):
    """A rule that makes no sense; the message says why."""


@dataclass
class Rule:
    """The members are those of the request, with the defaults that it may leave out."""

    service: str
    operation: str
    mode: str
    #: The calling function's name or its beginning. Without it, calls of everybody.
    function: str | None = None
    error: str = "InternalServerError"
    status: int = 500
    #: How many calls fail; without it, all do.
    times: int | None = None
    #: How many matching calls go through first.
    skip: int = 0
    probability: float = 1.0
    delayMs: int = 0
    hits: int = 0
    seen: int = 0
    id: int = field(default_factory=itertools.count(1).__next__)

    def matches(self, context: RequestContext) -> bool:
        if (context.service.service_name, context.operation.name) != (self.service, self.operation):
            return False
        return self.function is None or (CALLERS.function_of(context) or "").startswith(self.function)

    def strikes(self) -> bool:
        """Counts a matching call, and says whether it is one that fails."""
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.hits >= self.times):
            return False
        if random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def exception(self) -> CommonServiceException:
        return CommonServiceException(self.error, f"injected by rule {self.id}", self.status, self.status < 500)


def rule_of(body: Any) -> Rule:
    """Reads a rule from a request's body."""
    if not isinstance(body, dict):
        raise FaultError("a rule is a JSON object")
    settable = {each.name for each in fields(Rule)} - {"hits", "seen", "id"}
    if unknown := sorted(set(body) - settable):
        raise FaultError(f"unknown members: {', '.join(unknown)}; known are {', '.join(sorted(settable))}")
    if missing := [name for name in ("service", "operation", "mode") if not body.get(name)]:
        raise FaultError(f"missing: {', '.join(missing)}")
    if body["mode"] not in MODES:
        raise FaultError(f"mode is {body['mode']!r}; it is one of {', '.join(MODES)}")
    if body["mode"] == "partial" and (body["service"], body["operation"]) != ("kinesis", "PutRecords"):
        raise FaultError("partial is for PutRecords of kinesis")
    return Rule(**{"error": THROTTLED, "status": 400, **body} if body["mode"] == "partial" else body)


class Abort(Exception):
    """Ends a response in the middle, so that the server closes the connection."""


def cut() -> Iterator[bytes]:
    """A body that breaks off."""
    yield b" "
    raise Abort("connection dropped by a fault rule")


class Faults:
    """The rules, and the two handlers that apply them."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, body: Any) -> dict:
        rule = rule_of(body)
        with self._lock:
            self._rules.append(rule)
        return vars(rule)

    def list(self) -> list[dict]:
        with self._lock:
            return [dict(vars(rule)) for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def _match(self, context: RequestContext) -> Rule | None:
        with self._lock:
            return next((rule for rule in self._rules if rule.matches(context) and rule.strikes()), None)

    def on_request(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """Before the service sees the call. LocalStack's own calls, such as a poller's, are left alone."""
        if not context.operation or context.is_internal_call or not self._rules:
            return
        rule = self._match(context)
        if rule is None:
            return
        if rule.delayMs or rule.mode == "delay":
            time.sleep(rule.delayMs / 1000)
        if rule.mode == "before":
            raise rule.exception()
        if rule.mode == "partial":
            put_some_records(chain, context, rule)
        elif rule.mode in ("after", "drop"):
            context.weir_fault = rule

    def on_response(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """After the service has done its work: the caller is told something else."""
        rule: Rule | None = context.get("weir_fault")
        if rule is None:
            return
        if rule.mode == "drop":
            response.headers.pop("Content-Length", None)
            response.response = cut()
            return
        serializer = create_serializer(context.service, context.protocol)
        answer = serializer.serialize_error_to_response(
            rule.exception(), context.operation, context.request.headers, context.request_id
        )
        response.update_from(answer)


def put_some_records(chain: HandlerChain, context: RequestContext, rule: Rule) -> None:
    """Puts every second record, from the first, and reports the others as throttled."""
    request = dict(context.service_request)
    records = request.pop("Records")
    kept = records[::2] if len(records) > 1 else []
    client = connect_to(aws_access_key_id=context.account_id, region_name=context.region).kinesis
    answers = iter(client.put_records(Records=kept, **request)["Records"] if kept else [])
    refused = {"ErrorCode": rule.error, "ErrorMessage": f"injected by rule {rule.id}"}
    result = [next(answers) if kept and index % 2 == 0 else refused for index in range(len(records))]
    body = {"FailedRecordCount": sum("ErrorCode" in each for each in result), "Records": result}
    serializer = create_serializer(context.service, context.protocol)
    answer = serializer.serialize_to_response(body, context.operation, context.request.headers, context.request_id)
    chain.response.update_from(answer)
    chain.stop()


FAULTS = Faults()
