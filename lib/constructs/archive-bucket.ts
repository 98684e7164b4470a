import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface ArchiveBucketProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** Folders of the bucket: the archive's objects, and bodies of webhooks that its events point to. */
type Folder = 'archive' | 'webhooks';

/** The archive: a versioned bucket, and another that records every access to it. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;
  readonly #key: IKey;
  /** ARN of the bucket, by its name: known where the bucket itself is in another stack. */
  readonly #arn: string;

  constructor(scope: Construct, id: string, props: ArchiveBucketProps) {
    super(scope, id);
    const { config, key } = props;
    const suffix = `${config.account}-${config.region}`;
    const bucketName = `${config.name}-archive-${suffix}`;
    this.#arn = `arn:${Stack.of(this).partition}:s3:::${bucketName}`;
    const shared = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: dataRemoval(config),
    };
    this.#key = key;
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...shared,
      bucketName: `${config.name}-access-logs-${suffix}`,
      // S3 delivers access logs only to buckets under its own keys.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(config.accessLogRetentionDays) }],
    });
    this.bucket = new Bucket(this, 'Bucket', {
      ...shared,
      bucketName,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      serverAccessLogsBucket: accessLogs as IBucket,
    });
  }

  /** Lets `grantee` put archive objects, and look at those that are there. */
  grantWrite(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'archive', ['s3:PutObject', 's3:GetObject']);
  }

  /** Lets `grantee` put bodies of webhooks. */
  grantPutBodies(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'webhooks', ['s3:PutObject']);
  }

  /** Lets `grantee` read bodies of webhooks. */
  grantReadBodies(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'webhooks', ['s3:GetObject']);
  }

  #grant(
    grantee: IGrantable & IConstruct,
    folder: Folder,
    actions: readonly ('s3:PutObject' | 's3:GetObject')[],
  ): void {
    const objects = `${this.#arn}/${folder}/*`;
    allow(grantee, actions, [objects]);
    Validations.of(grantee).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${objects}]`,
      reason: 'The names of objects are not known before they are written.',
    });
    const writes = actions.includes('s3:PutObject');
    const key = writes ? (['kms:Decrypt', 'kms:GenerateDataKey'] as const) : (['kms:Decrypt'] as const);
    allowKeyThrough('s3', this.#key, grantee, key);
  }
}
