import type { Runs } from '../domain/recovery/ports.ts';
import type { Run, RunStatus } from '../domain/recovery/run.ts';
import { heading, line, mark, note, type Tint, table, widget } from './draw.ts';
import { type Html, html } from './html.ts';

/** Runs that are looked at: open ones may be older than the latest. */
const MOST_LOOKED = 200;
const MOST_SHOWN = 15;

const TINTS: Readonly<Record<RunStatus, Tint>> = {
  running: 'waiting',
  done: 'good',
  differs: 'bad',
  failed: 'bad',
  cancelled: 'plain',
};

/** Recovery's runs: those that are open, and the latest. */
export async function showRuns(runs: Pick<Runs, 'latest'>, nowMs: number): Promise<Html> {
  const looked: Run[] = [];
  for await (const page of runs.latest()) {
    looked.push(...page);
    if (looked.length >= MOST_LOOKED) break;
  }
  return drawRuns(looked, nowMs, looked.length >= MOST_LOOKED);
}

export function drawRuns(runs: readonly Run[], nowMs: number, isPart = false): Html {
  const open = runs.filter(({ status }) => status === 'running');
  const ended = runs.filter(({ status }) => status !== 'running').slice(0, MOST_SHOWN);
  const head = ['run', 'status', 'took', 'who and why'];
  return widget(
    heading(`Open: ${open.length}`),
    open.length === 0
      ? undefined
      : table(
          head,
          open.slice(0, MOST_SHOWN).map((run) => rowOf(run, nowMs)),
        ),
    heading('Ended'),
    ended.length === 0
      ? line('None.')
      : table(
          head,
          ended.map((run) => rowOf(run, nowMs)),
        ),
    note(
      `${isPart ? `Of the latest ${runs.length}. ` : ''}weir runs show tells all of one; weir runs list lists more.`,
    ),
  );
}

function rowOf({ request, status, startedAt, endedAt, result, error }: Run, nowMs: number) {
  const { requestId, verb, dryRun, operator, reason } = request;
  const ms = (endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt);
  const first = result?.findings[0];
  const found =
    error ?? (first && `${result.findings.length} findings, such as ${first.kind} ${first.where}`);
  return [
    html`${requestId}${note(`${verb}${dryRun ? ' (dry run)' : ''}, ${startedAt.slice(0, 16).replace('T', ' ')}`)}`,
    html`${mark(TINTS[status] ?? 'plain', status)}${found === undefined ? undefined : note(found.slice(0, 300))}`,
    `${Math.round(ms / 1000)} s`,
    html`${operator.replace(/^arn:.*?:(?=[^:]*$)/, '')}${note(reason.slice(0, 200))}`,
  ];
}
