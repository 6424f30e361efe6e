import { app, registerApp, revokeApp } from '../../../domain/app/app.js';
import type { Aggregate, DomainEvent } from '../../../domain/event.js';
import type { RejectionCode } from '../../../domain/rejected.js';
import { merchant, registerMerchant, revokeMerchant } from '../../../domain/merchant/merchant.js';
import {
  pointOfSale,
  registerPointOfSale,
  revokePointOfSale,
} from '../../../domain/pointOfSale/pointOfSale.js';
import { operator, registerOperator, revokeOperator } from '../../../domain/operator/operator.js';
import { registerTenant, revokeTenant, tenant } from '../../../domain/tenant/tenant.js';
import { registerTill, revokeTill, till } from '../../../domain/till/till.js';
import { specification } from './spec.js';

interface Registrable {
  readonly noun: string;
  readonly aggregate: Aggregate<unknown, DomainEvent>;
  readonly registered: DomainEvent;
  readonly revoked: string;
  readonly register: (command: unknown, state: unknown) => DomainEvent[];
  readonly revoke: (command: { readonly reason: string }, state: unknown) => DomainEvent[];
  /** Each makes it another registration. */
  readonly changes: readonly Record<string, unknown>[];
  readonly notFound: RejectionCode;
}

const registrable = <State, Event extends DomainEvent, Command extends object>(options: {
  readonly noun: string;
  readonly aggregate: Aggregate<State, Event>;
  readonly registered: DomainEvent & { readonly data: Command };
  readonly revoked: Event['type'];
  readonly register: (command: Command, state: State) => Event[];
  readonly revoke: (command: { readonly reason: string }, state: State) => Event[];
  readonly changes: readonly Partial<Record<keyof Command, unknown>>[];
  readonly notFound: RejectionCode;
}) => options as unknown as Registrable;

const secretHash = 'a'.repeat(64);
const kinds = [
  registrable({
    noun: 'tenant',
    aggregate: tenant,
    registered: {
      type: 'TenantRegistered',
      data: { tenantId: 'demo' as never, name: 'Demo', currency: 'GBP', gsrnPrefix: '8018' },
    },
    revoked: 'TenantRevoked',
    register: registerTenant,
    revoke: revokeTenant,
    changes: [{ name: 'Other' }, { currency: 'USD' }, { gsrnPrefix: '8019' }],
    notFound: 'tenant-not-found',
  }),
  registrable({
    noun: 'merchant',
    aggregate: merchant,
    registered: {
      type: 'MerchantRegistered',
      data: { merchantId: 1 as never, name: 'Baker', timeZone: 'Europe/London' },
    },
    revoked: 'MerchantRevoked',
    register: registerMerchant,
    revoke: revokeMerchant,
    changes: [{ name: 'Butcher' }, { timeZone: 'UTC' }],
    notFound: 'merchant-not-found',
  }),
  registrable({
    noun: 'point of sale',
    aggregate: pointOfSale,
    registered: {
      type: 'PointOfSaleRegistered',
      data: { pointOfSaleId: 10 as never, merchantId: 1 as never, name: 'High Street' },
    },
    revoked: 'PointOfSaleRevoked',
    register: registerPointOfSale,
    revoke: revokePointOfSale,
    changes: [{ merchantId: 2 }, { name: 'Station' }],
    notFound: 'point-of-sale-not-found',
  }),
  registrable({
    noun: 'till',
    aggregate: till,
    registered: {
      type: 'TillRegistered',
      data: {
        tillId: 'till1' as never,
        merchantId: 1 as never,
        pointOfSaleId: 10 as never,
        name: 'Front',
        secretHash,
      },
    },
    revoked: 'TillRevoked',
    register: registerTill,
    revoke: revokeTill,
    changes: [{ merchantId: 2 }, { pointOfSaleId: 11 }],
    notFound: 'till-not-found',
  }),
  registrable({
    noun: 'app',
    aggregate: app,
    registered: {
      type: 'AppRegistered',
      data: { appId: 'app1' as never, name: 'Integrator', secretHash },
    },
    revoked: 'AppRevoked',
    register: registerApp,
    revoke: revokeApp,
    changes: [{ name: 'Another' }],
    notFound: 'app-not-found',
  }),
  registrable({
    noun: 'operator',
    aggregate: operator,
    registered: {
      type: 'OperatorRegistered',
      data: {
        operatorId: 'owner' as never,
        name: 'The owner',
        passwordHash: 'scrypt$x',
        roles: ['owner', 'analyst'],
        merchantId: null,
      },
    },
    revoked: 'OperatorRevoked',
    register: registerOperator,
    revoke: revokeOperator,
    changes: [{ name: 'Another' }, { roles: ['owner'] }, { merchantId: 1 }],
    notFound: 'operator-not-found',
  }),
];

for (const kind of kinds) {
  const { noun, aggregate, registered, register, revoke } = kind;
  const given = specification(aggregate);
  const revoked = { type: kind.revoked, data: { reason: 'left' } };

  describe(`registering a ${noun}`, () => {
    it('records it', () => {
      given()
        .when((state) => register(registered.data, state))
        .then(registered);
    });

    it('decides nothing when repeated', () => {
      given(registered)
        .when((state) => register(registered.data, state))
        .thenNothing();
    });

    for (const change of kind.changes) {
      it(`refuses the id for another ${Object.keys(change).join()}`, () => {
        given(registered)
          .when((state) => register({ ...(registered.data as object), ...change }, state))
          .thenRejected('already-registered');
      });
    }

    it('refuses an id that was revoked', () => {
      given(registered, revoked)
        .when((state) => register(registered.data, state))
        .thenRejected('revoked');
    });
  });

  describe(`revoking a ${noun}`, () => {
    it('records the reason', () => {
      given(registered)
        .when((state) => revoke({ reason: 'left' }, state))
        .then(revoked);
    });

    it('decides nothing when repeated, whatever the reason', () => {
      given(registered, revoked)
        .when((state) => revoke({ reason: 'again' }, state))
        .thenNothing();
    });

    it('refuses what was never registered', () => {
      given()
        .when((state) => revoke({ reason: 'left' }, state))
        .thenRejected(kind.notFound);
    });
  });
}
