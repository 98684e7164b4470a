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
from weir_localstack.iam import leading_keys, permissions

LOG = logging.getLogger(__name__)
#: Distinct objects of a bucket's folder, or keys of a table, that are written for one function, action and kind of key.
MOST_RESOURCES = 500


class Recorder:
    """A handler of LocalStack's chain. Each distinct permission is one line of JSON, written when it is first used."""

    def __init__(self, calls_file: str) -> None:
        self._path = Path(calls_file)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("")
        self._seen: set[tuple[str, str, str, str, tuple[str, ...]]] = set()
        self._resources: Counter[tuple[str, str, str, str]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        function = CALLERS.function_of(context) if context.operation else None
        if function is None:
            return
        try:
            keys = leading_keys(context)
            needed = permissions(context)
        except Exception:
            # A call that cannot be described must still be served, and must be seen: no policy allows this action.
            LOG.exception("could not describe %s", context.operation.name)
            keys, needed = [], [("unknown", "*")]
        for action, resource in needed:
            self._record(function, context, action, resource, keys)

    def _record(self, function: str, context: RequestContext, action: str, resource: str, keys: list[str]) -> None:
        service, operation = context.service.service_name, context.operation.name
        key = (function, operation, action, resource, tuple(keys))
        folder = "/".join(resource.split("/")[:2])
        kind = (function, action, folder, keys[0].split("#")[0] if keys else "")
        with self._lock:
            if key in self._seen or self._resources[kind] >= MOST_RESOURCES:
                return
            self._seen.add(key)
            self._resources[kind] += 1
            line = {
                "function": function,
                "service": service,
                "operation": operation,
                "action": action,
                "resource": resource,
                **({"leadingKeys": keys} if keys else {}),
            }
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")
