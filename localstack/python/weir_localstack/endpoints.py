"""`/_weir/…`: what the project's own tools and tests ask of LocalStack."""

import os

from localstack import config
from localstack.http import Request, Response, route
from localstack.services.edge import ROUTER
from localstack.services.lambda_.invocation.runtime_executor import EXECUTOR_PLUGIN_MANAGER

from weir_localstack.faults import FAULTS, FaultError
from weir_localstack.processes import RUNNING


def _json(body: object, status: int = 200) -> Response:
    response = Response(status=status)
    response.set_json(body)
    return response


class Endpoints:
    @route("/_weir/status", methods=["GET"])
    def status(self, request: Request) -> Response:
        """Says that this is Weir's LocalStack, and which executor it really runs functions with."""
        name = config.LAMBDA_RUNTIME_EXECUTOR
        executor = name if EXECUTOR_PLUGIN_MANAGER.exists(name or "") else "docker"
        return _json(
            {"executor": executor, "pid": os.getpid(), "supervisor": os.getppid(), "functions": RUNNING.list()}
        )


class TestEndpoints:
    """Served only with WEIR_FAULTS=1."""

    @route("/_weir/faults", methods=["POST"])
    def add_fault(self, request: Request) -> Response:
        try:
            return _json(FAULTS.add(request.get_json(force=True)), 201)
        except FaultError as error:
            return _json({"message": str(error)}, 400)

    @route("/_weir/faults", methods=["GET"])
    def list_faults(self, request: Request) -> Response:
        return _json(FAULTS.list())

    @route("/_weir/faults", methods=["DELETE"])
    def clear_faults(self, request: Request) -> Response:
        FAULTS.clear()
        return _json({})

    @route("/_weir/kill", methods=["POST"])
    def kill(self, request: Request) -> Response:
        """Kills the busy processes of the functions whose names begin with the given one."""
        body = request.get_json(force=True)
        name = body.get("function") if isinstance(body, dict) else None
        if not isinstance(name, str) or not name:
            return _json({"message": 'expected {"function": "<name or prefix>"}'}, 400)
        return _json({"killed": RUNNING.kill_busy(name)})


def register() -> None:
    ROUTER.add(Endpoints())
    if os.environ.get("WEIR_FAULTS") == "1":
        ROUTER.add(TestEndpoints())
