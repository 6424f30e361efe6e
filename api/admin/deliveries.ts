/** /admin/v1/subscriptions/{subscriptionId}/deliveries: what its partner is told of every try to deliver, for operators. */
import { SubscriptionId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { operatorsOnly } from '../auth/access.js';
import {
  attemptProblems,
  attemptQuery,
  type AttemptRoutes,
  AttemptsAnswer,
  searchedAttempts,
} from '../exchange/attempts.js';
import { type Route, route } from '../route.js';
import { wholeTenant } from './operatorCommand.js';

export const deliveryAdminRoutes = ({ directory, searches }: AttemptRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/subscriptions/{subscriptionId}/deliveries',
    summary: 'Lists every try to deliver, with what the endpoint answered, the latest first.',
    description: 'As its partner is shown it.',
    tags: ['Subscriptions'],
    access: operatorsOnly('owner', 'manager', 'auditor'),
    params: { subscriptionId: SubscriptionId },
    query: attemptQuery,
    response: AttemptsAnswer,
    problems: attemptProblems,
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { subscriptionId } = request.params;
      if (!directory.subscriptions.subscription(tenant, subscriptionId)) {
        throw rejected('subscription-not-found', { subscriptionId });
      }
      return { body: await searchedAttempts(searches, request.query, { tenant, subscriptionId }) };
    },
  }),
];
