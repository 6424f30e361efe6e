/**
 * Whatever is done to a user in whatever order: a password is theirs alone to set, and a token that was ended stays ended.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { PartnerId, PartnerUserId } from '../../../domain/ids.js';
import {
  block,
  changePassword,
  invite,
  issueReset,
  logOff,
  partnerUser,
  type PartnerUser,
  type PartnerUserEvent,
  remove,
  setPasswordByCode,
  setRoles,
  unblock,
} from '../../../domain/partnerUser/partnerUser.js';
import { Rejected } from '../../../domain/rejected.js';

const week = 7 * 86_400_000;
const letters = ['a', 'b', 'c'] as const;
type Letter = (typeof letters)[number];

/** What may be asked, with the hour in which it is. */
interface Step {
  readonly does:
    'invite' | 'reset' | 'set' | 'change' | 'roles' | 'block' | 'unblock' | 'logOff' | 'remove';
  readonly letter: Letter;
  readonly now: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    'invite',
    'reset',
    'set',
    'change',
    'roles',
    'block',
    'unblock',
    'logOff',
    'remove',
  ),
  letter: fc.constantFrom(...letters),
  now: fc.integer({ min: 0, max: 3 * week }),
});

const codeOf = ({ letter, now }: Step) => ({
  codeHash: letter.repeat(64),
  codeUntil: new Date(now + week).toISOString(),
});

const decide = (each: Step, state: PartnerUser): PartnerUserEvent[] => {
  const { does, letter, now } = each;
  const reason = 'why';
  switch (does) {
    case 'invite': {
      const person = { partnerUserId: 'pu1' as PartnerUserId, partnerId: 'bank' as PartnerId };
      return invite({ ...person, sealed: '', roles: ['reader'], ...codeOf(each) }, state);
    }
    case 'reset':
      return issueReset(codeOf(each), state);
    case 'set':
      return setPasswordByCode(
        { codeHash: letter.repeat(64), passwordHash: `scrypt$${letter}${now}`, now },
        state,
      );
    case 'change':
      return changePassword({ passwordHash: `scrypt$${letter}` }, state);
    case 'roles':
      return setRoles({ roles: letter === 'a' ? ['reader'] : ['publisher'] }, state);
    case 'block':
      return block({ reason }, state);
    case 'unblock':
      return unblock(state);
    case 'logOff':
      return logOff(state);
    case 'remove':
      return remove({ reason }, state);
  }
};

/** In the order of time, as they come. @param seen is told of every decision that was taken. */
const run = (
  steps: readonly Step[],
  seen: (each: Step, before: PartnerUser, after: PartnerUser) => void,
): void => {
  let state = partnerUser.initial();
  let revision = 0;
  for (const each of [...steps].sort((a, b) => a.now - b.now)) {
    const before = state;
    let events: PartnerUserEvent[];
    try {
      events = decide(each, before);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      continue;
    }
    for (const event of events) {
      state = partnerUser.evolve(state, { ...event, revision, occurredAt: each.now });
      revision += 1;
    }
    expect(decidesNothing(each, state), `${each.does} repeated`).to.equal(true);
    seen(each, before, state);
  }
};

/** A repeat is carried out already, or refused; resetting and logging off are done each time anew. */
const decidesNothing = (each: Step, state: PartnerUser): boolean => {
  if (each.does === 'reset' || each.does === 'logOff') return true;
  try {
    return decide(each, state).length === 0;
  } catch (error) {
    return error instanceof Rejected;
  }
};

/** Whether a token of this session would be let in. */
const lets = (state: PartnerUser, session: number): boolean =>
  state.status === 'known' && !state.isBlocked && state.session === session;

describe('the life of a user of a partner, in any order', () => {
  it('lets a password be set by the open code alone, once and in time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) =>
        run(steps, ({ does, letter, now }, before, after) => {
          const [had, has] = [before, after].map((state) =>
            state.status === 'known' ? state.passwordHash : null,
          );
          if (has === had || has === null) return;
          if (does === 'change') return;
          expect(does).to.equal('set');
          if (before.status !== 'known' || after.status !== 'known') throw new Error('not known');
          expect(before.isBlocked).to.equal(false);
          expect(before.code).to.include({ hash: letter.repeat(64) });
          expect(now).to.be.lessThan(before.code?.until ?? 0);
          expect(after.code).to.equal(null);
        }),
      ),
    );
  });

  it('brings no token back that was ended', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const begun = new Set<number>();
        const ended = new Set<number>();
        run(steps, ({ does }, before, after) => {
          const sessions = 'session' in before ? before.session : -1;
          for (const session of ended) expect(lets(after, session), does).to.equal(false);
          for (const session of begun) if (!lets(after, session)) ended.add(session);
          // Whoever can log on may have done so.
          if (after.status === 'known' && !after.isBlocked && after.passwordHash !== null) {
            begun.add(after.session);
          }
          const ends =
            ['block', 'reset', 'set', 'logOff', 'remove'].includes(does) && before !== after;
          if (ends) expect(lets(after, sessions), does).to.equal(false);
        });
      }),
    );
  });
});
