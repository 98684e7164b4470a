import type { SQSClient } from '@aws-sdk/client-sqs';
import { readLogProgress } from '../platform/log-progress.ts';
import { grouped, seconds } from '../platform/output.ts';
import { readCauses } from '../quarantine/read-quarantine.ts';
import type { Storage } from './check-storage.ts';
import { bad, type Finding, good, note } from './finding.ts';

/** Marks come each minute: behind by more than this, the projector is not keeping up, or there are no marks. */
const PROJECTED_MS = 180_000;
/** Archived within 5 minutes is the service level. */
const ARCHIVED_MS = 300_000;

export interface Flow extends Storage {
  readonly sqs: SQSClient;
  readonly now: number;
  /** Whose quarantine to look at; that of all tenants where absent. */
  readonly tenant: string | undefined;
}

/** Whether what is accepted gets counted and archived. */
export async function* checkFlow(flow: Flow): AsyncGenerator<Finding> {
  const progress = await readLogProgress(flow, flow.outputs);
  yield lag('counting', progress.projected, PROJECTED_MS, flow);
  yield lag('archiving', progress.archived, ARCHIVED_MS, flow);
  yield await checkQuarantine(flow);
}

function lag(check: string, mark: string | undefined, bound: number, { now, outputs }: Flow): Finding {
  if (mark === undefined) {
    const next = `Right after a deploy, wait a minute. Else look at the log of ${outputs.markFunction}: it puts a mark each minute.`;
    return bad(check, 'a shard has not passed any mark yet', next);
  }
  const behind = Math.max(0, now - Date.parse(mark));
  if (behind <= bound) return good(check, `${seconds(behind)} behind`);
  const name = check === 'counting' ? outputs.projectFunction : outputs.archiveFunction;
  return bad(
    check,
    `${seconds(behind)} behind (${mark})`,
    `Look at the logs of ${name} and ${outputs.markFunction}.`,
  );
}

async function checkQuarantine({ dynamo, outputs, tenant }: Flow): Promise<Finding> {
  let causes = 0;
  let inputs = 0;
  for await (const { count } of readCauses({ client: dynamo, ...outputs }, tenant)) {
    causes += 1;
    inputs += count;
  }
  if (causes === 0) return good('quarantine', 'empty');
  return note(
    'quarantine',
    `${grouped(inputs)} inputs, ${causes} causes`,
    'weir quarantine list shows them.',
  );
}
