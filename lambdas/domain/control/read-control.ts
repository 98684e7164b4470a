import { parseInstant } from '../instant.ts';
import { type Control, type Held, LEVELS, type Maintenance } from './control.ts';

/** What is written as the control item is not one that Weir writes. Says what is wrong with it. */
export class ControlDamagedError extends Error {
  override name = 'ControlDamagedError';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The control document as it was written. Better no answer than a guess at whose events it sheds; what a later build
 * has added is passed over.
 * @throws ControlDamagedError
 */
export function readControl(text: string): Control {
  const doc = fieldsOf(parse(text), 'the document');
  const { mode, level } = doc;
  if (mode !== 'auto' && mode !== 'manual') throw new ControlDamagedError('mode is neither auto nor manual');
  const known = LEVELS.find((one) => one === level);
  if (known === undefined) throw new ControlDamagedError(`level is none of ${LEVELS.join(', ')}`);
  if (!Number.isSafeInteger(doc.v) || (doc.v as number) < 0) {
    throw new ControlDamagedError('v is not a whole number from 0');
  }
  return {
    v: doc.v as number,
    mode,
    level: known,
    held: listOf(doc, 'held').map(readHeld),
    maintenance: listOf(doc, 'maintenance').map(readMaintenance),
    ...(doc.steppedAt !== undefined && { steppedAt: timeOf(doc, 'steppedAt') }),
    ...(doc.calmSince !== undefined && { calmSince: timeOf(doc, 'calmSince') }),
    by: textOf(doc, 'by'),
    at: timeOf(doc, 'at'),
    reason: textOf(doc, 'reason'),
  };
}

function readHeld(value: unknown): Held {
  const held = fieldsOf(value, 'a held producer');
  return {
    tenant: textOf(held, 'tenant'),
    producer: textOf(held, 'producer'),
    how: readHow(held.how),
    since: timeOf(held, 'since'),
    reason: textOf(held, 'reason'),
    by: textOf(held, 'by'),
  };
}

function readHow(value: unknown): Held['how'] {
  const { kind, share } = fieldsOf(value, 'how a producer is held');
  if (kind === 'suspended') return { kind };
  if (kind !== 'over-budget') {
    throw new ControlDamagedError('a producer is held neither over-budget nor suspended');
  }
  if (typeof share !== 'number' || !(share > 0 && share <= 1)) {
    throw new ControlDamagedError('the share of a producer held is not above 0 and at most 1');
  }
  return { kind, share };
}

function readMaintenance(value: unknown): Maintenance {
  const window = fieldsOf(value, 'a maintenance window');
  return {
    from: timeOf(window, 'from'),
    to: timeOf(window, 'to'),
    reason: textOf(window, 'reason'),
    by: textOf(window, 'by'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlDamagedError('the document is not JSON', { cause });
  }
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ControlDamagedError(`${what} is not an object`);
}

function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value)) return value;
  throw new ControlDamagedError(`${name} is not a list`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new ControlDamagedError(`${name} is not a text`);
}

function timeOf(fields: Fields, name: string): string {
  const text = textOf(fields, name);
  if (parseInstant(text)) return text;
  throw new ControlDamagedError(`${name} is not an RFC 3339 time`);
}
