import type { MetricName, SloMeasure, SloReading } from './error-budget.ts';
import { Spot } from './spot.ts';

/** More would not fit into a function's environment. */
const MOST = 20;

/**
 * Reads the service levels that a deployment gives to a room.
 *
 * @param json list of `SloReading`
 * @throws Error with all mistakes in it
 */
export function readSlos(json: string): readonly SloReading[] {
  const list = new Spot(parse(json));
  const slos = list.elements(MOST, 'service levels').map(readSlo);
  if (list.mistakes.length === 0) return slos;
  const mistakes = list.mistakes.map(({ place, problem }) => `${place || 'the list'} ${problem}`);
  throw new Error(`The service levels of this deployment can't be read: ${mistakes.join('; ')}.`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error("The service levels of this deployment can't be read: they are no JSON.");
  }
}

function readSlo(slo: Spot): SloReading {
  slo.hasOnly(['id', 'promise', 'objective', 'measure']);
  const objective = slo.at('objective');
  const share = objective.value;
  if (typeof share !== 'number' || !(share > 0 && share < 1))
    objective.wrong('a share of good ones, above 0 and below 1');
  return {
    id: text(slo.at('id')),
    promise: text(slo.at('promise')),
    objective: share as number,
    measure: readMeasure(slo.at('measure')),
  };
}

function readMeasure(measure: Spot): SloMeasure {
  if (measure.at('duration').given) {
    measure.hasOnly(['duration', 'withinMs']);
    const within = measure.at('withinMs');
    if (typeof within.value !== 'number' || !(within.value > 0)) within.wrong('milliseconds, above 0');
    return { duration: readMetric(measure.at('duration')), withinMs: within.value as number };
  }
  const other = measure.at('good').given ? 'good' : 'all';
  measure.hasOnly(['bad', 'excused', other], 'counts or a duration: an object');
  const excused = measure.at('excused');
  const counts = {
    bad: readMetric(measure.at('bad')),
    ...(excused.given && { excused: readMetric(excused) }),
  };
  const metric = readMetric(measure.at(other));
  return other === 'good' ? { ...counts, good: metric } : { ...counts, all: metric };
}

function readMetric(metric: Spot): MetricName {
  metric.hasOnly(['namespace', 'name', 'dimensions']);
  const dimensions = metric.at('dimensions');
  if (!dimensions.isObject) dimensions.wrong('an object of texts');
  else for (const name of dimensions.names()) text(dimensions.at(name));
  return {
    namespace: text(metric.at('namespace')),
    name: text(metric.at('name')),
    dimensions: dimensions.value as MetricName['dimensions'],
  };
}

function text(spot: Spot): string {
  if (typeof spot.value !== 'string' || spot.value === '') spot.wrong('a text');
  return spot.value as string;
}
