/** /admin/v1/apps: integrators' programs and their tokens. A token is in the first answer and nowhere else. */
import { Type } from '@sinclair/typebox';
import { registerApp } from '../../commands/registry/registerApp.js';
import { revokeApp } from '../../commands/registry/revokeApp.js';
import { AppId } from '../../domain/ids.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const App = Type.Object({ appId: AppId, name: Type.String() }, { title: 'App' });
const tags = ['Apps'] as const;

export const appRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/apps',
    summary: 'Lists the apps, without their secrets.',
    tags,
    access: operatorsOnly('owner', 'manager', 'auditor'),
    query: pageQuery,
    response: pageOf(Type.Composite([App, Type.Object({ status: Status })])),
    handle: (request) => {
      const records = handler.directory.apps(wholeTenant(request).tenant);
      const body = page(
        records,
        ({ appId }) => appId,
        request.query,
        ({ appId, name, status }) => ({ appId, name, status }),
      );
      return { body };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/apps',
    summary: 'Registers an app and answers its token, once: a repeat answers `token: null`.',
    tags,
    access: editorsOnly,
    body: registerApp.input,
    idempotencyKey: 'required',
    command: registerApp.name,
    response: Type.Composite([
      App,
      Type.Object({ token: Type.Union([Type.String(), Type.Null()]) }),
    ]),
    status: 201,
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(registerApp, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/apps/{appId}/revocation',
    summary: 'Ends the token of an app for ever.',
    tags,
    access: editorsOnly,
    params: { appId: AppId },
    command: revokeApp,
    response: Type.Object({ appId: AppId }),
  }),
];
