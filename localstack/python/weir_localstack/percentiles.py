"""Percentiles and percentile ranks: `p95`, `PR(:300)`. LocalStack's GetMetricData fails on them, and with it all that was asked in the same call.

As on CloudWatch they are told of values alone, not of sums that somebody has added up before.
"""

import bisect
import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable

from localstack.aws.api.cloudwatch import ScanBy
from localstack.services.cloudwatch.cloudwatch_database_helper import CloudwatchDatabase

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")
# Only ranks up to a value: nobody here asks for others.
RANK = re.compile(r"PR\(:(\d+(?:\.\d+)?)\)")


def statistic(name: str) -> Callable[[list[float]], float] | None:
    """What is asked of the sorted values of a period, or nothing where LocalStack knows it by itself."""
    if match := PERCENTILE.fullmatch(name):
        share = float(match[1]) / 100
        return lambda values: values[max(0, math.ceil(share * len(values)) - 1)]
    if match := RANK.fullmatch(name):
        most = float(match[1])
        return lambda values: 100 * bisect.bisect_right(values, most) / len(values)
    return None


def answer_percentiles() -> None:
    original = CloudwatchDatabase.get_metric_data_stat

    def get_metric_data_stat(self, account_id, region, query, start_time, end_time, scan_by):
        asked = statistic(query["MetricStat"]["Stat"])
        if asked is None:
            return original(self, account_id, region, query, start_time, end_time, scan_by)
        start, period = int(start_time.timestamp()), query["MetricStat"]["Period"]
        periods: dict[int, list[float]] = defaultdict(list)
        for at, value in read(self, account_id, region, query["MetricStat"], start, int(end_time.timestamp())):
            periods[start + (at - start) // period * period].append(value)
        points = [(at, asked(sorted(values))) for at, values in sorted(periods.items())]
        if scan_by is None or scan_by == ScanBy.TimestampDescending:
            points.reverse()
        return {"timestamps": [at for at, _ in points], "values": [value for _, value in points]}

    CloudwatchDatabase.get_metric_data_stat = get_metric_data_stat


def read(database: CloudwatchDatabase, account_id: str, region: str, stat: dict, start: int, end: int):
    metric = stat["Metric"]
    dimensions = database._get_ordered_dimensions_with_separator(metric.get("Dimensions"))
    values = [account_id, region, metric["Namespace"], metric["MetricName"], start, end, dimensions]
    unit = stat.get("Unit")
    with database.DATABASE_LOCK, sqlite3.connect(database.METRICS_DB_READ_ONLY, uri=True) as connection:
        return connection.execute(
            f"""SELECT timestamp, value FROM {database.TABLE_SINGLE_METRICS}
            WHERE account_id = ? AND region = ? AND namespace = ? AND metric_name = ?
            AND timestamp >= ? AND timestamp < ? AND dimensions IS ? {"AND unit = ?" if unit else ""}""",
            [*values, unit] if unit else values,
        ).fetchall()
