import type { WriteStream } from 'node:tty';
import type { Progress } from '../section.ts';
import { bar } from './tables.ts';

const REDRAW_MS = 100;
const BAR_CELLS = 20;

/** One line that tells how far a run has come, redrawn in place on a terminal; elsewhere a line for each new thing. */
export interface ProgressLine {
  readonly show: Progress;
  line(text: string): void;
  clear(): void;
}

export function createProgress(stream: Pick<WriteStream, 'write' | 'isTTY'>): ProgressLine {
  let last = '';
  let drawnAt = 0;
  const clear = () => {
    if (stream.isTTY) stream.write('\r\x1b[2K');
  };
  return {
    clear,
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    show(what, done) {
      if (!stream.isTTY) {
        if (what !== last) stream.write(`${what} …\n`);
      } else if (what !== last || Date.now() - drawnAt > REDRAW_MS) {
        const percent = `${Math.floor(done * 100)} %`.padStart(5);
        stream.write(`\r\x1b[2K${bar(done, 1).padEnd(BAR_CELLS)} ${percent}  ${what}`);
        drawnAt = Date.now();
      }
      last = what;
    },
  };
}
