/** A time series as metric math sees it: undefined where there is no data. All of one evaluation have the same length. */
export type Series = readonly (number | undefined)[];

/** Evaluates an expression over the series that it names. A number alone is the same number at each time. */
export type Evaluate = (series: Readonly<Record<string, Series>>, length: number) => Series;

type Token = { readonly kind: 'number' | 'name' | 'sign'; readonly text: string };

/**
 * The part of CloudWatch's metric math that our alarms use: + - * /, comparisons (1 or 0), AND, OR, parentheses, IF and
 * FILL with a number. What meets a missing value is missing, and so is what is divided by zero; IF is what its
 * condition chooses.
 * @throws Error for anything else
 */
export function parseExpression(text: string): Evaluate {
  const parser = new Parser(tokenize(text), text);
  return parser.whole();
}

function tokenize(text: string): readonly Token[] {
  const pattern = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(>=|<=|==|!=|&&|\|\||[-+*/()<>,]))/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new Error(`The simulator can't read "${text.slice(at)}" in the expression ${text}.`);
    const [, number, name, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'sign', text: sign! });
  }
  return tokens;
}

type Binary = (a: number, b: number) => number | undefined;

/** From what binds least to what binds most. */
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0), '||': (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0), '&&': (a, b) => Number(a !== 0 && b !== 0) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? undefined : a / b) },
];

class Parser {
  #at = 0;
  readonly #tokens: readonly Token[];
  readonly #text: string;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  whole(): Evaluate {
    const result = this.#level(0);
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return result;
  }

  #level(depth: number): Evaluate {
    const operators = LEVELS[depth];
    if (!operators) return this.#single();
    let left = this.#level(depth + 1);
    for (let token = this.#peek(); token && Object.hasOwn(operators, token.text); token = this.#peek()) {
      this.#at++;
      const [operator, before, after] = [operators[token.text]!, left, this.#level(depth + 1)];
      left = (series, length) => {
        const [a, b] = [before(series, length), after(series, length)];
        return a.map((x, i) => (x === undefined || b[i] === undefined ? undefined : operator(x, b[i])));
      };
    }
    return left;
  }

  #single(): Evaluate {
    const token = this.#peek();
    this.#at++;
    if (token?.kind === 'number') {
      const value = Number(token.text);
      return (_, length) => Array.from({ length }, () => value);
    }
    if (token?.text === '(') return this.#until(')', this.#level(0));
    if (token?.kind !== 'name') throw this.#unexpected();
    if (this.#peek()?.text === '(') return this.#call(token.text);
    return (series) => {
      const named = series[token.text];
      if (!named) throw new Error(`${this.#text} names ${token.text}, which the alarm does not have.`);
      return named;
    };
  }

  #call(name: string): Evaluate {
    this.#at++;
    const given = [this.#level(0)];
    while (this.#peek()?.text === ',') {
      this.#at++;
      given.push(this.#level(0));
    }
    this.#expect(')');
    const [a, b, c] = given;
    if (name === 'FILL' && given.length === 2) {
      return (series, length) => {
        const fill = b!(series, length);
        return a!(series, length).map((value, i) => value ?? fill[i]);
      };
    }
    if (name === 'IF' && given.length === 3) {
      return (series, length) => {
        const [then, otherwise] = [b!(series, length), c!(series, length)];
        return a!(series, length).map((condition, i) =>
          condition === undefined ? undefined : condition !== 0 ? then[i] : otherwise[i],
        );
      };
    }
    throw new Error(`The simulator knows no ${name} of ${given.length}: teach it to (${this.#text}).`);
  }

  #until(sign: string, inner: Evaluate): Evaluate {
    this.#expect(sign);
    return inner;
  }

  #expect(sign: string): void {
    if (this.#peek()?.text !== sign) throw this.#unexpected();
    this.#at++;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #unexpected(): Error {
    return new Error(`The simulator can't read ${this.#text}: unexpected ${this.#peek()?.text ?? 'end'}.`);
  }
}
