/**
 * /pos/v1/users/: customers. Found by card, phone or e-mail without any of them being readable in the read model; what they told
 * of themselves is decrypted for tills and for those operators who serve customers, not for analysts and auditors.
 */
import { type Static, Type } from '@sinclair/typebox';
import { normalEmail, normalPhone } from '../../commands/contacts.js';
import { CloseAccountInput } from '../../commands/customer/closeAccount.js';
import { EnrolCustomerInput } from '../../commands/customer/enrolCustomer.js';
import { CardNumber, MemberId, MerchantId, type TenantId, UserId } from '../../domain/ids.js';
import { LanguageTag } from '../../domain/language.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, merchantOf, mustServe, ofProgramme, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { faulty } from '../input.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { Household, Person, personShown, showHousehold } from './household.js';
import type { CardView, CustomerView, HouseholdView, MemberView } from './queries.js';
import { listQuery, minPosition, Page, pageRequest, pageShown, reachPosition } from './reading.js';
import type { PosServices } from './services.js';

const listedUser = {
  userId: UserId,
  status: Type.String({ description: 'active, closed or erased' }),
  merchantId: Type.Union([MerchantId, Type.Null()], { description: 'Where the customer enrolled' }),
  enrolledAt: Instant,
  language: Type.Union([LanguageTag, Type.Null()], {
    description: 'In which messages are written to the customer; null: none was chosen',
  }),
} as const;
const Listed = Type.Object(listedUser, { title: 'ListedUser' });
const User = Type.Object(
  {
    ...listedUser,
    cards: Type.Array(
      Type.Object({
        cardNumber: CardNumber,
        status: Type.String(),
        memberId: Type.Optional(MemberId),
      }),
    ),
    person: Type.Optional(Person),
    memberId: Type.Optional(
      Type.Unsafe<MemberId>({
        ...MemberId,
        description: 'Of a household: whose card or contact it is',
      }),
    ),
    household: Type.Optional(
      Type.Unsafe<Static<typeof Household>>({
        ...Household,
        description: 'Only where several people are, or were, on the account; `person` is its head',
      }),
    ),
  },
  { title: 'User' },
);

const cardsShown = (cards: readonly CardView[]) =>
  cards.map(({ cardNumber, status, memberId }) => ({
    cardNumber: cardNumber as CardNumber,
    status,
    ...(memberId !== null && { memberId: memberId as MemberId }),
  }));

const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const Search = Type.Object({
  cardNumber: Type.Optional(CardNumber),
  phone: Type.Optional(
    Type.String({ maxLength: 40, description: 'With + and the country code, or with `country`' }),
  ),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166' })),
  email: Type.Optional(Type.String({ maxLength: 254 })),
});
const ofUser = { userId: UserId } as const;

/** Which member of the household was looked for. */
type WhoIs = (household: HouseholdView) => number | undefined;
interface Found {
  readonly customer: CustomerView;
  readonly whoIs: WhoIs;
}
const whoHas =
  (has: (member: MemberView) => boolean): WhoIs =>
  ({ members }) =>
    members.find(has)?.memberId;

export const userRoutes = (services: PosServices): readonly Route[] => {
  const { personalData, queries } = services;

  const listed = (view: CustomerView): Static<typeof Listed> => ({
    userId: view.userId as UserId,
    status: view.status,
    merchantId: view.merchantId as MerchantId | null,
    enrolledAt: instantOf(view.enrolledAt),
    language: view.language,
  });
  const shown = async (
    caller: Caller,
    view: CustomerView,
    whoIs?: WhoIs,
  ): Promise<Static<typeof User>> => {
    const { tenant } = caller;
    const userId = view.userId as UserId;
    const [cards, household] = await Promise.all([
      queries.cardsOf(tenant, userId),
      queries.household(tenant, userId),
    ]);
    const user = { ...listed(view), cards: cardsShown(cards) };
    if (household === null) {
      const person = await personShown(personalData, caller, userId, { ...view, memberId: 1 });
      return person ? { ...user, person } : user;
    }
    const all = await showHousehold(personalData, caller, userId, household, cards);
    const person = all.members.find(({ role }) => role === 'head')?.person;
    const memberId = whoIs?.(household) as MemberId | undefined;
    return { ...user, ...(person && { person }), ...(memberId && { memberId }), household: all };
  };

  /** Undefined where nothing was asked for. */
  const find = async (
    tenant: TenantId,
    { cardNumber, phone, country, email }: Static<typeof Search>,
  ): Promise<Found | null | undefined> => {
    if (cardNumber !== undefined) {
      const card = await queries.card(tenant, cardNumber);
      const customer = card && (await queries.customer(tenant, { userId: card.userId }));
      return customer && { customer, whoIs: () => card?.memberId ?? 1 };
    }
    if (phone !== undefined) {
      const hash = await personalData.hash(tenant, 'phone', normalPhone(phone, country));
      const customer = await queries.customer(tenant, { phoneHash: hash });
      return customer && { customer, whoIs: whoHas(({ phoneHash }) => phoneHash === hash) };
    }
    if (email === undefined) return undefined;
    const hash = await personalData.hash(tenant, 'email', normalEmail(email));
    const customer = await queries.customer(tenant, { emailHash: hash });
    return customer && { customer, whoIs: whoHas(({ emailHash }) => emailHash === hash) };
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
        if (found) {
          const user = await shown(caller, found.customer, found.whoIs);
          return { body: { items: [user], next: null } };
        }
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
          summary: 'With what campaigns may ask: a birthday, a language and attributes',
          value: { birthDate: '1980-12-31', language: 'de-AT', attributes: { favouriteShop: 12 } },
        },
        {
          summary: 'Brought by another customer',
          value: { email: 'bob@example.com', referralCode: '7QK3-MZ5T-0H8C-V2RN' },
        },
      ],
    },
    handle: async (request) => {
      const { caller, body } = request;
      const own = merchantOf(ofProgramme(caller));
      const { merchantId = own } = body;
      // Anything but a number is the command's to refuse.
      if (typeof merchantId === 'number') mustServe(caller, merchantId);
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
    access: editorsOnly,
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
