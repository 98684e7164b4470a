import { inspect } from 'node:util';

/** What a function wrote while it ran, to wherever: stdout and stderr are all that Lambda makes logs of. */
export async function capture(work: () => Promise<unknown>): Promise<string> {
  const { stdout, stderr } = process;
  const chunks: string[] = [];
  const before = [stdout.write, stderr.write] as const;
  const keep = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  }) as typeof stdout.write;
  stdout.write = keep;
  stderr.write = keep;
  try {
    await work();
  } catch (error) {
    // Lambda writes what a handler throws into the log, with its properties and causes, however deep.
    chunks.push(`${inspect(error, { depth: 20, showHidden: true, maxStringLength: null })}\n`);
  } finally {
    [stdout.write, stderr.write] = before;
  }
  return chunks.join('');
}

/** The lines of the log, without metrics. */
export function linesOf(output: string): readonly Readonly<Record<string, unknown>>[] {
  return output.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line);
      return typeof value === 'object' && value !== null && 'level' in value ? [value] : [];
    } catch {
      return [];
    }
  });
}

/** Those of the markers that are in a text, however they are written: as they are, escaped for JSON, URLs or XML, in base64 or hex. */
export function leaksIn(text: string, markers: readonly string[]): readonly string[] {
  return markers.filter((marker) => forms(marker).some((form) => text.includes(form)));
}

function forms(marker: string): readonly string[] {
  const bytes = Buffer.from(marker);
  const inJson = JSON.stringify(marker).slice(1, -1);
  return [
    ...[marker, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(marker)],
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    ...[0, 1, 2].flatMap((shift) => within(bytes, shift)),
  ];
}

/** What base64 makes of bytes wherever in a longer text they stand: without the characters that their neighbours share. */
function within(bytes: Buffer, shift: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  const whole = padded.length - (padded.length % 3);
  const text = padded
    .subarray(0, whole)
    .toString('base64')
    .slice(shift === 0 ? 0 : 4);
  return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
}
