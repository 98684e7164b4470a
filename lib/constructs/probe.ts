import { Duration, Validations } from 'aws-cdk-lib';
import { CfnApiKey, CfnUsagePlanKey } from 'aws-cdk-lib/aws-apigateway';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ProbeEnv } from '../../lambdas/probe/env.ts';
import type { DurableTable } from './durable-table.ts';
import { allow, allowKeyThrough } from './grants.ts';
import { GATHER_SECONDS } from './project.ts';
import type { PublicApi } from './public-api.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface ProbeProps extends RoomProps {
  readonly api: PublicApi;
  readonly control: DurableTable;
  /** Encrypts the secret. */
  readonly dataKey: IKey;
}

/** Each minute sends an event as a customer does, and looks whether it comes back as usage. */
export class Probe extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: ProbeProps) {
    super(scope, id);
    const { config, api, control, dataKey } = props;
    const secret = this.#addKey(props);
    const certificate = config.domain?.probeCertificateArn;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'probe',
      description: 'Sends an event each minute as a customer does, and looks whether it is counted once',
      // What it waits for the projector, and three calls of five seconds that hang.
      timeout: Duration.seconds(75),
      environment: {
        API_URL: api.url,
        API_ID: api.api.restApiId,
        KEY_SECRET: secret.secretArn,
        CERTIFICATE_SECRET: certificate ?? 'none',
        CONTROL_TABLE: control.table.tableName,
        GATHER_SECONDS: String(GATHER_SECONDS[config.freshness]),
      } satisfies ProbeEnv,
    });
    allow(
      this.handler,
      ['secretsmanager:GetSecretValue'],
      [secret.secretArn, ...(certificate ? [certificate] : [])],
    );
    allowKeyThrough('secretsmanager', dataKey, this.handler, ['kms:Decrypt']);
    // A hash there is a key of the probe's and of nobody else, so it can make no other credential.
    control.grant(this.handler, ['dynamodb:PutItem'], ['PROBE']);
    new Rule(this, 'EachMinute', {
      ruleName: `${config.name}-probe`,
      description: 'Looks whether what is sent is counted, as a customer would see it',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next minute's says more than a late one.
      targets: [
        new LambdaFunction(this.handler.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
      ],
    });
  }

  /** The key, and API Gateway's copy of it, without which the door stays shut. Both go by the generation's name. */
  #addKey({ config, api, dataKey }: ProbeProps): Secret {
    const generation = config.probeKey;
    const secret = new Secret(this, `Key${generation}`, {
      description: "The probe's API key, without its wp_",
      encryptionKey: dataKey,
      // 62 possible characters: 256 bits.
      generateSecretString: { passwordLength: 43, excludePunctuation: true },
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'It is rotated with a deploy (settings.ts, probeKey), as API Gateway has a copy; it is good for events of the probe only.',
    });
    const key = new CfnApiKey(this, `GatewayKey${generation}`, {
      // Beside a key without a name, LocalStack can't look one up by its name.
      name: `${config.name}-probe-${generation}`,
      description: "The probe's own key",
      enabled: true,
      value: `wp_${secret.secretValue.unsafeUnwrap()}`,
    });
    new CfnUsagePlanKey(this, `PlanKey${generation}`, {
      keyId: key.ref,
      keyType: 'API_KEY',
      usagePlanId: api.plans.standard!.usagePlanId,
    });
    return secret;
  }
}
