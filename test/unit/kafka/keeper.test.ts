/** One piece of work for each link that is wanted, begun and ended as that changes. */
import { expect } from 'chai';
import { keepRunning } from '../../../workers/kafka/keeper.js';
import { createReporter, type LinkState, linkErrorOf } from '../../../workers/kafka/state.js';
import { KafkaTrouble } from '../../../workers/kafka/port.js';
import type { TenantId } from '../../../domain/ids.js';
import { eventually } from '../workers/eventually.js';

describe('links to Kafka at work', () => {
  it('begin when they are wanted and end when they are not, each for itself', async () => {
    const stop = new AbortController();
    const running = new Set<string>();
    const releases = new Map<string, () => void>();
    let wanted = new Map([['a 0', 'a0']]);
    const kept = keepRunning<string>({
      wanted: () => wanted,
      signal: stop.signal,
      onFailed: () => undefined,
      run: async (link, signal) => {
        running.add(link);
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        // The first takes its time to end.
        if (link === 'a0') await new Promise<void>((resolve) => releases.set(link, resolve));
        running.delete(link);
      },
    });
    const now = (...links: string[]) =>
      eventually(() => expect([...running].sort()).to.deep.equal(links));
    await now('a0');
    wanted = new Map([
      ['a 1', 'a1'],
      ['b 0', 'b0'],
    ]);
    await now('a0', 'b0');
    releases.get('a0')?.();
    await now('a1', 'b0');
    stop.abort();
    await kept;
    expect(running.size).to.equal(0);
  });

  it('begin again after they failed, and others go on meanwhile', async () => {
    const stop = new AbortController();
    const failures: string[] = [];
    let tries = 0;
    const kept = keepRunning<string>({
      wanted: () => new Map([['a 0', 'a']]),
      signal: stop.signal,
      onFailed: (error) => void failures.push(String(error)),
      run: async (_link, signal) => {
        tries += 1;
        if (tries === 1) throw new Error('once');
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      },
    });
    await eventually(() => expect(tries).to.equal(2));
    expect(failures).to.deep.equal(['Error: once']);
    stop.abort();
    await kept;
  });

  it('are written down when something changed, and say what to do about an error', async () => {
    const stop = new AbortController();
    const written: LinkState[] = [];
    const states = {
      save: (_k: string, _t: string, _i: string, state: LinkState) => {
        written.push(state);
        return Promise.resolve();
      },
    };
    const reporter = createReporter({ states, onFailed: () => undefined });
    const tenant = 'demo' as TenantId;
    const error = linkErrorOf(new KafkaTrouble('too-large', 'no room'), 7);
    expect(error).to.deep.equal({
      ...{ reason: 'too-large', message: 'no room', at: 7 },
      next: 'Allow larger messages on the Kafka topic (max.message.bytes).',
    });
    reporter.tell('relay', tenant, 'out', { behind: 3 });
    reporter.tell('relay', tenant, 'out', { error });
    const running = reporter.run(stop.signal);
    stop.abort();
    await running;
    expect(written).to.deep.equal([{ behind: 3, lagMs: 0, error }]);
    await reporter.run(stop.signal);
    expect(written).to.have.lengthOf(1);
    reporter.forget('relay', tenant, 'out');
    expect(reporter.state('relay', tenant, 'out').behind).to.equal(null);
  });
});
