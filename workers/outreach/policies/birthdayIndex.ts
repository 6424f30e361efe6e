/**
 * Who has a birthday when, kept so that nobody's birthday is opened to find out: of each customer a keyed hash of month and day, made once
 * when the day becomes known. It begins with the first policy that asks for birthdays, and is filled from the whole log then. Whoever is
 * erased or leaves is taken out.
 */
import { createHmac } from 'node:crypto';
import type { Directory } from '../../../commands/directory.js';
import type { PersonalData, PersonalKeys } from '../../../commands/personalData.js';
import type {
  AccountClosed,
  CustomerEnrolled,
  PersonErased,
} from '../../../domain/account/customerEvents.js';
import type { PersonChanged } from '../../../domain/account/profileEvents.js';
import type { EventOf } from '../../../domain/event.js';
import type { Fact } from '../../../domain/fact.js';
import { firstMember } from '../../../domain/household/household.js';
import type { TenantId, UserId } from '../../../domain/ids.js';
import { parseStreamName } from '../../../domain/stream.js';
import { pause } from '../../../projections/pause.js';
import { createFollowing, type Following, type FollowingOptions } from '../../following.js';

export interface BirthdayStore {
  /** `tag` null: it is not known any more. */
  put(tenant: TenantId, userId: UserId, tag: string | null): Promise<void>;
}

/** The same day has the same one throughout a programme, and none that could be guessed without its key. */
export const birthdayTag = (indexKey: Buffer, day: string): string =>
  createHmac('sha256', indexKey).update(`birthday\n${day}`).digest('hex').slice(0, 32);

type Watched =
  | EventOf<typeof CustomerEnrolled>
  | EventOf<typeof PersonChanged>
  | EventOf<typeof PersonErased>
  | EventOf<typeof AccountClosed>;
const eventTypes: readonly Watched['type'][] = [
  'CustomerEnrolled',
  'PersonChanged',
  'PersonErased',
  'AccountClosed',
];

/** The sealed day, null where there is none any more; undefined: it is not touched. */
const sealedOf = (event: Watched): string | null | undefined => {
  switch (event.type) {
    case 'CustomerEnrolled':
      return event.data.birthday ?? null;
    case 'PersonChanged': {
      const { memberId = firstMember, birthday = null } = event.data;
      return memberId === firstMember ? birthday : undefined;
    }
    case 'PersonErased':
    case 'AccountClosed':
      return null;
  }
};

export const createBirthdayIndex = (
  options: FollowingOptions & {
    readonly store: BirthdayStore;
    readonly personalData: Pick<PersonalData, 'open'>;
    readonly keys: Pick<PersonalKeys, 'indexKey'>;
    /** Everything in the log is in the index. */
    readonly onCaughtUp?: () => void;
  },
): Following => {
  const { store, personalData, keys, onCaughtUp } = options;
  const take = async (fact: Fact): Promise<void> => {
    const place = parseStreamName(fact.stream);
    if (place?.category !== 'account') return;
    const { tenant } = place;
    const userId = place.id as UserId;
    const sealed = sealedOf({ type: fact.type, data: fact.data } as Watched);
    if (sealed === undefined) return;
    const day = sealed && (await personalData.open(tenant, userId, sealed))?.birthDate;
    await store.put(tenant, userId, day ? birthdayTag(await keys.indexKey(tenant), day) : null);
  };
  return createFollowing(options, {
    name: 'birthdayIndex',
    eventTypes,
    take,
    ...(onCaughtUp ? { onCaughtUp } : {}),
  });
};

const askEveryMs = 5_000;

/** Runs `index` from when the first programme has a policy that asks for birthdays. */
export const whenAsked = async (
  directory: Directory,
  index: Following,
  signal: AbortSignal,
): Promise<void> => {
  const isAsked = (): boolean =>
    [...directory.tenants()].some(({ tenantId }) =>
      [...directory.outreach.policies(tenantId).values()].some(
        ({ content }) => content.trigger.kind === 'birthday',
      ),
    );
  while (!signal.aborted && !isAsked()) await pause(askEveryMs, signal);
  if (!signal.aborted) await index.run(signal);
};
