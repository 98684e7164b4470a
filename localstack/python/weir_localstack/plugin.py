"""The entry points: what LocalStack loads by name."""

import os

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """`LAMBDA_RUNTIME_EXECUTOR=process`."""

    name = "process"

    def load(self, *args, **kwargs):
        from weir_localstack.executor import ProcessExecutor

        return ProcessExecutor


@hooks.on_infra_start()
def install() -> None:
    """Puts the recorder and the faults into the handler chain, corrects CloudWatch, and serves `/_weir/…`."""
    from localstack.aws import handlers

    from weir_localstack import endpoints
    from weir_localstack.dimensions import match_dimensions_exactly
    from weir_localstack.faults import FAULTS
    from weir_localstack.guard import end_with_parent
    from weir_localstack.history import answer_history
    from weir_localstack.percentiles import answer_percentiles
    from weir_localstack.recorder import Recorder

    if os.environ.get("WEIR_SUPERVISED") == "1":
        end_with_parent()
    calls_file = os.environ.get("WEIR_CALLS_FILE")
    if calls_file:
        handlers.serve_custom_service_request_handlers.append(Recorder(calls_file))
    if os.environ.get("WEIR_FAULTS") == "1":
        handlers.serve_custom_service_request_handlers.append(FAULTS.on_request)
        handlers.run_custom_response_handlers.append(FAULTS.on_response)
    match_dimensions_exactly()
    answer_percentiles()
    answer_history()
    endpoints.register()
