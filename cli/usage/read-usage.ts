import { couldNotRun } from '../platform/errors.ts';
import { getJson } from '../platform/get-json.ts';

/** One period's value of one meter and group, as GET /v1/usage has it. */
export interface UsageRow {
  /** Included; `to` is not. */
  readonly from: string;
  readonly to: string;
  readonly meter: string;
  readonly aggregate: string;
  readonly unit: string;
  readonly group: string;
  /** Exact decimal. */
  readonly value: string;
}

export interface Usage {
  /** All that was acknowledged before it is counted here; null while something waits to be repaired. */
  readonly asOf: string | null;
  readonly pendingRepairs: number;
  readonly rows: readonly UsageRow[];
}

export interface UsageQuestion {
  readonly subject: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly meter?: string;
  readonly group?: string;
}

/** Asks for usage, page after page. `asOf` is that of the first page: the least that all of them hold. */
export async function readUsage(
  api: { readonly apiUrl: string; readonly apiKey: string },
  question: UsageQuestion,
): Promise<Usage> {
  const rows: UsageRow[] = [];
  let first: Page | undefined;
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ ...question, ...(next !== undefined && { next }) });
    const page = (await getJson(api, '/v1/usage', query)) as Page;
    if (!Array.isArray(page?.rows))
      throw couldNotRun('The answer has no rows: is this Weir of another version?');
    first ??= page;
    rows.push(...page.rows);
    next = page.next;
  } while (next !== undefined);
  return { asOf: first.asOf, pendingRepairs: first.pendingRepairs, rows };
}

interface Page extends Usage {
  readonly next?: string;
}
