/** What the routes of a partner's own subscriptions have in common: whose it is, how it is found, how it is told. */
import type { Handled, Handler } from '../../commands/handle.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { Own, Subscribing } from '../../commands/subscription/subscribing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { SubscriptionId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { actingPartner } from '../auth/access.js';
import type { ApiRequest, Reply } from '../route.js';
import { createShow, type Show, type Subscription } from './subscriptionShape.js';

export interface SubscriptionRoutes {
  readonly handler: Handler;
  readonly subscribing: Subscribing;
  readonly secrets: SubscriptionSecrets;
}

export const tags = ['Subscriptions'] as const;
export const one = { subscriptionId: SubscriptionId } as const;
export const path = '/exchange/v1/subscriptions/{subscriptionId}';

export type OneRequest = ApiRequest<{ readonly subscriptionId: SubscriptionId }, unknown, unknown>;

export const ownOf = ({ caller, params }: OneRequest): Own => ({
  subscriptionId: params.subscriptionId,
  partnerId: actingPartner(caller).partnerId,
});

export interface Answers {
  readonly show: Show;
  /** @param status of what was made now. */
  told(
    handled: Handled<SubscriptionRecord>,
    now: number,
    status?: number,
  ): Promise<Reply<Subscription>>;
  /** @throws Rejected subscription-not-found, also where it is somebody else's */
  present(request: OneRequest): SubscriptionRecord;
}

export const createAnswers = ({ handler, secrets }: SubscriptionRoutes): Answers => {
  const { directory } = handler;
  const show = createShow(directory, secrets);
  return {
    show,
    told: async ({ answer, position, repeated }, now, status = 200) => ({
      body: await show(answer, now),
      status: repeated ? 200 : status,
      position,
    }),
    present: (request) => {
      const { subscriptionId, partnerId } = ownOf(request);
      const record = directory.subscriptions.subscription(request.caller.tenant, subscriptionId);
      if (record?.partnerId !== partnerId) {
        throw rejected('subscription-not-found', { subscriptionId });
      }
      return record;
    },
  };
};
