/** Conditions on accounts put together with and, or, not; compiled once and then asked of as many accounts as there are. */
import { Type } from '@sinclair/typebox';
import type { AccountCondition } from './condition.js';
import { accountConditionKinds, type SimpleAccountCondition } from './conditions.js';
import type { AccountFigures } from './figures.js';

export type AccountTree =
  | SimpleAccountCondition
  | { readonly and: readonly AccountTree[] }
  | { readonly or: readonly AccountTree[] }
  | { readonly not: AccountTree };

const closed = { additionalProperties: false } as const;
const several = { minItems: 1, maxItems: 50 } as const;

export const AccountTree = Type.Unsafe<AccountTree>(
  Type.Recursive(
    (This) =>
      Type.Union([
        ...accountConditionKinds.map(({ schema }) => schema),
        Type.Object({ and: Type.Array(This, several) }, closed),
        Type.Object({ or: Type.Array(This, several) }, closed),
        Type.Object({ not: This }, closed),
      ]),
    { $id: 'SegmentCondition' },
  ),
);

/** As it is asked for one account after another; `asOf` in milliseconds. */
export type AccountTest = (account: AccountFigures, asOf: number) => boolean;

type AnyCondition = Omit<AccountCondition, 'holds'> & {
  readonly holds: (given: SimpleAccountCondition, account: AccountFigures, asOf: number) => boolean;
};
const kinds = new Map(
  accountConditionKinds.map((kind) => [kind.kind as string, kind as unknown as AnyCondition]),
);

/** @throws Error where there is no such kind: definitions are validated before they come here. */
export const compileForAccount = (tree: AccountTree): AccountTest => {
  if ('and' in tree) {
    const tests = tree.and.map(compileForAccount);
    return (account, asOf) => tests.every((test) => test(account, asOf));
  }
  if ('or' in tree) {
    const tests = tree.or.map(compileForAccount);
    return (account, asOf) => tests.some((test) => test(account, asOf));
  }
  if ('not' in tree) {
    const test = compileForAccount(tree.not);
    return (account, asOf) => !test(account, asOf);
  }
  const kind = kinds.get(tree.kind);
  if (!kind) throw new Error(`There is no condition ${tree.kind}: validate the definition first.`);
  return (account, asOf) => kind.holds(tree, account, asOf);
};
