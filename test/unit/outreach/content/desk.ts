/** The routes of what messages say and who agreed to get them, over the log in memory; what asks PostgreSQL is left to integration. */
import request, { type Response } from 'supertest';
import { contentAdminRoutes, contentRoutes } from '../../../../api/outreach/content.js';
import { createSetConsents } from '../../../../commands/consent/setConsents.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { type TestShop, openTestShop } from '../../api/testShop.js';
import type { House } from '../../commands/house.js';

export interface Desk {
  readonly shop: TestShop;
  readonly keys: House['keys'];
  readonly send: (
    method: 'get' | 'put' | 'post',
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export const openDesk = async (): Promise<Desk> => {
  let keys: House['keys'] | undefined;
  const shop = await openTestShop({
    withRoutes: (handler, _log, of) => {
      keys = of;
      const stores = { pool: undefined as never, waiting: undefined as never };
      return [
        ...contentAdminRoutes({ handler, keys, renderer: createRenderer(), ...stores }),
        ...contentRoutes({ handler, keys, setConsents: createSetConsents(handler, keys) }),
      ];
    },
  });
  if (!keys) throw new Error('the shop was opened without its routes');
  return {
    ...{ shop, keys },
    send: (method, path, body, headers = {}) => {
      const asked = request(shop.app)[method](path).set('authorization', `Bearer ${shop.owner}`);
      for (const [name, value] of Object.entries(headers)) asked.set(name, value);
      return body ? asked.send(body) : asked.send();
    },
    close: () => shop.close(),
  };
};
