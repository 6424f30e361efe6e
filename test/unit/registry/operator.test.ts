import {
  changeOperatorPassword,
  operator,
  type OperatorEvent,
  registerOperator,
} from '../../../domain/operator/operator.js';
import { specification } from './spec.js';

const given = specification(operator);
const registered = {
  type: 'OperatorRegistered',
  data: {
    operatorId: 'ann' as never,
    name: 'Ann',
    passwordHash: 'scrypt$one',
    roles: ['owner', 'analyst'],
    merchantId: null,
  },
} satisfies OperatorEvent;
const changed: OperatorEvent = {
  type: 'OperatorPasswordChanged',
  data: { passwordHash: 'scrypt$two' },
};

describe('an operator', () => {
  it('is the same whatever the order of the roles and the salt of the password', () => {
    given(registered)
      .when((state) =>
        registerOperator(
          { ...registered.data, roles: ['analyst', 'owner'], passwordHash: 'scrypt$other' },
          state,
        ),
      )
      .thenNothing();
  });

  it('gets another password', () => {
    given(registered)
      .when((state) => changeOperatorPassword({ passwordHash: 'scrypt$two' }, state))
      .then(changed);
  });

  it('keeps the changed password', () => {
    given(registered, changed)
      .when((state) => changeOperatorPassword({ passwordHash: 'scrypt$two' }, state))
      .thenNothing();
  });

  it('who is unknown has no password to change', () => {
    given()
      .when((state) => changeOperatorPassword({ passwordHash: 'scrypt$two' }, state))
      .thenRejected('operator-not-found');
  });

  it('who was revoked gets no new password', () => {
    given(registered, { type: 'OperatorRevoked', data: { reason: 'left' } })
      .when((state) => changeOperatorPassword({ passwordHash: 'scrypt$two' }, state))
      .thenRejected('revoked');
  });
});
