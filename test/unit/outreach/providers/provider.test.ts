import { expect } from 'chai';
import { createCarriers } from '../../../../commands/carriers.js';
import { createProviderSecrets } from '../../../../commands/provider/secrets.js';
import type { Fact } from '../../../../domain/fact.js';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import {
  type ProviderEvent,
  providerStream,
  type ProviderTerms,
} from '../../../../domain/provider/events.js';
import {
  changeProvider,
  closeBreaker,
  disableProvider,
  enableProvider,
  openBreaker,
  type Provider,
  provider,
  registerProvider,
  shiftWeight,
} from '../../../../domain/provider/provider.js';
import { noRouting, type RoutingRule, setRouting } from '../../../../domain/routing/rules.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';

const demo = 'demo' as TenantId;
const north = 'sms_north' as ProviderId;
const terms: ProviderTerms = {
  ...{ providerId: north, kind: 'sandbox', channel: 'sms', settings: {}, concurrency: 2 },
  ...{ description: 'North', sealedSecrets: 'seal1' },
};

const after = (events: readonly ProviderEvent[]): Provider =>
  events.reduce<Provider>(
    (state, event, revision) =>
      provider.evolve(state, { ...event, revision, occurredAt: 1_000 * (revision + 1) }),
    provider.initial(),
  );
const registered: ProviderEvent = { type: 'ProviderRegistered', data: terms };
const opened = (until: number): ProviderEvent => ({
  type: 'ProviderBreakerOpened',
  data: {
    ...{ reason: 'failing', until: new Date(until).toISOString(), attempts: 10, failures: 8 },
  },
});

describe('a provider', () => {
  it('is registered once, and again under another seal of the same secrets', () => {
    expect(registerProvider(terms, after([]))).to.deep.equal([registered]);
    expect(registerProvider({ ...terms, sealedSecrets: 'seal2' }, after([registered]))).to.be.empty;
    expect(() => registerProvider({ ...terms, channel: 'email' }, after([registered])))
      .to.throw()
      .with.property('code', 'already-registered');
  });

  it('is changed in what differs, and null takes away', () => {
    const [changed] = changeProvider(
      { description: null, concurrency: 2, timeoutMs: 500 },
      after([registered]),
    );
    expect(changed).to.deep.equal({
      type: 'ProviderChanged',
      data: { description: null, timeoutMs: 500 },
    });
    const state = after([registered, changed!]);
    expect(state).to.have.nested.property('terms.timeoutMs', 500);
    expect(state).to.not.have.nested.property('terms.description');
    expect(state).to.include({ generation: 2 });
    expect(changeProvider({ timeoutMs: 500 }, state)).to.be.empty;
  });

  it('is unknown until it is registered', () => {
    const unknown = after([]);
    for (const attempt of [
      () => changeProvider({}, unknown),
      () => disableProvider({ reason: 'x' }, unknown),
      () => enableProvider(unknown),
      () => closeBreaker(unknown),
    ]) {
      expect(attempt).to.throw().with.property('code', 'provider-not-found');
    }
  });

  it('stays disabled whatever the dispatcher says of its breaker', () => {
    const disabled: ProviderEvent = { type: 'ProviderDisabled', data: { reason: 'over' } };
    const state = after([
      registered,
      disabled,
      opened(9_000),
      { type: 'ProviderBreakerClosed', data: {} },
    ]);
    expect(state).to.include({ status: 'disabled', breaker: null });
    expect(disableProvider({ reason: 'again' }, state)).to.be.empty;
  });

  it('counts how often its breaker opened in a row, and is well once it is enabled or changed', () => {
    const twice = after([registered, opened(9_000), opened(12_000)]);
    expect(twice).to.deep.nested.include({ 'breaker.openings': 2, 'breaker.until': 12_000 });
    expect(openBreaker(opened(11_000).data as never, twice)).to.be.empty;
    expect(enableProvider(twice)).to.have.length(1);
    expect(after([registered, opened(9_000), { type: 'ProviderEnabled', data: {} }])).to.include({
      breaker: null,
    });
    const change: ProviderEvent = { type: 'ProviderChanged', data: { timeoutMs: 500 } };
    expect(after([registered, opened(9_000), change])).to.include({ breaker: null });
  });

  it('keeps its handicap until it is shifted otherwise', () => {
    const state = after([
      registered,
      { type: 'ProviderWeightShifted', data: { handicap: 20, reason: 'slow' } },
    ]);
    expect(state).to.include({ handicap: 20, shiftedAt: 2_000 });
    expect(shiftWeight({ handicap: 20, reason: 'slow' }, state)).to.be.empty;
    expect(shiftWeight({ handicap: 10, reason: 'calm' }, state)).to.have.length(1);
  });

  it('is looked up with its changes, of its own programme alone', () => {
    const carriers = createCarriers();
    const facts: ProviderEvent[] = [
      registered,
      { type: 'ProviderChanged', data: { timeoutMs: 500 } },
    ];
    for (const [revision, event] of facts.entries()) {
      expect(carriers.eventTypes.has(event.type)).to.equal(true);
      carriers.apply({
        ...event,
        ...{ stream: providerStream(demo, north), revision },
        metadata: { tenant: demo, occurredAt: '2026-11-22T12:00:00.000Z' },
      } as unknown as Fact);
    }
    expect(carriers.provider(demo, north)).to.include({ timeoutMs: 500, status: 'active' });
    expect(carriers.provider('other' as TenantId, north)).to.equal(undefined);
    expect([...carriers.all()]).to.have.length(1);
    expect(carriers.routing(demo)).to.equal(noRouting);
  });

  it('has secrets that open for it alone', async () => {
    const keys = createMemoryPersonalKeys();
    const secrets = createProviderSecrets(keys);
    const sealedSecrets = await secrets.seal(demo, north, { password: 'secret' });
    expect(sealedSecrets).to.not.include('secret');
    const own = { tenant: demo, providerId: north, sealedSecrets };
    expect(await secrets.open(own)).to.deep.equal({ password: 'secret' });
    expect(await secrets.open({ tenant: demo, providerId: north })).to.deep.equal({});
    const stolen = await secrets
      .open({ ...own, providerId: 'sms_south' as ProviderId })
      .catch((error: Error) => error.name);
    expect(stolen).to.equal('SealBroken');
  });
});

describe('routing rules', () => {
  const rule: RoutingRule = {
    ...{ ruleId: 'all_sms', channel: 'sms', by: 'weight' },
    providers: [{ providerId: north, weight: 100 }],
  };

  it('are numbered, and set again only where they differ', () => {
    const [set] = setRouting({ rules: [rule] }, noRouting);
    expect(set?.data).to.deep.equal({ version: 1, rules: [rule] });
    expect(setRouting({ rules: [rule] }, set!.data)).to.be.empty;
  });

  it('are not set by somebody who looked at others', () => {
    const state = { version: 3, rules: [rule] };
    expect(() => setRouting({ rules: [], expectedVersion: 2 }, state))
      .to.throw()
      .with.property('code', 'routing-changed');
    expect(setRouting({ rules: [], expectedVersion: 3 }, state)).to.have.length(1);
  });
});
