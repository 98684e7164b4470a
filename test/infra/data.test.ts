import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { WeirConfig } from '../../lib/config/index.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { data, weir } = synthesize(configOf());
const local = synthesize(configOf({ stage: 'local' }));

const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^KeysData'), 'Arn'] };
const STATEFUL = [
  'AWS::KMS::Key',
  'AWS::Kinesis::Stream',
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
];

describe('data at rest', () => {
  it('has keys of our own that rotate', () => {
    data.resourceCountIs('AWS::KMS::Key', 2);
    data.allResourcesProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('is encrypted with them in the log, for seven days', () => {
    data.hasResourceProperties('AWS::Kinesis::Stream', {
      StreamEncryption: { EncryptionType: 'KMS', KeyId: keyArn },
      RetentionPeriodHours: 168,
    });
  });

  it('is encrypted with them in all tables, which can be restored to any second', () => {
    data.resourceCountIs('AWS::DynamoDB::GlobalTable', 3);
    data.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [
        Match.objectLike({
          SSESpecification: { KMSMasterKeyId: keyArn },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        }),
      ],
    });
  });

  it('is encrypted with them in the archive, which keeps every version and is never public', () => {
    data.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: 'weir-archive-111122223333-eu-central-1',
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
          },
        ],
      },
      LoggingConfiguration: Match.objectLike({ DestinationBucketName: Match.anyValue() }),
    });
    data.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('is encrypted with them in all queues, for fourteen days', () => {
    data.resourceCountIs('AWS::SQS::Queue', 4);
    data.allResourcesProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: keyArn,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
  });

  it('can be decrypted by CloudWatch Logs only for log groups of this account, and only under the key of logs', () => {
    const policies = Object.values(data.findResources('AWS::KMS::Key')).map(
      ({ Properties }) => Properties.KeyPolicy.Statement as { Principal: { Service?: string } }[],
    );
    const services = policies.flat().filter(({ Principal }) => Principal.Service);
    expect(services).toEqual([
      expect.objectContaining({
        Principal: { Service: 'logs.eu-central-1.amazonaws.com' },
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:*',
          },
        },
      }),
    ]);
  });
});

describe('data in transit', () => {
  const refusesPlainText = (resource: unknown) =>
    Match.objectLike({
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Resource: resource,
        }),
      ]),
    });

  it('reaches all buckets over TLS only, version 1.2 or later', () => {
    data.resourceCountIs('AWS::S3::Bucket', 4);
    data.resourceCountIs('AWS::S3::BucketPolicy', 4);
    data.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: refusesPlainText(Match.anyValue()),
    });
    data.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      }),
    });
  });

  it.each(['RepairQueue', 'RepairDeadLetters', 'WebhooksQueue', 'WebhooksDeadLetters'])(
    'reaches %s over TLS only',
    (queue) => {
      data.hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: refusesPlainText({ 'Fn::GetAtt': [Match.stringLikeRegexp(`^${queue}`), 'Arn'] }),
      });
    },
  );
});

describe('P3, nothing lost in silence: data outlives its stack', () => {
  it.each(STATEFUL)('%s stays in a real account', (type) => {
    const resources = Object.values(data.findResources(type));
    expect(resources).not.toHaveLength(0);
    for (const resource of resources) {
      expect(resource).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('is protected from deletion by mistake', () => {
    expect(weir.data.terminationProtection).toBe(true);
  });

  it.each(STATEFUL)('%s goes with a local stack', (type) => {
    for (const resource of Object.values(local.data.findResources(type))) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    }
  });

  it('has no protection on a local stack', () => {
    expect(local.weir.data.terminationProtection).toBe(false);
    local.data.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })],
    });
  });

  it('is nowhere else: no stack but this has a resource that holds data', () => {
    for (const type of STATEFUL) {
      expect(synthesizedElsewhere(type), type).toEqual({});
    }
  });

  const synthesizedElsewhere = (type: string) => ({
    ...local.ingress.findResources(type),
    ...local.processing.findResources(type),
    ...local.recovery.findResources(type),
  });
});

const encrypted = {
  ServerSideEncryptionConfiguration: [
    {
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
    },
  ],
};
const bucket = (kind: string, template = data) =>
  Object.values(
    template.findResources('AWS::S3::Bucket', {
      Properties: { BucketName: Match.stringLikeRegexp(`^weir-${kind}-\\d`) },
    }),
  )[0]!.Properties;

describe('the archive', () => {
  const rules = (changes: Partial<WeirConfig> = {}) =>
    bucket('archive', synthesize({ ...configOf(), ...changes }).data).LifecycleConfiguration.Rules;

  it('grows cold, archive objects alone, and never ends', () => {
    expect(rules()).toEqual([
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
      {
        Id: 'archive',
        Prefix: 'archive/',
        Status: 'Enabled',
        Transitions: [
          { StorageClass: 'GLACIER_IR', TransitionInDays: 30 },
          { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 365 },
        ],
      },
    ]);
  });

  it('ends where a setting says so, and never moves to a tier after its end', () => {
    expect(rules({ archiveRetentionDays: 200 })[1]).toMatchObject({
      Prefix: 'archive/',
      ExpirationInDays: 200,
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }],
    });
    expect(rules({ archiveRetentionDays: 3650 })[1].Transitions).toHaveLength(2);
  });

  it('P4: keeps its older versions for ever, unless the archive has an end', () => {
    expect(JSON.stringify(rules())).not.toMatch(/Noncurrent|ExpiredObjectDeleteMarker/);
  });

  it('frees what has expired: its end leaves an older version, which ends too', () => {
    const [, archive] = rules({ archiveRetentionDays: 200 });
    expect(archive).toMatchObject({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } });
  });
});

describe('the audit', () => {
  it('can be neither changed nor deleted before its time: Object Lock holds for whatever is written', () => {
    expect(bucket('audit')).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 400 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(JSON.stringify(bucket('audit').LifecycleConfiguration)).not.toMatch(/Expiration|Transition/);
  });
});

describe('files of runs', () => {
  it('are forgotten after their days, and have no versions', () => {
    expect(bucket('runs').LifecycleConfiguration.Rules).toEqual([
      {
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        ExpirationInDays: 90,
        Status: 'Enabled',
      },
    ]);
    expect(bucket('runs')).not.toHaveProperty('VersioningConfiguration');
  });
});

describe.each([
  ['audit', 'audit/'],
  ['runs', 'runs/'],
])('the bucket of %s', (kind, prefix) => {
  it('is encrypted with our key, and all access to it is logged where the archive’s is', () => {
    expect(Match.objectLike({ BucketEncryption: encrypted }).test(bucket(kind)).hasFailed()).toBe(false);
    expect(bucket(kind).LoggingConfiguration).toEqual({
      DestinationBucketName: bucket('archive').LoggingConfiguration.DestinationBucketName,
      LogFilePrefix: prefix,
    });
  });
});

describe('what the projector gave up', () => {
  it('is hidden six times as long as repair may take, and ends where an operator looks, before SQS forgets it', () => {
    data.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'weir-repair',
      VisibilityTimeout: 720,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RepairDeadLetters'), 'Arn'] },
        maxReceiveCount: 1000,
      },
    });
    expect(1000 * 720).toBeLessThan(14 * 24 * 3600);
  });
});

describe('tables', () => {
  it('have the keys and the index that docs/state.md names', () => {
    for (const TableName of ['weir-state', 'weir-control']) {
      data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
        TableName,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
    }
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'weir-state',
      GlobalSecondaryIndexes: [
        {
          IndexName: 'touched',
          KeySchema: [
            { AttributeName: 'touched', KeyType: 'HASH' },
            { AttributeName: 'pk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'weir-control',
      GlobalSecondaryIndexes: Match.absent(),
    });
  });

  it('forget first receipts of webhooks when Powertools says so, and nothing else', () => {
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'weir-deliveries',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'weir-state',
      TimeToLiveSpecification: Match.absent(),
    });
  });

  it('forget in control what says itself when: no item without `ttl`, and nothing of ours but activity has one', () => {
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'weir-control',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    const root = join(import.meta.dirname, '../..');
    const files = ['lambdas', 'cli'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    );
    const naming = files.filter(
      (file) => file.endsWith('.ts') && /['.:#]ttl\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(naming).toEqual(['lambdas/adapters/dynamo-activity.ts']);
  });
});
