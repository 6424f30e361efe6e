/** /pos/v1/users/{userId}/progress: what the cashier tells a customer of their tier and their games. */
import { Type } from '@sinclair/typebox';
import { customerProgress } from '../../commands/account/customerProgress.js';
import { GameStanding } from '../../domain/account/standing.js';
import { UserId } from '../../domain/ids.js';
import { merchantOf, ofProgramme, tillsAnd } from '../auth/access.js';
import { route, type Route } from '../route.js';
import { InstantOrNull, instantOrNull } from '../wire.js';
import { TierShown } from './receiptShapes.js';
import type { PosServices } from './services.js';

export const progressRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/progress',
    summary: 'The tier of a customer, what the next one takes, and how far they are in the games',
    description:
      'As it is at this moment, by the account itself. Days, weeks and months of the games are those of the merchant who asks. At most 200 games.',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    params: { userId: UserId },
    response: Type.Object(
      {
        userId: UserId,
        tier: Type.Optional(
          Type.Object(
            { ...TierShown.properties, until: InstantOrNull },
            { title: 'TierNow', description: 'Only where the programme has tiers' },
          ),
        ),
        games: Type.Array(GameStanding),
      },
      { title: 'Progress' },
    ),
    problems: ['account-not-found'],
    examples: {
      response: [
        {
          summary: 'Silver, and three stamps of ten',
          value: {
            userId: '8018000010000000000000013',
            tier: {
              level: 'silver',
              basis: 'spent',
              figure: 62_000,
              next: { level: 'gold', from: 200_000, missing: 138_000 },
              until: '2027-02-01T00:00:00.000Z',
            },
            games: [
              {
                game: 'coffee',
                kind: 'stampCard',
                title: 'Coffee card',
                have: 3,
                goal: 10,
                completed: 1,
              },
            ],
          },
        },
      ],
    },
    handle: async ({ caller, params, now }) => {
      const { tenant } = caller;
      const merchantId = merchantOf(ofProgramme(caller));
      const merchant = merchantId && handler.directory.merchant(tenant, merchantId);
      const zone = merchant ? merchant.timeZone : 'UTC';
      const { tier, ...rest } = await customerProgress(handler, params.userId, zone, {
        tenant,
        now,
      });
      const shown = tier && { tier: { ...tier, until: instantOrNull(tier.until) } };
      return { body: { ...rest, ...shown } };
    },
  }),
];
