/** The routes of templates, strategies, rules, policies, consents and suppressions, with what they stand on. */
import { contentAdminRoutes, contentRoutes } from '../../api/outreach/content.js';
import type { Route } from '../../api/route.js';
import { createSetConsents } from '../../commands/consent/setConsents.js';
import { createRenderer } from '../../commands/template/render.js';
import type { HttpParts } from './http.js';

export const openOutreachContent = (parts: HttpParts): Route[] => {
  const { handler, personalKeys: keys, pool, waiting, hasRole } = parts;
  const administration = { handler, keys, pool, waiting, renderer: createRenderer() };
  const setConsents = createSetConsents(handler, keys);
  return [
    ...(hasRole('admin') ? contentAdminRoutes(administration) : []),
    ...(hasRole('outreach') ? contentRoutes({ handler, keys, setConsents }) : []),
  ];
};
