import { SingleBar } from 'cli-progress';
import type { Sink } from './host.ts';
import { grouped } from './output.ts';

/** Shows how far something has come. */
export interface Progress {
  /** `note` stands behind the figures. */
  update(value: number, note?: string): void;
  stop(): void;
}

const QUIET_MS = 5_000;

/** A bar on a terminal; elsewhere, as in CI's logs, a line every five seconds. `total` 0 means that none is known. */
export function startProgress(sink: Sink, label: string, total: number): Progress {
  if (sink.isTTY && total > 0) return startBar(sink, label, total);
  let next = Date.now() + QUIET_MS;
  return {
    update(value, note = '') {
      if (Date.now() < next) return;
      next = Date.now() + QUIET_MS;
      const share = total > 0 ? ` (${Math.floor((100 * value) / total)} %)` : '';
      sink.write(`${label}: ${grouped(value)}${share} ${note}\n`);
    },
    stop() {},
  };
}

function startBar(sink: Sink, label: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {percentage} % {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: false,
    clearOnComplete: true,
    gracefulExit: false,
    stream: sink as unknown as NodeJS.WritableStream,
  });
  bar.start(total, 0, { note: '' });
  return {
    update: (value, note = '') => bar.update(Math.min(value, total), { note }),
    stop: () => bar.stop(),
  };
}
