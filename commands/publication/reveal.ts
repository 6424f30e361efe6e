/**
 * A publication as it may be shown: everybody who hands publications out goes through here, so that none forgets what has expired or
 * what was erased. Nothing is asked of anybody where nothing is sealed.
 */
import type { Fact } from '../../domain/fact.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import type { Publication, Published } from '../../domain/publication/publication.js';
import type { PersonalKeys } from '../personalData.js';

export type Revealed =
  | { readonly kind: 'shown'; readonly publication: Publication }
  /** Its time to live is over: its place is passed. */
  | { readonly kind: 'expired' }
  /** The person was erased: what was personal is null. */
  | { readonly kind: 'erased'; readonly publication: Publication };

/** @param nowMs milliseconds since the epoch. */
export type Reveal = (
  tenant: TenantId,
  topicId: TopicId,
  fact: Fact,
  nowMs: number,
) => Promise<Revealed>;

export const createReveal =
  (_keys: Pick<PersonalKeys, 'find'>): Reveal =>
  async (_tenant, _topicId, fact) => {
    const { publication } = fact.data as Published;
    return { kind: 'shown', publication };
  };
