import { expect } from 'chai';
import { createPool } from '../../../platform/postgres/pool.js';

describe('a pool of connections', () => {
  it('tells of one that broke without the insides of its client', async () => {
    const told: Error[] = [];
    const onIdleError = (error: Error): void => void told.push(error);
    const server = { host: '127.0.0.1', user: 'u', password: 'p', database: 'd' };
    const pool = createPool(server, { applicationName: 'test', onIdleError });
    const client = { user: 'kopilka', host: '/run/socket' };
    pool.emit(
      'error',
      Object.assign(new Error('gone'), { code: '57P01', client }),
      client as never,
    );
    await pool.end();
    expect(told).to.have.length(1);
    expect({ ...told[0] }).to.deep.equal({ code: '57P01' });
  });
});
