/** Names for regions of RFM cells. The usual eight cover all 125 cells; a definition may bring its own. */
import { Type, type Static } from '@sinclair/typebox';

const Score = Type.Integer({ minimum: 1, maximum: 5 });
const Scores = Type.Array(Score, {
  minItems: 2,
  maxItems: 2,
  description: 'From, to; left out: any score',
});

export const RfmGroup = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z_]{1,29}$', examples: ['champions'] }),
    recency: Type.Optional(Scores),
    frequency: Type.Optional(Scores),
    monetary: Type.Optional(Scores),
  },
  { additionalProperties: false, title: 'RfmGroup' },
);
export type RfmGroup = Static<typeof RfmGroup>;

/** Read from the top: the first that fits is the group. */
export const usualGroups: readonly RfmGroup[] = [
  { name: 'champions', recency: [4, 5], frequency: [4, 5], monetary: [4, 5] },
  { name: 'loyal', recency: [3, 5], frequency: [3, 5] },
  { name: 'new', recency: [4, 5], frequency: [1, 1] },
  { name: 'promising', recency: [3, 5], frequency: [1, 2] },
  { name: 'not_to_lose', recency: [1, 1], frequency: [4, 5], monetary: [4, 5] },
  { name: 'at_risk', recency: [1, 2], frequency: [3, 5] },
  { name: 'hibernating', recency: [2, 2], frequency: [1, 2] },
  { name: 'lost', recency: [1, 1], frequency: [1, 2] },
];
