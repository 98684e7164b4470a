import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoWatch } from '../../lambdas/adapters/dynamo-watch.ts';
import { isSilent, minuteName, type Seen } from '../../lambdas/domain/watch/last-seen.ts';

/** When a producer last sent, as watch has learnt it: some minutes may be missing, and nobody is known for longer than two weeks. */
export interface LastSeen {
  /** `YYYY-MM-DDTHH:MMZ` */
  readonly lastSeen: string;
  /** Whether that is longer ago than is usual for it. */
  readonly silent: boolean;
}

type Names = Pick<Seen, 'tenant' | 'producer'>;

/** Who was seen when. */
export async function readLastSeen(
  client: DynamoDBClient,
  table: string,
): Promise<(names: Names) => LastSeen | undefined> {
  const known = new Map<string, LastSeen>();
  for (const { upTo, seen } of (await new DynamoWatch(client, table).slots()).values())
    for (const each of seen) {
      const lastSeen = `${minuteName(each.last)}Z`;
      known.set(nameOf(each), { lastSeen, silent: isSilent(each, upTo) });
    }
  return (names) => known.get(nameOf(names));
}

const nameOf = ({ tenant, producer }: Names) => JSON.stringify([tenant, producer]);
