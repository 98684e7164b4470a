import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FakeWeir, serve } from '../support/browser/fake-weir.ts';
import { openPage } from '../support/browser/open-page.ts';

const SHOWN = '<p>end of the answer</p>';

/** Shows an answer as a widget's, presses what can be pressed, and looks what came of it. */
async function show(answer: string, options = {}) {
  const weir = new FakeWeir();
  weir.answer = ({ widget }) => (widget === 'runs' ? `${answer}${SHOWN}` : 'other');
  const { url } = await serve(weir);
  const { page, complaints } = await openPage(url, options);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  const body = page.locator('[data-widget="runs"] .widget');
  await body.getByText('end of the answer').waitFor();
  return { weir, page, body, complaints, requests, html: await body.innerHTML() };
}

/** Scripts of these answers set this. */
const ran = (page: Page) => page.evaluate('window.ran === undefined ? "nothing" : "a script"');

const SCRIPTS: Readonly<Record<string, string>> = {
  'a script': '<script>window.ran = 1</script>',
  'a script within a drawing': '<svg><script>window.ran = 1</script><circle r="1"/></svg>',
  'a picture that can not be loaded': '<img src="/nowhere.png" onerror="window.ran = 1">',
  'a drawing that loads': '<svg onload="window.ran = 1"><rect/></svg>',
  'a frame': '<iframe srcdoc="<script>parent.ran = 1</script>"></iframe>',
  'a frame with an address': '<iframe src="javascript:parent.ran = 1"></iframe>',
  'an object': '<object data="data:text/html,<script>parent.ran = 1</script>"></object><embed src="/x">',
  'a field that takes the focus': '<input autofocus onfocus="window.ran = 1">',
  'details that open': '<details open ontoggle="window.ran = 1"><summary>x</summary></details>',
  'an animation': '<svg><animate onbegin="window.ran = 1" attributeName="x" dur="1s"/></svg>',
  'HTML within a drawing': '<svg><foreignObject><img src="x" onerror="window.ran = 1"></foreignObject></svg>',
  formulas: '<math><mtext><img src="x" onerror="window.ran = 1"></mtext></math>',
  'a template': '<template><img src="x" onerror="window.ran = 1"></template>',
  'a link that runs': '<a href="javascript:window.ran = 1" id="press">press</a>',
  'a link that runs, in disguise': '<a href=" &#1;java&#10;script:window.ran = 1" id="press">press</a>',
  'a link to data': '<a href="data:text/html,<script>opener.ran = 1</script>" id="press">press</a>',
  'a button that runs': '<button onclick="window.ran = 1" id="press">press</button>',
  'a form that runs': '<form action="javascript:window.ran = 1"><button id="press">press</button></form>',
  'a field that sends elsewhere':
    '<form><button formaction="javascript:window.ran = 1" id="press">press</button></form>',
  'a drawing that links':
    '<svg><a href="javascript:window.ran = 1"><text id="press" y="9">press</text></a></svg>',
  'a form whose fields hide what it is':
    '<form onclick="window.ran = 1" id="press"><input name="attributes"><input name="childNodes"><input name="localName"><input name="appendChild"><img src="x" onerror="window.ran = 1">press</form>',
  'a form whose fields hide what it does':
    '<form><input name="addEventListener"><input name="dispatchEvent"><input name="hasAttribute"><input name="setAttribute"><input name="localName"></form><cwdb-action action="call">{"widget":"runs"}</cwdb-action>',
  'tags that are read in two ways':
    '<noscript><p title="</noscript><img src=x onerror=window.ran=1>"></noscript><style><!--</style><img src=x onerror=window.ran=1>--></style>',
  'tables out of place':
    '<table><img src="x" onerror="window.ran = 1"><tr><td><svg><style><img src=x onerror=window.ran=1></style></svg>',
  'an action that holds a script':
    '<a class="btn" id="press">press</a><cwdb-action><img src="x" onerror="window.ran = 1"><script>window.ran = 1</script></cwdb-action>',
};

interface Names {
  readonly tags: readonly string[];
  readonly attributes: readonly string[];
}

/** What is really there: of text that looks like a tag this says nothing. */
const NAMES = `(() => {
  const all = [...document.querySelectorAll('[data-widget="runs"] .widget *')];
  const attributesOf = Object.getOwnPropertyDescriptor(Element.prototype, 'attributes').get;
  return { tags: all.map((one) => one.tagName.toLowerCase()), attributes: all.flatMap((one) => [...attributesOf.call(one)].map(({ name }) => name)) };
})()`;

describe('of a hostile answer nothing runs', () => {
  it.each(Object.entries(SCRIPTS))('%s', async (_, answer) => {
    const { page, body, complaints } = await show(answer);
    const { tags, attributes } = await page.evaluate<Names>(NAMES);
    // That of the answer's end, at least.
    expect(tags).toContain('p');
    expect(
      tags.filter(
        (name) =>
          !/^(a|button|circle|details|form|input|p|rect|summary|svg|table|tbody|td|text|tr)$/.test(name),
      ),
    ).toEqual([]);
    expect(attributes.filter((name) => /^on|src|action|href|autofocus/.test(name))).toEqual([]);
    const press = body.locator('[id$="press"]');
    if ((await press.count()) > 0) await press.first().click({ force: true });
    await page.waitForTimeout(100);
    expect(await ran(page)).toBe('nothing');
    // Nor did the policy have to keep it from running: it was not there. (Of styles it speaks when they are parsed.)
    expect(complaints.filter((one) => !one.startsWith('Applying inline style'))).toEqual([]);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('and would not if all of it were shown: the policy of the page keeps it', async () => {
    const { page } = await show('');
    await page.evaluate(`
      document.body.insertAdjacentHTML('beforeend', '<img src="/nowhere.png" onerror="window.ran = 1"><a id="press" href="javascript:window.ran = 1">press</a><iframe srcdoc="<script>parent.ran = 1</script>"></iframe>');
      const script = document.createElement('script'); script.textContent = 'window.ran = 1'; document.body.append(script);
    `);
    await page.locator('#press').click({ force: true });
    await page.waitForTimeout(300);
    expect(await ran(page)).toBe('nothing');
  });
});

describe('a hostile answer', () => {
  it('asks nobody for anything', async () => {
    const { requests, html } = await show(
      `<img src="https://evil.example/a"><link rel="stylesheet" href="https://evil.example/b"><p style="background:url(https://evil.example/c)">x</p><p style="background:u\\72l(https://evil.example/k)">x</p>
       <p style="background:image-set('https://evil.example/l' 1x)">x</p><svg><rect width="9" height="9" fill="url(https://evil.example/m#n)"/></svg>
       <svg><image href="https://evil.example/d"/><use href="https://evil.example/e#f"/></svg><video src="https://evil.example/g" poster="https://evil.example/h"></video>
       <meta http-equiv="refresh" content="0;url=https://evil.example/i"><base href="https://evil.example/">`,
    );
    expect(requests.filter((path) => !/^\/(api|assets)\//.test(path))).toEqual([]);
    expect(html).not.toMatch(/<(img|link|image|use|video|meta|base)\b/);
  });

  it('leads elsewhere only in a page of its own, which knows nothing of this one', async () => {
    const { html } = await show(
      '<a href="https://example.com/x" target="_top" onclick="1" ping="https://evil.example">x</a><a href="/api/charts">y</a>',
    );
    expect(html).toContain(
      '<a href="https://example.com/x" target="_blank" rel="noopener noreferrer">x</a><a>y</a>',
    );
  });

  it('stays in its place, whatever its style says', async () => {
    const { page, body } = await show(
      '<div style="position:fixed;inset:0;z-index:9999;background:red">over all</div><div style="margin:-999px;width:9999px;height:400px">wide</div>',
    );
    await body.scrollIntoViewIfNeeded();
    const box = (await body.boundingBox())!;
    for (const [x, y] of [
      [5, 5],
      [box.x - 8, box.y + 5],
      [box.x + 5, box.y - 8],
    ] as const) {
      const there = await page.evaluate(`document.elementFromPoint(${x}, ${y}).closest('.widget') === null`);
      expect(there).toBe(true);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('takes neither the ids nor the names that the page itself uses, nor its classes', async () => {
    const { page, body, weir } = await show(
      '<p id="state" class="status card btn">x</p><form id="charts" name="body"><label for="f">F</label><input id="f" name="getElementById"></form><a name="fetch"></a>',
    );
    weir.charts = { ...weir.charts, now: weir.charts.now + 1 };
    await page.locator('#state[role="status"]').waitFor();
    expect(await page.locator('#state').count()).toBe(1);
    expect(
      await page.evaluate('document.body.localName + typeof document.getElementById + typeof fetch'),
    ).toBe('bodyfunctionfunction');
    expect(await body.locator('p').first().getAttribute('class')).toBe('btn');
    expect(await body.getByLabel('F').count()).toBe(1);
  });

  it('is shown as text where it is text', async () => {
    const { body } = await show('&lt;script&gt;window.ran = 1&lt;/script&gt; <b>bold</b>');
    expect(await body.innerHTML()).toBe(`&lt;script&gt;window.ran = 1&lt;/script&gt; <b>bold</b>${SHOWN}`);
  });

  it('that is deep or long does not stop the page', async () => {
    const { page } = await show(`${'<div>'.repeat(2_000)}${'<i>x</i>'.repeat(5_000)}`);
    expect(await page.locator('[data-widget="event"]').getByText('other').count()).toBe(1);
  });
});
