/**
 * What of a payload can be searched: its fields as they are, within bounds, so that one strange event does not fill an index. The answer
 * of a search is never made from this but from what was recorded.
 */

export const bounds = {
  depth: 10,
  /** Values in all. */
  values: 300,
  /** Of a list. */
  elements: 100,
  /** Characters of a text; a longer one is found by its words and its beginning. */
  text: 200,
  /** Different words. */
  words: 200,
} as const;

type Scalar = string | number | boolean | null;
export type Searchable = Scalar | readonly Searchable[] | { readonly [name: string]: Searchable };

/** Names that mean something else in a path or to the server are left out. */
const isUsable = (name: string): boolean =>
  name !== '' && !name.startsWith('$') && !/[.\0]/.test(name) && name !== '__proto__';

interface Left {
  values: number;
}

const cut = (value: unknown, depth: number, left: Left): Searchable | undefined => {
  if (typeof value === 'object' && value !== null) {
    if (depth >= bounds.depth) return undefined;
    return Array.isArray(value) ? cutList(value, depth, left) : cutRecord(value, depth, left);
  }
  if (left.values <= 0) return undefined;
  left.values -= 1;
  if (typeof value === 'string' && value.length > bounds.text) {
    // Equal to nothing that can be asked for.
    return `${value.slice(0, bounds.text)}…`;
  }
  return value as Scalar;
};

const cutList = (value: readonly unknown[], depth: number, left: Left): Searchable =>
  value
    .slice(0, bounds.elements)
    .map((element) => cut(element, depth + 1, left))
    .filter((element) => element !== undefined);

const cutRecord = (value: object, depth: number, left: Left): Searchable => {
  const kept: Record<string, Searchable> = {};
  for (const [name, inner] of Object.entries(value)) {
    const searchable = isUsable(name) ? cut(inner, depth + 1, left) : undefined;
    if (searchable !== undefined) kept[name] = searchable;
  }
  return kept;
};

export const searchableOf = (data: unknown): Searchable | undefined =>
  data === undefined ? undefined : cut(data, 0, { values: bounds.values });

/** Every text and number in it, in the order of the payload. */
export function* textsIn(value: unknown, depth = 0): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null && depth < bounds.depth) {
    for (const inner of Object.values(value)) yield* textsIn(inner, depth + 1);
  }
}
