import type { Condition, Template } from './check-definition.ts';

export function holds(condition: Condition, data: unknown): boolean {
  if (condition.And) return condition.And.every((each) => holds(each, data));
  const value = read(condition.Variable!, { $: data });
  if (condition.BooleanEquals !== undefined) return value === condition.BooleanEquals;
  if (condition.StringEquals !== undefined) return value === condition.StringEquals;
  if (condition.NumericGreaterThan !== undefined) {
    return typeof value === 'number' && value > condition.NumericGreaterThan;
  }
  throw new Error(`A condition on ${condition.Variable} compares with nothing.`);
}

/** What paths may begin with: `$`, the state's data, and `$$`, the context. */
export interface Scope {
  readonly $: unknown;
  readonly $$?: unknown;
}

/** @throws Error where there is nothing: States.Runtime, which can't be caught */
export function read(path: string, scope: Scope): unknown {
  const [root, ...names] = path.split('.');
  if ((root !== '$' && root !== '$$') || !names.every((name) => /^\w+$/.test(name))) {
    throw new Error(`test/support/state-paths.ts does not know the path ${path}: teach it to.`);
  }
  let value = scope[root];
  for (const name of names) {
    value = (value as Record<string, unknown> | null | undefined)?.[name];
    if (value === undefined) throw new Error(`States.Runtime: ${path} is not there.`);
  }
  return value;
}

export function fill(template: Template, scope: Scope): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$') ? [key.slice(0, -2), evaluate(String(value), scope)] : [key, value],
    ),
  );
}

function evaluate(expression: string, scope: Scope): unknown {
  const format = /^States\.Format\('([^']*)', ([^,()]+)\)$/.exec(expression);
  if (!format) return read(expression, scope);
  return format[1]!.replace('{}', String(read(format[2]!, scope)));
}

export function place(path: string | null | undefined, data: unknown, result: unknown): unknown {
  if (path === null) return data;
  if (path === undefined || path === '$') return result;
  const [, name] = /^\$\.(\w+)$/.exec(path) ?? [];
  if (name === undefined) {
    throw new Error(`test/support/state-paths.ts does not know the path ${path}: teach it to.`);
  }
  return { ...(data as object), [name]: result };
}
