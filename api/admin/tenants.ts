/**
 * /admin/v1/tenants and /admin/v1/tenant: programmes of this installation, and the caller's own.
 *
 * Nothing crosses tenants but this: an owner of the home tenant may open another programme, with its first owner. Nobody of the
 * home tenant can act in it afterwards except with that owner's login. A repeat with the same key carries on where it broke off.
 * The home tenant itself cannot be ended: there would be nobody left to open another.
 */
import { Type } from '@sinclair/typebox';
import type { CommandContext } from '../../commands/command.js';
import { registerOperator, Password } from '../../commands/registry/registerOperator.js';
import { registerTenant } from '../../commands/registry/registerTenant.js';
import { revokeTenant } from '../../commands/registry/revokeTenant.js';
import { setProgrammeRule } from '../../commands/registry/setProgrammeRule.js';
import { OperatorId, TenantId } from '../../domain/ids.js';
import { ProgrammeRule } from '../../domain/programme/rule.js';
import { TenantRegistered } from '../../domain/tenant/tenant.js';
import { rejected } from '../../domain/rejected.js';
import { operatorsOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const { name, currency, gsrnPrefix } = TenantRegistered.schema.properties;

export const TenantInput = Type.Object(
  {
    tenantId: TenantId,
    name,
    currency,
    gsrnPrefix,
    rule: Type.Optional(ProgrammeRule),
    owner: Type.Object(
      {
        operatorId: OperatorId,
        name: Type.String({ minLength: 1, maxLength: 200 }),
        password: Password,
      },
      { additionalProperties: false, description: 'The first login of the new programme' },
    ),
  },
  { additionalProperties: false, title: 'TenantInput' },
);
const TenantShown = Type.Object(
  { tenantId: TenantId, name, currency, gsrnPrefix, status: Status },
  { title: 'Tenant' },
);

const moveFirst =
  'Name another programme in `KOPILKA_HOME_TENANT`, start again, and end this one then.';

export interface TenantRoutes extends Registry {
  /** The tenant whose owners may open others. */
  readonly homeTenant: TenantId;
}

export const tenantRoutes = ({ handler, homeTenant }: TenantRoutes): Route[] => {
  const { directory } = handler;
  const show = (tenant: TenantId) => {
    const record = directory.tenant(tenant);
    if (!record) throw rejected('tenant-not-found', { tenantId: tenant });
    return {
      tenantId: record.tenantId,
      name: record.name,
      currency: record.currency,
      gsrnPrefix: record.gsrnPrefix,
      status: record.status,
    };
  };
  return [
    route({
      method: 'POST',
      path: '/admin/v1/tenants',
      summary: 'Opens another programme with its first owner.',
      description: `For owners of the tenant this installation was set up with. The actor is recorded as \`tenant/login\`.`,
      tags: ['Programme'],
      access: operatorsOnly('owner'),
      body: TenantInput,
      idempotencyKey: 'required',
      command: registerTenant.name,
      response: TenantShown,
      status: 201,
      handle: async (request) => {
        const caller = wholeTenant(request);
        if (caller.tenant !== homeTenant) {
          throw refused('forbidden', 'Ask an owner of the installation.', { requires: ['owner'] });
        }
        const { tenantId, rule, owner, ...description } = request.body;
        const context: CommandContext = {
          ...contextOf(request),
          tenant: tenantId,
          actor: { kind: 'operator', id: `${caller.tenant}/${caller.operatorId}` },
        };
        // A programme that has operators is theirs: a repeat finds its owner there, and nobody else gets in this way.
        const operators = [...directory.operators(tenantId)].map(({ operatorId }) => operatorId);
        if (operators.length > 0 && !operators.includes(owner.operatorId)) {
          throw rejected('already-registered', { tenantId });
        }
        const registered = await handler.handle(registerTenant, description, context);
        if (rule && !directory.rule(tenantId)) {
          await handler.handle(setProgrammeRule, { rule }, context);
        }
        if (operators.length === 0) {
          await handler.handle(registerOperator, { ...owner, roles: ['owner'] }, context);
        }
        const { position } = registered;
        return { body: show(tenantId), status: registered.repeated ? 200 : 201, position };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/tenant',
      summary: "Shows the caller's programme.",
      tags: ['Programme'],
      access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
      response: TenantShown,
      handle: (request) => ({ body: show(request.caller.tenant) }),
    }),
    stepRoute(handler, {
      path: '/admin/v1/tenant/revocation',
      summary: "Ends the caller's programme: its tokens and logins stop at once, this one too.",
      tags: ['Programme'],
      access: operatorsOnly('owner'),
      problems: ['home-programme'],
      allow: (request) => {
        // Nobody could open a programme afterwards, not even this one again.
        if (wholeTenant(request).tenant === homeTenant) throw refused('home-programme', moveFirst);
      },
      command: revokeTenant,
      response: Type.Object({ tenantId: TenantId }),
    }),
  ];
};
