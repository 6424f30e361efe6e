/** /admin/v1/campaign-kinds: what campaigns are made of, for the forms of the console and for whoever writes one. */
import { Type, type TSchema } from '@sinclair/typebox';
import { Campaign } from '../../domain/pricing/campaign.js';
import { ConditionTree } from '../../domain/pricing/conditionTree.js';
import { conditionKinds } from '../../domain/pricing/conditions.js';
import { contains, containsSchema } from '../../domain/pricing/conditions/contains.js';
import { rewardKinds } from '../../domain/pricing/rewards.js';
import { readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';

const JsonSchema = Type.Unsafe<TSchema>(Type.Object({}, { additionalProperties: true }));
const Kind = {
  kind: Type.String(),
  summary: Type.String(),
  schema: JsonSchema,
} as const;

const shown = ({ kind, summary, schema }: { kind: string; summary: string; schema: TSchema }) => ({
  kind,
  summary,
  schema,
});

const kinds = {
  campaign: Campaign as TSchema,
  condition: ConditionTree as TSchema,
  conditions: [
    ...conditionKinds.map((one) => ({ ...shown(one), about: one.about })),
    {
      kind: contains.kind,
      summary: contains.summary,
      schema: containsSchema(Type.Ref('Condition')) as TSchema,
      about: 'receipt' as const,
    },
  ],
  rewards: rewardKinds.map((one) => ({ ...shown(one), gives: one.gives })),
};

export const campaignKindRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/campaign-kinds',
    summary:
      'Describes the conditions and rewards there are, each with the schema of its arguments.',
    description:
      'JSON Schemas. A reference to `Condition` means the schema in `condition`: any kind by itself, or several with `and`, `or`, `not`.',
    tags: ['Campaigns'],
    access: readersOnly,
    response: Type.Object(
      {
        campaign: JsonSchema,
        condition: JsonSchema,
        conditions: Type.Array(
          Type.Object({
            ...Kind,
            about: Type.Union([Type.Literal('receipt'), Type.Literal('line')]),
          }),
        ),
        rewards: Type.Array(
          Type.Object({
            ...Kind,
            gives: Type.Union([
              Type.Literal('discount'),
              Type.Literal('points'),
              Type.Literal('game'),
            ]),
          }),
        ),
      },
      { title: 'CampaignKinds' },
    ),
    handle: () => ({ body: kinds }),
  }),
];
