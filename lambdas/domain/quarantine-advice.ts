import type { QuarantineCode } from './envelope.ts';

/** What to do about a cause, by its code. */
const ADVICE: Readonly<Record<QuarantineCode, string>> = {
  'contract-violation':
    'The producer sends what the contract does not allow. Let it correct the events and send them again under the same ids; or, if the contract is too narrow, give the contract a new schema version.',
  'invalid-cloudevent':
    'A CloudEvents attribute is missing, too long or not text. Let the producer correct it and send again.',
  'unknown-type':
    'There is no contract for this type. Add one under contracts/ and deploy, or let the producer correct the type.',
  'unknown-schema-version':
    'dataschema names a version that the contract does not have. Deploy that version first, or let the producer leave dataschema out.',
  'type-not-granted':
    'The producer may not send this type. If it should, make it a producer with that type: weir producers add.',
  'time-missing': 'Usage is counted by when it happened: let the producer send time.',
  'time-invalid': 'Let the producer send time as RFC 3339, such as 2026-11-21T07:05:00Z.',
  'too-late':
    "The event is older than the contract's late bound. If it must be counted, widen the bound and send it again.",
  'too-early': "The event is from the future. Check the producer's clock, then send again.",
  'lone-surrogate':
    'The text is no valid Unicode: half of a surrogate pair. Let the producer correct its encoding.',
  'number-out-of-range':
    'The number can not be counted exactly. Send large integers as a string where the schema has "format": "decimal".',
  'group-too-long':
    'A value by which usage is grouped is too long. Group by something with fewer and shorter values.',
  'too-many-groups':
    'The bucket has as many groups as the contract allows. Group by something with fewer values, or raise maxGroups in a new revision.',
  'no-revision':
    'The event lies before the first revision of its contract. Give the contract an earlier one, or let it be.',
  conflict:
    'One id came with two contents; the first one was counted. The producer reuses ids: each event needs its own. Send the second one again under a new id.',
  'mapping-failed':
    "The endpoint's mapping does not fit what the provider sends: the detail says which part of it, and where. Try a corrected one with: weir webhooks test.",
  'no-contract':
    'A webhook of a kind that nobody has written a contract for yet. Write one under contracts/ and deploy; until then it is kept here.',
  'replayed-body':
    'A body that was received before came again under another delivery id, which this provider does not sign: somebody may have captured it. The first one was counted.',
  undeliverable:
    'Normalising the delivery failed five times: infrastructure or our code. The log of the normalise function says why; the delivery is kept whole.',
  'projection-failed':
    "Counting the event failed in our code. Look at the projector's log for the receipt, and report it.",
};

export function adviceFor(code: string): string {
  const known: Readonly<Record<string, string>> = ADVICE;
  return Object.hasOwn(known, code) ? known[code]! : 'This version of the tool does not know the code.';
}
