import type { Sink } from './host.ts';

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const TICK_MS = 120;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** The line of a step that is under way: on a terminal with a spinner and what it does, elsewhere its name only. */
export class StatusLine {
  readonly #sink: Sink;
  readonly #name: string;
  readonly #started = Date.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #text = '';
  #frame = 0;

  constructor(sink: Sink, name: string) {
    this.#sink = sink;
    this.#name = name;
    if (sink.isTTY) this.#timer = setInterval(() => this.#draw(), TICK_MS);
    else sink.write(`▸ ${name}\n`);
  }

  /** What the step is doing now; seen on a terminal only, until the next. */
  show(text: string): void {
    this.#text = text.replace(ESCAPES, '').trim();
  }

  /** A line that stays. */
  print(line: string): void {
    this.#clear();
    this.#sink.write(`${line}\n`);
  }

  end(good: boolean, summary: string): void {
    this.stop();
    this.#sink.write(`${good ? '✓' : '✗'} ${this.#name} (${summary})\n`);
  }

  /** Leaves the rest of the terminal to others. */
  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #clear(): void {
    if (this.#timer) this.#sink.write('\r\u001b[K');
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const elapsed = Math.floor((Date.now() - this.#started) / 1000);
    const line = `${FRAMES[this.#frame]} ${this.#name} ${elapsed} s  ${this.#text}`;
    this.#sink.write(`\r\u001b[K${line.slice(0, (this.#sink.columns ?? 80) - 1)}`);
  }
}
