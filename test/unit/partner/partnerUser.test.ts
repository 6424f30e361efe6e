import type { PartnerId, PartnerUserId } from '../../../domain/ids.js';
import {
  block,
  changePassword,
  invite,
  issueReset,
  partnerUser,
  type PartnerUserEvent,
  remove,
  setPasswordByCode,
  setRoles,
  unblock,
} from '../../../domain/partnerUser/partnerUser.js';
import { specification } from '../registry/spec.js';

const given = specification(partnerUser);
const until = Date.UTC(2026, 0, 8);
const early = until - 1;
const codeOf = (letter: string) => ({
  codeHash: letter.repeat(64),
  codeUntil: new Date(until).toISOString(),
});
const invitation = {
  partnerUserId: `pu${'0'.repeat(20)}` as PartnerUserId,
  partnerId: 'bank' as PartnerId,
  sealed: 'AQ',
  roles: ['administrator' as const, 'reader' as const],
  ...codeOf('a'),
};
const invited: PartnerUserEvent = { type: 'PartnerUserInvited', data: invitation };
const passwordHash = 'scrypt$1';
const passwordSet: PartnerUserEvent = { type: 'PartnerUserPasswordSet', data: { passwordHash } };
const reset: PartnerUserEvent = { type: 'PartnerUserResetIssued', data: codeOf('b') };
const reason = 'left';
const blocked: PartnerUserEvent = { type: 'PartnerUserBlocked', data: { reason } };
const unblocked: PartnerUserEvent = { type: 'PartnerUserUnblocked', data: {} };
const removed: PartnerUserEvent = { type: 'PartnerUserRemoved', data: { reason } };

const byCode = (letter: string, now = early) => ({
  codeHash: letter.repeat(64),
  passwordHash,
  now,
});

describe('a user of a partner', () => {
  it('is invited once with the same roles, and again after having been removed', () => {
    given()
      .when((state) => invite(invitation, state))
      .then(invited);
    given(invited)
      .when((state) => invite({ ...invitation, roles: ['reader', 'administrator'] }, state))
      .thenNothing();
    given(invited, passwordSet)
      .when((state) => invite({ ...invitation, roles: ['publisher'] }, state))
      .thenRejected('already-registered');
    given(invited, removed)
      .when((state) => invite(invitation, state))
      .then(invited);
  });

  it('sets a password by the code, once, while it lasts and is the last one', () => {
    given(invited)
      .when((state) => setPasswordByCode(byCode('a'), state))
      .then(passwordSet);
    given(invited)
      .when((state) => setPasswordByCode(byCode('b'), state))
      .thenRejected('invitation-refused');
    given(invited)
      .when((state) => setPasswordByCode(byCode('a', until), state))
      .thenRejected('invitation-refused');
    given(invited, passwordSet)
      .when((state) => setPasswordByCode(byCode('a'), state))
      .thenRejected('invitation-refused');
    given(invited, reset)
      .when((state) => setPasswordByCode(byCode('a'), state))
      .thenRejected('invitation-refused');
    given(invited, passwordSet, reset)
      .when((state) => setPasswordByCode(byCode('b'), state))
      .then(passwordSet);
  });

  it('sets none while blocked, removed or unknown', () => {
    for (const past of [[], [invited, blocked], [invited, removed]]) {
      given(...past)
        .when((state) => setPasswordByCode(byCode('a'), state))
        .thenRejected('invitation-refused');
    }
    given(invited, blocked, unblocked)
      .when((state) => setPasswordByCode(byCode('a'), state))
      .then(passwordSet);
  });

  it('changes a password to another one', () => {
    given(invited, passwordSet)
      .when((state) => changePassword({ passwordHash: 'scrypt$2' }, state))
      .then({ type: 'PartnerUserPasswordSet', data: { passwordHash: 'scrypt$2' } });
    given(invited, passwordSet)
      .when((state) => changePassword({ passwordHash }, state))
      .thenNothing();
  });

  it('has roles said anew, in whatever order', () => {
    given(invited)
      .when((state) => setRoles({ roles: ['reader', 'administrator'] }, state))
      .thenNothing();
    given(invited)
      .when((state) => setRoles({ roles: ['reader', 'publisher'] }, state))
      .then({ type: 'PartnerUserRolesSet', data: { roles: ['publisher', 'reader'] } });
  });

  it('is blocked and let in again, each once', () => {
    given(invited)
      .when((state) => block({ reason }, state))
      .then(blocked);
    given(invited, blocked)
      .when((state) => block({ reason: 'again' }, state))
      .thenNothing();
    given(invited, blocked).when(unblock).then(unblocked);
    given(invited).when(unblock).thenNothing();
  });

  it('is removed once, and nothing is left to do with', () => {
    given(invited)
      .when((state) => remove({ reason }, state))
      .then(removed);
    given(invited, removed)
      .when((state) => remove({ reason }, state))
      .thenNothing();
    for (const past of [[], [invited, removed]]) {
      for (const decide of [
        (state: Parameters<typeof unblock>[0]) => block({ reason }, state),
        unblock,
        (state: Parameters<typeof unblock>[0]) => issueReset(codeOf('b'), state),
        (state: Parameters<typeof unblock>[0]) => setRoles({ roles: ['reader'] }, state),
      ]) {
        given(...past)
          .when(decide)
          .thenRejected('partner-user-not-found');
      }
    }
  });
});
