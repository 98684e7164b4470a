import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../lambdas/domain/trace/trace.ts';
import { answerWidget } from '../../lambdas/widgets/answer-widget.ts';
import { button } from '../../lambdas/widgets/draw.ts';
import { html, printable } from '../../lambdas/widgets/html.ts';
import { showEvent } from '../../lambdas/widgets/show-event.ts';
import { commandFor } from '../../lambdas/widgets/show-state.ts';
import { SELF, traceOf, drawnWidgets as widgets } from '../support/drawn-widgets.ts';
import { readHtml } from '../support/read-html.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');

/** What somebody may choose as an id to get into an operator's browser. */
const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</td></table><iframe src=//evil>',
    '</cwdb-action><a href="javascript:alert(1)">',
    '<!--',
    ']]>',
    '&lt;b&gt;&#60;b&#62;',
    '`$' + '{alert(1)}`',
    '</style><style>*{display:none}',
    '\u202Egnp.exe',
    '\u0000\u0008<b>',
    '\ud800<b>',
    'a\u2028b',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc
    .array(fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', 'a', ' ', '\\', '{', '}', '-', '!'), {
      minLength: 1,
      maxLength: 12,
    })
    .map((all) => all.join('')),
);

/** What a widget may be made of: nothing that runs, loads or goes anywhere. */
const ELEMENTS = /^(div|p|h4|span|code|b|br|a|cwdb-action|form|label|input|table|thead|tbody|tr|th|td)$/;
const ATTRIBUTES = /^(style|class|tabindex|action|display|endpoint|type|name|value|placeholder|size)$/;

describe('widgets show what senders chose as text, and as nothing else', () => {
  it.each(Object.keys(widgets))('%s has the same elements and attributes, whatever it is', (name) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const draw = widgets[name]!;
        const drawn = readHtml(draw(text).text);
        const plain = readHtml(draw('plain').text);
        expect(drawn.elements).toEqual(plain.elements);
        expect([...drawn.attributes]).toEqual([...plain.attributes]);
        for (const element of drawn.elements) expect(element).toMatch(ELEMENTS);
        for (const attribute of drawn.attributes) expect(attribute).toMatch(ATTRIBUTES);
        for (const kind of ['style', 'class', 'action', 'endpoint', 'display', 'name'])
          expect(drawn.values(kind)).toEqual(plain.values(kind));
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.keys(widgets))('%s shows it in full', (name) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = readHtml(widgets[name]!(text).text);
        const words = name === 'state' ? printable(text).replaceAll("'", "'\\''") : printable(text);
        // HTML reads a carriage return as a new line; both are no characters of ids.
        expect(shown.text).toContain(words.slice(0, 12));
      }),
      { numRuns: 40 },
    );
  });

  it('buttons carry exactly what they call with', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { textsOf, elements, values } = readHtml(
          button(text, SELF, { widget: 'event', id: text }).text,
        );
        expect(elements).toEqual(['a', 'cwdb-action']);
        expect(values('endpoint')).toEqual([SELF]);
        expect(JSON.parse(textsOf('cwdb-action')[0]!)).toEqual({ widget: 'event', id: text });
        // Read as markup or as text, it is the same.
        expect(textsOf('cwdb-action')[0]).not.toMatch(/[<>&]/);
      }),
    );
  });

  it('values stay in the attributes that they were put into', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const read = readHtml(html`<input type="text" value="${text}">`.text);
        expect([read.elements, [...read.attributes]]).toEqual([['input'], ['type', 'value']]);
        expect(read.values('value')).toEqual([printable(text)]);
      }),
    );
  });

  it('commands hold what senders chose in single quotes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const command = commandFor({ tenant: text, subject: 's', type: 't', window: '2026-11-21' });
        // Outside of quotes nothing of it is left.
        expect(command.replace(/'(?:[^']|'\\'')*'/g, '')).toBe(
          'weir reconcile --tenant  --subject  --types  --from 2026-11-21T00:00:00.000Z --to 2026-11-21T00:00:00.001Z --reason "looking"',
        );
      }),
    );
  });
});

describe('a call that can not be answered', () => {
  const call = { self: SELF, nowMs, deadline: nowMs + 20_000 };
  const none = async (): Promise<Trace> => ({ ...traceOf('x'), ways: [] });
  const all = { event: (one: Parameters<typeof showEvent>[1]) => showEvent(none, one) };

  it('gets a widget that says so, whatever it is: never an exception, and nothing of it as markup', async () => {
    const values = fc.oneof(hostile, fc.jsonValue(), fc.constantFrom('event', undefined));
    const events = fc.oneof(
      fc.record({ widget: values, id: values, from: values, tenant: values }, { requiredKeys: [] }),
      fc.record({
        widget: fc.constant('event'),
        widgetContext: fc.record({
          forms: fc.record({ all: fc.dictionary(fc.constantFrom('id', 'from', 'to'), values) }),
        }),
      }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(events, async (event) => {
        const answer = await answerWidget(event, all, call, (error) => {
          throw error;
        });
        expect(typeof answer).toBe('string');
        for (const element of readHtml(answer as string).elements) expect(element).toMatch(ELEMENTS);
      }),
    );
  });
});
