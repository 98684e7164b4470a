/** A file of a bundle. */
export interface BundleFile {
  /** Relative to the bundle, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Something that has happened. */
export interface TimelineEvent {
  /** RFC 3339, ms. */
  readonly at: string;
  readonly what: 'alarm' | 'deploy' | 'control' | 'run';
  readonly text: string;
}

/** What one part of the evidence came to. */
export interface Collected {
  readonly files: readonly BundleFile[];
  readonly events?: readonly TimelineEvent[];
  /** How much it is, for the list of contents: `12 runs`. */
  readonly summary: string;
}

/** The time that evidence is collected of: ms since the epoch, `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One part of the evidence: what it is called, and how it is collected. */
export interface Part {
  readonly name: string;
  readonly collect: (span: Span) => Promise<Collected>;
}

/** A part as it stands in the bundle. */
export interface PartResult {
  readonly name: string;
  readonly summary: string;
  /** Why it isn't there. */
  readonly missing?: string;
  readonly files: readonly BundleFile[];
  readonly events: readonly TimelineEvent[];
}

/** A file larger than this is cut: who needs more asks for it by itself. */
export const MAX_FILE_BYTES = 5_000_000;

export const jsonFile = (path: string, value: unknown): BundleFile => ({
  path,
  text: cut(`${JSON.stringify(value, null, 2)}\n`),
});

/** One value a line. */
export const linesFile = (path: string, values: readonly unknown[]): BundleFile => ({
  path,
  text: cut(values.map((value) => `${JSON.stringify(value)}\n`).join('')),
});

function cut(text: string): string {
  if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return text;
  const kept = Buffer.from(text).subarray(0, MAX_FILE_BYTES).toString();
  return `${kept.slice(0, kept.lastIndexOf('\n') + 1)}(cut here: it was longer than ${MAX_FILE_BYTES} bytes)\n`;
}

export const time = (ms: number): string => new Date(ms).toISOString();
