import { Duration, Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption, type IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { bucketDefaults, bucketName } from './bucket-defaults.ts';
import { allow } from './grants.ts';
import { allowObjects } from './object-grants.ts';

export interface AuditBucketProps {
  readonly config: WeirConfig;
  readonly key: IKey;
  readonly accessLogs: IBucket;
}

/** What is written of runs, and the ends of the archive's chains, day by day. */
type Folder = 'audit' | 'anchors';

/**
 * What nobody may change afterwards: under Object Lock, every version of every object is kept for its time whatever its
 * writer, or whoever takes the writer's role, may do. Governance mode: an account's administrators can still remove what
 * should never have been written.
 */
export class AuditBucket extends Construct {
  readonly bucket: Bucket;
  readonly #arn: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key, accessLogs }: AuditBucketProps) {
    super(scope, id);
    const name = bucketName(config, 'audit');
    this.#arn = `arn:${Stack.of(this).partition}:s3:::${name}`;
    this.#key = key;
    this.bucket = new Bucket(this, 'Bucket', {
      ...bucketDefaults(config),
      bucketName: name,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(config.auditRetentionDays)),
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'audit/',
    });
  }

  /** Lets `grantee` write entries or anchors, and not read them. */
  grantAppend(grantee: IGrantable & IConstruct, folder: Folder): void {
    allowObjects(grantee, { bucketArn: this.#arn, key: this.#key, folder, actions: ['s3:PutObject'] });
  }

  /** Lets `grantee` list and read anchors, in every version: one that was written over is still there. */
  grantReadAnchors(grantee: IGrantable & IConstruct): void {
    const actions = ['s3:GetObjectVersion'] as const;
    allowObjects(grantee, { bucketArn: this.#arn, key: this.#key, folder: 'anchors', actions });
    allow(grantee, ['s3:ListBucketVersions'], [this.#arn]);
  }
}
