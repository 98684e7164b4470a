import { Duration, Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { bucketDefaults, bucketName } from './bucket-defaults.ts';
import { allowListing, allowObjects } from './object-grants.ts';

export interface RunsBucketProps {
  readonly config: WeirConfig;
  readonly key: IKey;
  readonly accessLogs: IBucket;
}

/** Files of recovery runs, under `runs/<requestId>/`. Not versioned: a file that is written again is written the same. */
export class RunsBucket extends Construct {
  readonly bucket: Bucket;
  /** ARN of the bucket, by its name: known where the bucket itself is in another stack. */
  readonly arn: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key, accessLogs }: RunsBucketProps) {
    super(scope, id);
    const name = bucketName(config, 'runs');
    this.arn = `arn:${Stack.of(this).partition}:s3:::${name}`;
    this.#key = key;
    this.bucket = new Bucket(this, 'Bucket', {
      ...bucketDefaults(config),
      bucketName: name,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiration: Duration.days(config.retainRunsDays),
        },
      ],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'runs/',
    });
  }

  /** Lets `grantee` read and list files of runs, and see that one is not there. */
  grantRead(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, ['s3:GetObject']);
  }

  /** Lets `grantee` read, list and write files of runs. */
  grantReadWrite(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, ['s3:GetObject', 's3:PutObject']);
  }

  /** Lets `grantee` see which files there are. */
  grantList(grantee: IGrantable): void {
    allowListing(grantee, this.arn);
  }

  #grant(grantee: IGrantable & IConstruct, actions: readonly ('s3:GetObject' | 's3:PutObject')[]): void {
    allowObjects(grantee, { bucketArn: this.arn, key: this.#key, folder: 'runs', actions });
    this.grantList(grantee);
  }
}
