/**
 * Heads of letters and of their parts: fields by name, folded lines put together. Lenient as whoever forwards mail has to be: what is no
 * field ends the head. Each line is looked at once.
 */
import { LetterUnreadable } from './fault.js';

/** By name in lower case, in order; at least one of each. */
export type Head = ReadonlyMap<string, readonly string[]>;

const fieldsMax = 1_000;
/** What is longer is cut: nothing that is looked for is. */
const valueMax = 4_096;

const isFolded = (line: string): boolean => line.startsWith(' ') || line.startsWith('\t');

/** Of the lines of one field, what follows its name. */
const valueOf = (pieces: readonly string[]): string => {
  let value = '';
  for (const piece of pieces) {
    if (value.length >= valueMax) break;
    value += value === '' ? piece.trim() : ` ${piece.trim()}`;
  }
  return value.slice(0, valueMax);
};

/** @returns the head, and the line after the empty one that ends it. @throws LetterUnreadable */
export const readHead = (
  lines: readonly string[],
  from: number,
  to: number,
): { readonly head: Head; readonly next: number } => {
  const head = new Map<string, string[]>();
  let fields = 0;
  let at = from;
  while (at < to) {
    const line = lines[at] as string;
    if (line === '') return { head, next: at + 1 };
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    // A mailbox file has a line of its own before each letter.
    const isMark = at === from && (line.startsWith('From ') || line.startsWith('>From '));
    if (!isMark && (name === '' || isFolded(line))) return { head, next: at };
    const first = at;
    at += 1;
    while (at < to && isFolded(lines[at] as string) && (lines[at] as string).trim() !== '') at += 1;
    if (isMark) continue;
    fields += 1;
    if (fields > fieldsMax) throw new LetterUnreadable('too-many-headers');
    const value = valueOf([line.slice(colon + 1), ...lines.slice(first + 1, at)]);
    const same = head.get(name);
    if (same) same.push(value);
    else head.set(name, [value]);
  }
  return { head, next: at };
};

export const firstOf = (head: Head, name: string): string => head.get(name)?.[0] ?? '';
