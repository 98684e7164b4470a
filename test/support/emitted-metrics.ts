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
  return new Set((await linesOfRoom(room, load, run)).flatMap(metricsIn));
}

/** The same as `<name> <unit> <value, or values>`, in order. */
export async function valuesOfRoom<T>(
  room: string,
  load: () => Promise<T>,
  run: (code: T) => Promise<void>,
): Promise<readonly string[]> {
  return (await linesOfRoom(room, load, run)).flatMap((line) => {
    const { _aws, ...values } = JSON.parse(line) as Line;
    return (_aws?.CloudWatchMetrics ?? []).flatMap(({ Metrics }) =>
      Metrics.map(({ Name, Unit }) => `${Name} ${Unit} ${JSON.stringify(values[Name])}`),
    );
  });
}

async function linesOfRoom<T>(
  room: string,
  load: () => Promise<T>,
  run: (code: T) => Promise<void>,
): Promise<readonly string[]> {
  vi.resetModules();
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Weir/weir');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', room);
  // Powertools writes with a console of its own, but for development.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
    lines.push(String(line));
  });
  try {
    const { flushMetrics } = await import('../../lambdas/platform/metrics.ts');
    await run(await load());
    flushMetrics();
  } finally {
    log.mockRestore();
    vi.unstubAllEnvs();
  }
  return lines;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

type Line = Readonly<Record<string, unknown>> & {
  readonly _aws?: { readonly CloudWatchMetrics: readonly Directive[] };
};

/** The metrics that CloudWatch makes of a line of logs: "Specification: Embedded Metric Format". */
export function metricsIn(line: string): readonly Emitted[] {
  const { _aws, ...values } = JSON.parse(line) as Line;
  return (_aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const pairs = names.map((name) => `${name}=${values[name]}`).sort();
      return Metrics.map(({ Name }) => `${Namespace} ${Name} ${pairs.join(',')}`);
    }),
  );
}
