/** Tracing by OpenTelemetry against a collector on loopback, and what is loaded of it where it is off. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { InvalidInput } from '../../../commands/validation.js';
import { rejected } from '../../../domain/rejected.js';
import { openTracing } from '../../../platform/tracing/open.js';
import { tracingSettings } from '../../../platform/tracing/settings.js';
import { type Collector, startCollector } from './collector.js';

const foreign = (flags: '00' | '01') =>
  `00-${'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-${flags}`;

describe('tracing by OpenTelemetry', () => {
  let collector: Collector;
  let status = 200;
  const away: Error[] = [];
  const counted = { exported: 0, lost: 0 };

  const open = async (otlpShare: number, url = collector.url) => {
    const settings = tracingSettings({ otlpUrl: url, otlpShare, roles: ['pos'] }, '1.0');
    const opened = await openTracing(settings, 'main', {
      away: (error) => void away.push(error),
      spans: (outcome, count) => void (counted[outcome] += count),
    });
    if (!opened) throw new Error('tracing is on here');
    return opened;
  };

  beforeEach(async () => {
    status = 200;
    away.length = 0;
    Object.assign(counted, { exported: 0, lost: 0 });
    collector = await startCollector(() => status);
  });
  afterEach(() => collector.close());

  it('exports spans within each other, across awaits, with the credentials of the address', async () => {
    const { tracing, close } = await open(1, collector.url.replace('//', '//otel:hush@'));
    await tracing.within('request', { kind: 'server', attributes: { a: 1 } }, async (span) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(tracing.traceparent()).to.equal(span.traceparent);
      await tracing.within('command', {}, async () => undefined);
      expect(tracing.within('sync', {}, () => 7)).to.equal(7);
    });
    expect(tracing.traceparent()).to.equal(undefined);
    await close();
    const byName = new Map(collector.spans.map((span) => [span.name, span]));
    const request = byName.get('request');
    expect(request).to.deep.include({ parentSpanId: '', part: 'main', attributes: { a: 1 } });
    for (const name of ['command', 'sync']) {
      expect(byName.get(name)).to.include({
        ...{ traceId: request?.traceId, parentSpanId: request?.spanId },
      });
    }
    expect(collector.authorizations[0]).to.match(/^Basic /);
    expect(counted).to.deep.equal({ exported: 3, lost: 0 });
  });

  it('tells failures from refusals, and of neither the words', async () => {
    const { tracing, close } = await open(1);
    const fail = async (name: string, error: unknown): Promise<void> => {
      const work = tracing.within(name, {}, () => Promise.reject(error as Error));
      await work.catch((thrown: unknown) => expect(thrown).to.equal(error));
    };
    await fail('bug', new TypeError('of +37126123456'));
    await fail('refused', rejected('revoked', { tenant: 'demo' }));
    await fail('invalid', new InvalidInput([{ pointer: '/phone', reason: 'Ada' }]));
    expect(() =>
      tracing.within('sync', {}, () => {
        throw new RangeError('Ada');
      }),
    ).to.throw('Ada');
    await close();
    const told = collector.spans.map(({ name, failed, attributes }) => [name, failed, attributes]);
    expect(told).to.deep.equal([
      ['bug', true, { 'error.type': 'TypeError' }],
      ['refused', false, { 'kopilka.refused': 'revoked' }],
      ['invalid', false, { 'kopilka.refused': 'invalid-input' }],
      ['sync', true, { 'error.type': 'RangeError' }],
    ]);
    expect(collector.raw()).not.to.match(/37126|Ada/);
  });

  it('keeps the share that is asked for, of a stranger’s traces too, and what Kopilka itself decided', async () => {
    const { tracing, close } = await open(0);
    const within = (name: string, parent?: string, isForeign?: true) =>
      tracing.within(name, { parent, ...(isForeign && { isForeign }) }, (span) => span.traceparent);
    expect(within('own')).to.match(/-00$/);
    expect(within('foreign', foreign('01'), true)).to.match(/^00-4bf9.*-00$/);
    expect(within('of a fact', foreign('01'))).to.match(/^00-4bf9.*-01$/);
    expect(within('of a fact that was left out', foreign('00'))).to.match(/-00$/);
    await close();
    expect(collector.spans.map(({ name }) => name)).to.deep.equal(['of a fact']);
  });

  it('loses spans while the collector refuses them, counts them and says so once', async () => {
    status = 400;
    const { tracing, close } = await open(1);
    tracing.within('lost', {}, () => undefined);
    await close();
    expect(counted).to.deep.equal({ exported: 0, lost: 1 });
    expect(away).to.have.length(1);
  });

  it('is closed in time though the collector is gone', async () => {
    const { tracing, close } = await open(1, 'http://127.0.0.1:9');
    tracing.within('lost', {}, () => undefined);
    const began = performance.now();
    await close();
    expect(performance.now() - began).to.be.lessThan(4_000);
  });

  // The library of metrics loads the API package, which does nothing by itself.
  it('loads nothing of OpenTelemetry’s SDK where it is off', () => {
    const compose = fileURLToPath(new URL('../../../platform/compose.js', import.meta.url));
    const script = `
      import { createRequire } from 'node:module';
      const { openTraces } = await import(${JSON.stringify(new URL('compose/traces.js', `file://${compose}`).href)});
      await import(${JSON.stringify(`file://${compose}`)});
      await openTraces({ otlpUrl: '', otlpShare: 1, roles: [] }, '1', {}, {});
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(loaded.filter((file) => /@opentelemetry.(?!api\\b)/.test(file)).length, loaded.length > 100);
    `;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(stdout.trim(), stderr).to.equal('0 true');
  }).timeout(90_000);
});
