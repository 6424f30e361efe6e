/**
 * Publications as the body and headers of a request: CloudEvents 1.0 in structured, binary or batch mode. Where in the topic they stand
 * goes along in headers of our own, so that a receiver that misses something can pull it from there.
 */
import { cloudEventOf, type Publication } from '../../domain/publication/publication.js';
import type { SubscriptionTerms } from '../../domain/subscription/events.js';

/** A publication as it may be shown now. */
export interface Shown {
  readonly place: number;
  /** Maybe made when it is asked for (entries.ts). */
  readonly publication: Publication;
  /** Its structured form, where it is known already: many subscriptions share it. */
  readonly structured: Buffer | null;
  /** Its id as its publisher gave it. */
  readonly eventId?: string;
  /** Milliseconds since the epoch. */
  readonly recordedAt?: number;
  readonly traceparent?: string | undefined;
}

export interface Rendered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const structuredText = (publication: Publication): string =>
  JSON.stringify(cloudEventOf(publication));

export const structuredBody = (publication: Publication): Buffer =>
  Buffer.from(structuredText(publication));

const bodyOf = (shown: Shown): Buffer => shown.structured ?? structuredBody(shown.publication);

const comma = Buffer.from(',');
const [opening, closing] = [Buffer.from('['), Buffer.from(']')];

const batchBody = (shown: readonly Shown[]): Buffer =>
  Buffer.concat([
    opening,
    ...shown.flatMap((one, i) => (i === 0 ? [bodyOf(one)] : [comma, bodyOf(one)])),
    closing,
  ]);

/** As CloudEvents has it for headers: what is not printable ASCII, quotes and percent signs are percent-encoded UTF-8. */
const headerValue = (value: unknown): string =>
  String(value).replace(/[^\x21\x23\x24\x26-\x7e]+/gu, (text) =>
    // By way of UTF-8: half a surrogate pair has no other form.
    encodeURIComponent(Buffer.from(text).toString()),
  );

/** A publisher's text that no header can hold must not make the receiver's endpoint look broken. */
const mediaTypeOf = (given: string): string =>
  /^[\x20-\x7e]+$/.test(given) ? given : 'application/octet-stream';

const isJson = (mediaType: string): boolean => /[/+]json\b/.test(mediaType);

const binaryBody = (publication: Publication): Buffer => {
  const { data, dataBase64, datacontenttype = 'application/json' } = publication;
  if (dataBase64 !== undefined) return Buffer.from(dataBase64, 'base64');
  if (data === undefined) return Buffer.alloc(0);
  if (typeof data === 'string' && !isJson(datacontenttype)) return Buffer.from(data);
  return Buffer.from(JSON.stringify(data));
};

const binary = ({ publication }: Shown): Rendered => {
  const {
    data: _data,
    data_base64: _base64,
    datacontenttype,
    ...attributes
  } = cloudEventOf(publication);
  const headers: Record<string, string> = {
    'content-type': mediaTypeOf(String(datacontenttype ?? 'application/json')),
  };
  for (const [name, value] of Object.entries(attributes)) {
    headers[`ce-${name}`] = headerValue(value);
  }
  return { headers, body: binaryBody(publication) };
};

const batchType = 'application/cloudevents-batch+json; charset=utf-8';
const structuredType = 'application/cloudevents+json; charset=utf-8';

const described = (type: string, topicId: string, places: string): Record<string, string> => ({
  'content-type': type,
  'kopilka-topic': topicId,
  'kopilka-place': places,
});

/** @param shown one, or several where the subscription takes batches. */
export const render = (
  { topicId, mode, batch }: Pick<SubscriptionTerms, 'topicId' | 'mode' | 'batch'>,
  shown: readonly Shown[],
): Rendered => {
  const [one] = shown;
  if (batch || !one) {
    const headers = described(batchType, topicId, shown.map(({ place }) => place).join(','));
    return { headers, body: batchBody(shown) };
  }
  if (mode === 'binary') {
    const { headers, body } = binary(one);
    const where = { 'kopilka-topic': topicId, 'kopilka-place': String(one.place) };
    return { headers: { ...headers, ...where }, body };
  }
  return { headers: described(structuredType, topicId, String(one.place)), body: bodyOf(one) };
};
