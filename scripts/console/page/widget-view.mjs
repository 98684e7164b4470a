import { callWidget, Failure } from './ask.mjs';
import { bindActions } from './bind-actions.mjs';
import { element } from './element.mjs';
import { sanitize } from './sanitize.mjs';
import { widgetContext } from './widget-context.mjs';

/** @typedef {import('./sanitize.mjs').Sanitized} Sanitized */
/** @typedef {{ params: object, endpoint?: string | undefined, forms?: Record<string, string> }} Call */

/** Where a widget's answer is shown, and where its actions lead. */
export class WidgetView {
  body;
  title;
  #widget;
  /** Of several calls the last one is shown, whichever comes first. */
  #calls = 0;
  #touched = false;

  /** @param {string} widget @param {string} title */
  constructor(widget, title) {
    this.#widget = widget;
    this.title = title;
    this.body = element('div', { class: 'widget', tabindex: -1, 'aria-label': title, role: 'group' });
    this.body.addEventListener('input', () => {
      this.#touched = true;
    });
  }

  /** Whether it shows what it opens with, and nobody is at it. */
  get isUntouched() {
    return !this.#touched && !this.body.contains(document.activeElement);
  }

  /** Shows the widget as it begins. Does not fail: what went wrong is shown. */
  async open() {
    await this.show({ params: { widget: this.#widget } });
    this.#touched = false;
  }

  /** Shows the answer to a call in this place. @param {Call} call */
  async show(call) {
    this.#touched = true;
    this.#calls += 1;
    const mine = this.#calls;
    this.body.setAttribute('aria-busy', 'true');
    if (!this.body.hasChildNodes()) this.body.append(element('p', { class: 'waiting' }, 'Asking …'));
    const content = await this.ask(call);
    if (mine === this.#calls) this.put(content);
  }

  /** Shows what has come. @param {Sanitized} content */
  put({ fragment, actions }) {
    const hadFocus = this.body.contains(document.activeElement);
    this.body.replaceChildren(fragment);
    this.body.setAttribute('aria-busy', 'false');
    bindActions(this.body, actions, this);
    // What was pressed is gone: who works by keyboard stays where the answer is.
    if (hadFocus) this.body.focus({ preventScroll: true });
  }

  /** Calls the function. @param {Call} call @returns {Promise<Sanitized>} */
  async ask({ params, endpoint, forms = {} }) {
    const context = widgetContext({ widget: this.#widget, title: this.title, forms, body: this.body });
    try {
      const { html } = await callWidget({ params: { ...params, widgetContext: context }, endpoint });
      return sanitize(html, `${this.#widget}-`);
    } catch (error) {
      return explain(error);
    }
  }
}

/** @param {unknown} error @returns {Sanitized} */
function explain(error) {
  const { message, hint = '' } = error instanceof Failure ? error : new Failure(String(error));
  const fragment = document.createDocumentFragment();
  fragment.append(element('p', { class: 'notice', role: 'alert' }, element('b', {}, message), ` ${hint}`));
  return { fragment, actions: new Map() };
}
