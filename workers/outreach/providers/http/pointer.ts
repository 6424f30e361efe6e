/** JSON pointers (RFC 6901) into what a provider sent. */
import { Type } from '@sinclair/typebox';

export const Pointer = Type.String({
  pattern: '^(/([^~/]|~[01])*)*$',
  maxLength: 200,
  description: 'JSON pointer; empty: the whole',
});

export const at = (value: unknown, pointer: string): unknown => {
  if (pointer === '') return value;
  let current = value;
  for (const part of pointer.slice(1).split('/')) {
    if (typeof current !== 'object' || current === null) return undefined;
    const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
    current = Object.hasOwn(current, key) ? (current as Record<string, unknown>)[key] : undefined;
  }
  return current;
};

/** Numbers and booleans as text; null where there is none. */
export const textAt = (value: unknown, pointer: string | undefined): string | null => {
  if (pointer === undefined) return null;
  const found = at(value, pointer);
  if (found === undefined || found === null || typeof found === 'object') return null;
  return String(found);
};
