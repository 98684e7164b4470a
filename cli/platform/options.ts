import { InvalidArgumentError } from 'commander';

/** A commander parser of whole numbers within bounds. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    const bound = most === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number, ${least} ${bound}.`);
  };
}

/** A commander parser of texts out of a list. */
export function oneOf<T extends string>(...choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((one) => one === text);
    if (choice) return choice;
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A commander parser of durations: `30m`, `12h`, `7d`, `0`; in ms. */
export function duration(text: string): number {
  const match = /^(\d{1,4})([mhd])$/.exec(text);
  if (match) return Number(match[1]) * UNIT_MS[match[2]!]!;
  if (text === '0') return 0;
  throw new InvalidArgumentError('It must be a number of minutes, hours or days, such as 30m, 12h or 7d.');
}

/** A commander parser of comma-separated lists. */
export function list(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('It must be a comma-separated list without gaps.');
  return [...new Set(items)];
}
