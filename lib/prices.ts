/** What AWS bills for by how much of it is used, as far as the bench or CloudWatch can count it. */
export type Priced =
  | 'apiRequest'
  | 'lambdaRequest'
  | 'kinesisPutUnit'
  | 'dynamoWrite'
  | 'dynamoRead'
  | 's3Put'
  | 's3List'
  | 's3Get'
  | 'stepTransition'
  | 'lambdaGbSecond'
  | 'sqsRequest'
  | 'secretRead'
  | 'logByte'
  | 'onDemandByte';

/** When the prices were read, and where they hold. */
export const PRICED_ON = '2026-11-21';
export const PRICED_IN = 'us-east-1, list price, first tier';

/** US$ a million. With `STANDING`, the only table of prices that there is: change it here. */
export const PRICES: Readonly<Record<Priced, { readonly usd: number; readonly what: string }>> = {
  apiRequest: { usd: 3.5, what: 'API Gateway, REST API: request' },
  lambdaRequest: { usd: 0.2, what: 'Lambda: request (its duration is not counted here)' },
  kinesisPutUnit: { usd: 0.014, what: 'Kinesis, provisioned: PUT payload unit of 25 KB' },
  dynamoWrite: { usd: 0.625, what: 'DynamoDB, on demand: write request unit of 1 KB' },
  dynamoRead: { usd: 0.125, what: 'DynamoDB, on demand: read request unit of 4 KB' },
  s3Put: { usd: 5, what: 'S3: PUT' },
  s3List: { usd: 5, what: 'S3: LIST, at the price of PUT' },
  s3Get: { usd: 0.4, what: 'S3: GET and HEAD' },
  stepTransition: { usd: 25, what: 'Step Functions, standard: state transition' },
  lambdaGbSecond: { usd: 13.3334, what: 'Lambda, arm64: GB-second' },
  sqsRequest: { usd: 0.4, what: 'SQS, standard: request' },
  logByte: { usd: 0.0005, what: 'CloudWatch Logs: byte taken in ($0.50 a GB)' },
  onDemandByte: {
    usd: 0.000_16,
    what: 'Kinesis, on demand: byte, once in ($0.08 a GB) and twice out ($0.04 a GB each)',
  },
  secretRead: { usd: 5, what: 'Secrets Manager: call (public list price: $0.05 for 10,000)' },
};

/** US$ of so many of a priced thing. */
export function priceOf(item: Priced, quantity: number): number {
  return (quantity * PRICES[item].usd) / 1_000_000;
}

/** US$ each of what is paid by the hour or the month, whatever happens. */
export const STANDING = {
  shardHour: { usd: 0.015, what: 'Kinesis, provisioned: shard, an hour' },
  keptShardHour: { usd: 0.02, what: 'Kinesis: shard whose records are kept longer than a day, an hour' },
  streamHour: { usd: 0.04, what: 'Kinesis, on demand: stream, an hour' },
  keyMonth: { usd: 1, what: 'KMS: key, a month' },
  metricMonth: { usd: 0.3, what: 'CloudWatch: metric of ours, a month' },
  alarmMonth: { usd: 0.1, what: 'CloudWatch: metric of an alarm, a month' },
  compositeMonth: { usd: 0.5, what: 'CloudWatch: composite alarm, a month' },
} as const;

/** As AWS counts a month. */
export const HOURS_A_MONTH = 730;
