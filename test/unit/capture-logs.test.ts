import { Console } from 'node:console';
import { describe, expect, it } from 'vitest';
import { capture, leaksIn, linesOf } from '../support/logs/capture.ts';

const SECRET = 'planted "secret" of somebody, 4711';

describe('capturing logs', () => {
  it('has what is written to streams and consoles, and what is thrown with all that hangs on it', async () => {
    const console = new Console({ stdout: process.stdout, stderr: process.stderr });
    const output = await capture(async () => {
      process.stdout.write(Buffer.from('bytes'));
      console.log('a line');
      console.error('a mistake');
      throw Object.assign(new Error('outer', { cause: new Error('inner') }), {
        item: { deep: [{ deeper: SECRET }] },
      });
    });
    for (const part of ['bytes', 'a line', 'a mistake', 'outer', 'inner', SECRET.slice(0, 7)])
      expect(output).toContain(part);
  });

  it('gives the streams back', async () => {
    const { write } = process.stdout;
    await capture(async () => undefined);
    expect(process.stdout.write).toBe(write);
  });

  it.each([
    ['as it is', (text: string) => `x ${text} y`],
    ['in JSON', (text: string) => JSON.stringify({ text })],
    ['in JSON in JSON', (text: string) => JSON.stringify(JSON.stringify({ text }))],
    ['in a URL', (text: string) => `?q=${encodeURIComponent(text)}`],
    ['in hex', (text: string) => Buffer.from(`ab${text}`).toString('hex')],
    ['in base64', (text: string) => Buffer.from(`abc${text}`).toString('base64')],
    ['in base64, one byte further', (text: string) => Buffer.from(`a${text}bc`).toString('base64')],
    ['in base64, two bytes further', (text: string) => Buffer.from(`ab${text}c`).toString('base64url')],
  ])('finds a marker %s', (_, write) => {
    expect(leaksIn(write(SECRET), ['other', SECRET])).toEqual([SECRET]);
    expect(leaksIn(write('nothing of the kind, and long enough'), [SECRET])).toEqual([]);
  });

  it('reads lines of the log, and no metrics', () => {
    expect(linesOf('{"level":"INFO","message":"m"}\n{"_aws":{}}\nnoise\n')).toEqual([
      { level: 'INFO', message: 'm' },
    ]);
  });
});
