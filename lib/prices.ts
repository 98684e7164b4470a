/** What AWS bills for, as far as the bench can count it. */
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
  | 'secretRead';

/** When the prices were read, and where they hold. */
export const PRICED_ON = '2026-11-21';
export const PRICED_IN = 'us-east-1, list price, first tier';

/** US$ a million. The only table of prices that there is: change it here. */
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
  secretRead: { usd: 5, what: 'Secrets Manager: call (public list price: $0.05 for 10,000)' },
};

/** US$ of so many of a priced thing. */
export function priceOf(item: Priced, quantity: number): number {
  return (quantity * PRICES[item].usd) / 1_000_000;
}
