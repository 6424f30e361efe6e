/** /admin/v1/partners/{partnerId}/users: operators invite the first administrator of a partner, and mend what its own cannot. */
import { PartnerId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import type { UserServices } from '../identity/services.js';
import { userRoutes } from '../identity/users.js';
import type { Route } from '../route.js';
import { wholeTenant } from './operatorCommand.js';

export const partnerUserRoutes = (services: UserServices): Route[] =>
  userRoutes(services, {
    prefix: '/admin/v1/partners/{partnerId}',
    tag: 'Partners',
    params: { partnerId: PartnerId },
    toLook: operatorsOnly('owner', 'manager', 'auditor'),
    toChange: editorsOnly,
    partnerOf: (request) => {
      const { tenant } = wholeTenant(request);
      const { partnerId } = request.params as { readonly partnerId: PartnerId };
      // Also one that was taken out, for those of its people who are to be forgotten.
      const partner = services.handler.directory.exchange.partner(tenant, partnerId);
      if (!partner) throw rejected('partner-not-found', { partnerId });
      return { tenant, partnerId };
    },
  });
