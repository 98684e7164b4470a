import type { DashboardSpec, Widget } from './dashboard.ts';

const custom = (
  title: string,
  params: { readonly widget: string; readonly minutes?: number },
  height: number,
): Widget => ({
  kind: 'custom',
  title,
  params,
  height,
});

/** What the widgets function draws, below what each dashboard is for. */
const ROWS: Readonly<Record<DashboardSpec['id'], readonly (readonly Widget[])[]>> = {
  executive: [
    [
      custom('Tenants that send the most', { widget: 'tenants', minutes: 15 }, 8),
      custom('Error budget left of 30 days', { widget: 'budget' }, 8),
    ],
  ],
  'on-call': [
    [
      custom('What is shed, and who is held back', { widget: 'control' }, 8),
      custom('Recovery runs', { widget: 'runs' }, 8),
    ],
    [custom('Quarantine by cause', { widget: 'quarantine' }, 10)],
  ],
  debug: [
    [custom('The way of one event', { widget: 'event' }, 10)],
    [
      custom('One bucket beside its archive', { widget: 'state' }, 10),
      custom('Recovery runs', { widget: 'runs' }, 10),
    ],
  ],
};

/** The dashboards with custom widgets in them, after their first row: that says whether there is anything to look for. */
export function withCustomWidgets(dashboards: readonly DashboardSpec[]): readonly DashboardSpec[] {
  return dashboards.map((spec) => {
    const [first = [], ...rest] = spec.rows;
    return { ...spec, rows: [first, ...ROWS[spec.id], ...rest] };
  });
}
