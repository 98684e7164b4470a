import { expect, it } from 'vitest';
import { configOf, synthesize } from '../support/synth.ts';

it.each([
  [{}, true],
  [{ stage: 'local' }, false],
])('stacks with %j: deleting one by mistake needs two mistakes: %s', (context, expected) => {
  const { app, weir } = synthesize(configOf(context));
  expect(app.node.children.length).toBeGreaterThanOrEqual(Object.keys(weir).length);
  for (const stack of Object.values(weir))
    expect(stack.terminationProtection, stack.stackName).toBe(expected);
});
