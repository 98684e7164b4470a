import { Duration, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface EventLogProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** The log: a Kinesis stream that every accepted event goes through. */
export class EventLog extends Construct {
  readonly stream: Stream;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, props: EventLogProps) {
    super(scope, id);
    const { config, key } = props;
    this.#key = key;
    this.stream = new Stream(this, 'Stream', {
      streamName: `${config.name}-log`,
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      retentionPeriod: Duration.hours(config.streamRetentionHours),
      ...(config.stream.mode === 'provisioned'
        ? { streamMode: StreamMode.PROVISIONED, shardCount: config.stream.shards }
        : { streamMode: StreamMode.ON_DEMAND }),
      removalPolicy: dataRemoval(config),
    });
    Validations.of(this.stream).acknowledge({
      id: 'AwsSolutions-KDS3',
      reason: 'A key of our own, so that its policy and its use are ours to see and to limit.',
    });
  }

  /** Lets `grantee` write records. */
  grantPublish(grantee: IGrantable): void {
    allow(grantee, ['kinesis:PutRecords'], [this.stream.streamArn]);
    allowKeyThrough('kinesis', this.#key, grantee, ['kms:GenerateDataKey']);
  }

  /** Lets `grantee` see which shards there are. */
  grantListShards(grantee: IGrantable): void {
    allow(grantee, ['kinesis:ListShards'], [this.stream.streamArn]);
  }

  /** Lets `grantee` read records by itself. */
  grantRead(grantee: IGrantable): void {
    allow(grantee, ['kinesis:GetRecords', 'kinesis:GetShardIterator'], [this.stream.streamArn]);
    allowKeyThrough('kinesis', this.#key, grantee, ['kms:Decrypt']);
  }

  /** What Lambda's poller does in the function's name, from the AWS Lambda guide, "Processing Kinesis records", for shared throughput. */
  grantPoll(grantee: IGrantable): void {
    const actions = [
      'DescribeStream',
      'DescribeStreamSummary',
      'GetRecords',
      'GetShardIterator',
      'ListShards',
    ];
    allow(
      grantee,
      actions.map((action) => `kinesis:${action}`),
      [this.stream.streamArn],
    );
    allowKeyThrough('kinesis', this.#key, grantee, ['kms:Decrypt']);
  }
}
