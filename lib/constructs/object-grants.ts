import { Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { allow, allowKeyThrough } from './grants.ts';

/** What may be done with objects, as IAM names it. Reading a version that is named is an action of its own. */
export type ObjectAction = 's3:GetObject' | 's3:GetObjectVersion' | 's3:PutObject' | 's3:RestoreObject';

export interface ObjectGrant {
  /** ARN of the bucket. */
  readonly bucketArn: string;
  /** Encrypts the bucket. */
  readonly key: IKey;
  /** Without a slash at the end. */
  readonly folder: string;
  readonly actions: readonly ObjectAction[];
}

/** Lets `grantee` do these actions, and no others, on the objects of one folder of a bucket. */
export function allowObjects(
  grantee: IGrantable & IConstruct,
  { bucketArn, key, folder, actions }: ObjectGrant,
): void {
  const objects = `${bucketArn}/${folder}/*`;
  allow(grantee, actions, [objects]);
  Validations.of(grantee).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${objects}]`,
    reason: 'The names of objects are not known before they are written.',
  });
  const writes = actions.includes('s3:PutObject');
  const keys = writes ? (['kms:Decrypt', 'kms:GenerateDataKey'] as const) : (['kms:Decrypt'] as const);
  allowKeyThrough('s3', key, grantee, keys);
}

/**
 * Lets `grantee` list a bucket: only who may list is told that an object isn't there, all others that they may not read it
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). Of versions AWS does not say which listing it takes.
 */
export function allowListing(grantee: IGrantable, bucketArn: string, objects?: 'versioned'): void {
  const versions = objects === 'versioned' ? (['s3:ListBucketVersions'] as const) : [];
  allow(grantee, ['s3:ListBucket', ...versions], [bucketArn]);
}
