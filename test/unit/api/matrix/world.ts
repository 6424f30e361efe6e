/**
 * Two programmes in one process, each as the product composes it (platform/compose/http.ts), over the log in memory. Whatever belongs
 * to the other programme, or to the other partner of this one, has a name that nobody else uses and must never be seen by others.
 *
 * PostgreSQL and MongoDB are played by stores that hold nothing: what is asked of PostgreSQL is written down, so that a test can
 * look at whose data was asked for.
 */
import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import type { History } from '../../../../api/audit/history.js';
import { matches } from '../../../../api/audit/history.js';
import { createAccessTokens } from '../../../../commands/accessTokens.js';
import { createArrivals } from '../../../../commands/publication/arrivals.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import { setProgrammeRule } from '../../../../commands/registry/setProgrammeRule.js';
import { createSigning } from '../../../../commands/signing.js';
import type { NewFact } from '../../../../domain/fact.js';
import type { CredentialId, OperatorId, PartnerId, TenantId } from '../../../../domain/ids.js';
import type { Role } from '../../../../domain/operator/operator.js';
import { type PartnerRole, partnerRoles } from '../../../../domain/partner/role.js';
import { openAccepting } from '../../../../platform/compose/accepting.js';
import { type HttpParts, openHttp } from '../../../../platform/compose/http.js';
import { readConfig } from '../../../../platform/config.js';
import { createLogger } from '../../../../platform/logging.js';
import { createMemorySigningKeys } from '../../../../platform/memory/signingKeys.js';
import { createMetrics } from '../../../../platform/metrics.js';
import { rule } from '../../account/spec.js';
import { openHouse } from '../../commands/house.js';
import { roles } from '../testApi.js';
import type { Ids } from './sample.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
}
export interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}
/** Who asks: the headers that say so. */
export type Headers = Readonly<Record<string, string>>;

export interface Partner {
  readonly callers: ReadonlyMap<string, Headers>;
  /** Of everything that was made, by the names that routes have for it. */
  readonly ids: Ids;
}
export interface Programme extends Partner {
  readonly tenant: TenantId;
}

const config = readConfig({}, { port: '0', logLevel: 'silent' });
const clock = () => Date.now();

/** Any part that is not here: it answers nothing, and a route that needs it fails as if it were away. */
const away = (): unknown =>
  new Proxy(() => undefined, { get: (_target, name) => (name === 'then' ? undefined : away()) });

/** As MongoDB's driver is used, and nothing is ever found. */
const emptyDocuments = (asked: Asked[]) => {
  const cursor: Record<string, unknown> = {};
  for (const step of [
    'sort',
    'limit',
    'skip',
    'project',
    'hint',
    'maxTimeMS',
    'batchSize',
    'collation',
  ]) {
    cursor[step] = () => cursor;
  }
  cursor['toArray'] = async () => [];
  const find = (filter: object) => {
    const text = JSON.stringify(filter);
    asked.push({
      text,
      values: [...text.matchAll(/"tenant":"([^"]*)"/g)].map((found) => found[1]),
    });
    return cursor;
  };
  // Each read model is said to be there, so that what it is asked is seen.
  const filled = { position: 0n, events: 0, live: true };
  const checkpoints = { findOne: async () => filled };
  const documents = {
    ...{ find, aggregate: find },
    findOne: async (filter: object) => (find(filter), null),
  };
  return { collection: (name: string) => (name === 'checkpoints' ? checkpoints : documents) };
};

export const openWorld = async () => {
  const house = openHouse(clock);
  const { handler, log, keys: personalKeys } = house;
  const signing = await createSigning({
    keys: createMemorySigningKeys(),
    isRevoked: (kid) => house.directory.revokedKeys.has(kid),
    now: clock,
    onFailed: () => undefined,
  });
  const tokens = createAccessTokens(signing);
  const asked: Asked[] = [];
  const query = async (text: string | { text: string; values?: unknown[] }, values?: unknown[]) => {
    const given = typeof text === 'string' ? { text, values } : text;
    asked.push({ text: given.text, values: given.values ?? [] });
    return { rows: [], rowCount: 0 };
  };
  const history: History = {
    stream: async (name, { direction, from, limit }) => {
      const facts = log.facts.filter(({ stream }) => stream === name);
      if (direction === 'backwards') facts.reverse();
      const begun = facts.filter(
        ({ revision }) =>
          from === null || (direction === 'backwards' ? revision <= from : revision >= from),
      );
      return { facts: begun.slice(0, limit), next: null } as never;
    },
    search: async (filter) => {
      const facts = log.facts.filter((fact) => matches(fact, filter));
      return { facts: facts.slice(-100).reverse(), next: null, scanned: facts.length };
    },
  };
  const parts: HttpParts = {
    ...{ config, version: '0.0.0', metrics: createMetrics(), handler, log, feed: log, history },
    ...{ personalKeys, personalData: createPersonalData(personalKeys), signing, now: clock },
    arrivals: createArrivals(),
    limitAge: async () => undefined,
    accepting: openAccepting({ log, handler, personalKeys, metrics: createMetrics() }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' }),
    pool: { query, connect: async () => ({ query, release: () => undefined }) } as never,
    waiting: { waitFor: async () => undefined, close: () => undefined },
    documents: {
      db: async () => emptyDocuments(asked) as never,
      ask: (question) => question(emptyDocuments(asked) as never),
      askAtOnce: (question) => question(emptyDocuments(asked) as never),
      isLooking: () => false,
      state: () => 'running',
      waitFor: async () => undefined,
      ready: async () => true,
      stop: async () => undefined,
    },
    lifecycle: {
      live: async () => ({ ok: true, components: {} }),
      ready: async () => ({ ok: true, components: {} }),
    } as never,
    work: away() as never,
    simulations: away() as never,
    hasRole: () => true,
  };
  const { listener } = openHttp(parts);
  await listener.start();
  const client = new Client(listener.url(), { pipelining: 20 });

  const send = async (
    method: string,
    path: string,
    headers: Headers,
    body: string | null = null,
    contentType = 'application/json',
  ): Promise<Answer> => {
    const answer = await client.request({
      method: method as 'GET',
      path,
      headers: {
        ...headers,
        ...(body === null ? {} : { 'content-type': contentType }),
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      },
      body,
      // Each of them may be sent while the one before is still answered.
      ...{ idempotent: true, blocking: false },
      bodyTimeout: 10_000,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };

  /** A fact as it would stand in the log: where a command would take a password's time, or needs what is not here. */
  const record = async (tenant: TenantId, stream: string, type: string, data: object) => {
    const metadata = {
      ...{
        tenant,
        actor: { kind: 'system' as const, id: 'test' },
        correlationId: '',
        causationId: '',
      },
      ...{ commandId: randomUUID(), occurredAt: new Date().toISOString(), schemaVersion: 1 },
      fingerprint: '',
    };
    const fact: NewFact = { id: randomUUID(), type, data, metadata };
    const { position } = await log.append(stream, 'any', [fact]);
    await house.directory.waitFor(position, 2_000);
  };

  const operatorOf = async (
    tenant: TenantId,
    id: string,
    role: Role,
    merchantId: number | null,
  ) => {
    const operatorId = id as OperatorId;
    await record(tenant, `operator-${tenant}.${id}`, 'OperatorRegistered', {
      ...{ operatorId, name: id, passwordHash: 'scrypt$', roles: [role], merchantId },
    });
    const identity = { tenant, operatorId, roles: [role], merchantId: null };
    return bearer((await tokens.issue(identity, clock())).token);
  };

  return {
    ...{ log, asked, send, tokens, handler, house, record, operatorOf },
    close: async () => {
      await client.close();
      listener.stopIntake();
      await listener.close();
      signing.close();
      await house.close();
    },
  };
};
export type World = Awaited<ReturnType<typeof openWorld>>;

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

type Made = Readonly<Record<string, string>>;
type Make = (path: string, body: object, as?: Headers, method?: string) => Promise<Made>;

const makerOf =
  ({ send }: World, owner: Headers): Make =>
  async (path, body, as = owner, method = 'POST') => {
    const answer = await send(method, path, as, JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as Made;
  };

/** A programme with one of everything, each named with `mark`. Numbers and customers' numbers begin differently in each. */
export const openProgramme = async (
  world: World,
  tenant: TenantId,
  mark: string,
  number: number,
): Promise<Programme> => {
  const { house, handler, operatorOf } = world;
  const context = () => house.context({ tenant, now: clock() });
  const gsrnPrefix = `80180${number}`.slice(0, 10).padEnd(10, '1');
  const registration = { name: mark, currency: 'GBP', gsrnPrefix };
  await handler.handle(registerTenant, registration, context());
  await handler.handle(setProgrammeRule, { rule }, context());
  const callers = new Map<string, Headers>();
  for (const role of roles)
    callers.set(role, await operatorOf(tenant, `${mark}_${role}`, role, null));
  const owner = callers.get('owner') ?? {};

  const make = makerOf(world, owner);
  const named = (what: string) => `${mark}_${what}`;
  const merchantId = number;
  const pointOfSaleId = number + 1;
  await make('/admin/v1/merchants', { merchantId, name: mark, timeZone: 'UTC' });
  await make('/admin/v1/points-of-sale', { pointOfSaleId, merchantId, name: mark });
  const tillId = `${mark}till`;
  const till = await make('/admin/v1/tills', { tillId, merchantId, pointOfSaleId, name: mark });
  const appId = `${mark}app`;
  const app = await make('/admin/v1/apps', { appId, name: mark });
  const asTill = bearer(till['token'] ?? '');
  callers.set('till', asTill);
  callers.set('app', bearer(app['token'] ?? ''));
  callers.set('app for a till', {
    ...bearer(app['token'] ?? ''),
    'x-till-token': till['token'] ?? '',
  });
  const manager2 = await operatorOf(tenant, `${mark}_of_merchant`, 'manager', merchantId);
  callers.set('manager of one merchant', manager2);

  const productId = `${mark}-product`;
  await make('/admin/v1/products', { productId, name: mark, price: 100 });
  const customer = await make(
    '/pos/v1/users/',
    { name: `${mark} person`, email: `${mark}@person.example`, cardNumber: `${number}000` },
    asTill,
  );
  const userId = customer['userId'] ?? '';
  const purchaseId = named('purchase');
  const lines = [{ productId, quantity: 1, price: 100 }];
  await make(`/pos/v1/users/${userId}/purchases/`, { purchaseId, lines }, asTill);
  const rewards = [{ kind: 'percent', basisPoints: 1000 }];
  const campaign = { name: mark, priority: 100, rewards };
  await make('/admin/v1/campaigns', { campaignId: named('campaign'), campaign });
  const terms = { validUntil: '2036-01-01T00:00:00Z', codesMost: 1000 };
  const series = { seriesId: named('series'), name: mark, kind: 'singleUse', terms };
  await make('/admin/v1/coupon-series', series);
  const segmentId = `${mark}Segment`;
  await make('/admin/v1/segments', { segmentId, name: mark, definition: { kind: 'static' } });
  const draw = {
    ...{ name: mark, opens: '2036-03-01T00:00:00.000Z', closes: '2036-04-01T00:00:00.000Z' },
    prizes: [{ prize: mark, count: 1 }],
    purchases: { per: 1000, most: 20 },
  };
  await make('/admin/v1/draws', { drawId: named('draw'), terms: draw });
  const game = { kind: 'stampCard', title: mark, goal: 10, validDays: 180 };
  const reward = { kind: 'gift', productIds: [productId], units: 1 };
  await make(`/admin/v1/games/${named('game')}`, { definition: { ...game, reward } }, owner, 'PUT');

  const providerId = named('provider');
  const sandbox = { kind: 'sandbox', channel: 'email', settings: {}, description: mark };
  await make('/admin/v1/outreach/providers', { providerId, ...sandbox });

  const outreach = '/admin/v1/outreach';
  const templateId = named('template');
  const bodies = { en: { email: { text: mark } } };
  const said = { name: mark, defaultLocale: 'en', variables: [], bodies };
  await make(`${outreach}/templates/${templateId}`, said, owner, 'PUT');
  const strategyId = named('strategy');
  const steps = [{ channel: 'email', until: 'sent', waitSeconds: 60 }];
  await make(`${outreach}/strategies/${strategyId}`, { name: mark, steps }, owner, 'PUT');
  const policyId = named('policy');
  const policy = {
    ...{ name: mark, enabled: false, trigger: { kind: 'purchase' }, class: 'service' },
    ...{ template: { templateId }, via: { strategyId } },
  };
  await make(`${outreach}/policies/${policyId}`, policy, owner, 'PUT');

  const partner = await openPartner(world, tenant, named('partner'), make);
  for (const [name, headers] of partner.callers) callers.set(name, headers);
  return {
    tenant,
    callers,
    ids: {
      ...{ merchantId, pointOfSaleId, tillId, token: tillId, appId, productId, userId, purchaseId },
      ...{ operatorId: `${mark}_owner`, campaignId: named('campaign'), seriesId: named('series') },
      ...{ series: named('series'), segmentId, drawId: named('draw'), name: named('game') },
      ...{ cardId: `${number}000`, cardNumber: `${number}000`, tenantId: tenant },
      ...{ templateId, strategyId, policyId },
      ...{ providerId, stream: `till-${tenant}.${tillId}`, email: `${mark}@person.example` },
      ...partner.ids,
    },
  };
};

/** A partner with a topic, a subscription to it, a program and a user of each role, and a publication. */
const openPartner = async (
  world: World,
  tenant: TenantId,
  partnerId: string,
  make: Make,
): Promise<Partner> => {
  const { tokens, record, house } = world;
  const callers = new Map<string, Headers>();
  await make('/admin/v1/partners', { partnerId, name: partnerId });
  const path = `/admin/v1/partners/${partnerId}`;
  let credentialId = '';
  let partnerUserId = '';
  const email = (role: PartnerRole) => `${role}@${partnerId.replaceAll('_', '-')}.example`;
  for (const role of partnerRoles) {
    const issued = await make(`${path}/credentials`, { label: partnerId, roles: [role] });
    credentialId = issued['credentialId'] ?? '';
    callers.set(`program: ${role}`, bearer(issued['token'] ?? ''));
    const holder = { tenant, partnerId: partnerId as PartnerId, roles: [role] };
    const client = { ...holder, credentialId: credentialId as CredentialId };
    const jwt = await tokens.issueToPartner(client, clock());
    callers.set(`program with a JWT: ${role}`, bearer(jwt.token));
    const invited = await make(`${path}/users`, {
      name: partnerId,
      email: email(role),
      roles: [role],
    });
    partnerUserId = invited['userId'] ?? '';
    const stream = `partneruser-${tenant}.${partnerUserId}`;
    await record(tenant, stream, 'PartnerUserPasswordSet', { passwordHash: 'scrypt$' });
    const user = house.directory.partnerUsers.user(tenant, partnerUserId as never);
    if (!user) throw new Error(`${partnerUserId} was not invited`);
    const person = { ...holder, userId: user.partnerUserId, session: user.session };
    callers.set(`user: ${role}`, bearer((await tokens.issueToPartner(person, clock())).token));
  }
  const topicId = `${partnerId}_topic`;
  const about = { name: partnerId, description: partnerId, classification: 'open' };
  await make('/admin/v1/topics', { topicId, owner: partnerId, ...about });
  const event = { name: partnerId };
  await make(
    `/exchange/v1/topics/${topicId}/publications`,
    event,
    callers.get('program: publisher'),
  );
  const subscriptionId = `sub_${partnerId.replaceAll('_', '')}`;
  await make(
    '/exchange/v1/subscriptions',
    { subscriptionId, topicId, endpoint: { url: 'https://127.0.0.1.invalid/hook' } },
    callers.get('program: subscriber'),
  );
  const said = await make(
    '/outreach/v1/messages',
    {
      ...{ class: 'service', recipient: { email: `${partnerId.replaceAll('_', '-')}@x.example` } },
      ...{ channel: 'email', text: { text: partnerId }, reference: partnerId },
    },
    callers.get('program: messenger'),
  );
  const messageId = said['messageId'] ?? '';
  const ids = {
    ...{ partnerId, owner: partnerId, credentialId, partnerUserId, topicId, subscriptionId },
    messageId,
  };
  return { callers, ids };
};

/** Another partner of a programme: its topics are open to nobody. */
export const openNeighbour = (
  world: World,
  { tenant, callers }: Programme,
  partnerId: string,
): Promise<Partner> =>
  openPartner(world, tenant, partnerId, makerOf(world, callers.get('owner') ?? {}));
