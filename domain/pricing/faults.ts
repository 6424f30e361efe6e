/**
 * What is wrong with a campaign, told by place: the conditions and rewards are checked one by one against the schema of their own
 * kind, since "matches none of 25 alternatives" helps nobody, and then what no schema can say.
 *
 * The schema checker comes from outside (ajv lives in the command layer).
 */
import type { TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { Campaign } from './campaign.js';
import { ConditionTree } from './conditionTree.js';
import { conditionKinds } from './conditions.js';
import { containsSchema } from './conditions/contains.js';
import { rewardKinds } from './rewards.js';

export interface Fault {
  /** JSON pointer into the campaign. */
  readonly pointer: string;
  readonly reason: string;
}

/** Faults of a value against one schema, pointers relative to the value. */
export type CheckSchema = (schema: TSchema, value: unknown) => readonly Fault[];

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Everything but the conditions and the rewards, which are walked. */
const Shell = Type.Object(
  {
    ...Campaign.properties,
    when: Type.Optional(Type.Unknown()),
    rewards: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 20 }),
  },
  { additionalProperties: false },
);

const conditionSchemas = new Map<string, TSchema>([
  ...conditionKinds.map(({ kind, schema }): [string, TSchema] => [kind, schema]),
  ['contains', containsSchema(Type.Unknown())],
]);
const rewardSchemas = new Map<string, TSchema>(
  rewardKinds.map(({ kind, schema }) => [
    kind,
    { ...schema, $defs: { Condition: ConditionTree } } as TSchema,
  ]),
);

/** The fields of rewards that hold a condition, wherever they stand. */
const withoutConditions = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutConditions);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) =>
    key === 'lines' ? [key, { kind: 'known-customer' }] : [key, withoutConditions(part)],
  );
  return Object.fromEntries(entries) as Json;
};

const depthMax = 20;

export const faultsOf = (given: unknown, check: CheckSchema): Fault[] => {
  const at = (pointer: string, schema: TSchema, value: unknown): Fault[] =>
    check(schema, value).map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));

  const inCondition = (tree: unknown, pointer: string, depth: number): Fault[] => {
    if (depth > depthMax) return [{ pointer, reason: `is nested deeper than ${depthMax}` }];
    if (!isObject(tree)) return [{ pointer, reason: 'must be a condition' }];
    for (const word of ['and', 'or'] as const) {
      if (!(word in tree)) continue;
      const parts = tree[word];
      if (Object.keys(tree).length > 1) return [{ pointer, reason: `has more than "${word}"` }];
      if (!Array.isArray(parts) || parts.length === 0 || parts.length > 50) {
        return [{ pointer: `${pointer}/${word}`, reason: 'must list 1 to 50 conditions' }];
      }
      return parts.flatMap((part, index) =>
        inCondition(part, `${pointer}/${word}/${index}`, depth + 1),
      );
    }
    if ('not' in tree) {
      if (Object.keys(tree).length > 1) return [{ pointer, reason: 'has more than "not"' }];
      return inCondition(tree['not'], `${pointer}/not`, depth + 1);
    }
    const schema = conditionSchemas.get(String(tree['kind']));
    if (!schema) {
      const known = [...conditionSchemas.keys(), 'and', 'or', 'not'].join(', ');
      return [{ pointer: `${pointer}/kind`, reason: `must be one of ${known}` }];
    }
    const inner =
      tree['kind'] === 'contains' ? inCondition(tree['lines'], `${pointer}/lines`, depth + 1) : [];
    return [...at(pointer, schema, tree), ...inner, ...emptyRanges(tree, pointer)];
  };

  /** Wherever a reward names lines. */
  const inLines = (value: unknown, pointer: string): Fault[] => {
    if (Array.isArray(value)) {
      return value.flatMap((part, index) => inLines(part, `${pointer}/${index}`));
    }
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      key === 'lines'
        ? inCondition(part, `${pointer}/lines`, 0)
        : inLines(part, `${pointer}/${key}`),
    );
  };

  const inReward = (reward: unknown, pointer: string): Fault[] => {
    const schema = isObject(reward) ? rewardSchemas.get(String(reward['kind'])) : undefined;
    if (!schema) {
      const known = [...rewardSchemas.keys()].join(', ');
      return [{ pointer: `${pointer}/kind`, reason: `must be one of ${known}` }];
    }
    return [
      ...at(pointer, schema, withoutConditions(reward)),
      ...inLines(reward, pointer),
      ...senseless(reward as Json, pointer),
    ];
  };

  const shell = at('', Shell, given);
  if (!isObject(given)) return shell;
  const rewards = Array.isArray(given['rewards']) ? given['rewards'] : [];
  return [
    ...shell,
    ...(given['when'] === undefined ? [] : inCondition(given['when'], '/when', 0)),
    ...rewards.flatMap((reward, index) => inReward(reward, `/rewards/${index}`)),
    ...drawsOf(rewards),
    ...timesOf(given),
  ];
};

const emptyRanges = (tree: Json, pointer: string): Fault[] =>
  (
    [
      ['', tree],
      ['/quantity', tree['quantity']],
      ['/amount', tree['amount']],
    ] as const
  ).flatMap(([name, range]) => {
    if (!isObject(range)) return [];
    const { min, max } = range;
    const empty = typeof min === 'number' && typeof max === 'number' && min > max;
    return empty ? [{ pointer: `${pointer}${name}/min`, reason: 'must not exceed max' }] : [];
  });

/** Rewards that their schema allows and that make no sense. */
const senseless = (reward: Json, pointer: string): Fault[] => {
  switch (reward['kind']) {
    case 'bundle': {
      const prices = ['price', 'basisPoints'].filter((name) => name in reward).length;
      return prices === 1
        ? []
        : [{ pointer, reason: 'must have either a price or a percentage off (basisPoints)' }];
    }
    case 'cheapest-free':
      return Number(reward['free'] ?? 1) < Number(reward['every'])
        ? []
        : [{ pointer: `${pointer}/free`, reason: 'must be fewer than every' }];
    case 'instant-win': {
      const prizes = Array.isArray(reward['prizes']) ? reward['prizes'] : [];
      const sum = prizes.reduce<number>(
        (total, prize) => total + (isObject(prize) ? Number(prize['chance']) : 0),
        0,
      );
      return sum > 1_000_000
        ? [{ pointer: `${pointer}/prizes`, reason: 'have chances of more than a million together' }]
        : [];
    }
    default:
      return [];
  }
};

/** One number is drawn for a campaign. */
const drawsOf = (rewards: readonly unknown[]): Fault[] => {
  const draws = rewards.flatMap((reward, index) =>
    isObject(reward) && reward['kind'] === 'instant-win' ? [index] : [],
  );
  return draws.slice(1).map((index) => ({
    pointer: `/rewards/${index}`,
    reason: 'must be the only instant-win of the campaign',
  }));
};

const timesOf = ({ valid }: Json): Fault[] => {
  if (!isObject(valid)) return [];
  const from = Date.parse(String(valid['from'] ?? ''));
  const until = Date.parse(String(valid['until'] ?? ''));
  return from >= until ? [{ pointer: '/valid/until', reason: 'must be after from' }] : [];
};
