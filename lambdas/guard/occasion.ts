/**
 * Whether EventBridge tells guard to look: each minute, or as an alarm has changed its state
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html). Which alarm, it looks up
 * itself: by the time that it looks, it may be another.
 */
export function isOccasion(event: unknown): boolean {
  const { source, 'detail-type': type } = (event ?? {}) as Readonly<Record<string, unknown>>;
  return (
    (source === 'aws.events' && type === 'Scheduled Event') ||
    (source === 'aws.cloudwatch' && type === 'CloudWatch Alarm State Change')
  );
}
