import type { Reading } from './alarm.ts';
import type { LogQuery } from './queries.ts';

/** One line, or one number. */
export interface Curve {
  readonly label: string;
  readonly readings: Readonly<Record<string, Reading>>;
  /** Metric math. @default - the one reading itself */
  readonly expression?: string;
}

export type Widget =
  | { readonly kind: 'text'; readonly markdown: string }
  /** Over time. */
  | {
      readonly kind: 'graph';
      readonly title: string;
      readonly periodSeconds: number;
      readonly curves: readonly Curve[];
    }
  /** One number each, over one period. */
  | {
      readonly kind: 'number';
      readonly title: string;
      readonly periodSeconds: number;
      readonly curves: readonly Curve[];
    }
  /** The states of alarms: all that page, or all that make tickets. */
  | { readonly kind: 'alarms'; readonly title: string; readonly severity: 'page' | 'ticket' }
  /** What the widgets function draws when it is called with `params`. Viewers need the right to invoke it. */
  | {
      readonly kind: 'custom';
      readonly title: string;
      readonly params: Readonly<Record<string, unknown>>;
      /** In the dashboard's rows. */
      readonly height: number;
    }
  /** The answer to one of the saved queries. */
  | { readonly kind: 'logs'; readonly query: LogQuery };

export interface DashboardSpec {
  readonly id: 'executive' | 'on-call' | 'debug';
  /** For whom, and for which question. */
  readonly purpose: string;
  readonly rows: readonly (readonly Widget[])[];
}
