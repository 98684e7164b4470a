import { read } from './ask.mjs';
import { makeCards } from './cards.mjs';
import { timeZone } from './format.mjs';
import { watchCharts } from './watch-charts.mjs';

/** @typedef {import('../ports.ts').About} About */

const RETRY_MS = 3_000;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {import('./watch-charts.mjs').Told} told */
function tell({ state, text, updated = '' }) {
  const shown = byId('state');
  shown.dataset.state = state;
  // Screen readers say it when it changes, and not every few seconds.
  if (shown.textContent !== text) shown.textContent = text;
  byId('updated').textContent = updated;
}

/** @param {About} about */
function sayWhich({ name, where, kind }) {
  byId('about').textContent =
    `${name} ${kind === 'local' ? 'on the local stack' : 'in an AWS account'}, ${where}`;
  byId('charts-title').textContent = `Last 30 minutes, by minutes, times in ${timeZone()}`;
  document.title = `${name} – Weir console`;
}

async function start() {
  try {
    const about = /** @type {About} */ (await read('/api/about'));
    sayWhich(about);
    watchCharts(byId('charts'), about.pollMs, tell);
    makeCards(byId('cards'));
  } catch (error) {
    tell({ state: 'lost', text: `${/** @type {Error} */ (error).message} Trying again …` });
    setTimeout(start, RETRY_MS);
  }
}

start();
