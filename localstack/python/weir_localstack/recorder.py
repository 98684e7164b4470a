"""Writes down which AWS calls the functions make: the evidence that their IAM policies are neither too wide nor too narrow."""

import json
import logging
import threading
from collections import Counter
from pathlib import Path

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from weir_localstack.callers import CALLERS
from weir_localstack.iam import permissions

LOG = logging.getLogger(__name__)
#: Distinct resources (objects of a bucket, say) that are written for one function and action.
MOST_RESOURCES = 2000


class Recorder:
    """A handler of LocalStack's chain. Each distinct permission is one line of JSON, written when it is first used."""

    def __init__(self, calls_file: str) -> None:
        self._path = Path(calls_file)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("")
        self._seen: set[tuple[str, str, str, str]] = set()
        self._resources: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        function = CALLERS.function_of(context) if context.operation else None
        if function is None:
            return
        try:
            for action, resource in permissions(context):
                self._record(function, context, action, resource)
        except Exception:
            # A call that cannot be described must still be served, and must be seen.
            LOG.exception("could not record %s", context.operation.name)

    def _record(self, function: str, context: RequestContext, action: str, resource: str) -> None:
        service, operation = context.service.service_name, context.operation.name
        key = (function, operation, action, resource)
        with self._lock:
            if key in self._seen or self._resources[function, action] >= MOST_RESOURCES:
                return
            self._seen.add(key)
            self._resources[function, action] += 1
            line = {
                "function": function,
                "service": service,
                "operation": operation,
                "action": action,
                "resource": resource,
            }
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")
