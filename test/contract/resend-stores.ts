import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type {
  RedrivenNote,
  RedrivenSamples,
  RepairNote,
  RepairNotes,
} from '../../lambdas/domain/recovery/resend-ports.ts';

/** What every store of repairs must do. */
export function describeRepairNotesContract(name: string, make: () => RepairNotes): void {
  describe(`repair notes: ${name}`, () => {
    const note = (more: Partial<RepairNote> = {}): RepairNote => ({
      ...{ messageId: randomUUID(), shardId: 'shardId-000000000000', first: '10', last: '12', sent: 3 },
      ...{ at: '2026-11-21T09:00:00.000Z', mark: '2026-11-21T09:00:01.000Z' },
      ...more,
    });

    it('gives back what was noted, also by another instance', async () => {
      const notes = make();
      const [one, failed] = [note(), note({ failed: 'object-lost: it is gone', sent: 0 })];
      expect(await notes.find(one.messageId)).toBeUndefined();
      await notes.put(one);
      await notes.put(failed);
      expect(await notes.find(one.messageId)).toEqual(one);
      expect(await notes.find(failed.messageId)).toEqual(failed);
    });

    it('keeps the first note: its mark is what may be being waited for', async () => {
      const notes = make();
      const first = note();
      await notes.put(first);
      await notes.put({ ...first, mark: '2026-11-21T10:00:00.000Z', sent: 9 });
      expect(await notes.find(first.messageId)).toEqual(first);
    });
  });
}

/** What a sample says of its redrive, and whether there is one. */
export interface TestedRedriven {
  readonly store: RedrivenSamples;
  readonly addSample: (tenant: string, fingerprint: string) => Promise<void>;
  readonly read: (
    tenant: string,
    fingerprint: string,
  ) => Promise<{ readonly requestId: string; readonly at: string; readonly events: number } | undefined>;
}

/** What every store of samples must do for those who redrive. */
export function describeRedrivenContract(name: string, make: () => TestedRedriven): void {
  describe(`redriven samples: ${name}`, () => {
    const noteOf = (tenant: string, more: Partial<RedrivenNote> = {}): RedrivenNote => ({
      ...{ tenant, fingerprint: 'f1', requestId: 'r1', at: '2026-11-21T09:00:00.000Z' },
      ...{ part: 'batches-00000000.json', events: 3 },
      ...more,
    });

    it("adds up a run's parts, each once, however often it is noted", async () => {
      const { store, addSample, read } = make();
      const tenant = randomUUID();
      await addSample(tenant, 'f1');
      expect(await read(tenant, 'f1')).toBeUndefined();
      const other = noteOf(tenant, {
        part: 'batches-00000001.json',
        events: 4,
        at: '2026-11-21T09:01:00.000Z',
      });
      for (const each of [noteOf(tenant), noteOf(tenant), other, other, noteOf(tenant)])
        await store.note(each);
      expect(await read(tenant, 'f1')).toMatchObject({ requestId: 'r1', events: 7, at: other.at });
    });

    it('adds up parts that are noted at the same time', async () => {
      const { store, addSample, read } = make();
      const tenant = randomUUID();
      await addSample(tenant, 'f1');
      const parts = Array.from({ length: 6 }, (_, index) => noteOf(tenant, { part: `p${index}`, events: 1 }));
      await Promise.all(parts.map((part) => store.note(part)));
      expect(await read(tenant, 'f1')).toMatchObject({ events: 6 });
    });

    it('shows the latest run', async () => {
      const { store, addSample, read } = make();
      const tenant = randomUUID();
      await addSample(tenant, 'f1');
      await store.note(noteOf(tenant));
      await store.note(noteOf(tenant, { requestId: 'r2', events: 1 }));
      expect(await read(tenant, 'f1')).toMatchObject({ requestId: 'r2', events: 1 });
    });

    it('makes no sample where there is none', async () => {
      const { store, read } = make();
      const tenant = randomUUID();
      await store.note(noteOf(tenant));
      expect(await read(tenant, 'f1')).toBeUndefined();
    });
  });
}
