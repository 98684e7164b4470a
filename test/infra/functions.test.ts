import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../lambdas/domain/recovery/read-request.ts';
import { recoveryExamples } from '../../lib/config/recovery-examples.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { data, ingress, processing, recovery, observability } = synthesize(configOf());
const logKey = { 'Fn::ImportValue': Match.stringLikeRegexp('KeysLogs') };

/** What every function has: for Powertools, and for the lines of its log. */
const ALL = [
  ...['BUILD', 'LOG_LEVEL', 'NODE_OPTIONS'],
  ...['POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'],
];

describe.each([
  ['ingest', ingress, ['STREAM_NAME', 'CONTROL_TABLE', 'BUILD']],
  [
    'usage',
    ingress,
    ['STATE_TABLE', 'CONTROL_TABLE', 'STREAM_NAME', 'REPAIR_QUEUE_URL', 'REPAIR_DEAD_QUEUE_URL'],
  ],
  ['catalogue', ingress, ['CONTROL_TABLE']],
  ['project', processing, ['STATE_TABLE', 'CONTROL_TABLE', 'STREAM_NAME', 'BUILD']],
  ['archive', processing, ['CONTROL_TABLE', 'ARCHIVE_BUCKET', 'STREAM_NAME']],
  ['mark', processing, ['STREAM_NAME', 'BUILD']],
  ['receive', ingress, ['CONTROL_TABLE', 'WEBHOOK_QUEUE_URL', 'BODY_BUCKET']],
  ['normalise', processing, ['STREAM_NAME', 'CONTROL_TABLE', 'DELIVERIES_TABLE', 'BODY_BUCKET', 'BUILD']],
  [
    'sweep',
    processing,
    ['STREAM_NAME', 'CONTROL_TABLE', 'DEAD_LETTER_QUEUE_URL', 'SWEEP_AFTER_SECONDS', 'BUILD'],
  ],
  ['recover', recovery, ['CONTROL_TABLE', 'AUDIT_BUCKET', 'STATE_MACHINE_ARN']],
  [
    'plan',
    recovery,
    [
      ...(['CONTROL_TABLE', 'STREAM_NAME', 'ARCHIVE_BUCKET', 'RUNS_BUCKET', 'AUDIT_BUCKET'] as const),
      ...(['REPAIR_QUEUE_URL', 'CONCURRENCY', 'DEEP_AFTER_DAYS', 'RETENTION_DAYS', 'BUILD'] as const),
    ],
  ],
  ['scan', recovery, ['STATE_TABLE', 'CONTROL_TABLE', 'ARCHIVE_BUCKET', 'RUNS_BUCKET', 'RETENTION_DAYS']],
  [
    'fold',
    recovery,
    ['STATE_TABLE', 'CONTROL_TABLE', 'STREAM_NAME', 'ARCHIVE_BUCKET', 'RUNS_BUCKET', 'BUILD'],
  ],
  [
    'resend',
    recovery,
    [
      ...(['CONTROL_TABLE', 'STREAM_NAME', 'ARCHIVE_BUCKET', 'RUNS_BUCKET'] as const),
      ...(['WEBHOOK_QUEUE_URL', 'WEBHOOK_DEAD_LETTERS_ARN', 'CONCURRENCY', 'BUILD'] as const),
    ],
  ],
  ['conclude', recovery, ['CONTROL_TABLE', 'RUNS_BUCKET', 'AUDIT_BUCKET']],
  [
    'repair',
    recovery,
    [
      ...(['CONTROL_TABLE', 'STREAM_NAME', 'ARCHIVE_BUCKET', 'AUDIT_BUCKET'] as const),
      ...(['REPAIR_DEAD_QUEUE_URL', 'BUILD'] as const),
    ],
  ],
  ['anchor', recovery, ['CONTROL_TABLE', 'AUDIT_BUCKET']],
  [
    'guard',
    observability,
    [
      ...(['CONTROL_TABLE', 'STREAM_NAME', 'AUDIT_BUCKET'] as const),
      ...(['GUARDING_ALARMS', 'SETTINGS', 'BUDGETS'] as const),
    ],
  ],
  [
    'widgets',
    observability,
    [
      ...(['STATE_TABLE', 'CONTROL_TABLE', 'ARCHIVE_BUCKET', 'STREAM_NAME', 'SLOS'] as const),
      ...(['REPAIR_QUEUE_URL', 'REPAIR_DEAD_QUEUE_URL'] as const),
    ],
  ],
] as const)('function %s', (room, template: Template, own) => {
  const [id, { Properties }] = Object.entries(
    template.findResources('AWS::Lambda::Function', { Properties: { FunctionName: `weir-${room}` } }),
  )[0]!;

  it('runs its bundle on Node 24 and arm64, traced', () => {
    expect(id).toBeDefined();
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'handler.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON' },
    });
  });

  it('is told what its env.ts asks for, and what Powertools needs', () => {
    expect(Object.keys(Properties.Environment.Variables).sort()).toEqual(
      [...new Set([...own, ...ALL])].sort(),
    );
    expect(Properties.Environment.Variables).toMatchObject({
      POWERTOOLS_SERVICE_NAME: room,
      POWERTOOLS_METRICS_NAMESPACE: 'Weir/weir',
      NODE_OPTIONS: '--enable-source-maps',
    });
  });

  it('has a role of its own, without managed policies', () => {
    const role = Properties.Role['Fn::GetAtt'][0] as string;
    expect(template.findResources('AWS::IAM::Role')[role]!.Properties).not.toHaveProperty(
      'ManagedPolicyArns',
    );
    const others = Object.values(template.findResources('AWS::Lambda::Function')).filter(
      (other) => other.Properties.Role['Fn::GetAtt'][0] === role,
    );
    expect(others).toHaveLength(1);
  });

  it('logs into an encrypted group that forgets', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/lambda/weir-${room}`,
      RetentionInDays: 90,
      KmsKeyId: logKey,
    });
  });
});

describe('build', () => {
  it('names the code: another bundle, another build', () => {
    const builds = [ingress, processing, recovery].flatMap((template) =>
      Object.values(template.findResources('AWS::Lambda::Function')).map(
        ({ Properties }) => Properties.Environment.Variables.BUILD as string,
      ),
    );
    expect(builds.length).toBeGreaterThan(16);
    expect(new Set(builds).size).toBe(builds.length);
    for (const build of builds) expect(build).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  });
});

const mapping = (room: string, template = processing) =>
  Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))
    .map(({ Properties }) => Properties)
    // Of the function, or of its alias.
    .find(({ FunctionName }) => JSON.stringify(FunctionName).includes(`"Ref":"${room}Handler`));

describe('consumers of the log', () => {
  it('take one batch of a shard at a time, from its beginning: marks depend on it', () => {
    for (const room of ['Project', 'Archive']) {
      expect(mapping(room)).toMatchObject({
        ParallelizationFactor: 1,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10_000,
      });
    }
  });

  it('P3: the projector gives up a batch only in halves, after tries, with a pointer in the repair queue', () => {
    expect(mapping('Project')).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 126 * 3600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::ImportValue': expect.stringContaining('RepairQueue') } },
      },
    });
  });

  it('P4: the archive never gives up and never splits a batch', () => {
    expect(mapping('Archive')).toMatchObject({
      MaximumRetryAttempts: -1,
      MaximumBatchingWindowInSeconds: 60,
    });
    expect(mapping('Archive')).not.toHaveProperty('BisectBatchOnFunctionError');
    expect(mapping('Archive')).not.toHaveProperty('MaximumRecordAgeInSeconds');
    expect(mapping('Archive')).not.toHaveProperty('DestinationConfig');
    expect(mapping('Archive')).not.toHaveProperty('FunctionResponseTypes');
  });

  it.each([
    ['realtime', 0],
    ['balanced', 5],
    ['economy', 60],
  ])('gather as %s says: %i s', (freshness, seconds) => {
    const { processing: template } = synthesize(configOf({ freshness }));
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BisectBatchOnFunctionError: true,
      MaximumBatchingWindowInSeconds: seconds,
    });
  });
});

describe('webhooks', () => {
  it('P3: are tried one by one, five times, and then kept for the sweep', () => {
    processing.resourceCountIs('AWS::Lambda::EventSourceMapping', 3);
    expect(mapping('Normalise')).toMatchObject({
      EventSourceArn: { 'Fn::ImportValue': expect.stringContaining('WebhooksQueue') },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 10,
    });
    data.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'weir-webhooks',
      // Six times the function's timeout, as AWS advises.
      VisibilityTimeout: 180,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WebhooksDeadLetters'), 'Arn'] },
        maxReceiveCount: 5,
      },
    });
  });

  it('P3: are swept into quarantine long before SQS forgets them', () => {
    processing.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(15 minutes)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SweepHandlerFunction'), 'Arn'] } }),
      ],
    });
    const [sweep] = Object.values(
      processing.findResources('AWS::Lambda::Function', { Properties: { FunctionName: 'weir-sweep' } }),
    );
    expect(Number(sweep!.Properties.Environment.Variables.SWEEP_AFTER_SECONDS)).toBe(12 * 3600);
  });
});

describe('marks', () => {
  it('are written each minute', () => {
    processing.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MarkHandlerFunction'), 'Arn'] } }),
      ],
    });
  });
});

describe('repair', () => {
  it('takes one pointer at a time, and says which it could not heal', () => {
    expect(mapping('Repair', recovery)).toMatchObject({
      EventSourceArn: { 'Fn::ImportValue': expect.stringContaining('RepairQueue') },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('has a sixth of the time that its queue hides a pointer, as AWS advises', () => {
    recovery.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'weir-repair', Timeout: 120 });
    data.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'weir-repair', VisibilityTimeout: 720 });
  });
});

describe('schedules', () => {
  const rule = (name: string) =>
    Object.values(recovery.findResources('AWS::Events::Rule', { Properties: { Name: name } }))[0]!.Properties;

  it.each([
    ['hourly', 'cron(20 * * * ? *)'],
    ['nightly', 'cron(35 1 * * ? *)'],
    ['identities', 'cron(50 3 * * ? *)'],
  ])('reconcile %s, told which and when', (scheduled, schedule) => {
    expect(rule(`weir-reconcile-${scheduled}`)).toMatchObject({
      ScheduleExpression: schedule,
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^RecoverHandlerFunction/), 'Arn'] },
          InputTransformer: {
            InputPathsMap: { time: '$.time' },
            InputTemplate: `{"scheduled":"${scheduled}","time":<time>}`,
          },
        },
      ],
    });
  });

  it('anchor the archive each day', () => {
    expect(rule('weir-anchor')).toMatchObject({
      ScheduleExpression: 'cron(5 0 * * ? *)',
      State: 'ENABLED',
      Targets: [
        expect.objectContaining({
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^AnchorHandlerFunction/), 'Arn'] },
        }),
      ],
    });
  });
});

describe('test events', () => {
  const schemaOf = (testEventRegistry: 'create' | 'existing' | 'none') => {
    const template = synthesize({ ...configOf(), testEventRegistry }).recovery;
    return {
      schemas: Object.values(template.findResources('AWS::EventSchemas::Schema')),
      registries: Object.values(template.findResources('AWS::EventSchemas::Registry')),
    };
  };

  it('are where the console looks for those of recover: every example, and each can be asked', () => {
    const { schemas, registries } = schemaOf('create');
    expect(registries).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({ RegistryName: 'lambda-testevent-schemas' }),
        // Other functions' events are in it too.
        DeletionPolicy: 'Retain',
      }),
    ]);
    expect(schemas[0]!.Properties).toMatchObject({
      RegistryName: 'lambda-testevent-schemas',
      SchemaName: '_weir-recover-schema',
      Type: 'OpenApi3',
    });
    const { components } = JSON.parse(schemas[0]!.Properties.Content);
    expect(components.schemas).toHaveProperty('Event');
    const values = Object.entries<{ value: object }>(components.examples).map(([name, { value }]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(values)).toEqual(recoveryExamples);
    for (const [, value] of values) expect(() => readRequest(value, Date.UTC(2026, 10, 21))).not.toThrow();
  });

  it('leave a registry alone that somebody else has made', () => {
    const { schemas, registries } = schemaOf('existing');
    expect([schemas.length, registries.length]).toEqual([1, 0]);
  });

  it('are nowhere on a local stack', () => {
    const { schemas, registries } = schemaOf('none');
    expect([schemas.length, registries.length]).toEqual([0, 0]);
  });
});
