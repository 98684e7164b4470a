/** What of a delivery a signed text is put together from. */
export type Field = 'body' | 'form' | 'timestamp' | 'id' | 'url';

/** One piece of a signed text: a field's name, or text that stands as it is. */
export type Part = { readonly field: Field } | { readonly text: string };

export type Template = readonly Part[];

const FIELDS: readonly Field[] = ['body', 'form', 'timestamp', 'id', 'url'];
const PIECE = /\{([^{}]*)\}|([^{}]+)|([{}])/g;

/**
 * Reads the description of a signed text, such as `v0:{timestamp}:{body}`. A signature must fit one reading only:
 * whoever captured a delivery could otherwise move bytes from one field into the next and send it as another. So the
 * body stands once, and the id, the one field of any length beside it, stands before it and ends at text.
 * @throws RangeError that says what is wrong and what is allowed.
 */
export function parseTemplate(text: string): Template {
  const template = [...text.matchAll(PIECE)].map(readPart);
  const fields = template.flatMap((part) => ('field' in part ? [part.field] : []));
  const twice = fields.find((field, at) => fields.indexOf(field) !== at);
  if (twice) throw new RangeError(`has {${twice}} twice: each field may stand once`);
  const bodies = fields.filter((field) => field === 'body' || field === 'form');
  if (bodies.length !== 1)
    throw new RangeError('must have either {body} or {form}: else the body could be anything');
  if (fields.includes('id')) checkId(template);
  return template;
}

function readPart([, name, text, brace]: RegExpMatchArray): Part {
  if (text !== undefined) return { text };
  if (brace !== undefined)
    throw new RangeError(`has a "${brace}" by itself: braces stand around fields only`);
  const field = FIELDS.find((known) => known === name);
  if (!field) throw new RangeError(`has no field {${name}}: there are ${listFields()}`);
  return { field };
}

const listFields = () => FIELDS.map((field) => `{${field}}`).join(', ');

function checkId(template: Template): void {
  const places = template.map((part) => ('field' in part ? part.field : 'text'));
  const id = places.indexOf('id');
  if (places.slice(0, id).some((place) => place === 'body' || place === 'form'))
    throw new RangeError('must have {id} before the body: else the id could take bytes of the body');
  if (places[id + 1] !== 'text' && places[id + 1] !== 'timestamp')
    throw new RangeError(
      'must have text behind {id}, such as a full stop: else the id could take more bytes',
    );
}

/**
 * The character that ends the id in the signed text, which the id itself can't hold: the first of the text behind it,
 * or the first colon of an RFC 3339 timestamp behind it. Undefined where the template has no id.
 */
export function idStop(template: Template): string | undefined {
  const id = template.findIndex((part) => 'field' in part && part.field === 'id');
  if (id < 0) return undefined;
  const next = template[id + 1]!;
  return 'text' in next ? next.text[0] : ':';
}

export const hasField = (template: Template, field: Field): boolean =>
  template.some((part) => 'field' in part && part.field === field);
