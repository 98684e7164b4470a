import { LIMITS, RESERVED_TYPE_PREFIX } from '../cloudevent.ts';
import { Spot } from '../spot.ts';
import { isTrue } from './check-jmespath.ts';
import { MappingError } from './mapping-mistakes.ts';
import { compileTime, type TimeReader } from './mapping-time.ts';
import { compilePlace, compileValue, type Reader } from './mapping-value.ts';

/** How one kind of provider event becomes an event of ours. */
export interface Rule {
  /** May hold `<provider>` and `<event>`. */
  readonly type: string;
  readonly subject: Reader;
  readonly time?: TimeReader;
  /** Members of the event's data, by name, in the order of their names. */
  readonly data: readonly (readonly [name: string, read: Reader])[];
}

export interface MatchingRule extends Rule {
  /** Tells whether the rule is for a delivery. @throws ValueError */
  readonly matches: (event: string, payload: unknown) => boolean;
}

/** An endpoint's mapping, checked and made ready. */
export interface Mapping {
  /** Name of the provider's event. */
  readonly event: Reader;
  /** The delivery's id, for schemes that don't bring one in a header. */
  readonly id?: Reader;
  /** Field of a form that holds the payload as JSON. */
  readonly jsonField?: string;
  readonly rules: readonly MatchingRule[];
  /** For what no rule is for. */
  readonly fallback: Rule;
  /** Headers that the mapping reads, in lower case; `content-type` is always among them. */
  readonly headers: readonly string[];
}

/** Member of the data under which the raw payload stands. */
export const PAYLOAD = 'payload';
/** Type of an event that no rule is for. */
const FALLBACK_TYPE = '<provider>.<event>';

const MAX_RULES = 100;
const MAX_PATTERNS = 50;
const MAX_FIELDS = 32;
const FIELD = /^[A-Za-z]\w{0,47}$/;
const TYPE = /^(?:[A-Za-z0-9_-]|<provider>)(?:[A-Za-z0-9_.-]|<provider>|<event>)*$/;
const PATTERN = /^[ -~]{1,128}$/;
/** Matching costs the length of a name to the power of these. */
const MAX_STARS = 2;

/**
 * Checks an operator's mapping (parsed JSON) and makes it ready. docs/webhooks.md says what it may hold.
 * @throws MappingError with every mistake: its place, what stands there, and what is allowed.
 */
export function compileMapping(json: unknown): Mapping {
  const spot = new Spot(json);
  const headers = new Set(['content-type']);
  const mapping = readMapping(spot, (name) => headers.add(name));
  if (!mapping || spot.mistakes.length > 0) throw new MappingError(spot.mistakes);
  return { ...mapping, headers: [...headers].sort() };
}

type OnHeader = (name: string) => void;

/** Checks all, so that all mistakes are told at once: what stands beside a mistake is made of stand-ins. */
function readMapping(spot: Spot, onHeader: OnHeader): Omit<Mapping, 'headers'> | undefined {
  spot.hasOnly(['event', 'id', 'jsonField', 'rules', 'fallback']);
  if (!spot.isObject) return undefined;
  const event = compileValue(spot.at('event'), { onHeader });
  const id = spot.at('id').given ? compileValue(spot.at('id'), { onHeader }) : undefined;
  const rules = spot.at('rules').given
    ? spot
        .at('rules')
        .elements(MAX_RULES, 'rules')
        .map((rule) => readMatchingRule(rule, onHeader))
    : [];
  const fallback = readFallback(spot.at('fallback'), onHeader);
  const jsonField = spot.at('jsonField');
  if (jsonField.given && (typeof jsonField.value !== 'string' || !FIELD.test(jsonField.value)))
    jsonField.wrong('the name of a form field');
  return {
    event: event ?? nothing,
    ...(id && { id }),
    ...(jsonField.given && { jsonField: String(jsonField.value) }),
    rules,
    fallback,
  };
}

const nothing = () => undefined;
const RULE = ['type', 'subject', 'time', 'data'];

function readMatchingRule(spot: Spot, onHeader: OnHeader): MatchingRule {
  spot.hasOnly(['when', ...RULE], 'a rule');
  if (!spot.isObject) return { matches: () => false, type: FALLBACK_TYPE, subject: nothing, data: [] };
  return { matches: readWhen(spot.at('when')), ...readRule(spot, onHeader) };
}

/** What is left out of a fallback has a value that always fits, so that no event is lost for want of one. */
function readFallback(spot: Spot, onHeader: OnHeader): Rule {
  const defaults = { type: FALLBACK_TYPE, subject: nothing, data: [] };
  if (!spot.given) return defaults;
  spot.hasOnly(RULE, 'a fallback');
  return spot.isObject ? readRule(spot, onHeader, defaults) : defaults;
}

function readRule(spot: Spot, onHeader: OnHeader, defaults?: Pick<Rule, 'type' | 'subject'>): Rule {
  const type = spot.at('type');
  const subject = spot.at('subject');
  const time = spot.at('time').given ? compileTime(spot.at('time')) : undefined;
  return {
    type: !type.given && defaults ? defaults.type : readType(type),
    subject: !subject.given && defaults ? defaults.subject : (compileValue(subject, { onHeader }) ?? nothing),
    ...(time && { time }),
    data: spot.at('data').given ? readData(spot.at('data'), onHeader) : [],
  };
}

function readType(spot: Spot): string {
  const { value } = spot;
  if (typeof value !== 'string' || !TYPE.test(value)) {
    spot.wrong('an event type: letters, digits, _, - and dots, also <provider> and (not first) <event>');
    return FALLBACK_TYPE;
  }
  if (value.length > LIMITS.type)
    spot.note(`has ${value.length} characters; at most ${LIMITS.type} are allowed`);
  if (value.startsWith(RESERVED_TYPE_PREFIX))
    spot.note(`must not begin with "${RESERVED_TYPE_PREFIX}": those types are Weir's own`);
  return value;
}

function readData(spot: Spot, onHeader: OnHeader): Rule['data'] {
  if (!spot.isObject) {
    spot.wrong('an object of names and values');
    return [];
  }
  const names = spot.names();
  if (names.length > MAX_FIELDS) spot.note(`has ${names.length} members; at most ${MAX_FIELDS} are allowed`);
  return [...names].sort().map((name) => {
    const member = spot.at(name);
    if (name === PAYLOAD) member.note('is taken: the raw payload stands there');
    else if (!FIELD.test(name))
      member.note('must have another name: a letter, then at most 47 letters, digits and _');
    return [name, compileValue(member, { onHeader }) ?? nothing] as const;
  });
}

/** `"push"`, `"issues.*"`, a list of such, or `{"event": …, "match": <place>}`, of which both must hold. */
function readWhen(spot: Spot): MatchingRule['matches'] {
  if (!spot.isObject) return readPatterns(spot);
  spot.hasOnly(['event', 'match']);
  const names = spot.at('event').given ? readPatterns(spot.at('event')) : () => true;
  const match = spot.at('match');
  const place = match.given ? compilePlace(match) : () => true;
  return (event, payload) => names(event) && isTrue(place?.(payload));
}

function readPatterns(spot: Spot): (event: string) => boolean {
  const spots =
    typeof spot.value === 'string'
      ? [spot]
      : spot.elements(MAX_PATTERNS, 'event names (a * stands for any characters)');
  const patterns = spots.map(readPattern);
  return (event) => patterns.some((pattern) => pattern?.test(event));
}

function readPattern(spot: Spot): RegExp | undefined {
  const { value } = spot;
  if (typeof value !== 'string' || !PATTERN.test(value))
    return spot.wrong('an event name of 1 to 128 ASCII characters, in which * stands for any characters');
  const parts = value.split('*');
  if (parts.length - 1 > MAX_STARS)
    return spot.note(`has ${parts.length - 1} stars; at most ${MAX_STARS} are allowed`);
  return new RegExp(`^${parts.map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('.*')}$`, 's');
}
