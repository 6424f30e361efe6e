/**
 * Whoever takes messages as JSON over HTTP, described by its settings alone: what it is sent, what its answers mean, how it reports and how
 * it is asked what became of a request. For a provider that needs more than data, write a kind (docs/guides/providers.md).
 */
import { channels } from '../../../../domain/message/kinds.js';
import { defineKind } from '../defineKind.js';
import type { Outgoing, Provider, ProviderOptions, Reconciled, SendResult } from '../port.js';
import { eachOf, notSent, submitted } from '../results.js';
import { resultsOf } from './answer.js';
import { readCallback } from './callback.js';
import { textAt } from './pointer.js';
import { HttpSecrets, HttpSettings } from './settings.js';
import {
  filled,
  filledText,
  type Json,
  placeNames,
  placesIn,
  secretValues,
  type Values,
  valuesOf,
} from './template.js';

const atOnceDefault = 8;
const batchDefault = 50;

/** A place that nothing can fill would be sent empty for ever. */
const faultsOf = ({ request, batch, reconcile }: HttpSettings, secrets: HttpSecrets): string[] => {
  const known = new Set<string>([...placeNames, ...(batch ? ['items'] : [])]);
  for (const name of Object.keys(secrets)) known.add(`secrets.${name}`);
  const unknown = placesIn([request, batch, reconcile]).filter((name) => !known.has(name));
  const wanting = [...new Set(unknown)].map((name) => `has {{${name}}}, which nothing fills`);
  if (!batch || placesIn(request.body).includes('items')) return wanting;
  return [...wanting, 'has a batch whose body has no {{items}}'];
};

export const http = defineKind({
  kind: 'http',
  title: 'JSON over HTTP',
  summary: 'Posts messages as JSON that its settings describe, one by one or in batches.',
  channels,
  settings: HttpSettings,
  leadsTo: ['request', 'batch', 'reconcile'],
  secrets: HttpSecrets,
  batchMax: ({ batch }) => batch?.max ?? batchDefault,
  faults: faultsOf,
  receipts: 'callback',
  reconciles: true,
  expectsReceipts: ({ callback }) => callback !== undefined,
  open: (options) => openHttp(options),
  callback: readCallback,
});

const openHttp = (options: ProviderOptions<HttpSettings, HttpSecrets>): Provider => {
  const { settings, secrets, now } = options;
  const { request, batch, answer = {}, atOnce = atOnceDefault, reconcile } = settings;
  const hidden = secretValues(secrets);

  const headersOf = (headers: Readonly<Record<string, string>>, values: Values) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        // Whatever a message says cannot begin another header.
        filledText(value, values, (text) => text.replace(/[^\x20-\x7e]/g, '')),
      ]),
    );

  const post = (body: Json | undefined, values: Values, deadline: AbortSignal) =>
    options.http({
      method: request.method ?? 'POST',
      url: filledText(request.url, values, encodeURIComponent),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...headersOf(request.headers ?? {}, values),
      },
      body: JSON.stringify(body ?? null),
      deadline,
    });

  const sendOne = async (message: Outgoing, deadline: AbortSignal): Promise<SendResult> => {
    const values = { ...valuesOf(message, now()), ...hidden };
    const answered = await post(filled(request.body as Json, values), values, deadline);
    return resultsOf([message], answered, answer, now())[0] as SendResult;
  };

  const sendBatch = async (
    messages: readonly Outgoing[],
    item: Json,
    deadline: AbortSignal,
  ): Promise<readonly SendResult[]> => {
    if (deadline.aborted) return messages.map(notSent);
    const items = messages.map(
      (message) => filled(item, { ...valuesOf(message, now()), ...hidden }) ?? null,
    );
    const values = { ...hidden, items };
    const answered = await post(filled(request.body as Json, values), values, deadline);
    return resultsOf(messages, answered, answer, now());
  };

  const ask = async (clientReference: string, deadline: AbortSignal): Promise<Reconciled> => {
    if (!reconcile) return { outcome: 'unknown', cannotBeAsked: true };
    const values = { ...hidden, clientReference };
    const { body } = reconcile;
    const answered = await options.http({
      method: reconcile.method ?? 'GET',
      url: filledText(reconcile.url, values, encodeURIComponent),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headersOf(reconcile.headers ?? {}, values),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(filled(body as Json, values)) }),
      deadline,
    });
    if (answered.kind === 'failed') return { outcome: 'unknown' };
    const { statuses = [], at: pointer, is = [] } = reconcile.never;
    if (statuses.includes(answered.status)) return { outcome: 'never-arrived' };
    if (answered.status < 200 || answered.status > 299) return { outcome: 'unknown' };
    let said: unknown;
    try {
      said = JSON.parse(answered.body);
    } catch {
      return { outcome: 'unknown' };
    }
    const word = textAt(said, pointer);
    if (word !== null && is.includes(word)) return { outcome: 'never-arrived' };
    return submitted(textAt(said, reconcile.reference) ?? undefined);
  };

  return {
    send: (messages, deadline) =>
      batch
        ? sendBatch(messages, batch.item as Json, deadline)
        : eachOf(
            messages,
            atOnce,
            deadline,
            (message) => sendOne(message, deadline),
            options.onTrouble,
          ),
    ...(reconcile ? { reconcile: ask } : {}),
    close: async () => undefined,
  };
};
