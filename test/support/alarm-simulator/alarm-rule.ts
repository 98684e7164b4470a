import type { AlarmState } from './evaluate-datapoints.ts';

/** Whether a rule holds, by the states of the alarms that it names. */
export interface AlarmRule {
  readonly names: readonly string[];
  readonly holds: (stateOf: (name: string) => AlarmState) => boolean;
}

/**
 * Reads the rule of a composite alarm: ALARM, OK and INSUFFICIENT_DATA of a name or ARN, with or without quotes; TRUE,
 * FALSE; AND, OR, NOT; parentheses. User guide, "Create a composite alarm".
 * @throws Error for anything else, such as AT_LEAST
 */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = [...text.matchAll(/\s*([()]|"[^"]*"|[^\s()"]+)/g)].map((match) => match[1]!);
  const names: string[] = [];
  let at = 0;
  type Holds = AlarmRule['holds'];

  const fail = () =>
    new Error(`The simulator can't read the rule at "${tokens.slice(at).join(' ')}": ${text}`);
  const expect = (token: string) => {
    if (tokens[at++] !== token) throw fail();
  };
  const either = (): Holds => {
    let left = both();
    while (tokens[at] === 'OR') {
      at++;
      const [before, after] = [left, both()];
      left = (stateOf) => before(stateOf) || after(stateOf);
    }
    return left;
  };
  const both = (): Holds => {
    let left = single();
    while (tokens[at] === 'AND') {
      at++;
      const [before, after] = [left, single()];
      left = (stateOf) => before(stateOf) && after(stateOf);
    }
    return left;
  };
  const single = (): Holds => {
    const token = tokens[at++];
    switch (token) {
      case 'TRUE':
        return () => true;
      case 'FALSE':
        return () => false;
      case 'NOT': {
        const inner = single();
        return (stateOf) => !inner(stateOf);
      }
      case '(': {
        const inner = either();
        expect(')');
        return inner;
      }
      case 'ALARM':
      case 'OK':
      case 'INSUFFICIENT_DATA': {
        expect('(');
        const name = nameOf(tokens[at++] ?? '');
        names.push(name);
        expect(')');
        return (stateOf) => stateOf(name) === token;
      }
      default:
        at--;
        throw fail();
    }
  };

  const holds = either();
  if (at < tokens.length) throw fail();
  return { names: [...new Set(names)], holds };
}

/** Of an ARN, what follows `alarm:`. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.replaceAll('"', '').replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
}
