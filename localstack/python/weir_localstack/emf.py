"""CloudWatch's embedded metric format: metrics that a function writes into its log become PutMetricData.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from localstack.aws.connect import connect_to

LOG = logging.getLogger(__name__)
#: PutMetricData takes 1,000 metrics; fewer keep a request small.
BATCH = 500


def _values(value: object) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [float(each) for each in values if isinstance(each, int | float) and not isinstance(each, bool)]


def _data(document: dict, directive: dict, when: datetime) -> Iterator[dict]:
    """One datum for each metric and set of dimensions of a directive."""
    for metric in directive.get("Metrics", []):
        counts = Counter(_values(document.get(metric.get("Name"))))
        if not counts:
            continue
        for names in directive.get("Dimensions") or [[]]:
            if not all(name in document for name in names):
                continue
            yield {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": name, "Value": str(document[name])} for name in names],
                "Timestamp": when,
                "Unit": metric.get("Unit", "None"),
                "Values": list(counts.keys()),
                "Counts": [float(count) for count in counts.values()],
            }


def metrics_of(line: str) -> Iterator[tuple[str, dict]]:
    """The namespaces and data of a line of a log; none when it is not in the format."""
    if not line.startswith("{") or '"CloudWatchMetrics"' not in line:
        return
    try:
        document = json.loads(line)
        metadata = document["_aws"]
        when = datetime.fromtimestamp(metadata["Timestamp"] / 1000, UTC)
        for directive in metadata["CloudWatchMetrics"]:
            for datum in _data(document, directive, when):
                yield directive["Namespace"], datum
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("not a valid embedded metric (%r): %.200s", error, line)


def publish(account: str, region: str, lines: list[str]) -> None:
    """Publishes the metrics that are in these lines."""
    by_namespace: dict[str, list[dict]] = defaultdict(list)
    for line in lines:
        for namespace, datum in metrics_of(line):
            by_namespace[namespace].append(datum)
    if not by_namespace:
        return
    client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
    for namespace, data in by_namespace.items():
        for start in range(0, len(data), BATCH):
            client.put_metric_data(Namespace=namespace, MetricData=data[start : start + BATCH])
