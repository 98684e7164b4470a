import { type Html, html, jsonText, type Shown } from './html.ts';

/**
 * What widgets are drawn with. Styles are inline and take the colours of what is around them, or tints that let both
 * dark and light text be read; what is wide scrolls in itself, so that all of it can be read on a phone.
 */

const TINTS = {
  good: 'background:rgba(40,160,80,.22)',
  bad: 'background:rgba(220,60,50,.25)',
  waiting: 'background:rgba(220,160,30,.25)',
  plain: 'background:rgba(128,128,128,.18)',
} as const;
export type Tint = keyof typeof TINTS;

const SIGNS: Readonly<Record<Tint, string>> = { good: '✓', bad: '✗', waiting: '…', plain: '·' };

/** A whole widget. */
export function widget(...content: readonly Shown[]): Html {
  return html`<div style="font-size:14px;line-height:1.4;overflow-wrap:anywhere">${content.map((one) => html`${one}`)}</div>`;
}

export function heading(text: string): Html {
  return html`<h4 style="margin:12px 0 4px;font-size:15px">${text}</h4>`;
}

export function line(text: Shown): Html {
  return html`<p style="margin:4px 0">${text}</p>`;
}

/** What is only a part, or may be misread. */
export function note(text: Shown): Html {
  return html`<p style="margin:4px 0;opacity:.75">${text}</p>`;
}

/** A word that is to be seen at once. Its sign says the same to those who see no colours. */
export function mark(tint: Tint, text: string): Html {
  // Of tints and signs there are as many as are written above.
  return html`<span style="${TINTS[tint]};padding:1px 8px;border-radius:8px;white-space:nowrap">${SIGNS[tint]} ${text}</span>`;
}

export function code(text: string): Html {
  return html`<code style="font-size:13px">${text}</code>`;
}

const CELL = 'padding:3px 10px 3px 0;border-bottom:1px solid rgba(128,128,128,.3);vertical-align:top';

/** What is wide scrolls by itself; by the arrow keys too, once it is reached. */
const scrolling = (content: Html): Html => html`<div tabindex="0" style="overflow-x:auto">${content}</div>`;

/** @param rightFrom columns from this one on hold numbers */
export function table(
  head: readonly string[],
  rows: readonly (readonly Shown[])[],
  rightFrom = head.length,
): Html {
  const align = (column: number) => (column < rightFrom ? 'left' : 'right');
  const cells = head.map((text, at) =>
    // A column that needs no heading has none, rather than an empty one that is read out.
    text === ''
      ? html`<td style="${CELL}"></td>`
      : html`<th style="${CELL};text-align:${align(at)}">${text}</th>`,
  );
  const lines = rows.map((row) => {
    const all = row.map((cell, at) => html`<td style="${CELL};text-align:${align(at)}">${cell}</td>`);
    return html`<tr>${all}</tr>`;
  });
  return scrolling(
    html`<table style="border-collapse:collapse;width:100%"><thead><tr>${cells}</tr></thead><tbody>${lines}</tbody></table>`,
  );
}

/** Names and values below each other. Those without a value are left out. */
export function facts(of: Readonly<Record<string, Shown>>): Html {
  const rows = Object.entries(of)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(
      ([name, value]) =>
        html`<tr><td style="${CELL};opacity:.75;width:30%">${name}</td><td style="${CELL}">${value}</td></tr>`,
    );
  return scrolling(html`<table style="border-collapse:collapse;width:100%"><tbody>${rows}</tbody></table>`);
}

/** A share of 1 as a bar; below 0 it is empty, above 1 full. */
export function bar(share: number, tint: Tint): Html {
  const percent = Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  return html`<div style="${TINTS.plain};border-radius:4px;min-width:90px"><div style="${TINTS[tint]};width:${percent}%;height:14px;border-radius:4px"></div></div>`;
}

/** A button that shows another widget in this one's place. */
export function button(label: string, endpoint: string, params: Readonly<Record<string, unknown>>): Html {
  return html`<a class="btn">${label}</a><cwdb-action action="call" display="widget" endpoint="${endpoint}">${jsonText(params)}</cwdb-action>`;
}

/** The same as a link within text, which opens over the widget. */
export function link(label: string, endpoint: string, params: Readonly<Record<string, unknown>>): Html {
  return html`<a>${label}</a><cwdb-action action="call" display="popup" endpoint="${endpoint}">${jsonText(params)}</cwdb-action>`;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: string;
}

/** Fields and a button: what is filled in comes with the call, in `widgetContext.forms.all`. */
export function form(
  fields: readonly Field[],
  label: string,
  endpoint: string,
  params: Readonly<Record<string, unknown>>,
): Html {
  const inputs = fields.map(
    ({ name, label: text, value = '', hint = '' }) =>
      html`<label style="display:inline-block;margin:0 12px 6px 0">${text}<br><input type="text" name="${name}" value="${value}" placeholder="${hint}" size="24" style="max-width:100%"></label>`,
  );
  return html`<form>${inputs}</form>${button(label, endpoint, params)}`;
}

/** Why there is nothing to show, and what to do. */
export function trouble(text: Shown): Html {
  return widget(html`<p style="margin:4px 0">${mark('bad', 'not shown')} ${text}</p>`);
}
