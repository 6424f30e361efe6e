/**
 * Handovers as documents: one for a block of a topic's places, a partner, a way and whoever asked, with the runs of places in it. So a
 * question about one place looks at one block alone, and no document grows beyond its block, however often the same is read.
 */
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import type { Handover, PublicationsHandedOver } from '../../domain/handover/events.js';
import { type Run, withHandover } from '../../domain/handover/runs.js';
import type { DocumentChange, DocumentFields } from '../documents/documentProjection.js';
import { ownerOf, typed } from '../facts.js';

type HandedOver = EventOf<typeof PublicationsHandedOver>;

const blockPlaces = 128;

export const blockOf = (place: number): number => Math.floor(place / blockPlaces);

/** Who asked, in one word. */
export const askerMark = ({
  credentialId,
  userId,
}: Pick<Handover, 'credentialId' | 'userId'>): string =>
  userId === undefined ? `credential/${credentialId ?? ''}` : `user/${userId}`;

/** As they are stored: times as dates. */
interface StoredRun {
  readonly first: number;
  readonly last: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const runsOf = (document: DocumentFields | undefined): Run[] =>
  ((document?.['runs'] ?? []) as readonly StoredRun[]).map((run) => ({
    first: run.first,
    last: run.last,
    firstAt: run.firstAt.getTime(),
    lastAt: run.lastAt.getTime(),
  }));

const storedRun = ({ first, last, firstAt, lastAt }: Run): StoredRun => ({
  first,
  last,
  firstAt: new Date(firstAt),
  lastAt: new Date(lastAt),
});

type Ranges = Handover['ranges'];

/** The parts of ranges in each block that they touch. */
const inBlocks = (ranges: Ranges): ReadonlyMap<number, Ranges> => {
  const blocks = new Map<number, Ranges>();
  for (const { first, last } of ranges) {
    for (let block = blockOf(first); block <= blockOf(last); block += 1) {
      const part = {
        first: Math.max(first, block * blockPlaces),
        last: Math.min(last, (block + 1) * blockPlaces - 1),
      };
      blocks.set(block, [...(blocks.get(block) ?? []), part]);
    }
  }
  return blocks;
};

export const changesOf = (fact: Fact): readonly DocumentChange[] => {
  const { tenant } = fact.metadata;
  const topicId = ownerOf(fact);
  const at = fact.recordedAt;
  return typed<HandedOver>(fact).data.handovers.flatMap((handover) => {
    const { partnerId, way, ranges } = handover;
    const by = askerMark(handover);
    return [...inBlocks(ranges)].map(([block, parts]): DocumentChange => {
      const id = `${tenant}/${topicId}/${block}/${partnerId}/${way}/${by}`;
      return {
        id,
        apply: (earlier) => {
          let runs = runsOf(earlier);
          for (const { first, last } of parts) runs = withHandover(runs, first, last, at);
          const lastAt = runs.reduce((latest, run) => Math.max(latest, run.lastAt), at);
          const of = { tenant, topicId, block, partnerId, way, by };
          return { _id: id, runs: runs.map(storedRun), lastAt: new Date(lastAt), ...of };
        },
      };
    });
  });
};
