/**
 * What is to be done with each message of a chunk now: sent, by whom and with what, or what is recorded of it instead. Nothing is awaited
 * here: what is to be known was learned before (knowledge.ts), and the decisions are the domain's.
 */
import { hash as digestOf } from 'node:crypto';
import type { Renderer } from '../../commands/template/render.js';
import type { Outreach } from '../../commands/outreach.js';
import { unsubscribeUrl } from '../../commands/consent/unsubscribe.js';
import type { ConsentClass } from '../../domain/consent/consent.js';
import { permissionOf } from '../../domain/consent/permission.js';
import type { OutreachRules } from '../../domain/consent/rules.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { Address } from '../../domain/message/address.js';
import type { RoutingDecision } from '../../domain/message/events.js';
import {
  addressKindOf,
  type Channel,
  classRules,
  type MessageClass,
} from '../../domain/message/kinds.js';
import { type Next, nextOf, stepOver } from '../../domain/message/message.js';
import { drawOf } from '../../domain/routing/draw.js';
import { conditionsHold } from '../../domain/strategy/conditions.js';
import type { CarrierPool } from './carriers.js';
import { clientReferenceOf } from './clientReference.js';
import type { Start } from './journalEvents.js';
import type { Knowledge } from './knowledge.js';
import type { Lately } from './lately.js';
import type { Loaded } from './loaded.js';
import type { Outgoing } from './providers/port.js';
import { createSaying } from './saying.js';

export interface Prepared {
  readonly kind: 'send';
  readonly loaded: Loaded;
  readonly providerId: ProviderId;
  readonly decision: RoutingDecision;
  readonly isProbe: boolean;
  readonly tokens: number;
  readonly start: Omit<Start, 'decision'>;
  readonly outgoing: Outgoing;
}

export type Preparation =
  | Prepared
  /** Recorded, and it waits. */
  | {
      readonly kind: 'hold';
      readonly loaded: Loaded;
      readonly until: number;
      readonly reason: string;
      readonly detail: string;
    }
  /** The step is over. */
  | {
      readonly kind: 'over';
      readonly loaded: Loaded;
      readonly next: Next;
      /** Of what is recorded, where it says more than the next state does. */
      readonly reason?: string;
      readonly detail?: string;
    }
  /** Nobody can take it at this moment: it waits for one of these. */
  | {
      readonly kind: 'blocked';
      readonly loaded: Loaded;
      readonly until: number | null;
      readonly by: readonly ProviderId[];
    }
  /** It is not its turn any more. */
  | { readonly kind: 'again'; readonly loaded: Loaded };

export interface PrepareOptions {
  readonly outreach: Outreach;
  readonly renderer: Renderer;
  readonly carriers: CarrierPool;
  readonly now: () => number;
  readonly lately: Lately;
  /** Where recipients end such messages; left out: messages have no link for it. */
  readonly publicUrl?: string;
}

export interface ChunkOf {
  readonly tenant: TenantId;
  readonly class: MessageClass;
  readonly channel: Channel;
  readonly rules: OutreachRules;
}

/** How long a message waits for what was recorded before it and is not known here yet: longer the longer it does, and not for ever. */
const notKnownHold = { least: 250, most: 60_000, forMs: 900_000 } as const;
/** How long a message is put off that nobody carries: longer the older it is. */
const noProviderHold = { least: 30_000, most: 1_800_000 } as const;

/** What speaks against a provider for a while. */
const passing: ReadonlySet<string> = new Set([
  ...['no-tokens', 'busy', 'breaker-open', 'breaker-probing', 'throttled'],
]);

const isCapped = (chunk: ChunkOf): boolean =>
  classRules[chunk.class].isCapped && chunk.rules.caps.length > 0;

const destinationOf = (address: Address): string =>
  address.kind === 'email' ? address.email : address.kind === 'phone' ? address.phone : '';

export const createPrepare = (options: PrepareOptions) => {
  const { carriers, now, lately, publicUrl = '' } = options;
  const say = createSaying(options);

  /** Of a class that recipients may object to. */
  const linkOf = (
    { tenant, class: of, channel }: ChunkOf,
    loaded: Loaded,
    known: Knowledge,
  ): string | null => {
    const address = known.hash(loaded);
    if (publicUrl === '' || !classRules[of].obeysConsent || address === null) return null;
    const terms = { tenant, subjects: known.endedBy(loaded), channel, class: of as ConsentClass };
    return unsubscribeUrl(publicUrl, known.linkKey, terms);
  };

  const permitted = (chunk: ChunkOf, loaded: Loaded, known: Knowledge) => {
    const { request, messageId: own } = loaded;
    // A message is one, however often and on however many channels it is tried.
    const recorded = known.sent(loaded).filter(({ messageId }) => messageId !== own);
    const isRecorded = (messageId: string) => recorded.some((one) => one.messageId === messageId);
    const others = isCapped(chunk)
      ? lately
          .of(request.recipient.subject)
          .filter(({ messageId }) => messageId !== own && !isRecorded(messageId))
      : [];
    return permissionOf({
      class: chunk.class,
      channel: chunk.channel,
      rules: chunk.rules,
      now: now(),
      consent: known.consent(loaded),
      suppression: known.suppression(loaded),
      sent: [...recorded, ...others],
      timeZone: request.recipient.timeZone ?? null,
    });
  };

  const over = (
    loaded: Loaded,
    reason: string,
    told?: { readonly reason?: string; readonly detail?: string },
    errorClass: 'contentPermanent' | null = null,
  ): Preparation => ({
    kind: 'over',
    loaded,
    next: stepOver(loaded.message, reason, now(), errorClass),
    ...told,
  });

  /** Null: it has waited for long enough. */
  const waitToKnow = (loaded: Loaded, detail: string): Preparation | null => {
    const { acceptedAt, expiresAt } = loaded.message;
    const age = now() - acceptedAt;
    if (age > notKnownHold.forMs) return null;
    const wait = Math.min(notKnownHold.most, Math.max(notKnownHold.least, age));
    const until = Math.min(expiresAt, now() + wait);
    return { kind: 'hold', loaded, until, reason: 'not-known-yet', detail };
  };

  const nobody = (
    loaded: Loaded,
    found: Extract<ReturnType<CarrierPool['route']>, { kind: 'none' }>,
  ): Preparation => {
    const { message } = loaded;
    const at = now();
    const by = found.candidates.flatMap(({ providerId, verdict }) =>
      passing.has(verdict) ? (providerId as ProviderId) : [],
    );
    if (found.reason === 'no-tokens') return { kind: 'blocked', loaded, until: found.until, by };
    if (found.reason === 'refused-for-good') return over(loaded, 'refused');
    if (found.reason === 'unavailable' && found.until !== null) {
      return { kind: 'blocked', loaded, until: found.until, by };
    }
    const detail = found.candidates
      .map(({ providerId, verdict }) => `${providerId}: ${verdict}`)
      .join(', ')
      .slice(0, 500);
    if (message.step < message.steps.length - 1) return over(loaded, 'no-provider', { detail });
    const age = at - message.acceptedAt;
    const wait = Math.min(noProviderHold.most, Math.max(noProviderHold.least, age / 2));
    const until = Math.min(message.expiresAt, at + wait);
    return { kind: 'hold', loaded, until, reason: 'no-provider', detail };
  };

  return (chunk: ChunkOf, loaded: Loaded, known: Knowledge): Preparation => {
    const { message, request } = loaded;
    const next = nextOf(message, now());
    const step = message.steps[message.step];
    if (next.kind !== 'send' || !step || step.channel !== chunk.channel) {
      return { kind: 'again', loaded };
    }
    const content = known.opened(loaded);
    if (content === null) return over(loaded, 'suppressed', { reason: 'erased' });
    if (content === 'broken') return over(loaded, 'unreadable');
    const early = known.isTooEarly(loaded) && waitToKnow(loaded, 'the account is not known yet');
    if (early) return early;
    const book = known.addresses(loaded);
    const holds = conditionsHold(step.when, {
      class: chunk.class,
      has: (kind) => book[kind] !== undefined,
      variables: content.variables ?? {},
    });
    if (!holds) return over(loaded, 'condition');
    const to = book[addressKindOf[chunk.channel]];
    const address = known.hash(loaded);
    if (!to || address === null) return over(loaded, 'no-address');
    const answer = permitted(chunk, loaded, known);
    if (answer.kind === 'hold') return { ...answer, loaded };
    if (answer.kind === 'suppressed') {
      return over(loaded, 'suppressed', { reason: answer.reason, detail: answer.detail });
    }
    const link = linkOf(chunk, loaded, known);
    const items = known.digested(loaded);
    const language = known.language(loaded);
    const said = say(chunk, loaded, { content, items, language, link });
    if (said.kind === 'missing') {
      const { detail } = said;
      const late = waitToKnow(loaded, detail);
      return late ?? over(loaded, 'content', { detail }, 'contentPermanent');
    }
    if (said.kind === 'faulty') {
      return over(loaded, said.reason, { detail: said.detail }, 'contentPermanent');
    }
    const attempt = (message.attempts.at(-1)?.attempt ?? 0) + 1;
    const tokens = said.segments ?? 1;
    const found = carriers.route(chunk.tenant, {
      channel: chunk.channel,
      class: chunk.class,
      destination: destinationOf(to),
      needs: tokens,
      random: drawOf(message.messageId, attempt),
      ...(step.providerId === undefined ? {} : { pinned: step.providerId }),
      tried: message.attempts
        .filter((one) => one.step === message.step)
        .map(({ providerId, errorClass, outcome, answeredAt, startedAt }) => ({
          providerId,
          errorClass: outcome === 'submitted' ? 'transient' : (errorClass ?? 'transient'),
          at: answeredAt ?? startedAt,
        })),
    });
    if (found.kind === 'none') return nobody(loaded, found);
    const { decision, cost, isProbe } = found;
    if (isCapped(chunk)) {
      const { messageId } = message;
      lately.add(request.recipient.subject, { messageId, channel: chunk.channel, at: now() });
    }
    const providerId = decision.chosen as ProviderId;
    const clientReference = clientReferenceOf(message, attempt);
    const silenceSeconds = carriers.silenceSeconds(chunk.tenant, providerId);
    const since = answer.since === undefined ? {} : { since: new Date(answer.since).toISOString() };
    return {
      kind: 'send',
      loaded,
      providerId,
      decision,
      isProbe,
      tokens,
      start: {
        messageId: message.messageId,
        attempt,
        step: message.step,
        channel: chunk.channel,
        providerId,
        clientReference,
        address,
        permission: { basis: answer.basis, ...since, asOf: known.asOf },
        contentHash: digestOf('sha256', JSON.stringify(said.content), 'hex'),
        ...(said.segments === null ? {} : { segments: said.segments }),
        ...(said.language === null ? {} : { language: said.language }),
        ...(cost ? { cost: { ...cost, micros: cost.micros * tokens } } : {}),
        ...(carriers.tellsNoMore(chunk.tenant, providerId) ? { receipts: 'none' as const } : {}),
        ...(silenceSeconds === undefined ? {} : { silenceSeconds }),
      },
      outgoing: {
        messageId: message.messageId,
        attempt,
        class: chunk.class,
        clientReference,
        to,
        content: link === null ? said.content : { ...said.content, unsubscribe: link },
        expiresAt: message.expiresAt,
        ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      },
    };
  };
};

export type Prepare = ReturnType<typeof createPrepare>;
