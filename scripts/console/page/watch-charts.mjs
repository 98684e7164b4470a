import { Failure, read } from './ask.mjs';
import { Chart } from './chart.mjs';
import { exactTimeOf, timeOf } from './format.mjs';

/** @typedef {import('../ports.ts').Charts} Charts */
/** @typedef {{ state: 'live' | 'quiet' | 'paused' | 'lost', text: string, updated?: string }} Told */

/** Marks are projected each minute, also where nothing is sent: after this long without any metric something is wrong. */
const QUIET_MS = 4 * 60_000;

/**
 * Asks for the charts' numbers again and again while the page can be seen, and says how that goes.
 *
 * @param {HTMLElement} into
 * @param {number} pollMs
 * @param {(told: Told) => void} tell
 */
export function watchCharts(into, pollMs, tell) {
  /** @type {Map<string, Chart>} */
  const charts = new Map();
  /** @type {number | undefined} */
  let timer;
  /** @type {number | undefined} */
  let answered;
  let asking = false;

  async function look() {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const got = /** @type {Charts} */ (await read('/api/charts'));
      answered = Date.now();
      show(got, charts, into);
      tell(judge(got));
    } catch (error) {
      tell(lost(error, answered));
    } finally {
      asking = false;
    }
    clearTimeout(timer);
    timer = setTimeout(look, pollMs);
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden) tell({ state: 'paused', text: 'Paused while nobody looks' });
    else look();
  });
  look();
}

/** @param {Charts} got @param {Map<string, Chart>} charts @param {HTMLElement} into */
function show(got, charts, into) {
  for (const series of got.series) {
    const chart = charts.get(series.id) ?? new Chart(series);
    if (!charts.has(series.id)) into.append(chart.figure);
    charts.set(series.id, chart);
    chart.update(series, got);
  }
}

/** @param {Charts} charts @returns {Told} */
function judge({ series, now }) {
  const latest = Math.max(...series.flatMap(({ points }) => points.map(({ at }) => at)));
  const updated = `updated ${exactTimeOf(now)}`;
  if (now - latest < QUIET_MS) return { state: 'live', text: 'Live', updated };
  const since = Number.isFinite(latest) ? `since ${timeOf(latest)}` : 'in the last 30 minutes';
  return { state: 'quiet', text: `No metrics ${since}: nothing runs, or they are late`, updated };
}

/** @param {unknown} error @param {number | undefined} answered @returns {Told} */
function lost(error, answered) {
  const { message, hint } = error instanceof Failure ? error : new Failure(String(error));
  const since = answered === undefined ? '' : ` What is shown is of ${exactTimeOf(answered)}.`;
  return { state: 'lost', text: `${message}${since} ${hint ?? ''} Trying again …` };
}
