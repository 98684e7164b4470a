"""What alarms did between two times, the latest first. LocalStack fails where a time is given, and its order is another."""

import functools
from datetime import UTC, datetime

from localstack.aws.api.cloudwatch import ScanBy
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider


def seconds(time: datetime) -> float:
    """LocalStack's own times have no zone and are UTC."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def answer_history() -> None:
    original = CloudwatchProvider.describe_alarm_history

    @functools.wraps(original)
    def describe_alarm_history(self, context, *args, start_date=None, end_date=None, scan_by=None, **kwargs):
        answer = original(self, context, *args, **kwargs)
        earliest = seconds(start_date) if start_date else float("-inf")
        latest = seconds(end_date) if end_date else float("inf")
        found = [item for item in answer["AlarmHistoryItems"] if earliest <= seconds(item["Timestamp"]) <= latest]
        ascending = scan_by == ScanBy.TimestampAscending
        answer["AlarmHistoryItems"] = sorted(found, key=lambda item: seconds(item["Timestamp"]), reverse=not ascending)
        return answer

    CloudwatchProvider.describe_alarm_history = describe_alarm_history
