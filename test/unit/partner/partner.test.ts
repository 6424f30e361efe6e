import type { CredentialId, PartnerId } from '../../../domain/ids.js';
import {
  issueCredential,
  partner,
  type PartnerEvent,
  registerPartner,
  revokeCredential,
  revokePartner,
} from '../../../domain/partner/partner.js';
import { specification } from '../registry/spec.js';

const given = specification(partner);
const partnerId = 'motor_house' as PartnerId;
const credentialId = 'cred1' as CredentialId;
const registered: PartnerEvent = {
  type: 'PartnerRegistered',
  data: { partnerId, name: 'Motor House' },
};
const credential = { credentialId, label: 'production', secretHash: 'a'.repeat(64) };
const issued: PartnerEvent = { type: 'PartnerCredentialIssued', data: credential };
const reason = 'leaked';
const credentialRevoked: PartnerEvent = {
  type: 'PartnerCredentialRevoked',
  data: { credentialId, reason },
};
const revoked: PartnerEvent = { type: 'PartnerRevoked', data: { reason } };

describe('a partner', () => {
  it('is registered once under its name', () => {
    given()
      .when((state) => registerPartner(registered.data as never, state))
      .then(registered);
    given(registered)
      .when((state) => registerPartner({ partnerId, name: 'Motor House' }, state))
      .thenNothing();
    given(registered)
      .when((state) => registerPartner({ partnerId, name: 'Another' }, state))
      .thenRejected('already-registered');
    given(registered, revoked)
      .when((state) => registerPartner({ partnerId, name: 'Motor House' }, state))
      .thenRejected('revoked');
  });

  it('is given credentials, each once', () => {
    given(registered)
      .when((state) => issueCredential(credential, state))
      .then(issued);
    given(registered, issued)
      .when((state) => issueCredential(credential, state))
      .thenNothing();
    given()
      .when((state) => issueCredential(credential, state))
      .thenRejected('partner-not-found');
    given(registered, revoked)
      .when((state) => issueCredential(credential, state))
      .thenRejected('revoked');
  });

  it('has no more than fifty in use', () => {
    const many = Array.from({ length: 50 }, (_, i): PartnerEvent => ({
      type: 'PartnerCredentialIssued',
      data: { ...credential, credentialId: `many${i}` as CredentialId },
    }));
    given(registered, ...many)
      .when((state) => issueCredential(credential, state))
      .thenRejected('too-many-credentials');
    const one: PartnerEvent = {
      type: 'PartnerCredentialRevoked',
      data: { credentialId: 'many7' as CredentialId, reason },
    };
    given(registered, ...many, one)
      .when((state) => issueCredential(credential, state))
      .then(issued);
  });

  it('loses one credential without the others, or all with itself', () => {
    const command = { credentialId, reason };
    given(registered, issued)
      .when((state) => revokeCredential(command, state))
      .then(credentialRevoked);
    given(registered, issued, credentialRevoked)
      .when((state) => revokeCredential(command, state))
      .thenNothing();
    given(registered)
      .when((state) => revokeCredential(command, state))
      .thenRejected('credential-not-found');
    given(registered, issued)
      .when((state) => revokePartner({ reason }, state))
      .then(revoked);
    given(registered, issued, revoked)
      .when((state) => revokePartner({ reason }, state))
      .thenNothing();
    given(registered, issued, revoked)
      .when((state) => revokeCredential(command, state))
      .thenNothing();
  });
});
