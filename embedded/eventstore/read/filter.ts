/**
 * Server-side filters of $all: by stream name or event type, by prefixes or a regular expression.
 */

/** True for an event that passes. */
export type EventFilter = (stream: string, type: string) => boolean;

export interface FilterExpression {
  readonly on: 'stream' | 'type';
  readonly prefixes: readonly string[];
  /** Read only when there are no prefixes. */
  readonly regex: string;
}

/** Compiles a filter. Throws `SyntaxError` for an expression that is not a regular one. */
export const compileFilter = ({ on, prefixes, regex }: FilterExpression): EventFilter => {
  const test = prefixes.length > 0 ? prefixTest(prefixes) : regexTest(regex);
  return on === 'stream' ? (stream) => test(stream) : (_stream, type) => test(type);
};

const prefixTest = (prefixes: readonly string[]) => {
  if (prefixes.length === 1) {
    const prefix = prefixes[0]!;
    return (text: string): boolean => text.startsWith(prefix);
  }
  return (text: string): boolean => prefixes.some((prefix) => text.startsWith(prefix));
};

/** Event types are few, and a test of the same name over and over is worth remembering; bounded all the same. */
const REMEMBERED_MAX = 10_000;

const regexTest = (source: string) => {
  const regex = new RegExp(source);
  const remembered = new Map<string, boolean>();
  return (text: string): boolean => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const passes = regex.test(text);
    if (remembered.size < REMEMBERED_MAX) remembered.set(text, passes);
    return passes;
  };
};
