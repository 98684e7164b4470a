import { drawn } from './element.mjs';
import { count, duration, ticks, timeOf } from './format.mjs';

/** @typedef {import('../ports.ts').Series} Series */
/**
 * @typedef {object} Frame
 * @property {number} from
 * @property {number} to
 * @property {number} now
 * @property {number | undefined} at minute that is pointed at
 * @property {number} width
 * @property {number} height
 */

const MINUTE = 60_000;
const LABEL_EVERY = 10 * MINUTE;
const EDGE = { top: 8, right: 6, bottom: 22, left: 52 };

/**
 * Draws a series: counts as a bar for each minute, times as a line that breaks where there is no data.
 *
 * @param {Series} series
 * @param {Frame} frame
 */
export function drawChart({ kind, points }, frame) {
  const { from, to, width, height } = frame;
  const marks = ticks(Math.max(...points.map(({ value }) => value), kind === 'count' ? 4 : 400));
  const plot = { width: width - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
  const scale = {
    /** @param {number} at */
    x: (at) => EDGE.left + ((at - from) / (to - from)) * plot.width,
    /** @param {number} value */
    y: (value) => EDGE.top + plot.height * (1 - value / (marks.at(-1) ?? 1)),
    minute: (plot.width * MINUTE) / (to - from),
  };
  const area = drawn('rect', { class: 'plot', x: EDGE.left, y: EDGE.top, ...plot });
  return drawn(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    area,
    ...axes(kind, marks, frame, scale),
    ...pointer(frame, scale, plot.height),
    ...(kind === 'count' ? bars(points, frame, scale) : line(points, scale)),
  );
}

/** @typedef {{ x: (at: number) => number, y: (value: number) => number, minute: number }} Scale */
/** @typedef {Series['points']} Points */

/**
 * @param {Series['kind']} kind
 * @param {readonly number[]} marks
 * @param {Frame} frame
 * @param {Scale} scale
 */
function axes(kind, marks, { from, to, width, height }, scale) {
  const levels = marks.flatMap((value) => [
    drawn('line', {
      class: 'grid',
      x1: EDGE.left,
      x2: width - EDGE.right,
      y1: scale.y(value),
      y2: scale.y(value),
    }),
    drawn(
      'text',
      { x: EDGE.left - 6, y: scale.y(value) + 4, 'text-anchor': 'end' },
      kind === 'count' || value === 0 ? count(value) : duration(value),
    ),
  ]);
  const times = [];
  for (let at = Math.ceil(from / LABEL_EVERY) * LABEL_EVERY; at < to; at += LABEL_EVERY)
    times.push(
      drawn('text', { x: inside(scale.x(at), width), y: height - 6, 'text-anchor': 'middle' }, timeOf(at)),
    );
  return [...levels, ...times];
}

/** A label's middle, so that all of it can be seen. @param {number} x @param {number} width */
const inside = (x, width) => Math.min(Math.max(x, EDGE.left), width - 20);

/** @param {Frame} frame @param {Scale} scale @param {number} height */
function pointer({ at }, scale, height) {
  if (at === undefined) return [];
  return [drawn('rect', { class: 'pointer', x: scale.x(at), y: EDGE.top, width: scale.minute, height })];
}

/** @param {Points} points @param {Frame} frame @param {Scale} scale */
function bars(points, { to }, scale) {
  const gap = Math.min(2, scale.minute / 4);
  return points
    .filter(({ value }) => value > 0)
    .map(({ at, value }) => {
      const top = Math.min(scale.y(value), scale.y(0) - 1);
      const underWay = at === to - MINUTE;
      return drawn('rect', {
        class: underWay ? 'bar under-way' : 'bar',
        x: scale.x(at) + gap / 2,
        y: top,
        width: Math.max(1, scale.minute - gap),
        height: scale.y(0) - top,
        'data-at': at,
        'data-value': value,
      });
    });
}

/** @param {Points} points @param {Scale} scale */
function line(points, scale) {
  const middle = scale.minute / 2;
  const path = points
    .map(({ at, value }, index) => {
      const follows = points[index - 1]?.at === at - MINUTE;
      return `${follows ? 'L' : 'M'}${(scale.x(at) + middle).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    })
    .join('');
  const dots = points.map(({ at, value }) =>
    drawn('circle', {
      class: 'dot',
      cx: scale.x(at) + middle,
      cy: scale.y(value),
      r: 2.2,
      'data-at': at,
      'data-value': value,
    }),
  );
  return [drawn('path', { class: 'line', d: path }), ...dots];
}
