/** The routes of templates, strategies, rules, policies, consents and suppressions, with what they stand on. */
import type pg from 'pg';
import { contentAdminRoutes, contentRoutes } from '../../api/outreach/content.js';
import type { Route } from '../../api/route.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { createSetConsents } from '../../commands/consent/setConsents.js';
import { createRenderer } from '../../commands/template/render.js';
import type { Waiting } from '../../projections/waiting.js';

export const openOutreachContent = (parts: {
  readonly handler: Handler;
  readonly personalKeys: PersonalKeys;
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
  readonly hasRole: (role: 'admin' | 'outreach') => boolean;
}): Route[] => {
  const { handler, personalKeys: keys, pool, waiting, hasRole } = parts;
  const administration = { handler, keys, pool, waiting, renderer: createRenderer() };
  const setConsents = createSetConsents(handler, keys);
  return [
    ...(hasRole('admin') ? contentAdminRoutes(administration) : []),
    ...(hasRole('outreach') ? contentRoutes({ handler, keys, setConsents }) : []),
  ];
};
