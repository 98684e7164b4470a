import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

export interface DeliveriesTableProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** First receipts of webhooks, as Powertools Idempotency keeps them, and the bodies that came with them. */
export class DeliveriesTable extends Construct {
  readonly table: TableV2;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key }: DeliveriesTableProps) {
    super(scope, id);
    this.#key = key;
    this.table = new TableV2(this, 'Table', {
      tableName: `${config.name}-deliveries`,
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiration',
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: config.keepData,
      removalPolicy: dataRemoval(config),
    });
  }

  /** Lets `grantee` claim deliveries and note their first receipt. */
  grantFix(grantee: IGrantable): void {
    allow(grantee, ['dynamodb:PutItem', 'dynamodb:UpdateItem'], [this.table.tableArn]);
    allowKeyThrough('dynamodb', this.#key, grantee, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']);
  }
}
