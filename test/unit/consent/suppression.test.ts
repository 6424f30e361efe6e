import {
  releaseAddress,
  suppressAddress,
  suppression,
  type SuppressionEvent,
} from '../../../domain/consent/suppression.js';
import { specification } from '../registry/spec.js';

const given = specification(suppression);
const place = { channel: 'sms', address: 'a'.repeat(64) } as const;
const suppressed = (
  reason: 'unreachable' | 'complained' | 'operator',
): Extract<SuppressionEvent, { type: 'AddressSuppressed' }> => ({
  type: 'AddressSuppressed',
  data: { ...place, reason },
});
const released: SuppressionEvent = { type: 'AddressReleased', data: place };

describe('an address that is left alone', () => {
  it('is so once, for the weightiest of the reasons', () => {
    given()
      .when((state) => suppressAddress(suppressed('complained').data, state))
      .then(suppressed('complained'));
    given(suppressed('complained'))
      .when((state) => suppressAddress(suppressed('unreachable').data, state))
      .then(suppressed('unreachable'));
    given(suppressed('unreachable'))
      .when((state) => suppressAddress(suppressed('complained').data, state))
      .thenNothing();
    given(suppressed('operator'))
      .when((state) => suppressAddress(suppressed('operator').data, state))
      .thenNothing();
  });

  it('is written to again once it is released', () => {
    given(suppressed('operator'))
      .when((state) => releaseAddress(place, state))
      .then(released);
    given(suppressed('operator'), released)
      .when((state) => releaseAddress(place, state))
      .thenNothing();
    given(suppressed('operator'), released)
      .when((state) => suppressAddress(suppressed('complained').data, state))
      .then(suppressed('complained'));
  });
});
