"""What an IAM policy must allow for an AWS call: its actions, and the resources as a policy names them."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from localstack.aws.api import RequestContext

#: One permission: an action such as `dynamodb:PutItem`, and an ARN or "*".
Permission = tuple[str, str]
ANY = "*"

#: Where IAM's prefix is not the name that the service signs with.
PREFIXES = {"monitoring": "cloudwatch"}


class Call:
    """A parsed call, with the names that its ARNs are made of."""

    def __init__(self, context: RequestContext) -> None:
        self.operation: str = context.operation.name
        self.request: dict[str, Any] = dict(context.service_request or {})
        self.method: str = context.request.method
        self.path: str = context.request.path
        self._place = f"{context.region}:{context.account_id}"
        self._region = context.region
        signing = context.service.signing_name
        self.prefix = PREFIXES.get(signing, signing)

    def arn(self, resource: str, service: str | None = None) -> str:
        return f"arn:aws:{service or self.prefix}:{self._place}:{resource}"

    def regional_arn(self, resource: str) -> str:
        """An ARN without an account, as API Gateway's are."""
        return f"arn:aws:{self.prefix}:{self._region}::{resource}"

    def named(self, parameter: str, form: str) -> str:
        """The ARN of what a parameter names; it may hold the ARN already."""
        value = self.request.get(parameter)
        if not value:
            return ANY
        return value if value.startswith("arn:") else self.arn(form.replace("{}", value))


def dynamodb(call: Call) -> Iterator[Permission]:
    def table(name: str) -> str:
        return name if name.startswith("arn:") else call.arn(f"table/{name}")

    request = call.request
    if call.operation in ("BatchGetItem", "BatchWriteItem"):
        for name in request["RequestItems"]:
            yield f"dynamodb:{call.operation}", table(name)
    elif call.operation in ("TransactWriteItems", "TransactGetItems"):
        actions = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}
        for item in request["TransactItems"]:
            for kind, part in item.items():
                if part:
                    yield f"dynamodb:{actions.get(kind, 'ConditionCheckItem')}", table(part["TableName"])
    elif request.get("TableName"):
        index = f"/index/{request['IndexName']}" if request.get("IndexName") else ""
        yield f"dynamodb:{call.operation}", table(request["TableName"]) + index
    else:
        yield f"dynamodb:{call.operation}", request.get("ResourceArn") or ANY


def kinesis(call: Call) -> Iterator[Permission]:
    request = call.request
    stream = request.get("ConsumerARN") or request.get("StreamARN")
    if call.operation == "GetRecords" and not stream:
        # The iterator names its stream, but only to kinesis itself.
        yield "kinesis:GetRecords", call.arn("stream/*")
    elif call.operation == "ListStreams":
        yield "kinesis:ListStreams", ANY
    else:
        yield f"kinesis:{call.operation}", stream or call.named("StreamName", "stream/{}")


SQS_ACTIONS = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}


def sqs(call: Call) -> Iterator[Permission]:
    request = call.request
    queue = ANY
    if request.get("QueueUrl"):
        queue = call.arn(request["QueueUrl"].rstrip("/").rsplit("/", 1)[-1])
    elif request.get("QueueName"):
        queue = call.arn(request["QueueName"])
    elif request.get("SourceArn"):
        queue = request["SourceArn"]
    yield f"sqs:{SQS_ACTIONS.get(call.operation, call.operation)}", queue


S3_BUCKET_ACTIONS = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
}
S3_OBJECT_ACTIONS = {
    "HeadObject": "GetObject",
    "SelectObjectContent": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
#: Actions with a form of their own when the call names a version.
S3_VERSIONED = {"GetObject", "DeleteObject", "GetObjectTagging", "GetObjectAttributes", "PutObjectTagging"}


def _s3_extra(request: dict[str, Any], target: str) -> Iterator[Permission]:
    """What writing an object needs beside PutObject."""
    if request.get("Tagging"):
        yield "s3:PutObjectTagging", target
    if request.get("ObjectLockMode") or request.get("ObjectLockRetainUntilDate"):
        yield "s3:PutObjectRetention", target
    if request.get("ObjectLockLegalHoldStatus"):
        yield "s3:PutObjectLegalHold", target


def s3(call: Call) -> Iterator[Permission]:
    request = call.request
    bucket = f"arn:aws:s3:::{request.get('Bucket', '')}"
    key = request.get("Key")
    if call.operation == "ListBuckets":
        yield "s3:ListAllMyBuckets", ANY
    elif call.operation == "DeleteObjects":
        for each in request["Delete"]["Objects"]:
            action = "DeleteObjectVersion" if each.get("VersionId") else "DeleteObject"
            yield f"s3:{action}", f"{bucket}/{each['Key']}"
    elif not key:
        yield f"s3:{S3_BUCKET_ACTIONS.get(call.operation, call.operation)}", bucket
    elif call.operation in ("CopyObject", "UploadPartCopy"):
        source = request["CopySource"]
        path = source if isinstance(source, str) else f"{source['Bucket']}/{source['Key']}"
        yield "s3:GetObject", f"arn:aws:s3:::{unquote(path).lstrip('/').split('?')[0]}"
        yield "s3:PutObject", f"{bucket}/{key}"
        yield from _s3_extra(request, f"{bucket}/{key}")
    else:
        action = S3_OBJECT_ACTIONS.get(call.operation, call.operation)
        version = "Version" if request.get("VersionId") and action in S3_VERSIONED else ""
        versioned = re.sub(r"^(Get|Put|Delete)Object", rf"\1Object{version}", action)
        yield f"s3:{versioned}", f"{bucket}/{key}"
        if action == "PutObject":
            yield from _s3_extra(request, f"{bucket}/{key}")


def secretsmanager(call: Call) -> Iterator[Permission]:
    # A secret's ARN ends with six random characters, which a policy by name writes as question marks.
    names = call.request.get("SecretIdList") or [call.request.get("SecretId") or call.request.get("Name")]
    for name in names:
        arn = ANY if not name else name if name.startswith("arn:") else call.arn(f"secret:{name}-??????")
        yield f"secretsmanager:{call.operation}", arn


def ssm(call: Call) -> Iterator[Permission]:
    request = call.request
    names = request.get("Names") or [request.get("Name") or request.get("Path")]
    for name in names:
        arn = ANY if not name else name if name.startswith("arn:") else call.arn(f"parameter/{name.lstrip('/')}")
        yield f"ssm:{call.operation}", arn


def states(call: Call) -> Iterator[Permission]:
    for parameter in ("executionArn", "mapRunArn", "stateMachineArn", "activityArn", "resourceArn"):
        if call.request.get(parameter):
            yield f"states:{call.operation}", call.request[parameter]
            return
    yield f"states:{call.operation}", ANY


def lambda_(call: Call) -> Iterator[Permission]:
    action = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction"}.get(call.operation, call.operation)
    resource = call.named("FunctionName", "function:{}")
    if resource == ANY and call.request.get("UUID"):
        resource = call.arn(f"event-source-mapping:{call.request['UUID']}")
    qualifier = call.request.get("Qualifier")
    yield f"lambda:{action}", f"{resource}:{qualifier}" if qualifier and resource != ANY else resource


def sns(call: Call) -> Iterator[Permission]:
    action = {"PublishBatch": "Publish"}.get(call.operation, call.operation)
    request = call.request
    yield f"sns:{action}", request.get("TopicArn") or request.get("TargetArn") or request.get("SubscriptionArn") or ANY


def kms(call: Call) -> Iterator[Permission]:
    key = call.request.get("KeyId") or ""
    form = "{}" if key.startswith("alias/") else "key/{}"
    yield f"kms:{call.operation}", call.named("KeyId", form)


def logs(call: Call) -> Iterator[Permission]:
    group = call.request.get("logGroupName") or call.request.get("logGroupNamePrefix")
    stream = call.request.get("logStreamName")
    suffix = f":log-stream:{stream}" if stream else ":*"
    yield f"logs:{call.operation}", call.arn(f"log-group:{group}{suffix}") if group else ANY


def events(call: Call) -> Iterator[Permission]:
    if call.operation == "PutEvents":
        for entry in call.request.get("Entries", []):
            bus = entry.get("EventBusName") or "default"
            yield "events:PutEvents", bus if bus.startswith("arn:") else call.arn(f"event-bus/{bus}")
    else:
        yield f"events:{call.operation}", call.named("Name", "rule/{}")


def apigateway(call: Call) -> Iterator[Permission]:
    # API Gateway's actions are the methods of its own REST API.
    yield f"apigateway:{call.method}", call.regional_arn(call.path)


def cloudwatch(call: Call) -> Iterator[Permission]:
    names = call.request.get("AlarmNames") or [call.request.get("AlarmName")]
    for name in names:
        yield f"cloudwatch:{call.operation}", call.arn(f"alarm:{name}") if name else ANY


def other(call: Call) -> Iterator[Permission]:
    """A service that Weir does not use: the first parameter that is an ARN, or anything."""
    arns = (value for value in call.request.values() if isinstance(value, str) and value.startswith("arn:"))
    yield f"{call.prefix}:{call.operation}", next(arns, ANY)


#: The partition key of Weir's tables; other tables' keys are not looked for.
PARTITION_KEY = "pk"


def leading_keys(context: RequestContext) -> list[str]:
    """The partition keys that a DynamoDB call names, for the condition key `dynamodb:LeadingKeys`."""
    if context.service.service_name != "dynamodb":
        return []
    request = dict(context.service_request or {})
    items = [request.get("Key"), request.get("Item")]
    for wanted in (request.get("RequestItems") or {}).values():
        items.extend(wanted.get("Keys", []) if isinstance(wanted, dict) else [])
    for part in request.get("TransactItems") or []:
        items.extend(each.get("Item") or each.get("Key") for each in part.values() if each)
    keys = [item[PARTITION_KEY]["S"] for item in items if item and PARTITION_KEY in item]
    queried = re.search(rf"\b{PARTITION_KEY} = (:\w+)", request.get("KeyConditionExpression") or "")
    if queried and not request.get("IndexName"):
        keys.append(request["ExpressionAttributeValues"][queried.group(1)]["S"])
    return sorted(set(keys))


SERVICES: dict[str, Callable[[Call], Iterator[Permission]]] = {
    "apigateway": apigateway,
    "cloudwatch": cloudwatch,
    "dynamodb": dynamodb,
    "events": events,
    "kinesis": kinesis,
    "kms": kms,
    "lambda": lambda_,
    "logs": logs,
    "s3": s3,
    "secretsmanager": secretsmanager,
    "sns": sns,
    "sqs": sqs,
    "ssm": ssm,
    "stepfunctions": states,
}


def permissions(context: RequestContext) -> list[Permission]:
    """The distinct permissions that this call needs, in the order in which it names them."""
    call = Call(context)
    describe = SERVICES.get(context.service.service_name, other)
    return list(dict.fromkeys(describe(call)))
