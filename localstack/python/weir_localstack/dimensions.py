"""Metrics are told apart by all of their dimensions, as on CloudWatch.

LocalStack finds, for a set of dimensions, also each metric that has more of them: a sum by service would count what was
published by service and tenant a second time, and alarms with it.
"""

import copy

from localstack.services.cloudwatch.cloudwatch_database_helper import CloudwatchDatabase


class ExactDatabase(CloudwatchDatabase):
    """Searches for dimensions in the form in which they are stored."""

    def _get_ordered_dimensions_with_separator(self, dims: list[dict] | None, for_search: bool = False):
        return super()._get_ordered_dimensions_with_separator(dims)


def match_dimensions_exactly() -> None:
    original = CloudwatchDatabase.get_metric_data_stat

    def get_metric_data_stat(self: CloudwatchDatabase, *args, **kwargs):
        exact = copy.copy(self)
        exact.__class__ = ExactDatabase
        return original(exact, *args, **kwargs)

    CloudwatchDatabase.get_metric_data_stat = get_metric_data_stat
