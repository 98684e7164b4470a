import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';

export interface AlarmTopicsProps {
  readonly config: WeirConfig;
}

/** Where alarms go: one topic for what wakes somebody, one for what can wait until morning. */
export class AlarmTopics extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;
  readonly #key: Key;

  constructor(scope: Construct, id: string, { config }: AlarmTopicsProps) {
    super(scope, id);
    // CloudWatch can't use the key that AWS manages for SNS. This one goes with its stack: messages are delivered at once.
    this.#key = new Key(this, 'Key', {
      alias: `${config.name}-alarms`,
      description: 'Weir: messages of alarms',
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#key.addToResourcePolicy(this.#alarmsMay(['kms:Decrypt', 'kms:GenerateDataKey'], '*'));
    this.page = this.#addTopic('Page', `${config.name}-page`, config.alarmAddresses.page);
    this.ticket = this.#addTopic('Ticket', `${config.name}-ticket`, config.alarmAddresses.ticket);
  }

  #addTopic(id: string, topicName: string, addresses: readonly string[]): Topic {
    const topic = new Topic(this, id, { topicName, masterKey: this.#key, enforceSSL: true });
    // A policy of our own replaces SNS's, under which the account's alarms might publish.
    topic.addToResourcePolicy(this.#alarmsMay(['sns:Publish'], topic.topicArn));
    for (const address of addresses) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  #alarmsMay(actions: readonly string[], resource: string): PolicyStatement {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: [...actions],
      resources: [resource],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarms },
        StringEquals: { 'aws:SourceAccount': stack.account },
      },
    });
  }
}
