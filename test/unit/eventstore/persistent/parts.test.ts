import { expect } from 'chai';
import { Checkpoints } from '../../../../embedded/eventstore/persistent/checkpoints.js';
import { formatConfig, parseConfig } from '../../../../embedded/eventstore/persistent/config.js';
import type { GroupDefinition } from '../../../../embedded/eventstore/persistent/definition.js';
import { Latencies } from '../../../../embedded/eventstore/persistent/latencies.js';
import { joined, newGroup, offerUpTo, settingsWith } from './groups.js';

describe('checkpoints', () => {
  const checkpoints = () =>
    new Checkpoints(
      { checkpointAfterMs: 100, minCheckpointCount: 5, maxCheckpointCount: 10 },
      undefined,
    );

  it('are due at once at the upper bound, and at a tick at the lower', () => {
    const some = checkpoints();
    expect(some.isDue({ place: 9, count: 10 }, 0, false)).to.equal(true);
    expect(some.isDue({ place: 8, count: 9 }, 0, false)).to.equal(false);
    expect(some.isDue({ place: 4, count: 5 }, 0, true)).to.equal(true);
    expect(some.isDue({ place: 3, count: 4 }, 0, true)).to.equal(false);
  });

  it('keep their distance in time unless the upper bound is done', () => {
    const some = checkpoints();
    some.written({ place: 4, count: 5 }, 1000);
    expect(some.last).to.equal(4);
    expect(some.isDue({ place: 10, count: 11 }, 1050, true)).to.equal(false);
    expect(some.isDue({ place: 10, count: 11 }, 1100, true)).to.equal(true);
    expect(some.isDue({ place: 14, count: 15 }, 1001, false)).to.equal(true);
  });

  it('are not due when nothing more is done', () => {
    const some = checkpoints();
    some.written({ place: 4, count: 5 }, 0);
    expect(some.isDue({ place: 4, count: 5 }, 1e9, true)).to.equal(false);
    expect(some.isBehind({ place: 4, count: 5 })).to.equal(false);
  });
});

describe('the pinned strategy', () => {
  it('keeps the order of a stream though its consumer is full and others are not', () => {
    const group = newGroup({ strategy: 'Pinned' });
    joined(group, 2);
    joined(group, 2);
    offerUpTo(group, 0, 12, 3);
    const seen = new Map<string, number[]>();
    const owners = new Map<string, Set<unknown>>();
    for (let round = 0; round < 12; round++) {
      for (const { consumer, message } of group.deliver(0)) {
        seen.set(message.stream, [...(seen.get(message.stream) ?? []), message.place]);
        owners.set(message.stream, (owners.get(message.stream) ?? new Set()).add(consumer));
        group.ack([message.id], 0);
      }
    }
    expect([...seen.values()].flat()).to.have.length(12);
    for (const places of seen.values())
      expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    for (const owner of owners.values()) expect(owner.size).to.equal(1);
  });
});

describe('the definitions of groups', () => {
  const definition = (changes: Partial<GroupDefinition>): GroupDefinition => ({
    source: 'counter-1',
    group: 'workers',
    settings: settingsWith(),
    startFrom: 'start',
    begin: 0,
    filter: undefined,
    ...changes,
  });

  it('come back from their JSON as they were', () => {
    const definitions = [
      definition({}),
      definition({ startFrom: 'end', begin: 41 }),
      definition({ startFrom: 7, begin: 7 }),
      definition({ source: '$all', startFrom: 'end', begin: 12 }),
      definition({
        source: '$all',
        startFrom: 12,
        begin: 12,
        filter: { on: 'type', prefixes: ['Points'], regex: '' },
      }),
    ];
    expect(parseConfig(formatConfig(definitions, new Date(0)))).to.deep.equal(definitions);
  });

  it('are refused when they cannot be read', () => {
    const json = formatConfig([definition({})], new Date(0));
    expect(() => parseConfig(json.replace('RoundRobin', 'Unknown'))).to.throw(/cannot be read/);
  });
});

describe('latencies', () => {
  it('are measured over the last thousand, by the keys of a real server', () => {
    const latencies = new Latencies();
    expect(latencies.measurements()).to.be.empty;
    for (let ms = 0; ms < 1100; ms++) latencies.add(ms);
    const values = Object.fromEntries(
      latencies.measurements().map(({ key, value }) => [key, value]),
    );
    expect(values).to.include({ Fastest: 100, Median: 600, Highest: 1099, '90%': 1000 });
    expect(values).to.include({ 'Quintile 1': 100, 'Quintile 5': 900 });
  });
});
