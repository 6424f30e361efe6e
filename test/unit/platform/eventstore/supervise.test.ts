import { expect } from 'chai';
import {
  type Source,
  supervise,
  type Supervised,
} from '../../../../platform/eventstore/supervise.js';

/** A subscription that hands out items and then fails, or goes on for ever where it is to. */
const source = (
  items: readonly number[],
  end: Error | 'ends',
): Source<number> & { closed: number } => ({
  closed: 0,
  async *[Symbol.asyncIterator]() {
    yield* items;
    if (end !== 'ends') throw end;
  },
  close() {
    this.closed += 1;
  },
});

const run = async (
  sources: ReturnType<typeof source>[],
  options: Partial<Supervised<number>> = {},
) => {
  const stopping = new AbortController();
  const seen: number[] = [];
  const waits: number[] = [];
  const failures: string[] = [];
  let opened = 0;
  const items = supervise<number>({
    signal: stopping.signal,
    open: () => sources[opened++]!,
    onInterrupted: (error, attempt) => failures.push(`${attempt} ${(error as Error).message}`),
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      if (opened === sources.length) stopping.abort();
    },
    ...options,
  });
  for await (const item of items) seen.push(item);
  return { seen, waits, failures, opened };
};

describe('the supervisor of subscriptions', () => {
  it('opens the next one after each that breaks or ends, and closes every one', async () => {
    const sources = [
      source([1, 2], new Error('broke')),
      source([3], 'ends'),
      source([4], new Error('broke')),
    ];
    const { seen, failures } = await run(sources);
    expect(seen).to.deep.equal([1, 2, 3, 4]);
    expect(failures).to.deep.equal(['1 broke', '1 the subscription ended', '1 broke']);
    expect(sources.map(({ closed }) => closed)).to.deep.equal([1, 1, 1]);
  });

  it('waits longer after each failure in a row, and no longer once something came', async () => {
    const down = () => source([], new Error('down'));
    const { waits, failures } = await run([
      ...[down(), down(), down(), down()],
      source([1], new Error('broke')),
      down(),
    ]);
    const within = [
      [50, 100],
      [100, 200],
      [200, 400],
      [400, 800],
      [50, 100],
      [50, 100],
    ];
    waits.forEach((wait, i) =>
      expect(wait, `wait ${i}`).to.be.within(within[i]![0]!, within[i]![1]!),
    );
    expect(failures.map((failure) => failure[0])).to.deep.equal(['1', '2', '3', '4', '1', '1']);
  });

  it('passes on what no repeat mends', async () => {
    const gone = new Error('no such group');
    const sources = [source([1], new Error('broke')), source([], gone)];
    const failure = await run(sources, { isFinal: (error) => error === gone }).then(
      () => expect.fail('it ended well'),
      (error: unknown) => error,
    );
    expect(failure).to.equal(gone);
    expect(sources[1]!.closed).to.equal(1);
  });

  it('closes what is open when its user goes away', async () => {
    const only = source([1, 2, 3], 'ends');
    const items = supervise<number>({
      signal: new AbortController().signal,
      open: () => only,
      onInterrupted: () => expect.fail('interrupted'),
    });
    for await (const item of items) if (item === 2) break;
    expect(only.closed).to.equal(1);
  });
});
