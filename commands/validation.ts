/**
 * The gate of every command: ajv over the command's own schema, each schema compiled once.
 *
 * The common case, valid input, stops at nothing; only input that failed is looked at a second time to name every fault, so that
 * hostile input cannot make the first look dear.
 */
import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { withChoicesMade } from './choices.js';

export interface Fault {
  /** JSON pointer (RFC 6901) into the input; empty for the whole. */
  readonly pointer: string;
  readonly reason: string;
}

export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  constructor(readonly faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.pointer || '/'}: ${fault.reason}`).join('; '));
  }
}

const faultLimit = 50;
const options = { strict: false, coerceTypes: false, useDefaults: false } as const;
const quick = addFormats.default(new Ajv({ ...options, allErrors: false }));
const thorough = addFormats.default(new Ajv({ ...options, allErrors: true, verbose: true }));

/** Ajv takes a schema with an $id once; one that refers to itself by it may stand in several others, and alone. */
const inner = (schema: TSchema): TSchema => {
  if (!('$id' in schema)) return schema;
  let wrapped = wrappers.get(schema);
  if (!wrapped) wrappers.set(schema, (wrapped = { allOf: [schema] } as unknown as TSchema));
  return wrapped;
};
const wrappers = new WeakMap<TSchema, TSchema>();

const compiled = new WeakMap<TSchema, ValidateFunction>();
const compile = (schema: TSchema): ValidateFunction => {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = quick.compile(inner(schema));
    compiled.set(schema, validate);
  }
  return validate;
};

/** For what is not input of a caller, where a fault has no one to be told to. */
export const isValid = (schema: TSchema, value: unknown): boolean => compile(schema)(value);

/** @throws InvalidInput with every fault (at most 50). */
export const assertValid = (schema: TSchema, input: unknown): void => {
  const faults = faultsIn(schema, input);
  if (faults.length > 0) throw new InvalidInput(faults);
};

/** Every fault (at most 50), for those who go on with what has none. */
export const faultsIn = (schema: TSchema, value: unknown): readonly Fault[] => {
  if (compile(schema)(value)) return [];
  thorough.validate(inner(schema), value);
  return withChoicesMade(thorough.errors ?? [])
    .slice(0, faultLimit)
    .map(faultOf);
};

/** What ajv found, in our words. */
export const faultOf = (error: ErrorObject): Fault => {
  const { instancePath, keyword, params, message } = error;
  if (keyword === 'additionalProperties') {
    const name = String(params['additionalProperty']).replace(/~/g, '~0').replace(/\//g, '~1');
    return { pointer: `${instancePath}/${name}`, reason: 'is not a known field' };
  }
  if (keyword === 'required') {
    return {
      pointer: `${instancePath}/${String(params['missingProperty'])}`,
      reason: 'is missing',
    };
  }
  if (keyword === 'enum') {
    return {
      pointer: instancePath,
      reason: `must be one of ${JSON.stringify(params['allowedValues'])}`,
    };
  }
  if (keyword === 'const') {
    return { pointer: instancePath, reason: `must be ${JSON.stringify(params['allowedValue'])}` };
  }
  if (keyword === 'kind') {
    const kinds = JSON.stringify(params['allowedValues']);
    const pointer = `${instancePath}/${String(params['missingProperty'])}`;
    return { pointer, reason: `is missing: one of ${kinds}` };
  }
  if (keyword === 'fields') {
    const fields = (params['fields'] as readonly string[]).join(', or ');
    return { pointer: instancePath, reason: `must hold ${fields}` };
  }
  if (keyword === 'types') {
    const types = (params['types'] as readonly string[]).join(' or ');
    return { pointer: instancePath, reason: `must be ${types}` };
  }
  if (keyword === 'minProperties' && error.parentSchema?.['properties']) {
    const names = Object.keys(error.parentSchema['properties'] as object).join(', ');
    return {
      pointer: instancePath,
      reason: `must hold at least ${String(params['limit'])} of: ${names}`,
    };
  }
  const reason = message ?? `fails ${keyword}`;
  return {
    pointer: instancePath,
    reason: keyword === 'pattern' ? reason + exampleOf(error) : reason,
  };
};

/** A pattern says little to most people; the example of its schema, where there is one, says it to all. */
const exampleOf = ({ parentSchema }: ErrorObject): string => {
  const examples = (parentSchema as { readonly examples?: unknown } | undefined)?.examples;
  const [example] = Array.isArray(examples) ? (examples as readonly unknown[]) : [];
  return typeof example === 'string' ? `, such as ${example}` : '';
};
