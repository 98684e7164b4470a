/** One metric by one statistic, as CloudWatch names them. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Maximum`, `SampleCount`, `p95`, `PR(:300)` … */
  readonly stat: string;
  readonly periodSeconds: number;
}

/** A period's value; `at` is its beginning, ms since the epoch. */
export interface DataPoint {
  readonly at: number;
  readonly value: number;
}

/** Metrics, for those who read them. */
export interface MetricReader {
  /** The points of each query in time's order; periods without data are left out. `from` inclusive, `to` exclusive, ms. */
  read(queries: readonly MetricQuery[], from: number, to: number): Promise<readonly (readonly DataPoint[])[]>;
}
