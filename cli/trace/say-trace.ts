import {
  countedTwice,
  type Step,
  stepsOf,
  tellNothing,
  whatIsMissing,
} from '../../lambdas/domain/trace/tell-way.ts';
import type { Trace, Way } from '../../lambdas/domain/trace/trace.ts';
import { type Output, printable, seconds } from '../platform/output.ts';

/** Whether all that was found is counted. */
export function isCounted({ ways }: Trace): boolean {
  return ways.length > 0 && ways.every(({ outcome }) => outcome === 'counted');
}

/** Draws the way of an event, sending by sending. */
export function sayTrace(trace: Trace, output: Output): void {
  const { ways, looked } = trace;
  for (const [index, way] of ways.entries()) {
    if (index > 0) output.say();
    sayWay(way, trace, output);
  }
  if (ways.length === 0) output.say(`${output.colors.red('✗')} ${printable(tellNothing(trace))}`);
  const part = whatIsMissing(looked);
  if (part !== undefined) output.say(output.colors.yellow(printable(part)));
  output.say();
  output.say(
    `Looked through ${looked.read} archive objects of ${day(looked.from)} to ${day(looked.to)}, and the log behind them.`,
  );
}

function sayWay(way: Way, { looked }: Trace, output: Output): void {
  const { tenant, source, id, outcome, sendings } = way;
  const { colors } = output;
  output.say(
    `${colors.bold(printable(id))}  tenant ${printable(tenant)}, source ${printable(source || 'unknown')}: ${outcome}`,
  );
  for (const [index, sending] of sendings.entries()) {
    if (index > 0) output.say(colors.dim(`  ${index + 1}. time`));
    for (const step of stepsOf(sending, way, looked)) sayStep(step, output);
  }
  const twice = countedTwice(way);
  if (twice !== undefined) output.say(`  ${colors.red('✗')} ${twice}`);
}

const SIGNS = { good: '✓', bad: '✗', waiting: '…' } as const;
const PAINTS = { good: 'green', bad: 'red', waiting: 'yellow' } as const;
/** Of `not counted again`, the longest name. */
const NAME_WIDTH = 18;
const TIME_WIDTH = 24;

function sayStep({ sign, name, at, tookMs, text, advice }: Step, output: Output): void {
  const painted = output.colors[PAINTS[sign]](SIGNS[sign]);
  const took = tookMs === undefined ? '' : `+${tookMs < 1000 ? `${tookMs} ms` : seconds(tookMs)}  `;
  output.say(
    `  ${painted} ${name.padEnd(NAME_WIDTH)}${(at ?? '').padEnd(TIME_WIDTH)}  ${took}${printable(text)}`,
  );
  if (advice !== undefined) output.say(`    ${''.padEnd(NAME_WIDTH)}${output.colors.dim(printable(advice))}`);
}

function day(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
