import { element } from './element.mjs';
import { WidgetView } from './widget-view.mjs';

/** @typedef {{ widget: string, title: string, hint: string, again: boolean }} Card */

/** Those that ask for something wait for it; the others are asked again by themselves. @type {readonly Card[]} */
const CARDS = [
  {
    widget: 'event',
    title: 'Event',
    hint: 'The way of one event, from receipt to bucket and archive',
    again: false,
  },
  { widget: 'state', title: 'State', hint: 'A bucket beside what the archive says', again: false },
  { widget: 'control', title: 'Control', hint: 'What is shed and held, and who said so', again: true },
  { widget: 'budget', title: 'Error budget', hint: 'What is left of each service level', again: true },
  { widget: 'tenants', title: 'Tenants', hint: 'Who sends most', again: true },
  { widget: 'quarantine', title: 'Quarantine', hint: 'What was kept and not counted, by cause', again: true },
  { widget: 'runs', title: 'Runs', hint: 'Rebuilds, replays and checks', again: true },
];

const AGAIN_MS = 30_000;

/** Makes a card for each widget. Few are asked at once: each call may be a function that starts. @param {HTMLElement} into */
export function makeCards(into) {
  const views = CARDS.map((card) => {
    const { article, view } = makeCard(card);
    into.append(article);
    return { ...card, view };
  });
  inTurn(views.map(({ view }) => view));
  setInterval(() => {
    if (!document.hidden)
      inTurn(views.filter(({ view, again }) => again && view.isUntouched).map(({ view }) => view));
  }, AGAIN_MS);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    inTurn(views.filter(({ view }) => view.isUntouched).map(({ view }) => view)),
  );
}

/** @param {readonly WidgetView[]} views */
async function inTurn(views) {
  for (const view of views) await view.open();
}

/** @param {Card} card */
function makeCard({ widget, title, hint }) {
  const id = `card-${widget}`;
  const refresh = element('button', { type: 'button', class: 'btn', 'aria-describedby': id }, 'Refresh');
  const view = new WidgetView(widget, title);
  refresh.addEventListener('click', () => view.open());
  const head = element(
    'header',
    {},
    element('div', {}, element('h3', { id }, title), element('p', {}, hint)),
    refresh,
  );
  const article = element(
    'article',
    { class: 'card', 'data-widget': widget, 'aria-labelledby': id },
    head,
    view.body,
  );
  return { article, view };
}
