/** Messages by a Telegram bot (Bot API, sendMessage). A bot may write only to those who began: whoever blocked it is not written to again. */
import { type Static, Type } from '@sinclair/typebox';
import type { ErrorClass } from '../../../../domain/message/kinds.js';
import { defineKind } from '../defineKind.js';
import type {
  Outgoing,
  Provider,
  ProviderHttpAnswer,
  ProviderOptions,
  SendResult,
} from '../port.js';
import { eachOf, leavesUnknown, refusal, submitted } from '../results.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;

const TelegramSettings = Type.Object(
  {
    baseUrl: optional(
      Type.String({
        pattern: '^https?://[^?#]{1,200}$',
        default: 'https://api.telegram.org',
        description: 'Of the Bot API; a server of your own has another one',
      }),
    ),
    silentMarketing: optional(
      Type.Boolean({ description: 'Advertisements arrive without a sound' }),
    ),
    linkPreviews: optional(Type.Boolean({ default: false })),
    atOnce: optional(Type.Integer({ minimum: 1, maximum: 30, default: 8 })),
  },
  { ...closed, title: 'TelegramSettings' },
);
const TelegramSecrets = Type.Object(
  {
    token: Type.String({
      pattern: '^[0-9]{1,20}:[A-Za-z0-9_-]{10,100}$',
      format: 'password',
      description: 'As BotFather gave it',
    }),
  },
  { ...closed, title: 'TelegramSecrets' },
);

const batchMax = 30;
const atOnceDefault = 8;
const throttleMs = 1_000;

export const telegram = defineKind({
  kind: 'telegram',
  title: 'Telegram bot',
  summary: 'Sends messages by a bot to those who began a chat with it.',
  channels: ['telegram'],
  settings: TelegramSettings,
  leadsTo: ['baseUrl'],
  secrets: TelegramSecrets,
  batchMax: () => batchMax,
  receipts: 'none',
  open: (options) => openTelegram(options),
});

/** What 400 is about stands in its description alone. */
const aboutChat =
  /chat not found|user is deactivated|PEER_ID_INVALID|chat_id is empty|group chat was upgraded/i;

const classOf = (code: number, description: string): ErrorClass => {
  if (code === 429) return 'throttled';
  if (code === 403) return 'recipientPermanent';
  if (code === 401 || code === 404) return 'accountPermanent';
  if (code === 400) return aboutChat.test(description) ? 'recipientPermanent' : 'contentPermanent';
  if (leavesUnknown(code)) return 'unknownOutcome';
  return code >= 500 ? 'transient' : 'contentPermanent';
};

interface Said {
  readonly ok?: unknown;
  readonly error_code?: unknown;
  readonly description?: unknown;
  readonly parameters?: { readonly retry_after?: unknown };
  readonly result?: { readonly message_id?: unknown };
}

const parsed = (body: string): Said | null => {
  try {
    const said: unknown = JSON.parse(body);
    return typeof said === 'object' && said !== null ? said : null;
  } catch {
    return null;
  }
};

const resultOf = (answered: ProviderHttpAnswer): SendResult => {
  if (answered.kind === 'failed') {
    const { written, code, text } = answered;
    if (written) return refusal('unknownOutcome', code, text);
    return refusal(code === 'ADDRESS_REFUSED' ? 'accountPermanent' : 'transient', code, text);
  }
  const said = parsed(answered.body);
  if (said?.ok === true) {
    const id = said.result?.message_id;
    return submitted(typeof id === 'number' ? id : undefined);
  }
  if (!said && answered.status < 400) {
    return refusal('unknownOutcome', 'not-understood', 'Its answer made no sense.');
  }
  const code = typeof said?.error_code === 'number' ? said.error_code : answered.status;
  const description = typeof said?.description === 'string' ? said.description : `Status ${code}`;
  const seconds = Number(said?.parameters?.retry_after);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : throttleMs;
  const errorClass = classOf(code, description);
  return refusal(errorClass, code, description, {
    response: answered.body,
    ...(errorClass === 'throttled' ? { retryAfterMs: wait } : {}),
  });
};

const textOf = ({ content: { subject, text, link } }: Outgoing): string =>
  [subject, text, link].filter((one) => one !== undefined && one !== '').join('\n\n');

const openTelegram = (
  options: ProviderOptions<Static<typeof TelegramSettings>, Static<typeof TelegramSecrets>>,
): Provider => {
  const { settings, secrets, now, http } = options;
  const { baseUrl = 'https://api.telegram.org', linkPreviews = false } = settings;
  const { silentMarketing = false, atOnce = atOnceDefault } = settings;
  const url = `${baseUrl.replace(/\/$/, '')}/bot${secrets.token}/sendMessage`;

  const send = async (message: Outgoing, deadline: AbortSignal): Promise<SendResult> => {
    const { to, expiresAt } = message;
    if (to.kind !== 'telegram') return refusal('recipientPermanent', 'no-chat', 'This is no chat.');
    if (expiresAt <= now())
      return refusal('expired', 'expired', 'Its time was over before it was sent.');
    const body = JSON.stringify({
      chat_id: to.chatId,
      text: textOf(message),
      link_preview_options: { is_disabled: !linkPreviews },
      ...(silentMarketing && message.class === 'marketing' ? { disable_notification: true } : {}),
    });
    const headers = { 'content-type': 'application/json' };
    return resultOf(await http({ method: 'POST', url, headers, body, deadline }));
  };

  return {
    send: (messages, deadline) =>
      eachOf(messages, atOnce, deadline, (message) => send(message, deadline), options.onTrouble),
    close: async () => undefined,
  };
};
