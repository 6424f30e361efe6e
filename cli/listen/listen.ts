/** What `kopilka listen` does: finds out what to listen to, hears it, prints it, hands it on, and keeps the place. */
import type { SubscriptionId, TenantId, TopicId } from '../../domain/ids.js';
import type { EventFilter } from '../../domain/subscription/filter.js';
import { filterOf } from '../../api/exchange/eventFilter.js';
import { exitCodes, Failure } from '../failure.js';
import { connectHttp, type Http, NoAnswer, Problem } from '../http/http.js';
import { readReady } from '../http/ready.js';
import { onInterrupt } from '../interrupt.js';
import { type SecretOptions, secretOf, tokenOf } from './credentials.js';
import { checkReceiver, forward, type Receiver } from './forward.js';
import { hear, type Listening } from './heard.js';
import { readPlace, writePlace } from './placeFile.js';
import { createPrinter, type Printer } from './printed.js';
import { verifiedEvent } from './verified.js';

export interface ListenOptions extends SecretOptions {
  readonly topic?: string;
  readonly subscription?: string;
  readonly url?: string;
  readonly data: string;
  readonly after?: number | 'now' | 'start';
  /** JSON. */
  readonly filter?: string;
  readonly state?: string;
  readonly forward?: string;
  readonly mode?: 'structured' | 'binary';
  readonly pull: boolean;
  readonly limit?: number;
  readonly json: boolean;
}

/** Without a subscription the ids of what is forwarded are of this command's own. */
const ownSubscription = 'sub_listen' as SubscriptionId;

interface Order {
  readonly topicId: TopicId;
  readonly filter: EventFilter | null;
  readonly mode: 'structured' | 'binary';
  readonly subscriptionId: SubscriptionId;
}

const usage = (message: string, advice: string): Failure =>
  new Failure(message, { exitCode: exitCodes.usage, advice });

const filterGiven = (text: string): EventFilter => {
  try {
    return filterOf(text);
  } catch (error) {
    const example = `--filter '{"prefix":{"type":"com.motorhouse."}}'`;
    throw usage(`This is no filter: ${(error as Error).message}`, `Write ${example}`);
  }
};

const addressOf = (options: ListenOptions): string => {
  const url = options.url ?? (process.env['KOPILKA_URL'] || readReady(options.data)?.url);
  if (url !== undefined) return url;
  throw usage('Where is the exchange?', 'Name it with --url https://… or KOPILKA_URL.');
};

/** @throws Failure */
export const listen = async (options: ListenOptions): Promise<void> => {
  const token = tokenOf(options, process.env);
  const http = connectHttp(addressOf(options), { connections: 2 });
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  try {
    const me = await get<{ tenant: TenantId; name: string }>(http, token, '/exchange/v1/me');
    const order = await orderOf(options, http, token);
    const receiver = await receiverOf(options, order, me.tenant, http, token);
    if (receiver) checkReceiver(receiver);
    const { topicId } = order;
    const printer = createPrinter({
      json: options.json,
      topicId,
      out: process.stdout,
      err: process.stderr,
    });
    const kept = options.state === undefined ? null : readPlace(options.state, topicId);
    const asked = options.after ?? kept ?? 'now';
    const after = asked === 'start' ? null : asked;
    const { filter } = order;
    const by = options.pull ? ('pull' as const) : ('best' as const);
    printer.aside(`Listening to ${topicId} as ${me.name}. Ctrl-C ends it.`);
    const listening = { http, token, topicId, after, filter, by, signal };
    const last = await follow(listening, options, receiver, printer);
    if (signal.aborted) printer.aside(farewell(options, last));
  } catch (error) {
    throw inWords(error);
  } finally {
    interrupt.release();
    http.close();
  }
};

const get = async <Body>(http: Http, token: string, path: string): Promise<Body> =>
  (await http.send<Body>({ method: 'GET', path, token })).body;

const orderOf = async (options: ListenOptions, http: Http, token: string): Promise<Order> => {
  const { topic, subscription, mode } = options;
  const filter = options.filter === undefined ? null : filterGiven(options.filter);
  if (subscription === undefined) {
    if (topic === undefined) throw usage('Listen to what?', 'Name a --topic or a --subscription.');
    const own = { subscriptionId: ownSubscription, mode: mode ?? 'structured' } as const;
    return { topicId: topic as TopicId, filter, ...own };
  }
  const path = `/exchange/v1/subscriptions/${encodeURIComponent(subscription)}`;
  const found = await get<Order & { filter?: EventFilter | null }>(http, token, path);
  if (topic !== undefined && topic !== found.topicId) {
    throw usage(`${subscription} is of topic ${found.topicId}.`, 'Leave --topic out.');
  }
  return {
    topicId: found.topicId,
    filter: filter ?? found.filter ?? null,
    mode: mode ?? found.mode,
    subscriptionId: subscription as SubscriptionId,
  };
};

interface Secrets {
  readonly secrets: readonly { readonly v1: string | null }[];
}

const receiverOf = async (
  options: ListenOptions,
  order: Order,
  tenant: TenantId,
  http: Http,
  token: string,
): Promise<Receiver | null> => {
  if (options.forward === undefined) return null;
  const given = secretOf(options, process.env);
  const { topicId, mode, subscriptionId } = order;
  const about = { url: options.forward, mode, tenant, topicId, subscriptionId };
  if (given !== undefined) return { ...about, secrets: [given] };
  if (options.subscription !== undefined) {
    const path = `/exchange/v1/subscriptions/${encodeURIComponent(subscriptionId)}/secret`;
    const shown = await get<Secrets>(http, token, path);
    const secrets = shown.secrets.flatMap(({ v1 }) => v1 ?? []);
    if (secrets.length > 0) return { ...about, secrets };
  }
  throw usage(
    'There is no secret to sign with.',
    'Set KOPILKA_WEBHOOK_SECRET to whsec_…, or name a --subscription that is signed with v1.',
  );
};

/** A place is written this often; what came since is heard again after a crash. */
const keepEveryMs = 1_000;

/** @returns the last place that was heard. */
const follow = async (
  listening: Omit<Listening, 'topicId'> & { readonly topicId: TopicId },
  options: ListenOptions,
  receiver: Receiver | null,
  printer: Printer,
): Promise<number | null> => {
  const { topicId, signal } = listening;
  let last: number | null = null;
  let keptAt = performance.now();
  let left = options.limit ?? Infinity;
  const keep = (): void => {
    if (options.state !== undefined && last !== null) {
      writePlace(options.state, { topicId, place: last });
    }
    keptAt = performance.now();
  };
  try {
    for await (const heard of hear(listening)) {
      if (heard.kind === 'note') printer.trouble(heard.text);
      else if (heard.kind === 'passed') {
        last = heard.last;
        if (heard.reason !== 'filtered') printer.aside(passedText(heard));
      } else {
        const { place, event } = heard.item;
        const publication = verifiedEvent(event);
        const now = Math.floor(Date.now() / 1_000);
        const forwarded = receiver && (await forward(receiver, place, publication, now, signal));
        if (signal.aborted) break;
        printer.item(heard.item, forwarded);
        last = place;
        left -= 1;
        if (left <= 0) break;
      }
      if (performance.now() - keptAt >= keepEveryMs) keep();
    }
  } finally {
    keep();
  }
  return last;
};

const passedText = (passed: { first: number; last: number; reason: string }): string => {
  const { first, last, reason } = passed;
  const places = first === last ? `place ${first} is` : `places ${first} to ${last} are`;
  return `${places} passed over: ${reason}`;
};

const farewell = ({ state }: ListenOptions, last: number | null): string => {
  if (last === null) return 'Nothing was heard.';
  return state === undefined
    ? `The last place was ${last}: go on with --after ${last}`
    : `The last place was ${last}, kept in ${state}.`;
};

const adviceOn = ({ status, code }: Problem): string | undefined => {
  if (code === 'access-revoked' || code === 'topic-not-found') {
    return 'GET /exchange/v1/topics lists what the partner may see; its owner grants access.';
  }
  return status === 401 || status === 403
    ? 'Check KOPILKA_PARTNER_TOKEN: a partner has a token for each of its programs.'
    : undefined;
};

const inWords = (error: unknown): unknown => {
  if (error instanceof NoAnswer) {
    return new Failure(`The exchange does not answer. ${error.message}`, {
      exitCode: exitCodes.unreachable,
      advice: 'Check --url and that it is started.',
    });
  }
  if (!(error instanceof Problem)) return error;
  return new Failure(error.message, { exitCode: exitCodes.refused, advice: adviceOn(error) });
};
