import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

type Conditions = Record<string, Record<string, unknown>>;

/** Lets `grantee` do exactly these actions on exactly these resources. The CDK's own grants give more than we use. */
export function allow(
  grantee: IGrantable,
  actions: readonly string[],
  resourceArns: readonly string[],
  conditions?: Conditions,
): void {
  Grant.addToPrincipal({
    grantee,
    actions: [...actions],
    resourceArns: [...resourceArns],
    ...(conditions ? { conditions } : {}),
  });
}

/** Lets `grantee` use a key, but only through a service that encrypts with it: never on bytes of its own choice. */
export function allowKeyThrough(
  service: 'dynamodb' | 'kinesis' | 's3' | 'secretsmanager' | 'sqs',
  key: IKey,
  grantee: IGrantable,
  actions: readonly ('kms:Encrypt' | 'kms:Decrypt' | 'kms:GenerateDataKey')[],
): void {
  const endpoint = `${service}.${Stack.of(key).region}.amazonaws.com`;
  allow(grantee, actions, [key.keyArn], { StringEquals: { 'kms:ViaService': endpoint } });
}
