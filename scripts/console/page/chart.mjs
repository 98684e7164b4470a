import { drawChart } from './draw-chart.mjs';
import { element } from './element.mjs';
import { count, duration, timeOf } from './format.mjs';

/** @typedef {import('../ports.ts').Series} Series */
/** @typedef {import('../ports.ts').Charts} Charts */

const MINUTE = 60_000;

/** One of the charts: a number, a drawing of half an hour, and the same as a table. */
export class Chart {
  /** @type {HTMLElement} */
  figure;
  /** @type {Series} */
  #series;
  /** @type {Charts | undefined} */
  #charts;
  /** The minute that is pointed at. @type {number | undefined} */
  #at;
  #value = element('b');
  #unit = element('span');
  #drawing = element('div', { class: 'drawing', tabindex: 0, role: 'img' });
  #readout = element('p', { class: 'readout', 'aria-live': 'polite' });
  #rows = element('tbody');
  #details = element('details');

  /** @param {Series} series */
  constructor(series) {
    this.#series = series;
    const title = `chart-${series.id}`;
    const head = element(
      'tr',
      {},
      ...['Minute', this.#heading()].map((text) => element('th', { scope: 'col' }, text)),
    );
    const table = element('table', { 'aria-labelledby': title }, element('thead', {}, head), this.#rows);
    this.#details.append(
      element('summary', {}, 'As a table'),
      element('div', { class: 'rows', tabindex: 0 }, table),
    );
    this.#details.addEventListener('toggle', () => this.#fillTable());
    this.figure = element(
      'figure',
      { class: 'chart', 'data-series': series.id },
      element('figcaption', {}, element('h3', { id: title }, series.title), element('p', {}, series.meaning)),
      element('p', { class: 'value' }, this.#value, ' ', this.#unit),
      this.#drawing,
      this.#readout,
      this.#details,
    );
    this.#listen();
  }

  /** Shows numbers that have come. @param {Series} series @param {Charts} charts */
  update(series, charts) {
    this.#series = series;
    this.#charts = charts;
    this.#sayLatest(series, charts);
    this.draw();
    this.#fillTable();
  }

  /** Draws anew, as after a change of width. */
  draw() {
    if (!this.#charts) return;
    const { from, to, now } = this.#charts;
    const size = { width: this.#drawing.clientWidth || 320, height: 150 };
    this.#drawing.replaceChildren(drawChart(this.#series, { from, to, now, at: this.#at, ...size }));
    this.#drawing.setAttribute('aria-label', this.#summary());
    this.#readout.textContent = this.#at === undefined ? this.#inAll() : this.#pointedAt(this.#at);
  }

  /** @param {number} value */
  #shown(value) {
    return this.#series.kind === 'count' ? count(value) : duration(value);
  }

  #heading() {
    return this.#series.kind === 'count' ? 'Events' : 'Longest';
  }

  /** The minute under way is not over: what is said is of the last whole one. @param {Series} series @param {Charts} charts */
  #sayLatest({ kind, points }, { to }) {
    const last = points.find(({ at }) => at === to - 2 * MINUTE)?.value;
    const none = kind === 'count' ? '0' : '–';
    this.#value.textContent = last === undefined ? none : this.#shown(last);
    this.#unit.textContent =
      kind === 'count' ? 'events in the last full minute' : 'the longest in the last full minute';
  }

  #most() {
    return this.#series.points.reduce((most, point) => (point.value > most.value ? point : most), {
      at: 0,
      value: 0,
    });
  }

  #inAll() {
    const { kind, points } = this.#series;
    if (points.length === 0) return 'Nothing in this time';
    const { at, value } = this.#most();
    const most = `most ${this.#shown(value)} at ${timeOf(at)}`;
    return kind === 'count'
      ? `${count(points.reduce((sum, point) => sum + point.value, 0))} in all, ${most}`
      : most;
  }

  #summary() {
    const { title } = this.#series;
    return `${title}: ${this.#value.textContent} ${this.#unit.textContent}; ${this.#inAll()}. Arrow keys read single minutes.`;
  }

  /** @param {number} at */
  #pointedAt(at) {
    const value = this.#series.points.find((point) => point.at === at)?.value;
    const none = this.#series.kind === 'count' ? 'none' : 'no data';
    const soFar = this.#charts && at === this.#charts.to - MINUTE ? ' so far' : '';
    return `${timeOf(at)}: ${value === undefined ? none : this.#shown(value)}${soFar}`;
  }

  #fillTable() {
    if (!this.#details.open) return;
    const rows = this.#series.points
      .toReversed()
      .map(({ at, value }) =>
        element('tr', {}, element('td', {}, timeOf(at)), element('td', {}, this.#shown(value))),
      );
    const none = element('tr', {}, element('td', { colspan: 2 }, 'Nothing in this time'));
    this.#rows.replaceChildren(...(rows.length > 0 ? rows : [none]));
  }

  #listen() {
    const area = this.#drawing;
    area.addEventListener('pointermove', (event) => this.#point(event));
    area.addEventListener('pointerdown', (event) => this.#point(event));
    for (const leaving of ['pointerleave', 'blur'])
      area.addEventListener(leaving, () => this.#look(undefined));
    area.addEventListener('keydown', ({ key }) => this.#step(key));
    new ResizeObserver(() => this.draw()).observe(area);
  }

  /** @param {PointerEvent} event */
  #point({ clientX }) {
    const plot = this.#drawing.querySelector('.plot')?.getBoundingClientRect();
    if (!this.#charts || !plot) return;
    const { from, to } = this.#charts;
    const minutes = (to - from) / MINUTE;
    const index = Math.floor(((clientX - plot.left) / plot.width) * minutes);
    this.#look(from + Math.min(Math.max(index, 0), minutes - 1) * MINUTE);
  }

  /** @param {string} key */
  #step(key) {
    if (!this.#charts) return;
    const { from, to } = this.#charts;
    const last = to - MINUTE;
    if (key === 'Escape') this.#look(undefined);
    if (key === 'ArrowLeft') this.#look(Math.max(from, (this.#at ?? to) - MINUTE));
    if (key === 'ArrowRight') this.#look(Math.min(last, (this.#at ?? last) + MINUTE));
  }

  /** @param {number | undefined} at */
  #look(at) {
    if (at === this.#at) return;
    this.#at = at;
    this.draw();
  }
}
