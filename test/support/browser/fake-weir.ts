import { onTestFinished } from 'vitest';
import type { About, Charts, ConsoleSource, WidgetParams } from '../../../scripts/console/ports.ts';
import { type RunningConsole, serveConsole } from '../../../scripts/console/serve-console.ts';

const MINUTE = 60_000;

/** A Weir that shows what a test wants, behind the real server. */
export class FakeWeir implements ConsoleSource {
  about: About = { name: 'weir', where: 'http://localhost:4566', kind: 'local', pollMs: 200 };
  charts: Charts = chartsOf({});
  /** What the function answers to parameters. @default a line that names the widget */
  answer: (params: WidgetParams) => string | Promise<string> = ({ widget }) => `<p>This is ${widget}</p>`;
  readonly calls: WidgetParams[] = [];
  chartsRead = 0;

  async readCharts(): Promise<Charts> {
    this.chartsRead += 1;
    return this.charts;
  }

  async callWidget(params: WidgetParams): Promise<string> {
    this.calls.push(params);
    return this.answer(params);
  }

  isWidgets(endpoint: string): boolean {
    return endpoint === OWN;
  }

  /** The last call of a widget: its own parameters, and what CloudWatch would add. */
  lastCall(name: string): { readonly params: WidgetParams; readonly context: WidgetParams } | undefined {
    const call = this.calls.findLast(({ widget }) => widget === name);
    if (!call) return undefined;
    const { widgetContext, ...params } = call;
    return { params, context: widgetContext as WidgetParams };
  }
}

/** ARN of the fake's function. */
export const OWN = 'arn:aws:lambda:us-east-1:000000000000:function:weir-widgets';

/** Serves a Weir until the test ends. */
export async function serve(weir: ConsoleSource): Promise<RunningConsole> {
  const running = await serveConsole(weir, 0);
  onTestFinished(() => running.close());
  return running;
}

/** Series by id: minutes ago (0 is the one under way) → value. */
export type Given = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** Charts at a moment. */
export function chartsOf(given: Given, now = Date.now()): Charts {
  const to = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const kinds = { accepted: 'count', counted: 'count', lag: 'time', shed: 'count' } as const;
  const series = Object.entries(kinds).map(([id, kind]) => ({
    ...{ id, kind },
    title: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
    meaning: `What is ${id}`,
    points: Object.entries(given[id] ?? {})
      .map(([ago, value]) => ({ at: to - (Number(ago) + 1) * MINUTE, value }))
      .sort((a, b) => a.at - b.at),
  }));
  return { from: to - 31 * MINUTE, to, now, series };
}
