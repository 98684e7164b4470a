import Big from 'big.js';
import { readReadings, type SampleFile, sampleFiles } from './read-samples.ts';

/** What one meter of one subject must come to. */
export interface ExpectedTotal {
  readonly subject: string;
  readonly type: SampleFile['type'];
  readonly meter: string;
  /** Plain decimal text without trailing zeros. */
  readonly value: string;
}

/** What the sample contracts measure, said once more in terms of the files: this must not come from Weir's code. */
const METERS: Readonly<Record<SampleFile['type'], Readonly<Record<string, (values: Big[]) => Big>>>> = {
  'network.transfer': { bytes: sum, readings: count, peak: max },
  'disk.write': { bytes: sum },
  'loadbalancer.requests': { requests: sum },
};

/** Decimals that the contracts keep of each value before it is counted. The files have two at most, so nothing is lost. */
const SCALE = 9;

/** The totals of all readings, by subject and meter, in decimal arithmetic. */
export function expectedTotals(): readonly ExpectedTotal[] {
  return sampleFiles.flatMap(({ name, subject, type }) => {
    const values = readReadings(name).map(({ value }) => new Big(value).round(SCALE, Big.roundHalfEven));
    return Object.entries(METERS[type]).map(([meter, aggregate]) => ({
      subject,
      type,
      meter,
      value: aggregate(values).toFixed(),
    }));
  });
}

function sum(values: Big[]): Big {
  return values.reduce((total, value) => total.plus(value), new Big(0));
}

function count(values: Big[]): Big {
  return new Big(values.length);
}

function max(values: Big[]): Big {
  return values.reduce((greatest, value) => (value.gt(greatest) ? value : greatest));
}
