/** A line of the input, as its bytes: what is sent is what was read. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without line end and surrounding blanks; empty where `tooLong`. */
  readonly bytes: Buffer;
  /** Longer than the bound; its bytes were passed over, not kept. */
  readonly tooLong: boolean;
}

const NEWLINE = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cuts a stream of bytes into lines, holding one chunk and at most one line of `maxBytes` at a time. */
export async function* readLines(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  const current = new OpenLine(maxBytes);
  let number = 1;
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      current.add(chunk.subarray(from, at));
      yield current.end(number++);
      from = at + 1;
    }
    current.add(chunk.subarray(from));
  }
  if (!current.isEmpty) yield current.end(number);
}

/** The line that is being read. */
class OpenLine {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size > this.#maxBytes) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  end(number: number): Line {
    const tooLong = this.#size > this.#maxBytes;
    const joined = Buffer.concat(this.#pieces);
    const bytes = number === 1 && joined.subarray(0, 3).equals(BOM) ? joined.subarray(3) : joined;
    this.#pieces = [];
    this.#size = 0;
    return { number, bytes: trimmed(bytes), tooLong };
  }
}

/** Without JSON's white space at both ends. */
function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start]!)) start++;
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  return bytes.subarray(start, end);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
