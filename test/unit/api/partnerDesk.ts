/** What an owner of a programme does so that a partner can act in it. */
import { randomUUID } from 'node:crypto';
import request, { type Test } from 'supertest';
import type { TestShop } from './testShop.js';

type Admin = (method: 'post', path: string, body: object) => Test;

/** @param path behind that of the admin API */
export const asOwner = (
  { app, owner }: Pick<TestShop, 'app' | 'owner'>,
  method: 'post' | 'put',
  path: string,
  body: object,
): Test =>
  request(app)
    [method](`/admin/v1${path}`)
    .set('authorization', `Bearer ${owner}`)
    .set('idempotency-key', randomUUID())
    .send(body);

/** Registers the partner, and gives it a credential. */
export const joinPartner = async (
  admin: Admin,
  partnerId: string,
): Promise<{ readonly token: string; readonly credentialId: string }> => {
  await admin('post', '/partners', { partnerId, name: partnerId }).expect(201);
  const { body } = await admin('post', `/partners/${partnerId}/credentials`, { label: 'x' });
  return body as { token: string; credentialId: string };
};
