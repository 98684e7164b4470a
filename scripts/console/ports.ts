import type { DataPoint } from '../../lambdas/domain/metric-reader.ts';

/** Which Weir a console shows. */
export interface About {
  /** The deployment's name. */
  readonly name: string;
  /** Where it is, for people: an endpoint, or account and region. */
  readonly where: string;
  readonly kind: 'local' | 'aws';
  /** How often the page asks for the charts' series. What is asked in an account is paid for. */
  readonly pollMs: number;
}

/** One chart's numbers. */
export interface Series {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  /** A count is of events in a minute; a time is the longest of a minute, in ms. */
  readonly kind: 'count' | 'time';
  /** By minutes, in time's order; minutes without data are left out. */
  readonly points: readonly DataPoint[];
}

/** What the charts show of a time; `from` inclusive, `to` exclusive, ms since the epoch. */
export interface Charts {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly series: readonly Series[];
}

/** What is sent to the widgets' function: its parameters, and `widgetContext` as CloudWatch makes it. */
export type WidgetParams = Readonly<Record<string, unknown>>;

/** What a console shows, and what it asks for it. Tests put fakes here. */
export interface ConsoleSource {
  readonly about: About;
  readCharts(): Promise<Charts>;
  /** @returns HTML of unknown goodness. @throws CliError where the function could not be asked or failed */
  callWidget(params: WidgetParams): Promise<string>;
  /** Whether an ARN is that of the function that `callWidget` calls: it calls no other. */
  isWidgets(endpoint: string): boolean;
}
