import type { ErrorObject } from 'ajv';
import { type JsonPath, pathOf } from './json-source.ts';
import { quote, suggest } from './mistakes.ts';

/**
 * What a schema violation means, for whoever wrote the file: what is wrong, the value found, and what is allowed.
 * The error must come from an ajv with `verbose`, as the value and the schema around it are needed.
 */
export function explainViolation(error: ErrorObject): { readonly at: JsonPath; readonly message: string } {
  const at = pathOf(error.instancePath);
  const name = at.length === 0 ? 'it' : `"${at.at(-1)}"`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const extra = String(params.additionalProperty ?? params.unevaluatedProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      return { at: [...at, extra], message: `unknown key "${extra}"${suggest(extra, known)}` };
    }
    case 'required':
      return { at, message: `"${params.missingProperty}" is missing` };
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(quote).join(', ');
      return { at, message: `${name} must be one of ${allowed}; it is ${quote(error.data)}` };
    }
    case 'pattern': {
      const described = error.parentSchema?.description;
      const wanted = typeof described === 'string' ? described : error.message;
      return { at, message: `${name} is ${quote(error.data)}, but: ${wanted}` };
    }
    default:
      return { at, message: `${name} ${error.message ?? 'is invalid'}; it is ${quote(error.data)}` };
  }
}
