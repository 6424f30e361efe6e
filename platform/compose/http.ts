/**
 * The HTTP side: the routes of the roles that this process has, behind one authorisation and one error table.
 */
import type pg from 'pg';
import { adminRoutes } from '../../api/admin/routes.js';
import type { SimulationWork } from '../../api/admin/simulations.js';
import { createGrantRuns, type GrantRuns } from '../../api/admin/grantRuns.js';
import { createJobs, type Jobs } from '../../api/admin/jobs.js';
import { createSegmentRefreshes, type SegmentRefreshes } from '../../api/admin/segmentRefreshes.js';
import { auditRoutes } from '../../api/audit/routes.js';
import { publishingAdminRoutes } from '../../api/admin/publishing.js';
import { publishingRoutes } from '../../api/exchange/publishing.js';
import { exchangeRoutes } from '../../api/exchange/routes.js';
import type { History } from '../../api/audit/history.js';
import { createAuthenticator } from '../../api/auth/authenticate.js';
import { createRateLimit } from '../../api/auth/rateLimit.js';
import { identityRoutes } from '../../api/identity/routes.js';
import { docsRoutes } from '../../api/docs/routes.js';
import { createListener, type Listener } from '../../api/listener.js';
import { openApiOf } from '../../api/openapi.js';
import { createReadModels } from '../../api/pos/readModels.js';
import { posRoutes } from '../../api/pos/routes.js';
import type { Route } from '../../api/route.js';
import { createApi } from '../../api/server.js';
import { systemRoutes } from '../../api/system/routes.js';
import { type AccessTokens, createAccessTokens } from '../../commands/accessTokens.js';
import { createCloseAccount } from '../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../commands/customer/erasePerson.js';
import { createAddMember } from '../../commands/household/addMember.js';
import { createEraseMember } from '../../commands/household/eraseMember.js';
import { createRemoveMember } from '../../commands/household/removeMember.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalData, PersonalKeys } from '../../commands/personalData.js';
import { createInviteUser } from '../../commands/partnerUser/inviteUser.js';
import { createRemoveUser } from '../../commands/partnerUser/removeUser.js';
import type { TakeReceipts } from '../../commands/provider/receipts.js';
import type { Tracing } from '../../commands/tracing.js';
import { createSeeds } from '../../commands/seeds.js';
import type { Signing } from '../../commands/signing.js';
import type { Feed } from '../../projections/feed.js';
import { membersOf } from '../../projections/segments/queries.js';
import type { ReadModelWork } from '../../projections/work.js';
import type { Waiting } from '../../projections/waiting.js';
import type { Config } from '../config.js';
import type { LimitAge } from '../eventstore/ageLimit.js';
import type { Lifecycle } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { Arrivals } from '../../commands/publication/arrivals.js';
import { createPull } from '../../commands/publication/pull.js';
import { createReveal } from '../../commands/publication/reveal.js';
import type { Log } from '../../commands/log.js';
import type { TenantId } from '../../domain/ids.js';
import { openEventStreams } from './eventStreams.js';
import type { Accepting } from './accepting.js';
import type { Documents } from './documents.js';
import { openDeliveryConsole } from './deliveryConsole.js';
import { openHandOver } from './handovers.js';
import { openDeliveryOrders } from './deliveryOrders.js';
import { openSearches } from './searches.js';
import { kafkaStanding } from './kafka.js';
import { openProviders } from './providers.js';
import { openOutreachContent } from './outreachContent.js';
import { openMessageSearches } from './messageSearches.js';
import { openOutreachMessages } from './outreachMessages.js';
import { openPublishing } from './publishing.js';
import { openSegments } from './segments.js';
import { openSubscriptions } from './subscriptions.js';

export interface HttpParts {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
  readonly lifecycle: Lifecycle;
  readonly handler: Handler;
  readonly log: Log;
  readonly arrivals: Arrivals;
  readonly accepting: Accepting;
  readonly personalData: PersonalData;
  readonly personalKeys: PersonalKeys;
  readonly signing: Signing;
  readonly pool: pg.Pool;
  readonly feed: Feed;
  readonly waiting: Waiting;
  readonly documents: Documents;
  readonly work: ReadModelWork;
  readonly simulations: SimulationWork;
  readonly history: History;
  /** Of records of what was handed over. */
  readonly limitAge: LimitAge;
  readonly hasRole: (role: 'pos' | 'admin' | 'audit' | 'exchange' | 'outreach') => boolean;
  /** What providers report; left out: they are asked to come again. */
  readonly takeReceipts?: TakeReceipts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export const openHttp = (
  parts: HttpParts,
): { readonly listener: Listener; readonly jobs: Jobs } => {
  const { config, logger, metrics, handler, signing, now } = parts;
  const tokens = createAccessTokens(signing);
  const jobs = createJobs({
    now,
    onFailed: ({ id, kind, projection }, error) =>
      logger.error({ err: error, job: id, kind, projection }, 'a job failed'),
  });
  const onFailed = (error: unknown) => logger.warn({ err: error }, 'a refresh failed, tries again');
  const { refresh } = openSegments({ handler, pool: parts.pool, now, onFailed });
  const segmentRefreshes = createSegmentRefreshes({ refresh, now });
  const grantRuns = createGrantRuns(now, ({ runId, series }, error) =>
    logger.error({ err: error, runId, series }, 'a grant to a segment failed'),
  );
  const leaving = new AbortController();
  const routes = routesOf({ ...parts, tokens }, jobs, segmentRefreshes, grantRuns, leaving.signal);
  const api = createApi({
    routes,
    authenticator: createAuthenticator({
      directory: handler.directory,
      verifyToken: tokens.verify,
    }),
    rateLimit: createRateLimit({
      perSecond: config.rateLimitPerSecond,
      burst: config.rateLimitPerSecond * 2,
    }),
    limits: {
      bodyBytesMax: config.bodyLimitBytes,
      jsonDepthMax: 32,
      requestTimeoutMs: config.requestTimeoutMs,
      stalledMs: 120_000,
    },
    logger: logger.child({ component: 'http' }),
    metrics,
    now,
    monitoringToken: config.monitoringToken,
    trustedProxies: config.trustedProxies,
    tracing: parts.tracing,
  });
  const listener = createListener({
    api,
    host: config.host,
    port: config.port,
    requestTimeoutMs: config.requestTimeoutMs,
  });
  const stop = async () =>
    void (await Promise.all([jobs, segmentRefreshes, grantRuns].map((each) => each.stop())));
  // Whoever waits for publications is answered before the listener drains.
  const stopIntake = () => {
    leaving.abort();
    listener.stopIntake();
  };
  return { listener: { ...listener, stopIntake }, jobs: { ...jobs, stop } };
};

const routesOf = (
  parts: HttpParts & { readonly tokens: AccessTokens },
  jobs: Jobs,
  segmentRefreshes: SegmentRefreshes,
  grantRuns: GrantRuns,
  stopping: AbortSignal,
): Route[] => {
  const { config, version, lifecycle, handler, personalData, signing, tokens, pool, hasRole } =
    parts;
  const users = {
    handler,
    personalData,
    inviteUser: createInviteUser(handler, personalData),
    removeUser: createRemoveUser(handler, personalData),
  };
  const business: Route[] = [];
  if (hasRole('pos')) {
    business.push(
      ...posRoutes({
        handler,
        personalData,
        enrolCustomer: createEnrolCustomer(handler, personalData),
        closeAccount: createCloseAccount(handler),
        erasePerson: createErasePerson(handler, personalData),
        addMember: createAddMember(handler, personalData),
        removeMember: createRemoveMember(handler),
        eraseMember: createEraseMember(handler, personalData),
        queries: createReadModels({ pool, waiting: parts.waiting }),
        operatorTokens: tokens,
      }),
    );
  }
  if (hasRole('admin')) {
    const { feed, waiting, work, simulations } = parts;
    business.push(
      ...adminRoutes({
        ...users,
        signing,
        history: parts.history,
        grantRuns,
        segmentMembers: (tenant, segmentId) => async (after, limit) => {
          const page = { tenant, segmentId, limit, ...(after === null ? {} : { after }) };
          const { rows, next } = await membersOf(pool, page);
          return { userIds: rows.map(({ userId }) => userId), next };
        },
        homeTenant: config.homeTenant as TenantId,
        feed,
        pool,
        jobs,
        waiting,
        work,
        simulations,
        segmentRefreshes,
        kafka: kafkaStanding(config, pool),
        seeds: createSeeds(parts.personalKeys),
      }),
    );
  }
  const { arrivals } = parts;
  const handOver = openHandOver(parts);
  const publishing = openPublishing({ ...parts, arrivals, stopping });
  if (hasRole('admin')) business.push(...publishingAdminRoutes(publishing));
  if (hasRole('exchange')) {
    business.push(...identityRoutes({ ...users, tokens }));
    const { log } = parts;
    const about = { log, directory: handler.directory, arrivals };
    const reveal = createReveal(parts.personalKeys);
    business.push(
      ...exchangeRoutes({
        handler,
        publish: publishing.publish,
        pull: createPull({
          ...about,
          reveal,
          monotonicMs: () => performance.now(),
          now: parts.now,
        }),
        handOver,
        stopping,
      }),
      ...publishingRoutes(publishing),
      ...openEventStreams({ ...parts, ...about, reveal, handOver, stopping }),
    );
  }
  const reveal = createReveal(parts.personalKeys);
  business.push(
    ...openSearches({
      documents: parts.documents,
      directory: handler.directory,
      reveal,
      handOver,
      hasRole,
      homeTenant: config.homeTenant as TenantId,
    }),
  );
  if (hasRole('outreach')) business.push(...openOutreachMessages({ ...parts, stopping }));
  business.push(...openMessageSearches(parts));
  business.push(...openSubscriptions({ ...parts, stopping }));
  if (hasRole('exchange')) business.push(...openDeliveryOrders(parts));
  business.push(...openDeliveryConsole(parts));
  business.push(...openOutreachContent(parts));
  business.push(...openProviders(parts));
  if (hasRole('audit')) business.push(...auditRoutes({ history: parts.history }));
  const system = systemRoutes({
    version,
    live: lifecycle.live,
    ready: lifecycle.ready,
    metrics: config.metrics ? parts.metrics : null,
    publicKeys: signing.publicKeys,
  });
  const { publicUrl } = config;
  const documented = [...business, ...system];
  return [...documented, ...docsRoutes(() => openApiOf(documented, { version, publicUrl }))];
};
