import { type DefaultTreeAdapterMap, parseFragment } from 'parse5';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

/** HTML as a browser reads it. */
export interface ReadHtml {
  /** Names of all elements, in order. */
  readonly elements: readonly string[];
  /** Names of all attributes, each once. */
  readonly attributes: ReadonlySet<string>;
  /** All text between elements, and values of fields. */
  readonly text: string;
  /** Values of the attributes of this name. */
  values(attribute: string): readonly string[];
  /** What the text of elements of this name is. */
  textsOf(element: string): readonly string[];
}

export function readHtml(html: string): ReadHtml {
  const all: Element[] = [];
  const texts: string[] = [];
  const walk = (node: Node): void => {
    if (node.nodeName === '#text') texts.push((node as DefaultTreeAdapterMap['textNode']).value);
    if ('tagName' in node) all.push(node);
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(parseFragment(html));
  return {
    elements: all.map(({ tagName }) => tagName),
    attributes: new Set(all.flatMap(({ attrs }) => attrs.map(({ name }) => name))),
    text: texts.join(''),
    values: (attribute) =>
      all.flatMap(({ attrs }) => attrs.filter(({ name }) => name === attribute).map(({ value }) => value)),
    textsOf: (element) => all.filter(({ tagName }) => tagName === element).map(textOf),
  };
}

function textOf(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterMap['textNode']).value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
