import { vi } from 'vitest';

/** A metric as CloudWatch knows it, and pays for it: `<namespace> <name> <dimension=value,…>`. */
export type Emitted = string;

/**
 * Loads a room's code anew, as if in a function of its own, runs it, and reads the metrics that it writes.
 *
 * @param load imports what is needed of the room, `platform/metrics.ts` through it
 */
export async function metricsOfRoom<T>(
  room: string,
  load: () => Promise<T>,
  run: (code: T) => Promise<void>,
): Promise<ReadonlySet<Emitted>> {
  vi.resetModules();
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Weir/weir');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', room);
  // Powertools writes with a console of its own, but for development.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const metrics = new Set<Emitted>();
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
    for (const metric of metricsIn(String(line))) metrics.add(metric);
  });
  try {
    const { flushMetrics } = await import('../../lambdas/platform/metrics.ts');
    await run(await load());
    flushMetrics();
  } finally {
    log.mockRestore();
    vi.unstubAllEnvs();
  }
  return metrics;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** The metrics that CloudWatch makes of a line of logs: "Specification: Embedded Metric Format". */
export function metricsIn(line: string): readonly Emitted[] {
  const { _aws, ...values } = JSON.parse(line) as Readonly<Record<string, unknown>> & {
    readonly _aws?: { readonly CloudWatchMetrics: readonly Directive[] };
  };
  return (_aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const pairs = names.map((name) => `${name}=${values[name]}`).sort();
      return Metrics.map(({ Name }) => `${Namespace} ${Name} ${pairs.join(',')}`);
    }),
  );
}
