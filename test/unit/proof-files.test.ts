import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lambdas/domain/manifest.ts';
import { issueCertificate } from '../../lambdas/domain/recovery/certificate.ts';
import type { CertifiedObject, ShardProof } from '../../lambdas/domain/recovery/chain-section.ts';
import { checkCertificate } from '../../lambdas/domain/recovery/check-certificate.ts';
import type { GivenFile } from '../../lambdas/domain/recovery/check-objects.ts';
import { runFiles } from '../../lambdas/domain/recovery/run.ts';
import { ProofFiles } from '../../lambdas/plan/proof-files.ts';
import { opened } from '../support/archived.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import type { Around } from '../support/memory-state.ts';
import { PlanDesk } from '../support/plan-desk.ts';

const object = (number: number): CertifiedObject => ({
  ...{ key: `k${number}`, sha256: 's', first: String(number), last: String(number) },
  ...{ records: 1, events: 1, bytes: 1, chain: 'c' },
});

describe('proof files', () => {
  it('hold no more objects at a time than fit a file, and are the same when they are written again', async () => {
    const files = new MemoryRunFiles();
    const written = async () => {
      const proofs = new ProofFiles(files, 'r', 'shard-0', 3);
      for (let number = 0; number < 7; number++) {
        await proofs.write(object(number));
        // What is full has been written: it is not kept until the end.
        expect(files.files.size).toBeGreaterThanOrEqual(Math.floor((number + 1) / 3));
      }
      return proofs.end();
    };
    const first = await written();
    const bytes = new Map(files.files);
    expect(await written()).toEqual(first);
    expect(files.files).toEqual(bytes);
    const texts = first.map(({ file }) => opened(bytes.get(`r/${runFiles.proof(file)}`)!).text);
    expect(texts.map((text) => text.trimEnd().split('\n').length)).toEqual([3, 3, 1]);
    expect(
      texts
        .join('')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(Array.from({ length: 7 }, (_, number) => object(number)));
  });

  it('are none where a shard has no objects in the range', async () => {
    expect(await new ProofFiles(new MemoryRunFiles(), 'r', 'shard-0').end()).toEqual([]);
  });
});

describe('the plan of a certificate', () => {
  it('leaves to conclude a few numbers a shard, and beside them what proves them', async () => {
    const desk = new PlanDesk();
    for (let number = 0; number < 5; number++) await desk.archived();
    await desk.plan({ verb: 'verify', certificate: true });
    const shards = desk.json<ShardProof[]>(runFiles.stretches);
    expect(shards).toMatchObject([{ shardId: 'shard-0', objects: 5, records: 5, events: 5 }]);
    const proofs = new Map<string, GivenFile>();
    for (const { file, sha256 } of shards.flatMap((shard) => shard.proofs)) {
      const bytes = desk.written.get(`r1/${runFiles.proof(file)}`)!;
      expect(sha256Hex(bytes)).toBe(sha256);
      proofs.set(file, opened(bytes));
    }
    const certificate = issueCertificate({
      ...{ requestId: 'r1', period: {}, knownAt: '', issuedAt: '', shards, findings: 0 },
      counts: {},
    });
    expect(checkCertificate(certificate, proofs)).toEqual([]);
  });

  it('takes nothing of what was archived after its bounds, also not of a shard that has come to be since', async () => {
    const desk = new PlanDesk();
    await desk.archived();
    desk.start({ verb: 'verify', certificate: true });
    const dying: Around = (call, when) => {
      if (call === 'put' && when === 'before') throw new Error('killed');
    };
    await expect(desk.step('select', {}, dying)).rejects.toThrow('killed');
    await desk.archived();
    await desk.archived({ shardId: 'shard-1' });
    await desk.step('select');
    const shards = desk.json<ShardProof[]>(runFiles.stretches);
    expect(shards.map(({ shardId, objects }) => [shardId, objects])).toEqual([
      ['shard-0', 1],
      ['shard-1', 0],
    ]);
  });
});
