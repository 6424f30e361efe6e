/**
 * The keys that were given up before their time, whichever programme's owner said so: a part of the directory, so that every
 * process refuses what such a key signed as soon as the log has it.
 */
import type { Fact } from '../domain/fact.js';
import { signingKeyEvents } from '../domain/signingKey/signingKey.js';
import type { DirectoryPart } from './directoryPart.js';

export interface RevokedKeys extends DirectoryPart {
  has(kid: string): boolean;
}

export const createRevokedKeys = (): RevokedKeys => {
  const kids = new Set<string>();
  return {
    eventTypes: new Set(signingKeyEvents.map(({ type }) => type)),
    apply: ({ data }) => void kids.add((data as Fact<{ kid: string }>['data']).kid),
    has: (kid) => kids.has(kid),
  };
};
