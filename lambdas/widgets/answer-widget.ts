import { DESCRIPTION } from './describe.ts';
import { code, trouble } from './draw.ts';
import { html } from './html.ts';
import { type Given, ParamError, paramsOf } from './read-params.ts';
import type { Call, ShowWidget } from './widget.ts';

/** Widgets by their names. */
export type Widgets = Readonly<Record<string, ShowWidget>>;

/** HTML, or what CloudWatch shows as the function's documentation. */
export type Answer = string | { readonly markdown: string };

/**
 * Answers CloudWatch, or whoever shows widgets as it does. What is wrong with a call is said in the widget: an exception
 * would only show that there was one.
 * @param failed is told what went wrong with us
 */
export async function answerWidget(
  event: unknown,
  widgets: Widgets,
  call: Omit<Call, 'given'>,
  failed: (error: unknown) => void,
): Promise<Answer> {
  const given = paramsOf(event);
  if (given.describe === true) return { markdown: DESCRIPTION };
  const show = widgetOf(given, widgets);
  if (!show) {
    const names = Object.keys(widgets).join(', ');
    return trouble(html`${code('widget')} must be one of ${names}.`).text;
  }
  try {
    return (await show({ ...call, given })).text;
  } catch (error) {
    if (error instanceof ParamError) return trouble(`${error.message}.`).text;
    failed(error);
    const { name, message } = error as Error;
    return trouble(html`It could not be read: ${name}: ${message}. The log of this function says more.`).text;
  }
}

function widgetOf({ widget }: Given, widgets: Widgets): ShowWidget | undefined {
  return typeof widget === 'string' && Object.hasOwn(widgets, widget) ? widgets[widget] : undefined;
}
