import { describe, expect, it } from 'vitest';
import { readSlos } from '../../lambdas/domain/read-slos.ts';
import { intrinsics } from '../support/intrinsics.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { observability, assembly } = synthesize(configOf());
const resolve = intrinsics(assembly);

interface BodyWidget {
  readonly type: string;
  readonly width: number;
  readonly properties: {
    readonly title?: string;
    readonly endpoint?: string;
    readonly params?: { readonly widget?: string };
  };
}

/** The custom widgets of each dashboard. */
const shown = new Map(
  Object.values(observability.findResources('AWS::CloudWatch::Dashboard')).map(({ Properties }) => {
    const body = JSON.parse(resolve('Weir-Observability', Properties.DashboardBody)) as {
      widgets: BodyWidget[];
    };
    return [Properties.DashboardName as string, body.widgets.filter(({ type }) => type === 'custom')];
  }),
);

describe('custom widgets on the dashboards', () => {
  it.each([
    ['weir-executive', ['tenants', 'budget']],
    ['weir-on-call', ['control', 'runs', 'quarantine']],
    ['weir-debug', ['event', 'state', 'runs']],
  ])('%s shows %j, each with a title', (name, expected) => {
    expect(shown.get(name)!.map(({ properties }) => properties.params?.widget)).toEqual(expected);
    for (const { properties } of shown.get(name)!) expect(properties.title).toMatch(/^[A-Z].{8,}/);
  });

  it('are all drawn by the one function that can only read', () => {
    const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:weir-widgets';
    const endpoints = [...shown.values()].flat().map(({ properties }) => properties.endpoint);
    expect(new Set(endpoints)).toEqual(new Set([arn]));
  });

  it('may be invoked by nobody who was not given the right: the function has no policy of its own', () => {
    const permissions = Object.values(observability.findResources('AWS::Lambda::Permission'));
    const ofWidgets = permissions.filter(({ Properties }) =>
      resolve('Weir-Observability', Properties.FunctionName).includes('weir-widgets'),
    );
    expect(ofWidgets).toEqual([]);
  });
});

describe('the service levels that the function gets', () => {
  const functions = Object.values(observability.findResources('AWS::Lambda::Function'));
  const widgets = functions.find(({ Properties }) => Properties.FunctionName === 'weir-widgets')!;
  const { SLOS } = widgets.Properties.Environment.Variables as { SLOS: string };

  it('can be read, and leave room in its environment, which takes 4 kB', () => {
    expect(readSlos(SLOS).length).toBeGreaterThan(3);
    expect(SLOS.length).toBeLessThan(3_000);
  });
});
