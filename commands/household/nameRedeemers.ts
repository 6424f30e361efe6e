/** Says who of a household may pay with its points besides the head. */
import { type Static, Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { nameRedeemers as decide } from '../../domain/account/members.js';
import { membersMax, type RedeemersNamed } from '../../domain/household/events.js';
import { MemberId, UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

type Named = Static<typeof RedeemersNamed.schema>;

export const nameRedeemers = defineCommand({
  name: 'NameRedeemers',
  summary: 'Says who of a household may pay with its points: everybody, or those who are named.',
  input: Type.Object(
    {
      userId: UserId,
      redeemers: Type.Union([Type.Array(MemberId, { maxItems: membersMax }), Type.Null()], {
        description: 'Besides the head; null: everybody',
      }),
    },
    { additionalProperties: false, title: 'NameRedeemers' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ events, input, state }) => {
    const named = events.find(({ type }) => type === 'RedeemersNamed')?.data as Named | undefined;
    const redeemers = named ? named.redeemers : (state.household?.redeemers ?? null);
    return { userId: input.userId, redeemers: redeemers && [...redeemers] };
  },
});
