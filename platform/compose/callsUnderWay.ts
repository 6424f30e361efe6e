/**
 * How many calls of each provider one thread has under way, told to another through memory that both share. Providers lie in it by a digest of
 * their names: two in one place are both told the sum, so it serves to hold back, never to let more through.
 */
import { createHash } from 'node:crypto';
import type { ProviderRecord } from '../../commands/carriers.js';
import type { OtherThread } from '../../workers/outreach/callSlots.js';

const places = 1_024;

export type CallsUnderWay = SharedArrayBuffer;

export const openCallsUnderWay = (): CallsUnderWay =>
  new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT);

const placeOf = ({ tenant, providerId }: ProviderRecord): number =>
  createHash('sha256').update(`${tenant}\n${providerId}`).digest().readUInt16BE() % places;

type Side = (record: ProviderRecord) => OtherThread;

/** For the one thread that tells. What one before it told, which ended by itself, is forgotten. */
export const tellCalls = (memory: CallsUnderWay): Side => {
  const counts = new Int32Array(memory).fill(0);
  return (record) => {
    const place = placeOf(record);
    return { usual: 0, tell: (change) => void Atomics.add(counts, place, change) };
  };
};

/** For the thread that is told. */
export const hearCalls = (memory: CallsUnderWay): Side => {
  const counts = new Int32Array(memory);
  return (record) => {
    const place = placeOf(record);
    return {
      get usual() {
        return Math.max(0, Atomics.load(counts, place));
      },
      tell: () => undefined,
    };
  };
};
