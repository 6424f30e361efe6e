/**
 * /pos/v1/users/: customers. Found by card, phone or e-mail without any of them being readable in the read model; what they told
 * of themselves is decrypted for tills and for those operators who serve customers, not for analysts and auditors.
 */
import { type Static, Type } from '@sinclair/typebox';
import { normalEmail, normalPhone } from '../../commands/contacts.js';
import { CloseAccountInput } from '../../commands/customer/closeAccount.js';
import { EnrolCustomerInput } from '../../commands/customer/enrolCustomer.js';
import { CardNumber, MerchantId, type TenantId, UserId } from '../../domain/ids.js';
import type { Role } from '../../domain/operator/operator.js';
import { rejected } from '../../domain/rejected.js';
import { mustServe, operatorsOnly, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { faulty } from '../input.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import type { CardView, CustomerView } from './queries.js';
import { listQuery, minPosition, Page, pageRequest, pageShown, reachPosition } from './reading.js';
import type { PosServices } from './services.js';

const listedUser = {
  userId: UserId,
  status: Type.String({ description: 'active, closed or erased' }),
  merchantId: Type.Union([MerchantId, Type.Null()], { description: 'Where the customer enrolled' }),
  enrolledAt: Instant,
} as const;
const Listed = Type.Object(listedUser, { title: 'ListedUser' });
const User = Type.Object(
  {
    ...listedUser,
    cards: Type.Array(Type.Object({ cardNumber: CardNumber, status: Type.String() })),
    person: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(Type.String()),
          phone: Type.Optional(Type.String({ description: 'E.164' })),
          email: Type.Optional(Type.String()),
          birthDate: Type.Optional(Type.String({ format: 'date' })),
        },
        { description: 'What the customer told; not shown in lists, nor to analysts and auditors' },
      ),
    ),
  },
  { title: 'User' },
);

const cardsShown = (cards: readonly CardView[]) =>
  cards.map(({ cardNumber, status }) => ({ cardNumber: cardNumber as CardNumber, status }));

const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const served: readonly Role[] = ['owner', 'manager', 'cashier'];
const maySeePerson = (caller: Caller): boolean =>
  caller.kind === 'till' ||
  (caller.kind === 'operator' && caller.roles.some((role) => served.includes(role)));

const Search = Type.Object({
  cardNumber: Type.Optional(CardNumber),
  phone: Type.Optional(
    Type.String({ maxLength: 40, description: 'With + and the country code, or with `country`' }),
  ),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166' })),
  email: Type.Optional(Type.String({ maxLength: 254 })),
});
const ofUser = { userId: UserId } as const;

export const userRoutes = (services: PosServices): readonly Route[] => {
  const { personalData, queries } = services;

  const listed = (view: CustomerView): Static<typeof Listed> => ({
    userId: view.userId as UserId,
    status: view.status,
    merchantId: view.merchantId as MerchantId | null,
    enrolledAt: instantOf(view.enrolledAt),
  });
  const shown = async (caller: Caller, view: CustomerView): Promise<Static<typeof User>> => {
    const { tenant } = caller;
    const user = {
      ...listed(view),
      cards: cardsShown(await queries.cardsOf(tenant, view.userId as UserId)),
    };
    if (!maySeePerson(caller) || view.person === null) return user;
    const person = await personalData.open(tenant, view.userId as UserId, view.person);
    return person ? { ...user, person } : user;
  };

  /** Undefined where nothing was asked for. */
  const find = async (
    tenant: TenantId,
    { cardNumber, phone, country, email }: Static<typeof Search>,
  ): Promise<CustomerView | null | undefined> => {
    if (cardNumber !== undefined) {
      const card = await queries.card(tenant, cardNumber);
      return card && queries.customer(tenant, { userId: card.userId });
    }
    if (phone !== undefined) {
      const hash = await personalData.hash(tenant, 'phone', normalPhone(phone, country));
      return queries.customer(tenant, { phoneHash: hash });
    }
    if (email === undefined) return undefined;
    const hash = await personalData.hash(tenant, 'email', normalEmail(email));
    return queries.customer(tenant, { emailHash: hash });
  };

  return [
    route({
      method: 'GET',
      path: '/pos/v1/users/',
      summary: 'Finds a customer by card, phone or e-mail; lists customers for operators',
      tags: ['Users'],
      access: readers,
      query: { ...Search.properties, ...listQuery, ...minPosition },
      response: Page('Users', Type.Union([User, Listed])),
      problems: ['invalid-contact'],
      handle: async ({ caller, query }) => {
        const asked = [query.cardNumber, query.phone, query.email].filter(
          (one) => one !== undefined,
        );
        if (asked.length > 1 || (asked.length === 0 && caller.kind !== 'operator')) {
          throw faulty('query', '', 'must have one of cardNumber, phone and email');
        }
        await reachPosition(queries, 'customers', query);
        const found = await find(caller.tenant, query);
        if (found === null) return { body: { items: [], next: null } };
        if (found) return { body: { items: [await shown(caller, found)], next: null } };
        const page = queries.customers(caller.tenant, pageRequest(query));
        return { body: await pageShown(page, listed) };
      },
    }),
    ...userCommandRoutes(services),
    route({
      method: 'GET',
      path: '/pos/v1/users/{userId}',
      summary: 'One customer',
      tags: ['Users'],
      access: readers,
      params: ofUser,
      query: minPosition,
      response: User,
      problems: ['account-not-found'],
      handle: async ({ caller, params, query }) => {
        await reachPosition(queries, 'customers', query);
        const found = await queries.customer(caller.tenant, params);
        if (!found) throw rejected('account-not-found', { userId: params.userId });
        return { body: await shown(caller, found) };
      },
    }),
  ];
};

const userCommandRoutes = (services: PosServices): readonly Route[] => [
  route({
    method: 'POST',
    path: '/pos/v1/users/',
    summary: 'Enrols a customer, with or without a card, a phone and an e-mail',
    description:
      'Phone and e-mail are unique in the programme and kept encrypted. Without `userId` a number is made.',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'cashier'),
    body: EnrolCustomerInput,
    checkedBy: 'command',
    idempotencyKey: 'required',
    command: 'EnrolCustomer',
    status: 201,
    response: Recorded('EnrolledUser', {
      userId: UserId,
      cardNumber: Type.Union([CardNumber, Type.Null()]),
      merchantId: Type.Union([MerchantId, Type.Null()]),
      referredBy: Type.Optional(UserId),
    }),
    problems: [
      'invalid-contact',
      'invalid-user-id',
      'contact-taken',
      'card-taken',
      'already-registered',
      'foreign-merchant',
      'account-closed',
      'referrals-not-open',
      'referral-code-unknown',
      'referral-refused',
    ],
    examples: {
      body: [
        {
          summary: 'A customer with a card',
          value: { name: 'Ann Smith', phone: '+442079460018', cardNumber: '2200000000055' },
        },
        { summary: 'A nameless card holder', value: { cardNumber: '2200000000062' } },
        {
          summary: 'Brought by another customer',
          value: { email: 'bob@example.com', referralCode: '7QK3-MZ5T-0H8C-V2RN' },
        },
      ],
    },
    handle: async (request) => {
      const { caller, body } = request;
      const own = caller.kind === 'app' ? null : caller.merchantId;
      const { merchantId = own } = body;
      // Anything but a number is the command's to refuse.
      if (typeof merchantId === 'number' && caller.kind !== 'app') mustServe(caller, merchantId);
      const input = { ...body, merchantId };
      return recorded(await services.enrolCustomer(input, contextOf(request, undefined)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/pos/v1/users/{userId}',
    summary: 'Closes an account; with `erase=true` it also forgets the person',
    description:
      'Closing forfeits the points and frees phone and e-mail. Erasing destroys the key of the personal data as well, for ever; ' +
      'receipts and points stay in the history, of nobody.',
    tags: ['Users'],
    access: operatorsOnly('owner', 'manager'),
    params: ofUser,
    query: {
      reason: Type.Optional(CloseAccountInput.properties.reason),
      erase: Type.Optional(Type.Boolean({ default: false })),
    },
    idempotencyKey: 'optional',
    command: 'CloseAccount',
    response: Recorded('ClosedUser', {
      userId: UserId,
      forfeited: Type.Integer({ description: 'Hundredths of a point' }),
      erased: Type.Boolean(),
    }),
    problems: ['account-not-found'],
    handle: async (request) => {
      const { params, query } = request;
      const reason = query.reason ?? 'asked for by the customer';
      const input = { userId: params.userId, reason };
      const context = contextOf(request, undefined);
      const closed = await services.closeAccount(input, context);
      if (query.erase !== true) {
        return recorded({ ...closed, answer: { ...closed.answer, erased: false } });
      }
      const erased = await services.erasePerson(input, context);
      const position = erased.position ?? closed.position;
      return recorded({ ...erased, position, answer: { ...closed.answer, erased: true } });
    },
  }),
];
