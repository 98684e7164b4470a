import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One of the CSV files beside this one. README.md says where they are from. */
export interface SampleFile {
  /** File name without `.csv`. */
  readonly name: string;
  readonly type: 'network.transfer' | 'disk.write' | 'loadbalancer.requests';
  readonly subject: string;
  /** The member of `data` that carries the reading. */
  readonly field: 'bytes' | 'requests';
}

export const sampleFiles: readonly SampleFile[] = [
  { name: 'ec2_network_in_257a54', type: 'network.transfer', subject: 'i-257a54', field: 'bytes' },
  { name: 'ec2_network_in_5abac7', type: 'network.transfer', subject: 'i-5abac7', field: 'bytes' },
  { name: 'ec2_disk_write_bytes_1ef3de', type: 'disk.write', subject: 'i-1ef3de', field: 'bytes' },
  {
    name: 'elb_request_count_8c0756',
    type: 'loadbalancer.requests',
    subject: 'elb-8c0756',
    field: 'requests',
  },
];

/** One line of a file. */
export interface Reading {
  /** Line number in the file, from 1; the header is line 1. */
  readonly line: number;
  /** As the file has it, ms since the epoch. */
  readonly ms: number;
  /** The number's text, exactly as the file has it. */
  readonly value: string;
}

export interface SampleEvent {
  readonly file: SampleFile;
  /** Moved to the past weeks, ms since the epoch. */
  readonly ms: number;
  readonly id: string;
  /** The CloudEvent as JSON on one line, the reading's text untouched. */
  readonly json: string;
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const LINE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(-?\d+(?:\.\d+)?)$/;

/** The readings of a file, in its order. @throws Error that names the line that is none. */
export function readReadings(name: string): readonly Reading[] {
  const path = join(import.meta.dirname, `${name}.csv`);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((text, index) => {
    const line = index + 2;
    const [, day, time, value] = LINE.exec(text.trimEnd()) ?? [];
    if (value === undefined) throw new Error(`${path}:${line}: "${text}" is not "timestamp,value"`);
    return { line, ms: Date.parse(`${day}T${time}Z`), value };
  });
}

/**
 * The samples as CloudEvents, in order of time over all files. Each file is moved by whole weeks so that its last
 * reading lies in the week before `now` (ms since the epoch), never after it: the five minutes between readings and
 * the hours of the day stay as they were.
 */
export function readSamples(now: number): readonly SampleEvent[] {
  return sampleFiles.flatMap((file) => moveFile(file, now)).sort((a, b) => a.ms - b.ms);
}

function moveFile(file: SampleFile, now: number): SampleEvent[] {
  const readings = readReadings(file.name);
  const lastMs = Math.max(...readings.map(({ ms }) => ms));
  const movedBy = Math.floor((now - lastMs) / WEEK_MS) * WEEK_MS;
  const lastDay = new Date(lastMs + movedBy).toISOString().slice(0, 10);
  return readings.map(({ line, ms, value }) => {
    const id = `${file.name}-${line}-${lastDay}`;
    return { file, ms: ms + movedBy, id, json: toCloudEvent(file, id, ms + movedBy, value) };
  });
}

/** Not by `JSON.stringify`, which would make 94 of 94.0. */
function toCloudEvent(file: SampleFile, id: string, ms: number, value: string): string {
  const attributes = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/samples/${file.name}.csv`,
    type: file.type,
    subject: file.subject,
    time: new Date(ms).toISOString().replace('.000Z', 'Z'),
    datacontenttype: 'application/json',
  });
  return `${attributes.slice(0, -1)},"data":{"${file.field}":${value}}}`;
}
