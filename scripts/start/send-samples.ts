import { setTimeout as wait } from 'node:timers/promises';
import type { Sink } from '../../cli/platform/host.ts';
import { grouped } from '../../cli/platform/output.ts';
import type { Profile } from '../../cli/platform/profile.ts';
import { startProgress } from '../../cli/platform/progress.ts';
import type { NotAccepted } from '../../cli/send/read-events.ts';
import { sendBatches } from '../../cli/send/send-events.ts';
import type { SampleEvent } from '../../samples/read-samples.ts';
import type { RequestPlan } from './plan-requests.ts';

/** LocalStack runs one process for each concurrent invocation: more than a few only get into each other's way. */
const CONNECTIONS = 3;
const POLICY = { attempts: 8, maxWaitMs: 60_000 };

/** What sending the samples came to. */
export interface Sent {
  /** Deliveries that were answered with 202. */
  readonly accepted: number;
  readonly requests: number;
  readonly retries: number;
}

/** Sends the plan through the public API, with the CLI's own sender. @throws Error where anything is not accepted */
export async function sendSamples(
  { apiUrl, apiKey }: Profile,
  plan: RequestPlan<SampleEvent>,
  sink: Sink,
): Promise<Sent> {
  const progress = startProgress(sink, '  sending', plan.deliveries);
  const problems: NotAccepted[] = [];
  const props = {
    destination: { apiUrl, apiKey },
    policy: POLICY,
    connections: CONNECTIONS,
    random: { fraction: Math.random },
    sleep: (ms: number) => wait(ms),
    interrupted: new AbortController().signal,
    report: (problem: NotAccepted) => problems.push(problem),
    progress: ({ judged }: { judged: number }) => progress.update(judged, `${grouped(judged)} events`),
  };
  const { accepted, requests, retries, stopped } = await sendBatches(props, sendable(plan)).finally(() =>
    progress.stop(),
  );
  if (stopped !== undefined) throw new Error(`the API stopped taking events: ${stopped}`);
  const [first] = problems;
  if (first) {
    throw new Error(
      `${problems.length} events were not accepted, the first (${first.id}) with ${first.code}: ${first.detail}`,
    );
  }
  return { accepted, requests, retries };
}

function* sendable({ requests }: RequestPlan<SampleEvent>) {
  let line = 0;
  for (const request of requests) {
    yield request.map(({ id, json }) => {
      line += 1;
      return { line, id, bytes: Buffer.from(json) };
    });
  }
}
