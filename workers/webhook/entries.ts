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

/** Of one: its place, when it was recorded and expires, its trace, its attributes, and how many bytes it has in both forms. */
type Row = readonly [
  place: number,
  recordedAt: number,
  expiresAt: number | null,
  traceparent: string | null,
  attributes: Publication,
  structuredBytes: number,
  publicationBytes: number,
];

export interface PackedPage {
  /** JSON of the rows. */
  readonly rows: string;
  /** Of each row its structured form, then its publication as JSON. Handed over, not copied. */
  readonly bytes: ArrayBuffer;
  /** What parts are sealed of, as it is. */
  readonly sealed: readonly Fact[];
}

const rowOf = (fact: Fact, structured: string, publication: string): Row => {
  const data = fact.data as Published;
  const { data: _data, dataBase64: _dataBase64, ...attributes } = data.publication;
  return [
    fact.revision,
    fact.recordedAt,
    expiryOf(data),
    fact.metadata.traceparent ?? null,
    attributes,
    Buffer.byteLength(structured),
    Buffer.byteLength(publication),
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
    const [structured, whole] = [structuredText(publication), JSON.stringify(publication)];
    const row = rowOf(fact, structured, whole);
    rows.push(row);
    texts.push(structured, whole);
    length += row[5] + row[6];
  }
  const bytes = new ArrayBuffer(length);
  const target = Buffer.from(bytes);
  let at = 0;
  for (const text of texts) at += target.write(text, at);
  return { rows: JSON.stringify(rows), bytes, sealed };
};

class PackedEntry implements Entry {
  readonly place: number;
  readonly recordedAt: number;
  readonly expiresAt: number | null;
  readonly traceparent: string | undefined;
  readonly attributes: Publication;
  readonly eventId: string;
  readonly sealed = null;
  private parsed: Publication | undefined = undefined;

  constructor(
    [place, recordedAt, expiresAt, traceparent, attributes]: Row,
    readonly structured: Buffer,
    private readonly whole: Buffer,
  ) {
    this.place = place;
    this.recordedAt = recordedAt;
    this.expiresAt = expiresAt;
    this.traceparent = traceparent ?? undefined;
    this.attributes = attributes;
    this.eventId = attributes.id;
  }

  /** In structured mode nobody asks for it. */
  get publication(): Publication {
    return (this.parsed ??= JSON.parse(this.whole.toString()) as Publication);
  }
}

export const unpackPage = ({ rows, bytes, sealed }: PackedPage): Entry[] => {
  let at = 0;
  const part = (length: number): Buffer => Buffer.from(bytes, (at += length) - length, length);
  const entries: Entry[] = (JSON.parse(rows) as Row[]).map(
    (row) => new PackedEntry(row, part(row[5]), part(row[6])),
  );
  return [...entries, ...sealed.map(entryOf)];
};
