/** Most parameters of a form that is sorted: Twilio sends some tens, and sorting must cost a sender more than us. */
const MAX_PARAMETERS = 1000;

const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/**
 * The text that Twilio signs behind the URL: a form's parameters sorted by name, then by value, each once, every name
 * followed by its value with nothing in between (https://www.twilio.com/docs/usage/security). Bytes are kept as bytes,
 * so that two bodies that differ in what is no UTF-8 differ here too.
 *
 * Twilio leaves out the borders between names and values: `a=bc` and `ab=c` have one signature. What is read from such
 * a form is therefore only as sure as that, its delivery id too.
 * Undefined for a broken escape, which no sender writes, and for more than 1000 parameters.
 */
export function sortedForm(body: Buffer): Buffer | undefined {
  const fields = body.toString('latin1').split('&', MAX_PARAMETERS + 1);
  if (fields.length > MAX_PARAMETERS) return undefined;
  const parameters: [name: string, value: string][] = [];
  for (const field of fields) {
    if (field === '') continue;
    const split = field.indexOf('=');
    const name = decode(split < 0 ? field : field.slice(0, split));
    const value = decode(split < 0 ? '' : field.slice(split + 1));
    if (name === undefined || value === undefined) return undefined;
    parameters.push([name, value]);
  }
  parameters.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  const once = parameters.filter(([name, value], at) => {
    const before = parameters[at - 1];
    return before?.[0] !== name || before[1] !== value;
  });
  return Buffer.from(once.flat().join(''), 'latin1');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One name or value of application/x-www-form-urlencoded, a character per byte. */
function decode(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text
    .replaceAll('+', ' ')
    .replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
