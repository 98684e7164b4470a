import { boundedPointer, checkEvent, type ItemRefusal, quoted } from './check-event.ts';
import { type CloudEvent, RESERVED_TYPE_PREFIX } from './cloudevent.ts';
import { type Contracts, revisionInForce, type SchemaError, type ValidatingContract } from './contract.ts';
import { type Credential, grantsType } from './credential.ts';
import { parseInstant } from './instant.ts';
import { isUnmeasurable, measureValues } from './measure.ts';
import { contractOfEvent } from './probe.ts';
import type { SentItem } from './read-cloudevents.ts';
import { pointerToken } from './read-json.ts';
import { windowLength } from './window.ts';

/** By what items are judged. */
export interface Law {
  readonly contracts: Contracts<ValidatingContract>;
  readonly credential: Credential;
  /** When the request was received, in ms since the epoch: time bounds are by this clock, never by the sender's. */
  readonly receivedMs: number;
}

/** An item that may be counted, with the schema version that it passed; or why it may not. */
export type Judgement =
  | { readonly event: CloudEvent; readonly schema: number }
  | { readonly event?: CloudEvent; readonly refusal: ItemRefusal };

/**
 * Judges one item: is it a CloudEvent, of a known type that its sender may send, as its contract says, in time, and
 * countable. The first thing that is wrong decides.
 */
export function judgeEvent(item: SentItem, law: Law): Judgement {
  const checked = checkEvent(item);
  if ('refusal' in checked) return checked;
  const { event } = checked;
  const contract = contractOfEvent(law.contracts, event.type);
  const refused = refuseType(event.type, contract, law.credential);
  if (refused || !contract) return { event, refusal: refused! };
  const schema = schemaVersion(event, contract);
  if (typeof schema !== 'number') return { event, refusal: schema };
  const refusal = validate(event, contract, schema) ?? measure(event, contract, law.receivedMs);
  return refusal ? { event, refusal: { ...refusal, schema } } : { event, schema };
}

function refuseType(
  type: string,
  contract: ValidatingContract | undefined,
  credential: Credential,
): ItemRefusal | undefined {
  const pointer = '/type';
  if (type.startsWith(RESERVED_TYPE_PREFIX) && !credential.own) {
    return {
      code: 'type-not-granted',
      pointer,
      detail: `types that begin with "${RESERVED_TYPE_PREFIX}" are Weir's own`,
    };
  }
  if (!contract) {
    const detail = `there is no contract for the type ${quoted(type)}; GET /v1/contracts lists those that there are`;
    return { code: 'unknown-type', pointer, detail };
  }
  if (grantsType(credential, type)) return undefined;
  return {
    code: 'type-not-granted',
    pointer,
    detail: `this key may not send ${quoted(type)}; ask for the type to be granted`,
  };
}

/** The number at the end of `dataschema` (`1`, `v1`, `v1.json` or `v1.schema.json`), or the contract's current one. */
function schemaVersion({ dataschema }: CloudEvent, contract: ValidatingContract): number | ItemRefusal {
  if (dataschema === undefined || dataschema === null) return contract.current;
  const segment = /([^/]*)$/.exec(dataschema.replace(/[?#].*$/s, ''))![1]!;
  const number = Number(/^v?(\d{1,6})(?:(?:\.schema)?\.json)?$/i.exec(segment)?.[1]);
  if (contract.versions.has(number)) return number;
  const versions = [...contract.versions.keys()].join(', ');
  return {
    code: 'unknown-schema-version',
    pointer: '/dataschema',
    detail: `dataschema must end in the number of a schema version of "${contract.type}": ${versions}`,
  };
}

function validate(event: CloudEvent, contract: ValidatingContract, version: number): ItemRefusal | undefined {
  const validator = contract.versions.get(version)!;
  if (validator(event.data)) return undefined;
  const name = `version ${version} of "${contract.type}"`;
  if (event.data === undefined) {
    const detail = `there is no data; ${name} wants it as JSON in "data"`;
    return { code: 'contract-violation', pointer: '/data', place: 'data', detail };
  }
  const error = validator.errors?.[0];
  if (!error)
    return { code: 'contract-violation', pointer: '/data', detail: `the data does not fit ${name}` };
  return {
    code: 'contract-violation',
    pointer: boundedPointer(`/data${error.instancePath}${missingKey(error)}`),
    place: error.schemaPath,
    detail: `${complaint(error)}: see ${name}`,
  };
}

/** What a schema's keyword demands, in words. ajv's messages quote the schema only, never the data. */
function complaint({ keyword, message = 'is not as the schema says', params }: SchemaError): string {
  if (keyword === 'required') return 'this property is missing';
  if (keyword === 'enum' && Array.isArray(params.allowedValues)) {
    return `must be one of ${JSON.stringify(params.allowedValues).slice(0, 200)}`;
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return 'the schema has no such property';
  return message.slice(0, 200);
}

/** The key that an error is about where its path stops at the object. */
function missingKey({ params }: SchemaError): string {
  const key = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  return typeof key === 'string' ? `/${pointerToken(key)}` : '';
}

function measure(
  event: CloudEvent,
  contract: ValidatingContract,
  receivedMs: number,
): ItemRefusal | undefined {
  const pointer = '/time';
  if (event.time === undefined || event.time === null) {
    const detail = 'time is missing; a metered event says when it happened (RFC 3339)';
    return { code: 'time-missing', pointer, detail };
  }
  const time = parseInstant(event.time);
  if (!time) {
    const detail = `time must be RFC 3339 with a zone and at most 9 decimals, not ${quoted(event.time)}`;
    return { code: 'time-invalid', pointer, detail };
  }
  const early = time.ms > receivedMs + contract.earlyMs;
  if (early || time.ms < receivedMs - contract.lateMs) {
    return {
      code: early ? 'too-early' : 'too-late',
      pointer,
      detail: outOfBounds(time.text, contract, receivedMs),
    };
  }
  const length = windowLength(contract.bucket);
  const number = revisionInForce(contract, Math.floor(time.ms / length) * length);
  if (number === undefined) {
    return { code: 'no-revision', pointer, detail: `"${contract.type}" was not metered yet at ${time.text}` };
  }
  const measured = measureValues(contract.revisions[number - 1]!, event.data);
  return isUnmeasurable(measured) ? { ...measured, place: measured.pointer } : undefined;
}

function outOfBounds(
  time: string,
  { type, lateMs, earlyMs }: ValidatingContract,
  receivedMs: number,
): string {
  const received = new Date(receivedMs).toISOString();
  const bounds = `at most ${span(lateMs)} before and ${span(earlyMs)} after that`;
  return `time is ${time}, received at ${received}; "${type}" is taken from ${bounds}: check the sender's clock`;
}

/** A duration in the largest unit that keeps it whole. */
function span(ms: number): string {
  const units = [
    ['days', 86_400_000],
    ['hours', 3_600_000],
    ['minutes', 60_000],
    ['seconds', 1000],
  ] as const;
  const [name, size] = units.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return `${ms / size} ${name}`;
}
