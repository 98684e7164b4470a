import { allowedAttribute, isAllowed } from './allow-list.mjs';
import { attributesOf, childrenOf, tagOf, textOf } from './read-node.mjs';

/**
 * @typedef {object} Action what `cwdb-action` says of the element before it
 * @property {'call' | 'html'} action
 * @property {'widget' | 'popup'} display
 * @property {'click' | 'dblclick' | 'mouseenter'} event
 * @property {string | undefined} confirmation
 * @property {string | undefined} endpoint
 * @property {string} text parameters as JSON
 * @property {() => Sanitized} content HTML to show
 *
 * @typedef {object} Sanitized
 * @property {DocumentFragment} fragment
 * @property {ReadonlyMap<Element, Action>} actions by the element that starts each
 */

/**
 * Makes HTML that may come from anybody fit to be shown: a copy of what is allowed, element by element. All else is left
 * out, with what is in it. Nothing of it has run or loaded by then: the document that it is parsed into is inert.
 *
 * @param {string} html
 * @param {string} prefix for ids, which must not be those of the page
 * @returns {Sanitized}
 */
export function sanitize(html, prefix) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  return copyInto(parsed.body, prefix);
}

/** @param {Node} from @param {string} prefix @returns {Sanitized} */
function copyInto(from, prefix) {
  /** @type {Map<Element, Action>} */
  const actions = new Map();
  const fragment = document.createDocumentFragment();
  copyChildren(from, fragment, prefix, actions);
  return { fragment, actions };
}

/** @param {Node} from @param {Node} to @param {string} prefix @param {Map<Element, Action>} actions */
function copyChildren(from, to, prefix, actions) {
  /** @type {Element | undefined} */
  let previous;
  for (const child of childrenOf(from)) {
    if (child.nodeType === Node.TEXT_NODE) append(to, document.createTextNode(textOf(child)));
    if (child.nodeType !== Node.ELEMENT_NODE) continue;
    const source = /** @type {Element} */ (child);
    if (tagOf(source).name === 'cwdb-action') {
      if (previous) actions.set(previous, readAction(source, prefix));
    } else if (isAllowed(tagOf(source))) {
      previous = copyElement(source, prefix);
      append(to, previous);
      copyChildren(source, previous, prefix, actions);
    }
  }
}

/** @param {Element} source @param {string} prefix */
function copyElement(source, prefix) {
  const { namespace, name } = tagOf(source);
  const copy = document.createElementNS(namespace, name);
  for (const attribute of attributesOf(source)) {
    const value = allowedAttribute(name, attribute.name, attribute.value, prefix);
    if (value !== undefined) copy.setAttribute(attribute.name, value);
  }
  if (name === 'a' && copy.hasAttribute('href')) {
    copy.setAttribute('target', '_blank');
    copy.setAttribute('rel', 'noopener noreferrer');
  }
  return copy;
}

/** @param {Element} source @param {string} prefix @returns {Action} */
function readAction(source, prefix) {
  const given = new Map([...attributesOf(source)].map(({ name, value }) => [name, value]));
  const event = given.get('event');
  return {
    action: given.get('action') === 'call' ? 'call' : 'html',
    display: given.get('display') === 'popup' ? 'popup' : 'widget',
    event: event === 'dblclick' || event === 'mouseenter' ? event : 'click',
    confirmation: given.get('confirmation') || undefined,
    endpoint: given.get('endpoint') || undefined,
    text: textOf(source),
    content: () => copyInto(source, prefix),
  };
}

/** A form's field may be called "appendChild". @param {Node} parent @param {Node} child */
function append(parent, child) {
  Node.prototype.appendChild.call(parent, child);
}
