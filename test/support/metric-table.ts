import type { DataPoint, MetricQuery, MetricReader } from '../../lambdas/domain/metric-reader.ts';

/** Metrics by `<namespace> <name> <stat>`, or `<name> <stat>`: each value is a point, one period after the other from the beginning of what is asked for. */
export class MetricTable implements MetricReader {
  readonly values = new Map<string, readonly number[]>();
  readonly asked: { readonly query: MetricQuery; readonly from: number; readonly to: number }[] = [];

  set(name: string, ...values: number[]): this {
    this.values.set(name, values);
    return this;
  }

  async read(
    queries: readonly MetricQuery[],
    from: number,
    to: number,
  ): Promise<readonly (readonly DataPoint[])[]> {
    return queries.map((query) => {
      this.asked.push({ query, from, to });
      const { namespace, name, stat, periodSeconds } = query;
      const values = this.values.get(`${namespace} ${name} ${stat}`) ?? this.values.get(`${name} ${stat}`);
      return (values ?? []).map((value, index) => ({ at: from + index * periodSeconds * 1000, value }));
    });
  }
}
