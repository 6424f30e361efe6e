/**
 * Conditions put together with and, or, not. One tree serves in two places: as the `when` of a campaign, where a condition about
 * a line asks whether the receipt has such a line, and as the `lines` of a reward, where it asks about each line by itself.
 *
 * A tree is compiled once per campaign version into closures; hints, the coupons it spends and the reason it failed come from
 * the same tree, so they cannot tell another story.
 */
import { Type } from '@sinclair/typebox';
import type {
  Hint,
  LineCondition,
  LineFinder,
  LineTest,
  ReceiptCondition,
  ReceiptTest,
} from './condition.js';
import { hintNames } from './condition.js';
import type { BasketLine } from './basketLines.js';
import type { Facts } from './facts.js';
import { hasLineFor, type LineHint, linesFor } from './linesBy.js';
import { conditionKinds, type SimpleCondition } from './conditions.js';
import { contains, containsSchema } from './conditions/contains.js';
import type { Range } from './arguments.js';

export type Condition =
  | SimpleCondition
  | {
      readonly kind: 'contains';
      readonly lines: Condition;
      readonly quantity?: Range;
      readonly amount?: Range;
    }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition };

const closed = { additionalProperties: false } as const;
const several = { minItems: 1, maxItems: 50 } as const;

/** The tree itself. Whoever refers to it (see `Condition`) carries it once in its `$defs`. */
export const ConditionTree = Type.Recursive(
  (This) =>
    Type.Union([
      ...conditionKinds.map(({ schema }) => schema),
      containsSchema(This),
      Type.Object({ and: Type.Array(This, several) }, closed),
      Type.Object({ or: Type.Array(This, several) }, closed),
      Type.Object({ not: This }, closed),
    ]),
  { $id: 'Condition' },
);

/** A condition in a schema: by reference, since a schema may define an $id only once. */
export const Condition = Type.Unsafe<Condition>(Type.Ref('Condition'));

/** As the engine sees a kind whose arguments were checked against its own schema. */
type AnyReceiptCondition = Omit<ReceiptCondition, 'compile' | 'hint'> & {
  readonly compile: (given: SimpleCondition) => ReceiptTest;
  readonly hint?: (given: SimpleCondition) => Hint;
};
type AnyLineCondition = Omit<LineCondition, 'compile' | 'hint'> & {
  readonly compile: (given: SimpleCondition) => LineTest;
  readonly hint?: (given: SimpleCondition) => LineHint;
};

const kinds = new Map(
  conditionKinds.map((kind) => [
    kind.kind as string,
    kind as unknown as AnyReceiptCondition | AnyLineCondition,
  ]),
);

/** @throws Error where there is no such kind: definitions are validated before they come here. */
const kindOf = ({ kind }: SimpleCondition): AnyReceiptCondition | AnyLineCondition => {
  const found = kinds.get(kind);
  if (!found) throw new Error(`There is no condition ${kind}: validate the campaign first.`);
  return found;
};

/** Of the receipt as a whole. */
export const compileForReceipt = (tree: Condition): ReceiptTest => {
  if ('and' in tree) return allHold(tree.and.map(compileForReceipt));
  if ('or' in tree) return oneHolds(tree.or.map(compileForReceipt));
  if ('not' in tree) {
    const test = compileForReceipt(tree.not);
    return (facts, payable) => !test(facts, payable);
  }
  if (tree.kind === 'contains') {
    return contains.compile(compileLines(tree.lines), tree.quantity ?? {}, tree.amount ?? {});
  }
  const kind = kindOf(tree);
  if (kind.about === 'receipt') return kind.compile(tree);
  const hints = exactHintsOf(tree);
  if (hints) return (facts) => hasLineFor(hints, facts.linesBy);
  const test = kind.compile(tree);
  return (facts, payable) => facts.lines.some((line) => test(line, facts, payable));
};

// Counted loops: these run for every candidate of every receipt.
const allHold =
  (tests: readonly ReceiptTest[]): ReceiptTest =>
  (facts, payable) => {
    for (const test of tests) if (!test(facts, payable)) return false;
    return true;
  };
const oneHolds =
  (tests: readonly ReceiptTest[]): ReceiptTest =>
  (facts, payable) => {
    for (const test of tests) if (test(facts, payable)) return true;
    return false;
  };

/** Finds the lines that meet the tree: their places, rising. */
export const compileLines = (tree: Condition): LineFinder => {
  const exact = exactHintsOf(tree);
  if (exact) return (facts) => linesFor(exact, facts.linesBy);
  const hints = lineHintOf(tree);
  const test = compileForLine(tree);
  return (facts, payable) =>
    linesFor(hints, facts.linesBy).filter((place) =>
      test(facts.lines[place] as BasketLine, facts, payable),
    );
};

/** Of one line. */
export const compileForLine = (tree: Condition): LineTest => {
  if ('and' in tree) {
    const tests = tree.and.map(compileForLine);
    return (line, facts, payable) => tests.every((test) => test(line, facts, payable));
  }
  if ('or' in tree) {
    const tests = tree.or.map(compileForLine);
    return (line, facts, payable) => tests.some((test) => test(line, facts, payable));
  }
  if ('not' in tree) {
    const test = compileForLine(tree.not);
    return (line, facts, payable) => !test(line, facts, payable);
  }
  if (tree.kind !== 'contains') {
    const kind = kindOf(tree);
    if (kind.about === 'line') return kind.compile(tree);
  }
  const test = compileForReceipt(tree);
  return (_line, facts, payable) => test(facts, payable);
};

/** Facts without which the tree cannot hold, the most telling ones; null where nothing can be said. */
export const hintOf = (tree: Condition): readonly Hint[] | null => {
  if ('and' in tree) return mostTelling(tree.and.map(hintOf));
  if ('or' in tree) return anyOf(tree.or.map(hintOf));
  if ('not' in tree) return null;
  if (tree.kind === 'contains') return needsLines(tree) ? hintOf(tree.lines) : null;
  const hint = kindOf(tree).hint?.(tree);
  return hint ? [hint] : null;
};

const needsLines = ({ quantity, amount }: { quantity?: Range; amount?: Range }): boolean =>
  quantity?.min !== 0 && amount?.min !== 0;

/** Facts without which no line can meet the tree, whatever the rest of the receipt is. */
const lineHintOf = (tree: Condition): readonly LineHint[] | null => {
  if ('and' in tree) return mostTelling(tree.and.map(lineHintOf));
  if ('or' in tree) return anyOf(tree.or.map(lineHintOf));
  if ('not' in tree || tree.kind === 'contains') return null;
  const kind = kindOf(tree);
  const hint = kind.about === 'line' ? kind.hint?.(tree) : undefined;
  return hint ? [hint] : null;
};

/** Facts that say it all: the lines that have one of these values meet the tree, and no others. */
const exactHintsOf = (tree: Condition): readonly LineHint[] | null => {
  if ('or' in tree) return anyOf(tree.or.map(exactHintsOf));
  return 'and' in tree ? null : lineHintOf(tree);
};

/** Each alternative needs its own facts, or nothing can be said of all. */
export const anyOf = <Kind extends Hint>(
  hints: readonly (readonly Kind[] | null)[],
): readonly Kind[] | null => (hints.every((hint) => hint !== null) ? hints.flat() : null);

/** All of them are needed, so the one that leaves the fewest receipts will do. */
export const mostTelling = <Kind extends Hint>(
  hints: readonly (readonly Kind[] | null)[],
): readonly Kind[] | null => {
  const known = hints.filter((hint) => hint !== null);
  return known.reduce<readonly Kind[] | null>(
    (best, hint) => (best === null || vagueness(hint) < vagueness(best) ? hint : best),
    null,
  );
};

const vagueness = (hints: readonly Hint[]): number =>
  Math.max(...hints.map(({ by }) => hintNames.indexOf(by)));

/** The series whose coupons make the tree hold: each is spent once. Asked only where the tree holds. */
export type CouponsUsed = (facts: Facts, payable: number) => readonly string[];

/** Null where the tree asks for no coupon. */
export const couponsIn = (tree: Condition): CouponsUsed | null => {
  if ('and' in tree) {
    const parts = tree.and.map(couponsIn).filter((part) => part !== null);
    if (parts.length === 0) return null;
    return (facts, payable) => [...new Set(parts.flatMap((part) => part(facts, payable)))];
  }
  if ('or' in tree) {
    const branches = tree.or.map((branch) => ({
      test: compileForReceipt(branch),
      coupons: couponsIn(branch),
    }));
    if (branches.every(({ coupons }) => coupons === null)) return null;
    // What holds without a coupon spends none.
    branches.sort((a, b) => Number(a.coupons !== null) - Number(b.coupons !== null));
    return (facts, payable) =>
      branches.find(({ test }) => test(facts, payable))?.coupons?.(facts, payable) ?? [];
  }
  if ('not' in tree || tree.kind !== 'coupon') return null;
  const { series } = tree;
  return ({ couponCodes }) => series.filter((name) => couponCodes.has(name)).slice(0, 1);
};

/** Every series that the tree asks for. */
export const seriesIn = (tree: Condition): readonly string[] => {
  if ('and' in tree) return tree.and.flatMap(seriesIn);
  if ('or' in tree) return tree.or.flatMap(seriesIn);
  return !('not' in tree) && tree.kind === 'coupon' ? tree.series : [];
};

/** Null where the tree holds; else the condition that stands in the way, by name. */
export type Obstacle = (facts: Facts, payable: number) => string | null;

/** Of an `and` the first part that fails, and so on down. */
export const obstacleIn = (tree: Condition): Obstacle => {
  if ('and' in tree) {
    const parts = tree.and.map(obstacleIn);
    return (facts, payable) => {
      for (const part of parts) {
        const failed = part(facts, payable);
        if (failed !== null) return failed;
      }
      return null;
    };
  }
  if ('or' in tree && tree.or.length === 1) return obstacleIn(tree.or[0] as Condition);
  const test = compileForReceipt(tree);
  const name = 'or' in tree ? 'or' : 'not' in tree ? 'not' : tree.kind;
  return (facts, payable) => (test(facts, payable) ? null : name);
};
