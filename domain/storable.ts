/**
 * Text that every store takes. JSON can say two things that PostgreSQL refuses, in texts and in its own JSON alike: the character U+0000 and
 * half a surrogate pair. One such fact in the log would stop each read model that writes it down, for good. So nothing of the kind gets into
 * the log: whoever sends it is told where it stands, and what comes from elsewhere is mended.
 */

/** A pair is one character to a pattern that knows Unicode: what it finds stands alone. */
const unstorable = /\0|\p{Surrogate}/u;
const everyUnstorable = /\0|\p{Surrogate}/gu;
const mark = '\ufffd';

/** Whether a text of JSON can hold any; only escapes say it. Pairs of escapes look like it, too. */
export const mayBeUnstorable = (json: string): boolean => {
  const at = json.indexOf('\\u');
  return at >= 0 && /\\u(?:0000|d[89a-f])/i.test(json.slice(at));
};

/** Half a pair or a whole one: far cheaper to look for, and hardly any text has it. */
const suspect = /[\0\ud800-\udfff]/;

/** Whether all of it can be stored, for those who ask it of every fact that is read. */
export const isStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return !suspect.test(value) || !unstorable.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (!isStorable(element)) return false;
    return true;
  }
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (!isStorable(name) || !isStorable(inner)) return false;
  }
  return true;
};

const stepOf = (name: string): string => `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;

/** JSON pointer to the first text that holds any, or to what such a name is of; null: all of it can be stored. */
export const unstorableAt = (value: unknown, pointer = ''): string | null => {
  if (typeof value === 'string') return unstorable.test(value) ? pointer : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    if (unstorable.test(name)) return pointer;
    const found = unstorableAt(inner, pointer + stepOf(name));
    if (found !== null) return found;
  }
  return null;
};

const mended = (text: string): string => text.replace(everyUnstorable, mark);

/** The same with U+FFFD in place of each. */
export const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return mended(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [mended(name), storable(inner)]),
  );
};
