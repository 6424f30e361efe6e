/**
 * A publication as it may be shown: everybody who hands publications out goes through here, so that none forgets what has expired or
 * what was erased. Nothing is asked of anybody where nothing is sealed.
 */
import type { Fact } from '../../domain/fact.js';
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { putBack } from '../../domain/publication/pointer.js';
import {
  handlingAttributes,
  type Publication,
  type Published,
} from '../../domain/publication/publication.js';
import { type PersonalKeys, SealBroken } from '../personalData.js';
import { openContent, type PersonalContent } from './sealing.js';

export type Revealed =
  | { readonly kind: 'shown'; readonly publication: Publication }
  /** Its time to live is over: its place is passed. */
  | { readonly kind: 'expired' }
  /** The person was erased, or the key is lost: what was personal is null, and `personalerased` says so. */
  | { readonly kind: 'erased'; readonly publication: Publication };

/** @param nowMs milliseconds since the epoch. */
export type Reveal = (
  tenant: TenantId,
  topicId: TopicId,
  fact: Fact,
  nowMs: number,
) => Promise<Revealed>;

type Sealed = NonNullable<Published['personal']>;

/** Null also where it was sealed under another key: one that was lost must not hold up all that follows. */
const readable = async (
  keys: Pick<PersonalKeys, 'find'>,
  tenant: TenantId,
  partnerId: PartnerId,
  personal: Sealed,
): Promise<PersonalContent | null> => {
  try {
    return await openContent(keys, tenant, partnerId, personal);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
};

/** As its publisher sent it, and with the attribute that says which parts are personal. */
const withPersonal = async (
  keys: Pick<PersonalKeys, 'find'>,
  tenant: TenantId,
  { partnerId, publication }: Published,
  personal: Sealed,
): Promise<Revealed> => {
  const content = await readable(keys, tenant, partnerId, personal);
  const pointers = { [handlingAttributes.pointers]: personal.pointers.join(' ') };
  const extended = (more: Record<string, string | boolean>, data: unknown): Publication => ({
    ...publication,
    data,
    extensions: { ...publication.extensions, ...pointers, ...more },
  });
  if (!content) {
    const erased = extended({ [handlingAttributes.erased]: true }, publication.data);
    return { kind: 'erased', publication: erased };
  }
  const { subject, taken } = content;
  const whole = putBack(publication.data, taken);
  const shown = extended({ [handlingAttributes.subject]: subject }, whole);
  return { kind: 'shown', publication: shown };
};

export const createReveal =
  (keys: Pick<PersonalKeys, 'find'>): Reveal =>
  async (tenant, _topicId, fact, nowMs) => {
    const published = fact.data as Published;
    const { publication, expiresAt, personal } = published;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return { kind: 'expired' };
    if (personal) return withPersonal(keys, tenant, published, personal);
    return { kind: 'shown', publication };
  };
