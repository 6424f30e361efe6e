import { expect } from 'chai';
import { createDirectory, DeadlineExceeded } from '../../../commands/directory.js';
import type {
  AppId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  ProductId,
  TenantId,
  TillId,
} from '../../../domain/ids.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { factMaker } from './facts.js';

const demo = 'demo' as TenantId;
const other = 'other' as TenantId;
const till = {
  tillId: 'till1' as TillId,
  merchantId: 1 as MerchantId,
  pointOfSaleId: 10 as PointOfSaleId,
  name: 'Front',
  secretHash: 'a'.repeat(64),
};

describe('the directory', () => {
  it('knows each kind of thing by tenant and id', () => {
    const directory = createDirectory();
    const fact = factMaker();
    const product = { productId: 'P-1' as ProductId, name: 'Tea', price: 100 };
    directory.apply(
      fact('tenant-demo.demo', 'TenantRegistered', {
        tenantId: demo,
        name: 'Demo',
        currency: 'GBP',
        gsrnPrefix: '80',
      }),
    );
    directory.apply(
      fact('merchant-demo.1', 'MerchantRegistered', {
        merchantId: 1,
        name: 'Baker',
        timeZone: 'UTC',
      }),
    );
    directory.apply(
      fact('pointofsale-demo.10', 'PointOfSaleRegistered', {
        pointOfSaleId: 10,
        merchantId: 1,
        name: 'High Street',
      }),
    );
    directory.apply(fact('till-demo.till1', 'TillRegistered', till));
    directory.apply(fact('app-demo.app1', 'AppRegistered', { appId: 'app1', name: 'App' }));
    directory.apply(
      fact('operator-demo.ann', 'OperatorRegistered', { operatorId: 'ann', roles: ['owner'] }),
    );
    directory.apply(fact('product-demo.P-1', 'ProductListed', product));

    expect(directory.tenant(demo)).to.include({ currency: 'GBP', status: 'active' });
    expect(directory.merchant(demo, 1 as MerchantId)).to.include({ name: 'Baker' });
    expect(directory.pointOfSale(demo, 10 as PointOfSaleId)).to.include({ merchantId: 1 });
    expect(directory.till(demo, till.tillId)).to.include({ ...till, commandId: 'command-4' });
    expect(directory.app(demo, 'app1' as AppId)).to.include({ name: 'App' });
    expect(directory.operator(demo, 'ann' as OperatorId)?.roles).to.deep.equal(['owner']);
    expect(directory.product(demo, product.productId)).to.include({ price: 100 });
    expect([...directory.tills(demo)]).to.have.lengthOf(1);
    expect([...directory.tenants()].map(({ tenantId }) => tenantId)).to.deep.equal([demo]);
    expect(directory.counts()).to.deep.equal({
      tenants: 1,
      merchants: 1,
      pointsOfSale: 1,
      tills: 1,
      apps: 1,
      operators: 1,
      products: 1,
      productsLeftOut: 0,
    });
  });

  it('shows nothing of one tenant to another', () => {
    const directory = createDirectory();
    directory.apply(factMaker(demo)('till-demo.till1', 'TillRegistered', till));
    expect(directory.till(other, till.tillId)).to.equal(undefined);
    expect([...directory.tills(other)]).to.deep.equal([]);
    expect(directory.rule(other)).to.equal(null);
  });

  it('keeps what was revoked, as revoked', () => {
    const directory = createDirectory();
    const fact = factMaker();
    const revocations: [string, string, string, object][] = [
      ['till', 'till1', 'Till', till],
      ['merchant', '1', 'Merchant', { merchantId: 1 }],
      ['pointofsale', '10', 'PointOfSale', { pointOfSaleId: 10 }],
      ['app', 'app1', 'App', { appId: 'app1' }],
      ['operator', 'ann', 'Operator', { operatorId: 'ann' }],
      ['tenant', 'demo', 'Tenant', { tenantId: 'demo' }],
    ];
    for (const [category, id, name, data] of revocations) {
      directory.apply(fact(`${category}-demo.${id}`, `${name}Registered`, data));
      directory.apply(fact(`${category}-demo.${id}`, `${name}Revoked`, { reason: 'left' }));
    }
    expect([
      directory.till(demo, till.tillId)?.status,
      directory.merchant(demo, 1 as MerchantId)?.status,
      directory.pointOfSale(demo, 10 as PointOfSaleId)?.status,
      directory.app(demo, 'app1' as AppId)?.status,
      directory.operator(demo, 'ann' as OperatorId)?.status,
      directory.tenant(demo)?.status,
    ]).to.deep.equal(Array(6).fill('revoked'));
  });

  it('follows a product through revision, delisting and listing again', () => {
    const directory = createDirectory();
    const fact = factMaker();
    const id = 'P-1' as ProductId;
    const stream = 'product-demo.P-1';
    directory.apply(fact(stream, 'ProductListed', { productId: id, price: 100 }));
    directory.apply(fact(stream, 'ProductRevised', { productId: id, price: 120 }));
    expect(directory.product(demo, id)).to.include({ price: 120, status: 'active' });
    directory.apply(fact(stream, 'ProductDelisted', { reason: 'sold out' }));
    expect(directory.product(demo, id)).to.include({ status: 'revoked' });
    directory.apply(fact(stream, 'ProductListed', { productId: id, price: 130 }));
    expect(directory.product(demo, id)).to.include({ price: 130, status: 'active' });
    expect(directory.counts().products).to.equal(1);
  });

  it('keeps a bounded number of products and counts the rest', () => {
    const directory = createDirectory({ productsMax: 2 });
    const fact = factMaker();
    for (const id of ['P1', 'P2', 'P3', 'P2']) {
      directory.apply(fact(`product-demo.${id}`, 'ProductListed', { productId: id }));
    }
    expect(directory.counts()).to.include({ products: 2, productsLeftOut: 1 });
  });

  it('knows which rule was in force at a time', () => {
    const directory = createDirectory();
    const fact = factMaker();
    expect(directory.rule(demo)).to.equal(null);
    expect(directory.ruleAt(demo, 5)).to.equal(null);
    const rule = { pointValue: 1 };
    directory.apply(fact('programme-demo.rule', 'ProgrammeRuleSet', { version: 1, rule }, 1_000));
    directory.apply(fact('programme-demo.rule', 'ProgrammeRuleSet', { version: 2, rule }, 2_000));
    expect(directory.rule(demo)?.version).to.equal(2);
    const versions = [500, 1_000, 1_999, 2_000].map(
      (time) => directory.ruleAt(demo, time)?.version,
    );
    expect(versions).to.deep.equal([1, 1, 1, 2]);
  });

  it('changes the hash with the password', () => {
    const directory = createDirectory();
    const fact = factMaker();
    const ann = 'ann' as OperatorId;
    directory.apply(
      fact('operator-demo.ann', 'OperatorRegistered', { operatorId: ann, passwordHash: 'one' }),
    );
    directory.apply(fact('operator-demo.ann', 'OperatorPasswordChanged', { passwordHash: 'two' }));
    expect(directory.operator(demo, ann)).to.include({ passwordHash: 'two', status: 'active' });
  });

  it('ignores what it has seen before, so that a feed may overlap', () => {
    const directory = createDirectory();
    const fact = factMaker();
    const registered = fact('till-demo.till1', 'TillRegistered', till);
    directory.apply(registered);
    directory.apply(fact('till-demo.till1', 'TillRevoked', { reason: 'x' }));
    directory.apply(registered);
    expect(directory.till(demo, till.tillId)?.status).to.equal('revoked');
    expect(directory.position).to.equal(2n);
  });

  it('asks for events that exist, and for no event of accounts', () => {
    const { eventTypes } = createDirectory();
    for (const type of eventTypes) expect(eventDefinitions.has(type), type).to.equal(true);
    expect(eventTypes.has('PurchaseConfirmed')).to.equal(false);
    expect(eventTypes.has('CardReserved')).to.equal(false);
  });
});

describe('waiting for the directory', () => {
  it('ends at once where the position is reached', async () => {
    const directory = createDirectory();
    directory.advance(7n);
    await directory.waitFor(7n, 1);
  });

  it('ends when a fact or a checkpoint arrives at the position', async () => {
    const directory = createDirectory();
    const fact = factMaker();
    const first = directory.waitFor(1n, 1_000);
    const second = directory.waitFor(9n, 1_000);
    directory.apply(fact('till-demo.till1', 'TillRegistered', till));
    await first;
    directory.advance(10n);
    await second;
  });

  it('ends with DeadlineExceeded otherwise, naming the position', async () => {
    const directory = createDirectory();
    const failure = await directory.waitFor(3n, 5).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(DeadlineExceeded).and.include({ position: 3n, deadlineMs: 5 });
  });
});
