import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Revision } from '../../lambdas/domain/contract.ts';
import { type Countable, measureEvent } from '../../lambdas/domain/count-events.ts';
import { digestToHex } from '../../lambdas/domain/digest.ts';
import { evolve, NOTHING_SEALED, newBucket } from '../../lambdas/domain/evolve.ts';
import { chainHash, chainStart } from '../../lambdas/domain/manifest.ts';

const page = readFileSync(new URL('../../docs/state.md', import.meta.url), 'utf8');
const block = (language: string) => page.split(`\`\`\`${language} golden\n`)[1]!.split('\n```')[0]!;
const golden = JSON.parse(block('json'));

const revision: Revision = {
  from: '2026-01-01T00:00:00Z',
  meters: [
    {
      ...{ name: 'bytes', aggregate: 'sum', value: '/bytes', scale: 9, unit: 'By', maxGroups: 50 },
      groupBy: { region: '/region' },
    },
    { name: 'readings', aggregate: 'count', scale: 0, unit: '1', maxGroups: 50 },
  ],
};
const sent = [
  { bytes: 42.5, region: 'eu' },
  { bytes: '0.10', region: 'a|b' },
];

describe('docs/state.md: golden vectors', () => {
  it('are what the product computes', () => {
    const measured = golden.events.map((event: Record<string, string>, index: number) => {
      const key = { tenant: event.tenant!, subject: 's', type: 't', window: '2026-11-21T07' };
      const countable = {
        key,
        source: event.source!,
        id: event.id!,
        instant: event.time!,
        data: sent[index],
      };
      return measureEvent(countable satisfies Countable, revision);
    });
    expect(
      measured.map(({ identity, digest }: { identity: Buffer; digest: Buffer }) => [
        hex(identity),
        hex(digest),
      ]),
    ).toEqual(golden.events.map(({ identity, hash }: Record<string, string>) => [identity, hash]));
    const { bucket } = evolve(newBucket(1, 1), measured, NOTHING_SEALED);
    expect([hex(bucket.open), digestToHex(bucket.digest)]).toEqual([golden.ids, golden.digest]);
    const { shard, start, object, next, child } = golden.chain;
    expect(chainStart(shard, [])).toBe(start);
    expect(chainHash(start, object.sha256, object.first, object.last, object.records)).toBe(next);
    expect(chainStart(child.shard, [start])).toBe(child.start);
  });

  it('are what the program on the page computes, which shares no code with the product', () => {
    const output = execFileSync('python3', ['-c', block('python')], { input: JSON.stringify(golden) });
    expect(output.toString()).toBe('all vectors agree\n');
  });
});

const hex = (bytes: Buffer) => bytes.toString('hex');
