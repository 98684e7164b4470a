import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { dataRemoval } from './lifetime.ts';

export interface EncryptionKeysProps {
  readonly config: WeirConfig;
}

/** Weir's own KMS keys, rotated each year. Two, so that who reads logs can't read usage. */
export class EncryptionKeys extends Construct {
  /** Of the log, the tables, the archive and the queues. */
  readonly data: Key;
  /** Of all log groups. */
  readonly logs: Key;

  constructor(scope: Construct, id: string, { config }: EncryptionKeysProps) {
    super(scope, id);
    const shared = {
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: dataRemoval(config),
    };
    this.data = new Key(this, 'Data', {
      ...shared,
      alias: `${config.name}-data`,
      description: 'Weir: usage events, state and archive',
    });
    this.logs = new Key(this, 'Logs', {
      ...shared,
      alias: `${config.name}-logs`,
      description: 'Weir: log groups',
    });
    this.logs.addToResourcePolicy(this.#logsStatement());
  }

  /** CloudWatch Logs uses the key in its own name, so the key has to allow it: for this account's log groups only. */
  #logsStatement(): PolicyStatement {
    const { region, account, partition } = Stack.of(this);
    return new PolicyStatement({
      sid: 'CloudWatchLogs',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    });
  }
}
