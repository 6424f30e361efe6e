/** What is kept of a request for as long as something may be sent of it: what to say to whom, sealed, and what it is told apart by. */
import type { MessageId } from '../../domain/ids.js';
import type { Accepted } from '../../domain/message/message.js';

export type StoredRequest = Pick<
  Accepted,
  'recipient' | 'template' | 'sealed' | 'requester' | 'campaign' | 'traceparent' | 'digest'
>;

/** As JSON can have it. */
export const requestOf = (data: Accepted): object => {
  const { recipient, template, sealed, requester, campaign, traceparent, digest } = data;
  const kept: Record<keyof StoredRequest, unknown> = {
    recipient,
    template,
    sealed,
    requester,
    campaign,
    traceparent,
    digest,
  };
  return kept;
};

export const storedRequest = (text: string): StoredRequest => JSON.parse(text) as StoredRequest;

/** A message's number as the domain writes it. */
export const idOf = (uuid: string): MessageId => uuid.replaceAll('-', '') as MessageId;
