/**
 * Properties of nodes as the browser defines them. A form's fields are properties of the form as well, under names that
 * the widget chooses: one that is called "attributes" would hide the form's own.
 */

/** @template Value @param {object} prototype @param {string} name @returns {(node: Node) => Value} */
function reader(prototype, name) {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (!get) throw new Error(`no ${name}`);
  return (node) => get.call(node);
}

/** @type {(node: Node) => NodeListOf<ChildNode>} */
export const childrenOf = reader(Node.prototype, 'childNodes');
/** @type {(node: Node) => NamedNodeMap} */
export const attributesOf = reader(Element.prototype, 'attributes');
/** @type {(node: Node) => string | null} */
const text = reader(Node.prototype, 'textContent');
/** @type {(node: Node) => string} */
const localName = reader(Element.prototype, 'localName');
/** @type {(node: Node) => string | null} */
const namespaceOf = reader(Element.prototype, 'namespaceURI');

/** @param {Node} node */
export const textOf = (node) => text(node) ?? '';

/** @param {Element} source */
export const tagOf = (source) => ({ namespace: namespaceOf(source), name: localName(source) });

/** @param {Element} node @param {string} name */
export const hasAttribute = (node, name) => Element.prototype.hasAttribute.call(node, name);

/** @param {Element} node @param {string} name @param {string} value */
export const setAttribute = (node, name, value) => Element.prototype.setAttribute.call(node, name, value);

/** @param {Element} node @param {string} type @param {(event: Event) => void} listener */
export const listen = (node, type, listener) =>
  EventTarget.prototype.addEventListener.call(node, type, listener);

/** @param {Element} node @param {Event} event */
export const dispatch = (node, event) => EventTarget.prototype.dispatchEvent.call(node, event);
