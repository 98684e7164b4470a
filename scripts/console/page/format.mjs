const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const exactClock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `16:04`. @param {number} ms since the epoch */
export const timeOf = (ms) => clock.format(ms);

/** `16:04:05`. @param {number} ms since the epoch */
export const exactTimeOf = (ms) => exactClock.format(ms);

/** `Europe/Berlin` */
export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `17,524`. @param {number} value */
export const count = (value) => numbers.format(value);

/** `850 ms`, `3.4 s`, `12 min`. @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${numbers.format(Math.round(ms))} ms`;
  if (ms < 120_000) return `${numbers.format(ms / 1_000)} s`;
  return `${numbers.format(ms / 60_000)} min`;
}

/**
 * Values for the lines of a scale from 0 on: few, and round.
 *
 * @param {number} most that has to fit
 * @returns {number[]}
 */
export function ticks(most) {
  const rough = Math.max(most, 1) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((of) => of * power).find((of) => of >= rough) ?? rough);
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) => index * step);
}
