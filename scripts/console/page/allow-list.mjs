const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} words */
const setOf = (words) => new Set(words.split(/\s+/));

const HTML_ELEMENTS =
  setOf(`a abbr article aside b blockquote br button caption code col colgroup dd del details dfn div
  dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr i input ins kbd label legend li main mark
  meter nav ol optgroup option p pre progress q s samp section select small span strong sub summary sup table tbody td
  textarea tfoot th thead time tr u ul var wbr`);
const SVG_ELEMENTS = setOf(`svg g path rect circle ellipse line polyline polygon text tspan title desc defs
  linearGradient radialGradient stop`);

const ATTRIBUTES =
  setOf(`style title lang dir hidden role tabindex colspan rowspan scope headers datetime open start
  reversed value min max low high optimum step pattern minlength maxlength name placeholder checked selected disabled
  readonly required multiple rows cols size label width height viewBox preserveAspectRatio x y x1 x2 y1 y2 cx cy r rx ry
  dx dy d points transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin
  stroke-dasharray opacity offset stop-color stop-opacity text-anchor dominant-baseline font-size font-weight
  font-family gradientUnits`);
const IDS = setOf('id for headers aria-labelledby aria-describedby aria-controls');
const FIELDS = setOf('input select textarea button');
const INPUT_TYPES = setOf('text search number date datetime-local month time checkbox radio hidden range');
/** Text, whatever stands in it. In all other attributes nothing may be named that would be loaded. */
const TEXTS = setOf('title value placeholder label name pattern');
const LOADS = /url|src|image|import|\\/i;
const CLASSES = setOf('btn btn-primary cwdb-no-default-styles');

/** @param {{ namespace: string | null, name: string }} tag */
export function isAllowed({ namespace, name }) {
  return (namespace === HTML && HTML_ELEMENTS.has(name)) || (namespace === SVG && SVG_ELEMENTS.has(name));
}

/**
 * The value that an attribute may have; undefined where it may not be there.
 *
 * @param {string} element
 * @param {string} name
 * @param {string} value
 * @param {string} prefix
 */
export function allowedAttribute(element, name, value, prefix) {
  if (IDS.has(name))
    return value
      .split(/\s+/)
      .map((id) => `${prefix}${id}`)
      .join(' ');
  if (name === 'class')
    return (
      value
        .split(/\s+/)
        .filter((one) => CLASSES.has(one))
        .join(' ') || undefined
    );
  if (name === 'href') return element === 'a' && /^https?:\/\//i.test(value) ? value : undefined;
  if (name === 'type') return allowedType(element, value);
  // Named, other elements would be properties of the document.
  if (name === 'name') return FIELDS.has(element) ? value : undefined;
  if (name === 'tabindex') return /^(0|-1)$/.test(value) ? value : undefined;
  if (/^aria-[a-z]+$/.test(name)) return value;
  if (!ATTRIBUTES.has(name)) return undefined;
  return TEXTS.has(name) || !LOADS.test(value) ? value : undefined;
}

/** @param {string} element @param {string} value */
function allowedType(element, value) {
  if (element === 'input') return INPUT_TYPES.has(value) ? value : 'text';
  return element === 'button' ? 'button' : undefined;
}
