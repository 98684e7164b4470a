import type { DataPoint } from '../../lambdas/domain/metric-reader.ts';
import { type Span, time } from './part.ts';

export interface Chart {
  readonly title: string;
  readonly lines: readonly { readonly label: string; readonly points: readonly DataPoint[] }[];
}

const WIDTH = 900;
const HEIGHT = 130;
const LEFT = 70;
const TOP = 34;
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];

/** Charts below each other over the same time, as one SVG: a picture for a report, to be looked at without any tool. */
export function drawCharts(charts: readonly Chart[], span: Span): string {
  const height = charts.length * (HEIGHT + TOP + 20) + 20;
  const panels = charts.map((chart, index) => drawChart(chart, span, index * (HEIGHT + TOP + 20)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function drawChart({ title, lines }: Chart, { from, to }: Span, y: number): string {
  const most = Math.max(1e-9, ...lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const x = (at: number) => (LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT - 10)).toFixed(1);
  const up = (value: number) => (y + TOP + HEIGHT - (Math.max(0, value) / most) * HEIGHT).toFixed(1);
  const drawn = lines.map(({ points }, index) => {
    const path = points.map(({ at, value }) => `${x(at)},${up(value)}`).join(' ');
    return `<polyline fill="none" stroke="${colorOf(index)}" stroke-width="1.5" points="${path}"/>`;
  });
  const legend = lines.map(
    ({ label, points }, index) =>
      `<tspan fill="${colorOf(index)}" dx="12">${entities(label)}${points.length === 0 ? ' (no data)' : ''}</tspan>`,
  );
  const bottom = y + TOP + HEIGHT;
  return [
    `<text x="${LEFT}" y="${y + 22}"><tspan font-weight="bold">${entities(title)}</tspan>${legend.join('')}</text>`,
    `<path d="M${LEFT} ${y + TOP}V${bottom}H${WIDTH - 10}" fill="none" stroke="#999"/>`,
    `<text x="${LEFT - 6}" y="${y + TOP + 10}" text-anchor="end">${Number(most.toPrecision(3))}</text>`,
    `<text x="${LEFT - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${LEFT}" y="${bottom + 14}">${time(from)}</text>`,
    `<text x="${WIDTH - 10}" y="${bottom + 14}" text-anchor="end">${time(to)}</text>`,
    ...drawn,
  ].join('\n');
}

const colorOf = (index: number): string => COLORS[index % COLORS.length]!;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function entities(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
