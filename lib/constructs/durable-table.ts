import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { dataRemoval } from './lifetime.ts';

/** Item operations of DynamoDB, as IAM names them. A transaction needs the actions of its parts. */
export type ItemAction =
  | 'dynamodb:GetItem'
  | 'dynamodb:BatchGetItem'
  | 'dynamodb:Query'
  | 'dynamodb:PutItem'
  | 'dynamodb:UpdateItem';

export interface DurableTableProps {
  readonly config: WeirConfig;
  readonly key: IKey;
  readonly tableName: string;
  /** Key-only index: its name, which is also its partition attribute. Sorted by the table's `pk`. @default - none */
  readonly index?: string;
  /** Attribute with the second since the epoch after which an item may be forgotten. @default - items stay for ever */
  readonly timeToLiveAttribute?: string;
}

/** A table of items under `pk` and `sk`: on demand, encrypted with our key, restorable to any second of 35 days. */
export class DurableTable extends Construct {
  readonly table: TableV2;
  readonly #key: IKey;
  readonly #index: string | undefined;

  constructor(scope: Construct, id: string, props: DurableTableProps) {
    super(scope, id);
    this.#key = props.key;
    this.#index = props.index;
    this.table = new TableV2(this, 'Table', {
      tableName: props.tableName,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(props.key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.config.keepData,
      removalPolicy: dataRemoval(props.config),
      ...(props.timeToLiveAttribute ? { timeToLiveAttribute: props.timeToLiveAttribute } : {}),
      ...(props.index ? { globalSecondaryIndexes: [keyOnlyIndex(props.index)] } : {}),
    });
  }

  /**
   * Lets `grantee` do `actions` on the table's items; not on its index.
   * @param partitions patterns of the partition keys it may touch, such as `KEY#*`. @default - all
   */
  grant(grantee: IGrantable, actions: readonly ItemAction[], partitions?: readonly string[]): void {
    allow(
      grantee,
      actions,
      [this.table.tableArn],
      partitions && { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
    );
    const writes = actions.some(
      (action) => action === 'dynamodb:PutItem' || action === 'dynamodb:UpdateItem',
    );
    allowKeyThrough('dynamodb', this.#key, grantee, [
      'kms:Decrypt',
      ...(writes ? (['kms:Encrypt', 'kms:GenerateDataKey'] as const) : []),
    ]);
  }

  /** Lets `grantee` query the key-only index. */
  grantQueryIndex(grantee: IGrantable): void {
    allow(grantee, ['dynamodb:Query'], [`${this.table.tableArn}/index/${this.#index}`]);
    allowKeyThrough('dynamodb', this.#key, grantee, ['kms:Decrypt']);
  }
}

function keyOnlyIndex(name: string) {
  return {
    indexName: name,
    partitionKey: { name, type: AttributeType.STRING },
    sortKey: { name: 'pk', type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  };
}
