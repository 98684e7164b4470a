/** Requests as they will be sent, in this order. */
export interface RequestPlan<T> {
  readonly requests: readonly (readonly T[])[];
  /** Events sent, repetitions counted. */
  readonly deliveries: number;
  /** Requests that are sent whole once more. */
  readonly repeatedRequests: number;
  /** Events that are sent twice: those of the repeated requests, and others, one by one, somewhere else. */
  readonly repeatedEvents: number;
}

export const REQUEST_SIZE = 500;
const REPEATED_REQUESTS = 2;
/** How far a request may get away from its place. */
const DISORDER = 4;

/**
 * Cuts events into requests the way that a bad network would deliver them: a tenth of all events twice, two requests
 * repeated whole, events out of order within their request, requests out of order among each other. Which ones is
 * chosen at random from a seed, so that every run with it is the same.
 */
export function planRequests<T>(events: readonly T[], seed: number): RequestPlan<T> {
  const random = mulberry32(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const requests = cut(events);
  const repeated = choose(requests.slice(0, -1), REPEATED_REQUESTS, below);
  const inRepeated = new Set(repeated.flat());
  const tenth = Math.floor(events.length / 10);
  const rest = events.filter((event) => !inRepeated.has(event));
  const again = choose(rest, Math.max(0, tenth - inRepeated.size), below);
  // The repeated requests stay what they are: their copies must have the same bytes.
  const open = requests.filter((request) => !repeated.includes(request));
  for (const event of again) open[below(open.length)]!.push(event);
  for (const request of requests) shuffle(request, below);
  const sent = nearlyInOrder(requests, below);
  for (const request of repeated) sent.splice(below(sent.length + 1), 0, request);
  return {
    requests: sent,
    deliveries: sent.reduce((sum, request) => sum + request.length, 0),
    repeatedRequests: repeated.length,
    repeatedEvents: inRepeated.size + again.length,
  };
}

function cut<T>(events: readonly T[]): T[][] {
  const requests: T[][] = [];
  for (let at = 0; at < events.length; at += REQUEST_SIZE) requests.push(events.slice(at, at + REQUEST_SIZE));
  return requests;
}

/** `count` different ones of a list. */
function choose<T>(from: readonly T[], count: number, below: (bound: number) => number): T[] {
  return shuffle([...from], below).slice(0, count);
}

/** Fisher and Yates, in place. */
function shuffle<T>(items: T[], below: (bound: number) => number): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}

function nearlyInOrder<T>(items: readonly T[], below: (bound: number) => number): T[] {
  return items
    .map((item, index) => ({ item, place: index + below(DISORDER) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** A small generator of numbers in [0, 1) from a seed: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
