/**
 * Where a text stops being JSON. Only looked at after JSON.parse refused, since V8 does not always say; the grammar is RFC 8259.
 */
const blank = /[ \t\n\r]*/y;
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Wanted = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing';

/** Offset of the first character that cannot belong, or the length of a text that ends too early. */
export const offsetOfFault = (text: string): number => {
  const open: string[] = [];
  let at = 0;
  let wanted: Wanted = 'value';
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const close = () => {
    open.pop();
    at += 1;
    wanted = open.length === 0 ? 'nothing' : 'commaOrEnd';
  };
  for (;;) {
    take(blank);
    if (at >= text.length) return at;
    const next = text[at] as string;
    const end = open.at(-1) === '{' ? '}' : ']';
    if (wanted === 'nothing') return at;
    if (wanted === 'commaOrEnd') {
      if (next === end) close();
      else if (next === ',') {
        at += 1;
        wanted = end === '}' ? 'key' : 'value';
      } else return at;
    } else if (wanted === 'colon') {
      if (next !== ':') return at;
      at += 1;
      wanted = 'value';
    } else if (wanted === 'key' || wanted === 'keyOrEnd') {
      if (next === '}' && wanted === 'keyOrEnd') close();
      else if (next !== '"' || take(scalar) === null) return at;
      else wanted = 'colon';
    } else if (next === ']' && wanted === 'valueOrEnd') close();
    else if (next === '{' || next === '[') {
      open.push(next);
      at += 1;
      wanted = next === '{' ? 'keyOrEnd' : 'valueOrEnd';
    } else if (take(scalar) === null) return at;
    else wanted = open.length === 0 ? 'nothing' : 'commaOrEnd';
  }
};
