/** HTML that is safe to show: what came from elsewhere is escaped in it. Made by {@link html} alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Nothing is shown for what is undefined. */
export type Shown = Html | readonly Html[] | string | number | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * HTML of a template, whose parts are ours, and of values, which may be anybody's: those are escaped, so that they can
 * be neither tags nor leave a quoted attribute. A value may stand in text or in a quoted attribute that holds no address
 * and no style.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Shown[]): Html {
  let text = parts[0]!;
  for (const [index, value] of values.entries()) text += show(value) + parts[index + 1]!;
  return new Html(text);
}

function show(value: Shown): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return printable(String(value)).replace(/[&<>"'`]/g, (character) => ENTITIES[character]!);
}

/** Ids are what senders choose: no control characters, no turned writing, no halves of characters. */
export function printable(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');
}

/** JSON for the text of an element, in which nothing is of meaning to HTML: it reads the same escaped or not. */
export function jsonText(value: unknown): Html {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return new Html(JSON.stringify(value).replace(/[<>&'`]/g, code));
}
