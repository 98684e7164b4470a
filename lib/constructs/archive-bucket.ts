import { Duration, Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption, type IBucket, type LifecycleRule, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { bucketDefaults, bucketName } from './bucket-defaults.ts';
import { allowListing, allowObjects, type ObjectAction } from './object-grants.ts';

export interface ArchiveBucketProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** Folders of the bucket: the archive's objects, and bodies of webhooks that its events point to. */
type Folder = 'archive' | 'webhooks';

/** The archive: a versioned bucket, and another that records every access to it. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;
  /** Takes the accesses to other buckets too. */
  readonly accessLogs: IBucket;
  readonly #key: IKey;
  /** ARN of the bucket, by its name: known where the bucket itself is in another stack. */
  readonly #arn: string;

  constructor(scope: Construct, id: string, { config, key }: ArchiveBucketProps) {
    super(scope, id);
    const name = bucketName(config, 'archive');
    this.#arn = `arn:${Stack.of(this).partition}:s3:::${name}`;
    this.#key = key;
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...bucketDefaults(config),
      bucketName: bucketName(config, 'access-logs'),
      // S3 delivers access logs only to buckets under its own keys.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(config.accessLogRetentionDays) }],
    }) as IBucket;
    this.bucket = new Bucket(this, 'Bucket', {
      ...bucketDefaults(config),
      bucketName: name,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }, archiveLife(config)],
      serverAccessLogsBucket: this.accessLogs,
    });
  }

  /** Lets `grantee` put archive objects, and look at those that are there. */
  grantWrite(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'archive', ['s3:PutObject', 's3:GetObject']);
  }

  /** Lets `grantee` read archive objects, in the version that the manifest names or, where that is gone, the present one. */
  grantRead(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'archive', ['s3:GetObject', 's3:GetObjectVersion']);
    allowListing(grantee, this.#arn, 'versioned');
  }

  /** Lets `grantee` take archive objects out of a cold tier. */
  grantRestore(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'archive', ['s3:RestoreObject']);
  }

  /** Lets `grantee` put bodies of webhooks. */
  grantPutBodies(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'webhooks', ['s3:PutObject']);
  }

  /** Lets `grantee` read bodies of webhooks. */
  grantReadBodies(grantee: IGrantable & IConstruct): void {
    this.#grant(grantee, 'webhooks', ['s3:GetObject']);
  }

  #grant(grantee: IGrantable & IConstruct, folder: Folder, actions: readonly ObjectAction[]): void {
    allowObjects(grantee, { bucketArn: this.#arn, key: this.#key, folder, actions });
  }
}

/** Long enough to find that an object was overwritten or deleted, and to put it back. */
const OLDER_VERSIONS_DAYS = 30;

/**
 * Tiers and end of archive objects. Bodies of webhooks stay hot: nobody restores them. Older versions are there
 * where somebody has overwritten or deleted an object, and are then what there is to go back to: they stay, unless the
 * archive has an end. There, every object's end makes it an older version, and only the end of that frees it.
 * Objects below 128 KB stay hot too, as S3 does not move them: moving would cost more than it saves.
 */
function archiveLife({ archiveTiers, archiveRetentionDays }: WeirConfig): LifecycleRule {
  const { instantAfterDays, deepAfterDays } = archiveTiers;
  const end = archiveRetentionDays ?? Number.POSITIVE_INFINITY;
  const tiers = [
    { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, after: instantAfterDays },
    { storageClass: StorageClass.DEEP_ARCHIVE, after: deepAfterDays },
  ];
  return {
    id: 'archive',
    prefix: 'archive/',
    // S3 refuses a tier that would begin after the end.
    transitions: tiers
      .filter(({ after }) => after < end)
      .map(({ storageClass, after }) => ({ storageClass, transitionAfter: Duration.days(after) })),
    ...(archiveRetentionDays !== undefined && {
      expiration: Duration.days(archiveRetentionDays),
      noncurrentVersionExpiration: Duration.days(OLDER_VERSIONS_DAYS),
    }),
  };
}
