import { element } from './element.mjs';

const body = element('div', { class: 'widget', tabindex: -1 });
const heading = element('h3', { id: 'popup-title' });
const close = element('button', { type: 'button', class: 'btn' }, 'Close');
const popup = element(
  'dialog',
  { id: 'popup', 'aria-labelledby': 'popup-title' },
  element('header', {}, heading, close),
  body,
);
close.addEventListener('click', () => popup.close());
document.body.append(popup);

/** Opens the popup, or empties it for what comes next. @param {string} title */
export function openPopup(title) {
  heading.textContent = title;
  body.replaceChildren(element('p', { class: 'waiting' }, 'Asking …'));
  body.setAttribute('aria-busy', 'true');
  if (!popup.open) popup.showModal();
}

/** Shows what has come, unless the popup was closed meanwhile. @param {DocumentFragment} content */
export function fillPopup(content) {
  if (!popup.open) return undefined;
  body.replaceChildren(content);
  body.setAttribute('aria-busy', 'false');
  body.focus();
  return body;
}

export function closePopup() {
  if (popup.open) popup.close();
}

/** Asks before something is done. @param {string} question @returns {Promise<boolean>} */
export function askToConfirm(question) {
  const yes = element('button', { type: 'button', class: 'btn btn-primary' }, 'Do it');
  const no = element('button', { type: 'button', class: 'btn' }, 'Cancel');
  const choice = element('div', { class: 'choice' }, no, yes);
  const text = element('p', { id: 'question' }, question);
  const dialog = element('dialog', { 'aria-labelledby': 'question', class: 'question' }, text, choice);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    yes.addEventListener('click', () => dialog.close('yes'));
    no.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
