import type { SampleDelivery } from './read-deliveries.ts';

/** How many deliveries of one provider must be in quarantine for one reason. */
export interface ExpectedQuarantine {
  readonly code: 'replayed-body' | 'mapping-failed' | 'no-contract';
  readonly value: string;
}

/** What moves no money that has come in, or that another event tells of: it waits for a contract of its own. */
export function expectedOfStripe(deliveries: readonly SampleDelivery[]): readonly ExpectedQuarantine[] {
  const kept = deliveries
    .map(({ body }) => JSON.parse(body))
    .filter(({ type, data: { object } }) =>
      type === 'charge.succeeded'
        ? !object.captured
        : !['charge.captured', 'refund.created', 'refund.failed'].includes(type),
    );
  return [{ code: 'no-contract', value: String(new Set(kept.map(({ id }) => id)).size) }];
}

/** Bodies that came before under another id, and those that happened to nobody. */
export function expectedOfGitHub(deliveries: readonly SampleDelivery[]): readonly ExpectedQuarantine[] {
  const kept = deliveries.filter(({ headers }) => headers['x-github-event'] !== 'ping');
  const [owned, nobodys] = [true, false].map((wanted) =>
    kept.filter(({ body }) => hasSubject(JSON.parse(body)) === wanted),
  );
  const ids = (of: readonly SampleDelivery[] = []) =>
    new Set(of.map(({ headers }) => headers['x-github-delivery'])).size;
  const replayed = ids(owned) - new Set(owned?.map(({ body }) => body)).size;
  return [
    { code: 'replayed-body', value: String(replayed) },
    { code: 'mapping-failed', value: String(ids(nobodys)) },
  ];
}

function hasSubject(payload: Readonly<Record<string, { readonly id?: number } | undefined>>): boolean {
  return ['repository', 'organization', 'installation', 'sender'].some((each) => payload[each]?.id);
}
