import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import {
  type Component,
  createLifecycle,
  onSignals,
  type PartState,
} from '../../../platform/lifecycle.js';
import { measureParts } from '../../../platform/lifecycle/measureParts.js';
import { createMetrics } from '../../../platform/metrics.js';

const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };
const never = () => new Promise<void>(quiet);

describe('lifecycle', () => {
  let told: string[];
  beforeEach(() => (told = []));

  const part = (name: string, more: Partial<Component> = {}): Component => ({
    name,
    start: () => void told.push(`start ${name}`),
    stopIntake: () => void told.push(`intake ${name}`),
    drain: () => void told.push(`drain ${name}`),
    abort: () => void told.push(`abort ${name}`),
    close: () => void told.push(`close ${name}`),
    ...more,
  });
  const lifecycleOf = (parts: readonly Component[], shutdownDeadlineMs = 1_000) => {
    const lifecycle = createLifecycle({ logger, shutdownDeadlineMs });
    for (const one of parts) lifecycle.add(one);
    return lifecycle;
  };

  it('starts in order and stops in reverse, step by step over all parts', async () => {
    const lifecycle = lifecycleOf([part('db'), part('http')]);
    await lifecycle.start();
    expect(await lifecycle.stop('test')).to.equal(true);
    expect(told.join(', ')).to.equal(
      'start db, start http, intake http, intake db, drain http, drain db, close http, close db',
    );
  });

  it('stops once, however often it is asked', async () => {
    const lifecycle = lifecycleOf([part('db')]);
    await lifecycle.start();
    await Promise.all([lifecycle.stop('one'), lifecycle.stop('two')]);
    await lifecycle.stop('three');
    expect(told.filter((word) => word === 'close db')).to.have.length(1);
  });

  it('can be stopped before it was started, and does not start then', async () => {
    const lifecycle = lifecycleOf([part('db')]);
    expect(await lifecycle.stop('test')).to.equal(true);
    let refused: unknown;
    await lifecycle.start().catch((error) => (refused = error));
    expect(refused).to.be.an('error');
    expect(told).to.deep.equal([]);
  });

  it('starts no further part when a stop comes during the start', async () => {
    let release: () => void = quiet;
    const slow = part('slow', { start: () => new Promise<void>((resolve) => (release = resolve)) });
    const lifecycle = lifecycleOf([slow, part('next')]);
    const starting = lifecycle.start();
    const stopping = lifecycle.stop('signal');
    release();
    await Promise.all([starting, stopping]);
    expect(told).to.include('close slow').and.not.to.include('start next');
  });

  it('aborts what does not drain in time, and still closes everything', async () => {
    const lifecycle = lifecycleOf([part('db'), part('http', { drain: never })], 60);
    await lifecycle.start();
    const begunMs = performance.now();
    expect(await lifecycle.stop('test')).to.equal(false);
    expect(performance.now() - begunMs).to.be.lessThan(5_000);
    expect(told).to.include.members(['abort http', 'abort db', 'close http', 'close db']);
  });

  it('ends within its deadline when a part never closes', async () => {
    const lifecycle = lifecycleOf([part('db'), part('http', { close: never })], 60);
    await lifecycle.start();
    expect(await lifecycle.stop('test')).to.equal(false);
    expect(told).to.include('close db');
  });

  it('goes on stopping the others when one part fails to', async () => {
    const failing = part('http', {
      close: () => {
        throw new Error('stuck');
      },
    });
    const lifecycle = lifecycleOf([part('db'), failing]);
    await lifecycle.start();
    expect(await lifecycle.stop('test')).to.equal(false);
    expect(told).to.include('close db');
  });

  it('stops what was started when a later part fails to start', async () => {
    const failing = part('http', { start: () => Promise.reject(new Error('port taken')) });
    const lifecycle = lifecycleOf([part('db'), failing, part('late')]);
    let failure: Error | undefined;
    await lifecycle.start().catch((error: Error) => (failure = error));
    expect(failure?.message).to.equal('port taken');
    expect(told).to.include('close db').and.not.to.include('start late');
  });

  it('is ready only between start and stop, and says who is not', async () => {
    let lag: true | string = 'catching up';
    const lifecycle = lifecycleOf([part('db'), part('views', { ready: () => lag })]);
    expect((await lifecycle.ready()).ok).to.equal(false);
    await lifecycle.start();
    expect(await lifecycle.ready()).to.deep.equal({
      ok: false,
      components: { views: 'catching up' },
    });
    lag = true;
    expect(await lifecycle.ready()).to.deep.equal({ ok: true, components: { views: 'ok' } });
    const stopping = lifecycle.stop('test');
    expect((await lifecycle.ready()).ok).to.equal(false);
    await stopping;
  });

  it('shows and measures the state of parts that readiness does not depend on', async () => {
    let state: PartState = 'asleep';
    const parts = [part('db', { ready: () => true }), part('deliveries', { state: () => state })];
    const lifecycle = lifecycleOf(parts);
    const metrics = createMetrics();
    measureParts(metrics, lifecycle);
    await lifecycle.start();
    state = 'restarting';
    expect(await lifecycle.ready()).to.deep.equal({
      ok: true,
      components: { db: 'ok' },
      parts: { deliveries: 'restarting' },
    });
    const text = await metrics.render();
    expect(text).to.contain('kopilka_part_state{part="deliveries",state="restarting"} 1');
    expect(text).to.contain('kopilka_part_state{part="deliveries",state="asleep"} 0');
  });

  it('counts a check that throws as failing, without its words', async () => {
    const live = () => {
      throw new Error('10.0.0.7 refused');
    };
    const lifecycle = lifecycleOf([part('db', { live })]);
    expect(await lifecycle.live()).to.deep.equal({
      ok: false,
      components: { db: 'check failed' },
    });
  });

  it('asks for a stop at the first signal, forces it at the second, ignores the rest', () => {
    const source = new EventEmitter();
    const remove = onSignals(
      {
        onFirst: (signal) => void told.push(`first ${signal}`),
        onSecond: (signal) => void told.push(`second ${signal}`),
      },
      source,
    );
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGINT']) source.emit(signal, signal);
    expect(told).to.deep.equal(['first SIGTERM', 'second SIGINT']);
    remove();
    expect(source.listenerCount('SIGINT')).to.equal(0);
  });
});
