/**
 * Patterns of schemas, run in time that grows with the text and with the pattern and with nothing else: what strangers send as a
 * schema must not be able to burn the processor, as the engine of the language lets them (it goes back and tries again).
 *
 * A pattern of ECMAScript (with `u`) becomes the states of a machine, all of which are followed at once (Thompson). Single
 * characters, classes and escapes are left to the language, one character at a time. What no such machine can do is refused: looking
 * around, references back, word boundaries.
 */

export class PatternRefused extends Error {
  override readonly name = 'PatternRefused';
}

export const patternLengthMax = 300;
export const patternStatesMax = 500;

export interface Pattern {
  readonly source: string;
  readonly states: number;
  test(text: string): boolean;
  /** Its source: who compiles schemas tells patterns apart by it. */
  toString(): string;
}

type Taken = (character: string) => boolean;

/** `next` and `other` are places in the list of states. */
type State =
  | { kind: 'take'; takes: Taken; next: number }
  | { kind: 'split'; next: number; other: number }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'found' };

type Node =
  | { kind: 'empty' | 'start' | 'end' }
  | { kind: 'take'; takes: Taken }
  | { kind: 'all' | 'any'; parts: readonly Node[] }
  | { kind: 'repeat'; part: Node; least: number; most: number };

const ascii = 128;

/** By the language's own rules, asked once for each character of ASCII that is met. */
const takerOf = (source: string): Taken => {
  const rule = new RegExp(`^${source}$`, 'u');
  const known = new Int8Array(ascii);
  return (character) => {
    const code = character.codePointAt(0) as number;
    if (code >= ascii) return rule.test(character);
    if (known[code] === 0) known[code] = rule.test(character) ? 1 : -1;
    return known[code] === 1;
  };
};

const quantifier = /^(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})\??/;
const atom =
  /^(?:\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]{1,60}\}|c[a-zA-Z]|[^kbB1-9])|\[(?:\\.|[^\]\\])*\]|[^\\()[\]{}*+?|^$])/u;

/** @throws PatternRefused */
const parse = (source: string): Node => {
  let at = 0;

  const refuse = (what: string): never => {
    throw new PatternRefused(`${what} at character ${at} is not run here`);
  };

  const repeated = (part: Node): Node => {
    const found = quantifier.exec(source.slice(at));
    if (!found) return part;
    at += found[0].length;
    const [sign, least, range, most] = found;
    if (least === undefined) {
      const none = sign[0] === '+' ? 1 : 0;
      return { kind: 'repeat', part, least: none, most: sign[0] === '?' ? 1 : Infinity };
    }
    const bound = range === undefined ? Number(least) : most === '' ? Infinity : Number(most);
    return { kind: 'repeat', part, least: Number(least), most: bound };
  };

  const group = (): Node => {
    const opening = /^\((?:\?:|\?<[A-Za-z_$][\w$]*>)?(?!\?)/.exec(source.slice(at));
    if (!opening) return refuse('looking around');
    at += opening[0].length;
    const inside = choice();
    if (source[at] !== ')') return refuse('a group that does not end');
    at += 1;
    return repeated(inside);
  };

  const part = (): Node => {
    const next = source[at];
    if (next === '(') return group();
    if (next === '^' || next === '$') {
      at += 1;
      return { kind: next === '^' ? 'start' : 'end' };
    }
    const found = atom.exec(source.slice(at))?.[0];
    if (found === undefined) return refuse(next === '\\' ? 'a reference or a boundary' : 'this');
    at += found.length;
    return repeated({ kind: 'take', takes: takerOf(found) });
  };

  const sequence = (): Node => {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(part());
    return { kind: 'all', parts };
  };

  const choice = (): Node => {
    const parts = [sequence()];
    while (source[at] === '|') {
      at += 1;
      parts.push(sequence());
    }
    return { kind: 'any', parts };
  };

  const whole = choice();
  return at < source.length ? refuse('a bracket') : whole;
};

/** Built from the end: each part is given where it leads. @throws PatternRefused */
const statesOf = (node: Node): { readonly states: readonly State[]; readonly first: number } => {
  const states: State[] = [{ kind: 'found' }];

  const add = (state: State): number => {
    if (states.length > patternStatesMax) {
      throw new PatternRefused(`it takes more than ${patternStatesMax} states: repeat less`);
    }
    return states.push(state) - 1;
  };

  let steps = 0;
  const build = (one: Node, next: number): number => {
    // What is empty takes no states, however often it is repeated.
    steps += 1;
    if (steps > patternStatesMax * 10) throw new PatternRefused('it repeats too much');
    switch (one.kind) {
      case 'empty':
        return next;
      case 'start':
      case 'end':
        return add({ kind: one.kind, next });
      case 'take':
        return add({ kind: 'take', takes: one.takes, next });
      case 'all':
        return one.parts.reduceRight((after, part) => build(part, after), next);
      case 'any': {
        const starts = one.parts.map((part) => build(part, next));
        return starts.reduceRight((other, start) => add({ kind: 'split', next: start, other }));
      }
      case 'repeat':
        return repeat(one, next);
    }
  };

  const repeat = ({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number) => {
    let after = next;
    if (most === Infinity) {
      const loop: State = { kind: 'split', next: 0, other: next };
      after = add(loop);
      loop.next = build(part, after);
    } else {
      for (let i = least; i < most; i += 1) {
        after = add({ kind: 'split', next: build(part, after), other: next });
      }
    }
    for (let i = 0; i < least; i += 1) after = build(part, after);
    return after;
  };

  const first = build(node, 0);
  return { states, first };
};

/** @throws PatternRefused with what it cannot do. */
export const compilePattern = (source: string): Pattern => {
  if (source.length > patternLengthMax) {
    throw new PatternRefused(`it is longer than ${patternLengthMax} characters`);
  }
  try {
    new RegExp(source, 'u');
  } catch {
    throw new PatternRefused('it is not a pattern of ECMAScript with Unicode');
  }
  const { states, first } = statesOf(parse(source));
  const seenAt = new Int32Array(states.length);
  let stamp = 0;

  /** Whether the end of the pattern is reached; otherwise who wants the next character is in `taking`. */
  const follow = (from: readonly number[], isStart: boolean, isEnd: boolean, taking: number[]) => {
    const open = [...from];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seenAt[place] === stamp) continue;
      seenAt[place] = stamp;
      const state = states[place] as State;
      if (state.kind === 'found') return true;
      if (state.kind === 'take') taking.push(place);
      else if (state.kind === 'split') open.push(state.other, state.next);
      else if (state.kind === 'start' ? isStart : isEnd) open.push(state.next);
    }
    return false;
  };

  const test = (text: string): boolean => {
    let current: number[] = [];
    let at = 0;
    for (;;) {
      stamp = stamp === 0x7fffffff ? 1 : stamp + 1;
      const taking: number[] = [];
      // It may begin anywhere.
      current.push(first);
      if (follow(current, at === 0, at === text.length, taking)) return true;
      if (at === text.length) return false;
      const character = String.fromCodePoint(text.codePointAt(at) as number);
      at += character.length;
      current = [];
      for (const place of taking) {
        const state = states[place] as Extract<State, { kind: 'take' }>;
        if (state.takes(character)) current.push(state.next);
      }
    }
  };
  return { source, states: states.length, test, toString: () => source };
};
