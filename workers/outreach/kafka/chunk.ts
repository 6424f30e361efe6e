/**
 * Requests that are taken in together: each recorded, or found to be at fault with the cause. Each begins a stream of its own under its key,
 * so what comes again after a rebalance or a crash, in whatever company, is the same message; nothing has to be remembered.
 */
import type { AcceptItem, AcceptMessages, AcceptResult } from '../../../commands/message/accept.js';
import type { Requester } from '../../../commands/message/resolve.js';
import { InvalidInput } from '../../../commands/validation.js';
import type { PartnerId, TenantId } from '../../../domain/ids.js';
import type { MessageClass } from '../../../domain/message/kinds.js';
import { rejected } from '../../../domain/rejected.js';
import { type Cause, causeOf } from '../../kafka/in/deadLetter.js';
import type { FoundMessage } from '../../kafka/port.js';
import { foundRequest, type FoundRequest } from './request.js';

export interface TakenRequest {
  readonly message: FoundMessage;
  readonly result: AcceptResult;
  /** Of a dead letter. */
  readonly cause: Cause | null;
}

export interface RequestTaker {
  readonly tenant: TenantId;
  readonly class: MessageClass;
  readonly accept: AcceptMessages;
  /** Whether a partner is there and was not revoked. */
  readonly isPartner: (id: PartnerId) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const bytesMax = 262_144;

const tooLarge = (bytes: number): AcceptResult => ({
  kind: 'refused',
  error: new InvalidInput([{ pointer: '', reason: `${bytes} bytes, at most ${bytesMax}` }]),
});

type Decoded = { readonly message: FoundMessage } & (
  { readonly found: FoundRequest } | { readonly result: AcceptResult }
);

const decode = (message: FoundMessage, place: string, by: RequestTaker): Decoded => {
  const bytes = message.value?.length ?? 0;
  if (bytes > bytesMax) return { message, result: tooLarge(bytes) };
  try {
    const found = foundRequest(message, by.class, place);
    const { kind, id } = found.requester;
    if (kind !== 'partner' || by.isPartner(id as PartnerId)) return { message, found };
    const error = rejected('partner-not-found', { partnerId: id });
    return { message, result: { kind: 'refused', error } };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { message, result: { kind: 'refused', error } };
  }
};

const acceptAll = async (
  { tenant, accept, now }: RequestTaker,
  requester: Requester,
  items: readonly AcceptItem[],
): Promise<readonly AcceptResult[]> => {
  const { kind, id } = requester;
  const actor = { kind: kind === 'partner' ? ('partner' as const) : ('system' as const), id };
  return accept(items, { tenant, actor, requester, now: now(), correlationId: 'kafka' });
};

/** @throws what the log threw: some may be recorded then, and all are to be taken again. */
export const takeRequests = async (
  messages: readonly FoundMessage[],
  { kafkaTopic, partition }: { readonly kafkaTopic: string; readonly partition: number },
  by: RequestTaker,
): Promise<readonly TakenRequest[]> => {
  const decoded = messages.map((message) =>
    decode(message, `${kafkaTopic}/${partition}/${message.offset}`, by),
  );
  const wanted = decoded.flatMap((one) => ('found' in one ? [one.found] : []));
  const requesters = new Map(wanted.map(({ requester }) => [requesterName(requester), requester]));
  const results = new Map<FoundRequest, AcceptResult>();
  for (const [name, requester] of requesters) {
    const theirs = wanted.filter((one) => requesterName(one.requester) === name);
    const told = await acceptAll(
      by,
      requester,
      theirs.map(({ item }) => item),
    );
    theirs.forEach((one, i) => results.set(one, told[i] as AcceptResult));
  }
  return decoded.map((one) => {
    const result = 'found' in one ? (results.get(one.found) as AcceptResult) : one.result;
    if (result.kind === 'unavailable') throw result.error;
    const cause = result.kind === 'refused' ? causeOf(result.error) : null;
    return { message: one.message, result, cause };
  });
};

const requesterName = ({ kind, id }: Requester): string => `${kind}/${id}`;
