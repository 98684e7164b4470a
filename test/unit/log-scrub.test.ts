import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricsIn } from '../support/emitted-metrics.ts';
import { capture, leaksIn, linesOf } from '../support/logs/capture.ts';
import { contextOf, drives, environmentOf, rightAnswers } from '../support/logs/drive-rooms.ts';
import { type HostileAws, MOODS, type Mood, startHostileAws } from '../support/logs/hostile-aws.ts';
import { correlation, markers, planted } from '../support/logs/planted.ts';

const lambdas = join(import.meta.dirname, '..', '..', 'lambdas');
const all = drives();
const rooms = [...new Set(all.map(({ room }) => room))];

let aws: HostileAws;
/** What each room wrote, whatever the mood. */
const outputs = new Map<string, string>();

beforeAll(async () => {
  aws = await startHostileAws([planted.aws]);
  aws.answers = rightAnswers;
  Object.assign(process.env, environmentOf(aws.endpoint));
});
afterAll(() => aws.close());

/** Rooms that wait leave themselves some time for what follows; this is a little more than that. */
const REMAINING_MS: Readonly<Record<string, number>> = {
  ...{ project: 5_300, normalise: 5_300, sweep: 15_300, plan: 15_300, fold: 60_300, resend: 60_300 },
};

/** Drives a room, and keeps what it wrote. */
async function* driven(room: string, mood: Mood): AsyncGenerator<readonly [what: string, output: string]> {
  aws.mood = mood;
  const { handler } = await import(join(lambdas, room, 'handler.ts'));
  for (const { what, event } of all.filter((drive) => drive.room === room)) {
    const output = await capture(() => handler(event, contextOf(REMAINING_MS[room] ?? 1_300)));
    outputs.set(room, (outputs.get(room) ?? '') + output);
    yield [what, output];
  }
}

describe.each(MOODS)('F7 where AWS %s, no log has what anybody sent', (mood) => {
  it.each(rooms)('%s', async (room) => {
    for await (const [what, output] of driven(room, mood)) {
      expect(leaksIn(output, markers), `${what}:\n${output}`).toEqual([]);
      for (const line of linesOf(output)) {
        const { subject, id, ...rest } = line;
        expect([undefined, correlation.subject]).toContain(subject);
        expect([undefined, correlation.id]).toContain(id);
        expect(leaksIn(JSON.stringify(rest), Object.values(correlation)), JSON.stringify(line)).toEqual([]);
      }
      for (const line of output.split('\n')) expect(line.length, line).toBeLessThan(10_000);
    }
  });
});

const metricsOf = (output: string): readonly string[] =>
  output.split('\n').flatMap((line) => (line.startsWith('{"_aws"') ? metricsIn(line) : []));

describe('the drives', () => {
  // Where these tests run alone, nothing has been driven yet.
  beforeAll(async () => {
    if (outputs.size > 0) return;
    for (const mood of MOODS) for (const room of rooms) for await (const _ of driven(room, mood));
  }, 120_000);

  it('are of every room', () => {
    const withHandler = readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('/handler.ts'))
      .map((file) => file.split('/')[0]);
    expect(rooms.toSorted()).toEqual(withHandler.toSorted());
  });

  it('make each room speak', () => {
    // In a line of its own, or by what it throws, which Lambda logs.
    for (const room of rooms) expect(outputs.get(room), room).toMatch(/\S/);
  });

  /** Rooms that the API calls: a request is followed by its receipt. Others by their invocation, and by what a line is about. */
  const DOORS = ['ingest', 'usage', 'catalogue', 'receive'];

  it('every line has the keys by which it can be followed', () => {
    for (const [room, output] of outputs)
      for (const line of linesOf(output)) {
        const key = DOORS.includes(room) ? 'receipt' : 'invocation';
        expect(line, room).toHaveProperty(key, expect.stringMatching(/./));
        if (DOORS.includes(room)) expect(line.trace, room).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-/);
      }
  });

  it.each([
    ['ingest', 'not all accepted', ['receipt', 'trace', 'tenant', 'producer']],
    ['receive', 'webhook not taken', ['receipt', 'trace', 'tenant', 'producer']],
    ['normalise', 'a delivery was not normalised', ['receipt', 'trace', 'tenant', 'producer']],
    [
      'project',
      'part of the batch was not projected',
      ['shard', 'sequence', 'receipt', 'trace', 'tenant', 'producer', 'subject'],
    ],
  ])('%s: "%s" says whose it is, and where it came from', (room, message, keys) => {
    const lines = linesOf(outputs.get(room)!).filter((line) => line.message === message);
    expect(
      lines.some((line) => keys.every((key) => line[key] !== undefined)),
      JSON.stringify(lines[0]),
    ).toBe(true);
  });

  it('F12: what fails is counted, by whoever fails', () => {
    const failures: Readonly<Record<string, readonly string[]>> = {
      ingest: ['controlFailures', 'activityFailures', 'logRefusals', 'refused', 'unauthorized'],
      normalise: ['deliveriesFailed', 'logRefusals'],
      project: ['projectionFailures', 'logRefusals', 'lag'],
      archive: ['archiveLag'],
      ...{ plan: ['stepsFailed'], scan: ['stepsFailed'], fold: ['stepsFailed'], resend: ['stepsFailed'] },
      watch: ['silentProducers', 'keysExpiring'],
      probe: ['roundTrips'],
    };
    for (const [room, names] of Object.entries(failures))
      for (const name of names)
        expect(metricsOf(outputs.get(room)!)).toContain(`Weir/weir ${name} service=room`);
  });

  it('F13: make no metric with a dimension that is not ours, and none by a name that somebody sent', () => {
    const written = new Set([...outputs.values()].flatMap(metricsOf));
    for (const metric of written)
      expect(metric).toMatch(/^Weir\/weir [a-zA-Z]+[45]?\d{0,2} (outcome=[a-z-]+,)?service=room$/);
    // Whatever the room, the mood and the drive.
    expect(written.size).toBeGreaterThan(20);
    expect(written.size).toBeLessThan(100);
  });

  it('every line has the version and the build of its function', () => {
    for (const output of outputs.values())
      for (const line of linesOf(output))
        expect(line).toMatchObject({ version: '7', build: '0.1.0+0123456789ab' });
  });
});
