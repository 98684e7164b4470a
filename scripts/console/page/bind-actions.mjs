import { askToConfirm, closePopup, fillPopup, openPopup } from './popup.mjs';
import { dispatch, hasAttribute, listen, setAttribute, tagOf } from './read-node.mjs';
import { formsIn } from './widget-context.mjs';

/** @typedef {import('./sanitize.mjs').Action} Action */
/** @typedef {import('./sanitize.mjs').Sanitized} Sanitized */
/** @typedef {import('./widget-view.mjs').WidgetView} WidgetView */

const NO_BUTTONS = new Set([
  'table',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'td',
  'th',
  'form',
  'input',
  'select',
  'textarea',
]);

/**
 * Lets the elements of a widget do what its `cwdb-action` elements say of them.
 *
 * @param {HTMLElement} root
 * @param {ReadonlyMap<Element, Action>} actions
 * @param {WidgetView} view the widget that it is all about; root may be a popup over it
 */
export function bindActions(root, actions, view) {
  for (const [trigger, action] of actions) {
    const start = () => perform(action, root, view);
    makeReachable(trigger);
    listen(trigger, action.event, start);
    listen(trigger, 'keydown', (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (event.target !== trigger || (key !== 'Enter' && key !== ' ')) return;
      event.preventDefault();
      start();
    });
  }
  for (const form of root.querySelectorAll('form')) submitByEnter(form, [...actions.keys()]);
}

/** CloudWatch's buttons are anchors that lead nowhere: keyboard and screen reader need more. @param {Element} trigger */
function makeReachable(trigger) {
  const { name } = tagOf(trigger);
  if (name === 'button' || hasAttribute(trigger, 'href')) return;
  if (!hasAttribute(trigger, 'tabindex')) setAttribute(trigger, 'tabindex', '0');
  if (!NO_BUTTONS.has(name)) setAttribute(trigger, 'role', 'button');
}

/** Enter in a form's field is the first button in the form or after it. @param {HTMLFormElement} form @param {readonly Element[]} triggers */
function submitByEnter(form, triggers) {
  listen(form, 'submit', (event) => {
    event.preventDefault();
    const after = Node.DOCUMENT_POSITION_FOLLOWING;
    const first = triggers.find((one) => Node.prototype.compareDocumentPosition.call(form, one) & after);
    if (first) dispatch(first, new MouseEvent('click', { bubbles: true }));
  });
  // A form of several fields is sent by Enter only where it has a button.
  listen(form, 'keydown', (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    const field = /** @type {Element} */ (event.target);
    if (key !== 'Enter' || field.localName !== 'input') return;
    event.preventDefault();
    dispatch(form, new SubmitEvent('submit', { cancelable: true }));
  });
}

/** @param {Action} action @param {HTMLElement} root @param {WidgetView} view */
async function perform(action, root, view) {
  // By the documentation, what opens by pointing at it only shows.
  if (action.event === 'mouseenter' && action.action === 'call') return;
  const forms = formsIn(root);
  if (action.confirmation !== undefined && !(await askToConfirm(action.confirmation))) return;
  const call = { params: parse(action.text), endpoint: action.endpoint, forms };
  if (action.display === 'popup') {
    openPopup(view.title);
    showOver(action.action === 'html' ? action.content() : await view.ask(call), view);
    return;
  }
  closePopup();
  if (action.action === 'html') view.put(action.content());
  else await view.show(call);
}

/** @param {Sanitized} content @param {WidgetView} view */
function showOver({ fragment, actions }, view) {
  const body = fillPopup(fragment);
  if (body) bindActions(body, actions, view);
}

/** @param {string} text @returns {object} */
function parse(text) {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
