const RANGE_MS = 30 * 60_000;

/**
 * What CloudWatch sends along with each call of a custom widget.
 *
 * @param {{ widget: string, title: string, forms: Record<string, string>, body: HTMLElement }} of
 */
export function widgetContext({ widget, title, forms, body }) {
  const end = Date.now();
  return {
    dashboardName: 'Weir console',
    widgetId: `widget-${widget}`,
    locale: navigator.language,
    timezone: timezone(),
    period: 60,
    isAutoPeriod: true,
    timeRange: { mode: 'relative', start: end - RANGE_MS, end, relativeStart: RANGE_MS },
    theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
    linkCharts: true,
    title,
    forms: { all: forms },
    params: { widget },
    width: body.clientWidth,
    height: body.clientHeight,
  };
}

function timezone() {
  const offsetInMinutes = -new Date().getTimezoneOffset();
  const [hours, minutes] = [Math.trunc(Math.abs(offsetInMinutes) / 60), Math.abs(offsetInMinutes) % 60];
  const two = (/** @type {number} */ of) => String(of).padStart(2, '0');
  const offsetISO = `${offsetInMinutes < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
  return { label: offsetInMinutes === 0 ? 'UTC' : 'Local', offsetISO, offsetInMinutes };
}

/**
 * What is filled in, by the fields' names. As in a form that is sent, a box that is not ticked is not there.
 *
 * @param {HTMLElement} root
 */
export function formsIn(root) {
  /** @type {Record<string, string>} */
  const all = {};
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (
    root.querySelectorAll('input, select, textarea')
  );
  for (const { name, type, checked, value, disabled } of fields) {
    const left = disabled || ((type === 'checkbox' || type === 'radio') && !checked);
    if (name && !left) all[name] = value;
  }
  return all;
}
