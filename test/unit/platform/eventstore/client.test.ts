import {
  StreamDeletedError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  type LogError,
  LogRefused,
  LogUnavailable,
  VersionConflict,
} from '../../../../commands/log.js';
import type { NewFact } from '../../../../domain/fact.js';
import { createLog, type LogClient } from '../../../../platform/eventstore/client.js';
import type { Codec } from '../../../../platform/eventstore/codec.js';
import { createLogWatch, logReady } from '../../../../platform/eventstore/watch.js';

type Answer = 'stored' | 'silence' | Error;

/** A client that answers appends as told, one after the other, and remembers what it was sent. */
const fakeClient = (...answers: Answer[]) => {
  const sent: { readonly ids: readonly string[]; readonly expected: unknown }[] = [];
  const appendToStream = (_stream: string, events: { id: string }[], options: object) => {
    sent.push({ ids: events.map(({ id }) => id), expected: Object.values(options)[0] });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === 'silence') return new Promise(() => {});
    if (answer instanceof Error) return Promise.reject(answer);
    const position = { commit: 42n, prepare: 42n };
    return Promise.resolve({ success: true, nextExpectedRevision: 7n, position });
  };
  return { client: { appendToStream } as unknown as LogClient, sent };
};

const codec = { encode: (fact: NewFact) => fact } as unknown as Codec;
/** Far enough from each other that a machine that stands still for a moment does not make one of another. */
const limits = {
  attemptDeadlineMs: 350,
  appendDeadlineMs: 1_200,
  awayDeadlineMs: 100,
  readDeadlineMs: 300,
};
const facts = [{ id: 'first' }, { id: 'second' }] as unknown as NewFact[];

const open = (...answers: Answer[]) => {
  const fake = fakeClient(...answers);
  const watch = createLogWatch();
  const log = createLog(fake.client, codec, limits, watch);
  const failure = (): Promise<LogError> =>
    log.append('jar-1', 6, facts).then(
      () => expect.fail('it succeeded'),
      (error: LogError) => error,
    );
  return { ...fake, watch, log, failure };
};

const serviceError = (code: number): Error =>
  Object.assign(new Error('14 UNAVAILABLE: no connection'), { code, details: '' });

describe('appending through the official client', () => {
  it('answers where and at which revision', async () => {
    const { log, watch, sent } = open('stored');
    expect(await log.append('jar-1', 6, facts)).to.deep.equal({ position: 42n, revision: 7 });
    expect(sent).to.have.length(1);
    expect(watch).to.include({ answered: 1, repeated: 0, givenUp: 0, trouble: null });
  });

  const unknown: Record<string, Answer> = {
    'the stream of appends broke': new UnknownError(undefined, 'broken'),
    'the node is not there': new UnavailableError(undefined, 'stopping'),
    'the server was being asked for its features': serviceError(14),
    'the channel was given up at that moment': new Error('Channel has been shut down'),
    'nothing is heard': 'silence',
  };
  for (const [what, answer] of Object.entries(unknown)) {
    it(`sends the same ids with the same expectation again when ${what}`, async () => {
      const { log, sent, watch } = open(answer, 'stored');
      expect((await log.append('jar-1', 6, facts)).revision).to.equal(7);
      expect(sent).to.have.length(2);
      expect(sent[1]).to.deep.equal(sent[0]);
      expect(sent[0]).to.deep.equal({ ids: ['first', 'second'], expected: 6n });
      expect(watch).to.include({ answered: 1, repeated: 1, trouble: null });
    });
  }

  it('gives up within its time and says that a repeat is safe', async () => {
    const { failure, sent, watch } = open(new UnavailableError(undefined, 'disk full'));
    const begunAt = performance.now();
    const error = await failure();
    expect(performance.now() - begunAt).to.be.within(50, limits.appendDeadlineMs + 1_000);
    expect(error).to.be.instanceOf(LogUnavailable);
    expect(error.message).to.contain('append to jar-1: unavailable').and.to.contain('disk full');
    expect(error).to.include({ retry: 'same' });
    expect(error.next).to.contain('same event ids');
    expect(sent.length).to.be.within(3, 12);
    expect(watch).to.include({ answered: 0, givenUp: 1 });
    expect(watch.trouble?.words).to.contain('unavailable');
  });

  it('waits less while the log is known to be away, and as long as before once it answers', async () => {
    const away = new UnavailableError(undefined, 'away');
    const { log, failure, watch } = open(...Array.from({ length: 40 }, () => away), 'stored');
    const timeOf = async (): Promise<number> => {
      const begunAt = performance.now();
      await failure();
      return performance.now() - begunAt;
    };
    expect(await timeOf()).to.be.greaterThan(limits.awayDeadlineMs);
    expect(watch.trouble).to.include({ gaveUp: true });
    expect(await timeOf()).to.be.lessThan(limits.appendDeadlineMs);
    let stored = false;
    for (let n = 0; !stored && n < 60; n += 1)
      stored = await log.append('jar-1', 6, facts).then(
        () => true,
        () => false,
      );
    expect(watch.trouble).to.equal(null);
  });

  it('gives up on silence too', async () => {
    const { failure, sent } = open('silence');
    expect(await failure()).to.be.instanceOf(LogUnavailable);
    expect(sent.length).to.be.within(2, 4);
  });

  it('tells of a lost race at once', async () => {
    const { failure, sent } = open(
      new WrongExpectedVersionError(undefined as never, {
        streamName: 'jar-1',
        current: 9n,
        expected: 6n,
      }),
    );
    const error = await failure();
    expect(error).to.be.instanceOf(VersionConflict);
    expect(error).to.include({ retry: 'decideAgain', stream: 'jar-1' });
    expect(sent).to.have.length(1);
  });

  it('tells what can never be appended, and what to do', async () => {
    const error = await open(StreamDeletedError.fromStreamName('jar-1')).failure();
    expect(error).to.be.instanceOf(LogRefused);
    expect(error).to.include({ retry: 'never', reason: 'stream-deleted' });
    expect(error.message).to.equal('jar-1 was deleted for ever');
  });

  it('leaves a fault of its own as it is', async () => {
    const fault = new TypeError('a bug');
    expect(await open(fault).failure()).to.equal(fault);
  });
});

describe('whether the log is ready', () => {
  const silent = () => Promise.reject(new Error('no'));

  it('asks it, and need not where an append has just been answered', async () => {
    const watch = createLogWatch();
    expect(await logReady(watch, async () => 1)()).to.equal(true);
    const ready = logReady(watch, silent);
    expect(await ready()).to.equal('no answer');
    watch.answered += 1;
    expect(await ready()).to.equal(true);
    expect(await ready()).to.equal('no answer');
  });

  it('is not while appends are not answered, though it can be read', async () => {
    const watch = createLogWatch();
    const ready = logReady(watch, async () => 1);
    watch.trouble = { atMs: performance.now(), words: 'unavailable', gaveUp: false };
    expect(await ready()).to.equal('appends are not answered');
    watch.trouble = { atMs: performance.now() - 11_000, words: 'unavailable', gaveUp: true };
    expect(await ready()).to.equal(true);
  });
});
