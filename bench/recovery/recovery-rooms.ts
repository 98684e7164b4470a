import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoBuckets } from '../../lambdas/adapters/dynamo-buckets.ts';
import { DynamoManifest } from '../../lambdas/adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../../lambdas/adapters/dynamo-progress.ts';
import { DynamoRedriven } from '../../lambdas/adapters/dynamo-redriven.ts';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import { DynamoTenants } from '../../lambdas/adapters/dynamo-tenants.ts';
import { DynamoTouched } from '../../lambdas/adapters/dynamo-touched.ts';
import { KinesisLog } from '../../lambdas/adapters/kinesis-log.ts';
import { S3Anchors } from '../../lambdas/adapters/s3-anchors.ts';
import { S3Archive } from '../../lambdas/adapters/s3-archive.ts';
import { S3Audit } from '../../lambdas/adapters/s3-audit.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import { concludeRun } from '../../lambdas/conclude/conclude-run.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import { foldPartition } from '../../lambdas/fold/fold-partition.ts';
import { planRun } from '../../lambdas/plan/plan-run.ts';
import { systemRandom } from '../../lambdas/platform/system.ts';
import { startRun } from '../../lambdas/recover/recover-run.ts';
import { resendBatch } from '../../lambdas/resend/resend-batch.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { recoveryDefinition } from '../../lib/constructs/recovery-definition.ts';
import { SHARD } from '../emulate/pretend-log.ts';
import { CONTROL, STATE } from '../tables.ts';
import type { WeirPath } from '../weir-path.ts';
import { type Definition, type Execution, runMachine } from './run-machine.ts';

/** An invocation's time, less what the handlers keep of it. */
const INVOCATION_MS = 14 * 60_000;
/** Children run one after the other here, so one has the whole rate: in all as fast as many side by side with a share each. */
const CONCURRENCY = 1;
const DEEP_AFTER_DAYS = 365;
const [ARCHIVE, RUNS, AUDIT] = ['archive', 'runs', 'audit'];
const QUEUES = 2;

/** What a run came to, and what was asked for it beside tables, log and buckets, which count for themselves. */
export interface Ran {
  readonly run: Run;
  readonly execution: Execution;
  readonly sqsRequests: number;
}

/**
 * Carries out runs with recovery's own rooms and its own state machine, put together as the handlers do it, on one path's log,
 * archive and tables. Its clock is the path's, and goes on where a room or the machine waits; while they do, projector and
 * archive take what is in the log.
 */
export class RecoveryRooms {
  readonly #client: DynamoDBClient;
  readonly #path: WeirPath;
  #sqsRequests = 0;

  constructor(client: DynamoDBClient, path: WeirPath) {
    this.#client = client;
    this.#path = path;
  }

  /** From `recover` to `conclude`. @throws Error where the run fails */
  async run(request: RunRequest): Promise<Ran> {
    this.#sqsRequests = 0;
    const ports = this.#ports();
    const deadline = () => this.#path.clock.now() + INVOCATION_MS;
    await startRun(request, {
      ...ports,
      executions: { start: async (name) => name, stop: async () => {}, goesOn: async () => true },
    });
    const { requestId } = request;
    const execution = await runMachine(
      recoveryDefinition() as unknown as Definition,
      { requestId, attempt: 1 },
      {
        rooms: {
          Plan: (step: Parameters<typeof planRun>[0]) => planRun(step, ports, deadline()),
          Scan: (event: Parameters<typeof scanBatch>[0]) => scanBatch(event, ports),
          Fold: (event: Parameters<typeof foldPartition>[0]) => foldPartition(event, ports, deadline()),
          Resend: (event: Parameters<typeof resendBatch>[0]) => resendBatch(event, ports, deadline()),
          Conclude: (event: Parameters<typeof concludeRun>[0]) => concludeRun(event, ports).then(() => ({})),
        },
        list: async (prefix) => {
          const names = await ports.files.list(requestId, prefix.slice(`runs/${requestId}/`.length));
          return names.map((name) => `runs/${requestId}/${name}`);
        },
        wait: async (seconds) => {
          await this.#sleep(seconds * 1000);
          await this.#path.finish();
        },
      },
    );
    const run = (await ports.runs.find(requestId))!;
    if (run.status !== 'done')
      throw new Error(`the run of ${request.verb} ended as ${run.status}: ${run.error}`);
    return { run, execution, sqsRequests: this.#sqsRequests };
  }

  async #sleep(ms: number): Promise<void> {
    this.#path.clock.nowMs += ms;
    await this.#path.project();
  }

  #ports() {
    const client = this.#client;
    const { bucket, log, clock } = this.#path;
    const s3 = bucket.client();
    const system = { clock, random: systemRandom, sleep: (ms: number) => this.#sleep(ms) };
    const passes = new DynamoProgress(client, CONTROL.name, 'project');
    return {
      ...system,
      contracts,
      shards: { list: async () => [{ shardId: SHARD, open: true, parents: [], startingHashKey: '0' }] },
      log: new KinesisLog({ ...system, client: log, streamName: 'log', build: 'bench' }),
      runs: new DynamoRuns(client, CONTROL.name),
      files: new S3RunFiles(s3, RUNS),
      manifest: new DynamoManifest(client, CONTROL.name),
      archive: new S3Archive(s3, ARCHIVE),
      anchors: new S3Anchors(s3, AUDIT),
      audit: new S3Audit(s3, AUDIT),
      tenants: new DynamoTenants(client, CONTROL.name),
      touched: new DynamoTouched(client, STATE.name),
      buckets: new DynamoBuckets(client, STATE.name, contracts),
      samples: new DynamoRedriven(client, CONTROL.name),
      ...{
        projector: passes,
        passes,
        settings: { concurrency: CONCURRENCY, deepAfterDays: DEEP_AFTER_DAYS },
      },
      repairs: { pendingRepairs: async () => this.#askQueues() },
      concurrency: CONCURRENCY,
      ...{ deliveries: NO_QUEUE, letters: NO_QUEUE },
    };
  }

  /** Nothing waits in them. */
  #askQueues(): number {
    this.#sqsRequests += QUEUES;
    return 0;
  }
}

const never = async (): Promise<never> => {
  throw new Error('no run of the bench has to do with queues');
};
const NO_QUEUE = { send: never, start: never, latest: never };
