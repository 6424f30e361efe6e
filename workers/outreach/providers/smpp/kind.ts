/**
 * SMS by SMPP 3.4 over one transceiver. Submitted means that the centre took every part; receipts are asked for of the last part, whose number
 * is kept, so that each message has one and it is understood after a restart too.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineKind } from '../defineKind.js';
import { gathered } from '../gathering.js';
import type { Outgoing, Provider, ProviderOptions, SendResult } from '../port.js';
import { eachOf, refusal, submitted } from '../results.js';
import { isThrottling, resultOfStatus } from './errors.js';
import { loadSmpp } from './library.js';
import { type Asked, createLink, type Link, NotBound } from './link.js';
import { encoded, partsMax, partsOf } from './parts.js';
import { receiptOf, referenceOf } from './receipt.js';
import { SmppSecrets, SmppSettings } from './settings.js';

const batchMax = 100;
const udhIndicator = 0x40;
const partRetryMs = 500;

export const smpp = defineKind({
  kind: 'smpp',
  title: 'SMS by SMPP',
  summary:
    'Submits messages to an SMS centre over a connection that stays bound, and takes its receipts.',
  channels: ['sms'],
  settings: SmppSettings,
  leadsTo: ['host', 'port', 'tls', 'certificateAuthority'],
  secrets: SmppSecrets,
  batchMax: () => batchMax,
  receipts: 'connection',
  expectsReceipts: ({ receipts = true }) => receipts,
  open: (options) => openSmpp(options),
});

type Fields = Readonly<Record<string, unknown>>;

const notBound = (error: NotBound, now: number): SendResult => {
  const { code, status, retryAt, message } = error;
  if (status !== null) {
    const found = resultOfStatus(status);
    // Whatever binding was refused for, no message was.
    const isOurs = found.outcome === 'refused' && found.errorClass === 'accountPermanent';
    return isOurs ? found : refusal('transient', code, message);
  }
  const mend =
    code === 'ADDRESS_REFUSED' || /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
  if (mend) return refusal('accountPermanent', code, message);
  return refusal('transient', code, message, { retryAfterMs: Math.max(0, retryAt - now) });
};

/** @param isFirst nothing of the message was taken before. */
const resultOf = (
  asked: Exclude<Asked, { pdu: { command_status: 0 } }>,
  isFirst: boolean,
): SendResult => {
  const found =
    asked.kind === 'answered'
      ? resultOfStatus(asked.pdu.command_status)
      : asked.isWritten
        ? refusal('unknownOutcome', asked.code, 'Nothing came back of what was written.')
        : refusal('transient', asked.code, 'It was not sent.');
  if (isFirst || found.outcome === 'submitted') return found;
  return refusal('unknownOutcome', found.code, `Some of its parts were taken. ${found.text}`);
};

const openSmpp = (options: ProviderOptions<SmppSettings, SmppSecrets>): Provider => {
  const { settings, secrets, dial, now, onReceipts, onTrouble } = options;
  const { receiptIds = 'same', receipts = true, longMessages = 'udh' } = settings;
  const { window = 10, source, destination = { ton: 1, npi: 1 } } = settings;
  const take = gathered(onReceipts);
  let link: Link | undefined;
  // From anywhere: parts of what was sent before this opening may still be on their way under the first numbers.
  let messages = randomInt(256);

  const linked = (): Link =>
    (link ??= createLink({
      library: loadSmpp(),
      dial,
      settings,
      secrets,
      now,
      onTrouble,
      onDeliver: async (pdu) => {
        const receipt = receiptOf(pdu, receiptIds, now());
        if (receipt) await take(receipt);
        return true;
      },
    }));

  /** What every part has in common. */
  const head = ({ to, expiresAt }: Outgoing): Fields => ({
    source_addr_ton: source.ton ?? 5,
    source_addr_npi: source.npi ?? 0,
    source_addr: source.address,
    dest_addr_ton: destination.ton,
    dest_addr_npi: destination.npi,
    destination_addr: to.kind === 'phone' ? to.phone.replace(/^\+/, '') : '',
    validity_period: new Date(expiresAt),
  });

  const bodiesOf = (text: string): readonly Fields[] => {
    const library = loadSmpp();
    messages += 1;
    const parts = partsOf(text, messages, library);
    const { dataCoding: data_coding, bodies } = parts;
    if (bodies.length === 1) return [{ data_coding, short_message: bodies[0] }];
    if (longMessages === 'payload') {
      const { whole } = encoded(text, library);
      return [{ data_coding, short_message: Buffer.alloc(0), message_payload: whole }];
    }
    return bodies.map((short_message) => ({ data_coding, short_message, esm_class: udhIndicator }));
  };

  /** Of a message that was begun, what the centre has no room for now is asked again: nobody can read half of it. */
  const askPart = async (
    fields: Fields,
    isFirst: boolean,
    deadline: AbortSignal,
  ): Promise<Asked> => {
    try {
      for (;;) {
        const asked = await linked().ask('submit_sm', fields, deadline);
        const isFull = asked.kind === 'answered' && isThrottling(asked.pdu.command_status);
        if (isFirst || !isFull) return asked;
        await sleep(partRetryMs, undefined, { signal: deadline }).catch(() => undefined);
      }
    } catch (error) {
      if (isFirst || !(error instanceof NotBound)) throw error;
      return { kind: 'lost', isWritten: false, code: error.code };
    }
  };

  const submit = async (message: Outgoing, deadline: AbortSignal): Promise<SendResult> => {
    const { to, content, expiresAt } = message;
    if (to.kind !== 'phone') {
      return refusal('recipientPermanent', 'no-number', 'This is no telephone number.');
    }
    if (expiresAt <= now())
      return refusal('expired', 'expired', 'Its time was over before it was sent.');
    const bodies = bodiesOf(content.text);
    if (bodies.length > partsMax) return refusal('contentPermanent', 'too-long', 'It is too long.');
    let reference = '';
    for (const [index, body] of bodies.entries()) {
      const registered_delivery = receipts && index === bodies.length - 1 ? 1 : 0;
      const fields = { ...head(message), ...body, registered_delivery };
      const asked = await askPart(fields, index === 0, deadline);
      if (asked.kind === 'lost' || asked.pdu.command_status !== 0) {
        return resultOf(asked, index === 0);
      }
      reference = referenceOf(asked.pdu.message_id ?? '', receiptIds);
    }
    return submitted(reference);
  };

  // Receipts of what was sent before a restart come as soon as somebody is there.
  if (receipts) linked().keep();
  return {
    send: (given, deadline) =>
      eachOf(
        given,
        Math.max(window, 1),
        deadline,
        async (message) => {
          try {
            return await submit(message, deadline);
          } catch (error) {
            if (error instanceof NotBound) return notBound(error, now());
            throw error;
          }
        },
        onTrouble,
      ),
    close: async () => link?.close(),
  };
};
