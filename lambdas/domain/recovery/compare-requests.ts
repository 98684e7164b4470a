import { pointerToken } from '../read-json.ts';

const MAX_PLACES = 10;

/** Where two requests differ, as JSON Pointers; at most ten. Both as `readRequest` returns them, or as JSON kept them. */
export function compareRequests(one: unknown, other: unknown): readonly string[] {
  const places: string[] = [];
  compare(one, other, '', places);
  return places.slice(0, MAX_PLACES);
}

function compare(one: unknown, other: unknown, at: string, places: string[]): void {
  if (one === other || places.length >= MAX_PLACES) return;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    places.push(at);
    return;
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const name of names) compare(own(one, name), own(other, name), `${at}/${pointerToken(name)}`, places);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** What JSON left out is not there: a member that is undefined is like none. */
function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
