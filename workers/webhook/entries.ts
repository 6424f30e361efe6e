/**
 * Publications as deliveries need them, and pages of them packed for another thread: to read one from the log and to write it as it is sent takes
 * as long as to send it, so a backlog is read beside (platform/compose/publicationPages.ts).
 */
import type { Fact } from '../../domain/fact.js';
import type { Publication, Published } from '../../domain/publication/publication.js';
import { type Shown, structuredBody, structuredText } from './rendering.js';

export interface Entry extends Shown {
  readonly eventId: string;
  readonly recordedAt: number;
  /** Milliseconds since the epoch; null: it does not expire. */
  readonly expiresAt: number | null;
  /** The publication, maybe without its data. */
  readonly attributes: Publication;
  /** Null where parts are sealed: then it is revealed anew each time, since a person may have been erased. */
  readonly structured: Buffer | null;
  /** What is to be revealed; null where nothing is. */
  readonly sealed: Fact | null;
}

const expiryOf = ({ expiresAt }: Published): number | null =>
  expiresAt === undefined ? null : Date.parse(expiresAt);

export const entryOf = (fact: Fact): Entry => {
  const data = fact.data as Published;
  const { publication, personal } = data;
  return {
    place: fact.revision,
    eventId: publication.id,
    recordedAt: fact.recordedAt,
    expiresAt: expiryOf(data),
    traceparent: fact.metadata.traceparent,
    attributes: publication,
    publication,
    structured: personal === undefined ? structuredBody(publication) : null,
    sealed: personal === undefined ? null : fact,
  };
};

/** Of one: its place, when it was recorded and expires, its trace, its attributes, and of its structured form the size and whether data is in it. */
type Row = readonly [
  place: number,
  recordedAt: number,
  expiresAt: number | null,
  traceparent: string | null,
  attributes: Publication,
  bytes: number,
  hasData: boolean,
];

export interface PackedPage {
  /** JSON of the rows. */
  readonly rows: string;
  /** The structured forms, one after the other. Handed over, not copied. */
  readonly bytes: ArrayBuffer;
  /** What parts are sealed of, as it is. */
  readonly sealed: readonly Fact[];
}

const rowOf = (fact: Fact, structured: string): Row => {
  const published = fact.data as Published;
  const { data, dataBase64: _dataBase64, ...attributes } = published.publication;
  return [
    fact.revision,
    fact.recordedAt,
    expiryOf(published),
    fact.metadata.traceparent ?? null,
    attributes,
    Buffer.byteLength(structured),
    data !== undefined,
  ];
};

export const packPage = (facts: readonly Fact[]): PackedPage => {
  const rows: Row[] = [];
  const texts: string[] = [];
  const sealed: Fact[] = [];
  let length = 0;
  for (const fact of facts) {
    const { publication, personal } = fact.data as Published;
    if (personal !== undefined) {
      sealed.push(fact);
      continue;
    }
    const structured = structuredText(publication);
    const row = rowOf(fact, structured);
    rows.push(row);
    texts.push(structured);
    length += row[5];
  }
  const bytes = new ArrayBuffer(length);
  const target = Buffer.from(bytes);
  let at = 0;
  for (const text of texts) at += target.write(text, at);
  return { rows: JSON.stringify(rows), bytes, sealed };
};

interface WithData {
  readonly data?: unknown;
  readonly data_base64?: string;
}

class PackedEntry implements Entry {
  readonly place: number;
  readonly recordedAt: number;
  readonly expiresAt: number | null;
  readonly traceparent: string | undefined;
  readonly attributes: Publication;
  readonly eventId: string;
  readonly sealed = null;
  private readonly hasData: boolean;
  private parsed: Publication | undefined = undefined;

  constructor(
    [place, recordedAt, expiresAt, traceparent, attributes, _bytes, hasData]: Row,
    readonly structured: Buffer,
  ) {
    this.hasData = hasData;
    this.place = place;
    this.recordedAt = recordedAt;
    this.expiresAt = expiresAt;
    this.traceparent = traceparent ?? undefined;
    this.attributes = attributes;
    this.eventId = attributes.id;
  }

  /** In structured mode nobody asks for it. */
  get publication(): Publication {
    return (this.parsed ??= this.parse());
  }

  private parse(): Publication {
    const { data, data_base64: dataBase64 } = JSON.parse(this.structured.toString()) as WithData;
    // An extension may have the name, where there is no data.
    return {
      ...this.attributes,
      ...(this.hasData ? { data } : {}),
      ...(dataBase64 === undefined ? {} : { dataBase64 }),
    };
  }
}

export const unpackPage = ({ rows, bytes, sealed }: PackedPage): Entry[] => {
  let at = 0;
  const part = (length: number): Buffer => Buffer.from(bytes, (at += length) - length, length);
  const entries: Entry[] = (JSON.parse(rows) as Row[]).map(
    (row) => new PackedEntry(row, part(row[5])),
  );
  return [...entries, ...sealed.map(entryOf)];
};
