/**
 * Notifications to browsers (RFC 8030), encrypted for each (RFC 8291) and signed by our key (RFC 8292). The web-push package makes the
 * requests and is loaded with the first; they go out through the guarded client, since anybody may name an endpoint.
 */
import { createRequire } from 'node:module';
import { type Static, Type } from '@sinclair/typebox';
import type * as WebPushPackage from 'web-push';
import type { ErrorClass, MessageClass } from '../../../../domain/message/kinds.js';
import { defineKind } from '../defineKind.js';
import type {
  Outgoing,
  Provider,
  ProviderHttpAnswer,
  ProviderOptions,
  SendResult,
} from '../port.js';
import { eachOf, leavesUnknown, refusal, retryAfterMsOf, submitted } from '../results.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const Base64Url = (length: number, description: string) =>
  Type.String({ pattern: `^[A-Za-z0-9_-]{${length}}=*$`, description });

const WebPushSettings = Type.Object(
  {
    subject: Type.String({
      pattern: '^(mailto:|https://).{3,200}$',
      examples: ['mailto:push@example.com'],
      description: 'Whom a push service turns to when something is wrong',
    }),
    publicKey: Base64Url(87, 'VAPID, base64url: the one that browsers subscribed with'),
    pushServices: optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }), {
        minItems: 1,
        maxItems: 50,
        description:
          'Hosts that may be called, with what is below them; the well-known unless told',
      }),
    ),
    atOnce: optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
  },
  { ...closed, title: 'WebPushSettings' },
);
const WebPushSecrets = Type.Object(
  { privateKey: Base64Url(43, 'VAPID, base64url') },
  { ...closed, title: 'WebPushSecrets' },
);

/** Whoever subscribes names the endpoint: elsewhere it is not called, or anybody could make the provider look broken. */
const wellKnown = [
  ...['fcm.googleapis.com', 'android.googleapis.com', 'push.services.mozilla.com'],
  ...['notify.windows.com', 'push.apple.com'],
];

const batchMax = 50;
const atOnceDefault = 10;
/** A push service keeps nothing longer than four weeks. */
const ttlMaxSeconds = 28 * 86_400;
const payloadBytesMax = 3_993;

export const webpush = defineKind({
  kind: 'webpush',
  title: 'Web push',
  summary: 'Encrypts notifications for browsers and hands them to their push services.',
  channels: ['push'],
  settings: WebPushSettings,
  secrets: WebPushSecrets,
  batchMax: () => batchMax,
  receipts: 'none',
  open: (options) => openWebPush(options),
});

/** What push services answer. */
const classes: Readonly<Record<number, ErrorClass>> = {
  // The browser took its subscription back, or never had it.
  404: 'recipientPermanent',
  410: 'recipientPermanent',
  413: 'contentPermanent',
  429: 'throttled',
  400: 'contentPermanent',
  401: 'accountPermanent',
  403: 'accountPermanent',
};

const classOf = (status: number): ErrorClass => {
  if (leavesUnknown(status)) return 'unknownOutcome';
  return classes[status] ?? (status >= 500 ? 'transient' : 'contentPermanent');
};

const urgencies: Readonly<Record<MessageClass, 'high' | 'normal' | 'low'>> = {
  otp: 'high',
  transactional: 'high',
  service: 'normal',
  marketing: 'low',
};

const resultOf = (answered: ProviderHttpAnswer, now: number): SendResult => {
  if (answered.kind === 'failed') {
    const { written, code, text } = answered;
    if (written) return refusal('unknownOutcome', code, text);
    return refusal(code === 'ADDRESS_REFUSED' ? 'recipientPermanent' : 'transient', code, text);
  }
  const { status, headers, body } = answered;
  // A push service creates the message (201), or says nothing more; a page is from somebody else.
  if (status === 201 || status === 202 || (status < 300 && body === '')) {
    return submitted(headers['location']);
  }
  if (status < 300) return refusal('unknownOutcome', 'not-understood', 'Its answer made no sense.');
  const wait = retryAfterMsOf(headers['retry-after'], now);
  return refusal(classOf(status), status, `The push service answered ${status}.`, {
    response: body,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
};

const payloadOf = ({ content, clientReference }: Outgoing): string =>
  JSON.stringify({
    title: content.subject ?? '',
    body: content.text,
    ...(content.link === undefined ? {} : { link: content.link }),
    tag: clientReference,
  });

const openWebPush = (
  options: ProviderOptions<Static<typeof WebPushSettings>, Static<typeof WebPushSecrets>>,
): Provider => {
  const { settings, secrets, now, http } = options;
  const { subject, publicKey, atOnce = atOnceDefault, pushServices = wellKnown } = settings;
  let library: typeof WebPushPackage | undefined;
  const load = (): typeof WebPushPackage =>
    (library ??= createRequire(import.meta.url)('web-push') as typeof WebPushPackage);

  const requestFor = (message: Outgoing & { to: { kind: 'push' } }, payload: string) => {
    const { endpoint, keys } = message.to;
    const left = Math.floor((message.expiresAt - now()) / 1_000);
    return load().generateRequestDetails({ endpoint, keys }, payload, {
      vapidDetails: { subject, publicKey, privateKey: secrets.privateKey },
      TTL: Math.min(ttlMaxSeconds, left),
      urgency: urgencies[message.class],
    });
  };

  const isServed = (endpoint: string): boolean => {
    if (!URL.canParse(endpoint)) return false;
    const { hostname } = new URL(endpoint);
    return pushServices.some((host) => hostname === host || hostname.endsWith(`.${host}`));
  };

  const send = async (message: Outgoing, deadline: AbortSignal): Promise<SendResult> => {
    const { to, expiresAt } = message;
    if (to.kind !== 'push')
      return refusal('recipientPermanent', 'no-endpoint', 'No browser subscribed.');
    if (expiresAt <= now())
      return refusal('expired', 'expired', 'Its time was over before it was sent.');
    if (!isServed(to.endpoint)) {
      return refusal(
        'recipientPermanent',
        'unknown-service',
        'No push service that may be called.',
      );
    }
    const payload = payloadOf(message);
    if (Buffer.byteLength(payload) > payloadBytesMax) {
      return refusal(
        'contentPermanent',
        'too-large',
        `A notification has ${payloadBytesMax} bytes at most.`,
      );
    }
    let request: ReturnType<typeof requestFor>;
    try {
      request = requestFor({ ...message, to }, payload);
    } catch {
      // Ours were checked when it was registered.
      return refusal('recipientPermanent', 'keys', 'The keys of the subscription cannot be used.');
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers)
        .filter(([name]) => name !== 'Content-Length')
        .map(([name, value]) => [name, String(value)]),
    );
    const { endpoint: url, body } = request;
    return resultOf(
      await http({ method: 'POST', url, headers, body: body as Buffer, deadline }),
      now(),
    );
  };

  return {
    send: (messages, deadline) =>
      eachOf(messages, atOnce, deadline, (message) => send(message, deadline), options.onTrouble),
    close: async () => undefined,
  };
};
