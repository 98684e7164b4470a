import type { Attribute, Item } from '../../lambdas/domain/head-item.ts';
import type { MemoryTable } from './memory-state.ts';

type Name = string;
type Changed = Record<string, Attribute>;

/** Something done to one bucket by somebody with write access to the table, and the kind of finding that it is. */
export interface Tampering {
  readonly what: string;
  readonly kinds: readonly string[];
  /** Does it to the bucket of this name; says whether it could be done. */
  readonly to: (table: MemoryTable, name: Name) => boolean;
}

const STRANGER = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

/** Changes the head. */
function head(change: (item: Changed) => boolean | undefined): Tampering['to'] {
  return (table, name) => {
    const item = structuredCloneOf(table.read(name)!);
    if (change(item) === false) return false;
    table.write(name, item);
    return true;
  };
}

/** Changes the newest page of the chain, or deletes it. */
function page(change: (item: Changed) => 'delete' | undefined, oldest = false): Tampering['to'] {
  return (table, name) => {
    const pk = name.slice(0, name.lastIndexOf(' '));
    let at = textOf(table.read(name)!.tail);
    if (at === undefined) return false;
    for (let prev: string | undefined = at; oldest && prev !== undefined; ) {
      at = prev;
      prev = textOf(table.read(`${pk} ${at}`)!.prev);
    }
    const item = structuredCloneOf(table.read(`${pk} ${at}`)!);
    if (change(item) === 'delete') table.versions.delete(`${pk} ${at}`);
    else table.write(`${pk} ${at}`, item);
    return true;
  };
}

const idsOf = (item: Changed) => (item.ids && 'B' in item.ids ? Buffer.from(item.ids.B) : Buffer.alloc(0));

function changeNumber(item: Changed, meter: string): boolean {
  const meters = structuredClone(item.m) as { M: Record<string, { M: Record<string, { N: string }> }> };
  const groups = meters.M[meter]?.M;
  const group = groups && Object.keys(groups)[0];
  if (group === undefined) return false;
  groups![group] = { N: String(BigInt(Math.trunc(Number(groups![group]!.N))) + 7n) };
  item.m = meters;
  return true;
}

export const tamperings: readonly Tampering[] = [
  {
    what: 'head deleted',
    kinds: ['missing-bucket'],
    to: (table, name) => table.versions.delete(name),
  },
  ...['total', 'events', 'least', 'users'].map((meter) => ({
    what: `${meter} changed`,
    kinds: ['aggregates-differ'],
    to: head((item) => changeNumber(item, meter)),
  })),
  {
    what: 'digest changed',
    kinds: ['aggregates-differ', 'ids-missing'],
    to: head((item) => {
      const digest = textOf(item.digest)!;
      item.digest = { S: (digest.startsWith('0') ? '1' : '0') + digest.slice(1) };
      return undefined;
    }),
  },
  ...[1, -1].map((by) => ({
    what: `n changed by ${by}`,
    kinds: ['aggregates-differ'],
    to: head((item) => {
      item.n = { N: String(Number(numberOf(item.n)) + by) };
      return undefined;
    }),
  })),
  {
    what: 'first changed',
    kinds: ['aggregates-differ'],
    to: head((item) => {
      item.first = { S: '2026-11-21T07:59:59Z' };
      return undefined;
    }),
  },
  {
    what: 'whose latest value it is changed',
    kinds: ['aggregates-differ'],
    to: head((item) => {
      if (!item.lt) return false;
      item.lt = { M: { newest: { M: { all: { S: `2026-11-21T07:59:59Z|${'0'.repeat(24)}` } } } } };
      return undefined;
    }),
  },
  {
    what: 'a page deleted',
    kinds: ['page-missing'],
    to: page(() => 'delete'),
  },
  { what: 'the oldest page deleted', kinds: ['page-missing'], to: page(() => 'delete', true) },
  {
    what: 'a page cut within an entry',
    kinds: ['page-missing'],
    to: page((item) => {
      item.ids = { B: idsOf(item).subarray(0, -3) };
      return undefined;
    }),
  },
  {
    what: 'a chain that runs in a circle',
    kinds: ['page-missing'],
    to: page((item) => {
      item.prev = { S: textOf(item.sk)! };
      return undefined;
    }, true),
  },
  {
    what: 'a stranger’s id in the open page',
    kinds: ['extra-ids'],
    to: head((item) => {
      item.ids = { B: Buffer.concat([idsOf(item), STRANGER]) };
      return undefined;
    }),
  },
  {
    what: 'a stranger’s id in a page',
    kinds: ['extra-ids'],
    to: page((item) => {
      item.ids = { B: Buffer.concat([idsOf(item), STRANGER]) };
      return undefined;
    }),
  },
  {
    what: 'an id doubled in the open page',
    kinds: ['ids-doubled'],
    to: head((item) => {
      if (idsOf(item).length === 0) return false;
      item.ids = { B: Buffer.concat([idsOf(item), idsOf(item).subarray(0, 16)]) };
      return undefined;
    }),
  },
  {
    what: 'an id doubled in a page',
    kinds: ['ids-doubled'],
    to: page((item) => {
      item.ids = { B: Buffer.concat([idsOf(item), idsOf(item).subarray(0, 16)]) };
      return undefined;
    }),
  },
  {
    what: 'an id taken out',
    kinds: ['ids-missing'],
    to: head((item) => {
      if (idsOf(item).length === 0) return false;
      item.ids = { B: idsOf(item).subarray(16) };
      return undefined;
    }),
  },
  {
    what: 'an id’s content changed',
    kinds: ['ids-changed'],
    to: head((item) => {
      const ids = idsOf(item);
      if (ids.length === 0) return false;
      ids[13] = ids[13]! ^ 0xff;
      item.ids = { B: ids };
      return undefined;
    }),
  },
  {
    what: 'a distinct value taken out',
    kinds: ['values-differ'],
    to: head((item) => {
      if (!item.values) return false;
      item.values = { M: {} };
      return undefined;
    }),
  },
  {
    what: 'a distinct value exchanged',
    kinds: ['values-differ'],
    to: page((item) => {
      item.values = { M: { users: { M: { all: { B: STRANGER } } } } };
      return undefined;
    }, true),
  },
  {
    what: 'digest gone',
    kinds: ['head-unreadable'],
    to: head((item) => {
      delete item.digest;
      return undefined;
    }),
  },
  {
    what: 'version no number',
    kinds: ['head-unreadable'],
    to: head((item) => {
      item.v = { S: 'seven' };
      return undefined;
    }),
  },
  {
    what: 'version gone',
    kinds: ['head-unreadable'],
    to: head((item) => {
      delete item.v;
      return undefined;
    }),
  },
  {
    what: 'a bucket that nobody has sent anything for',
    kinds: ['extra-bucket'],
    to: (table, name) => {
      const stranger = { ...structuredCloneOf(table.read(name)!), pk: { S: 'acme#nobody' } };
      const other = `acme#nobody ${name.slice(name.lastIndexOf(' ') + 1)}`;
      if (table.read(other)) return false;
      table.write(other, stranger);
      return true;
    },
  },
];

function structuredCloneOf(item: Item): Changed {
  return { ...item };
}

function textOf(value: Attribute | undefined): string | undefined {
  return value && 'S' in value ? value.S : undefined;
}

function numberOf(value: Attribute | undefined): string {
  return value && 'N' in value ? value.N : 'NaN';
}
