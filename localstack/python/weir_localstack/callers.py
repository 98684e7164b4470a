"""Which function an AWS call comes from: every environment of a function has credentials of its own."""

import threading

from localstack.aws.api import RequestContext
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header


class Callers:
    """Access key id → function name, filled by the executor when it starts a function's process."""

    def __init__(self) -> None:
        self._functions: dict[str, str] = {}
        self._lock = threading.Lock()

    def register(self, access_key_id: str, function_name: str) -> None:
        with self._lock:
            self._functions[access_key_id] = function_name

    def forget(self, access_key_id: str) -> None:
        with self._lock:
            self._functions.pop(access_key_id, None)

    def function_of(self, context: RequestContext) -> str | None:
        """The name of the calling function, or None when the call comes from elsewhere."""
        if context.is_internal_call:
            return None
        key = extract_access_key_id_from_auth_header(context.request.headers)
        return self._functions.get(key) if key else None


CALLERS = Callers()
