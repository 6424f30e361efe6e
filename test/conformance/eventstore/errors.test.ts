/**
 * Errors by class, type and fields: every one that a server can cause in streams, apart from those that the tables of
 * expected revisions, deletes and sizes already name. Those of groups and of access are with their own suites.
 */
import {
  DeadlineExceededError,
  ErrorType,
  EventStoreDBClient,
  isCommandError,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  appendWays,
  counted,
  countedUpTo,
  eventsOf,
  newStream,
  rejectionOf,
  until,
  useNode,
} from './node.js';
import { collect } from './subscriber.js';

const nobody = () => EventStoreDBClient.connectionString('esdb://127.0.0.1:1?tls=false');

describe('errors', function () {
  this.timeout(120_000);
  const node = useNode();

  it('StreamNotFoundError names the stream', async () => {
    const stream = newStream();
    const error = await rejectionOf(eventsOf(node.client.readStream(stream)));
    expect(error).to.be.instanceOf(StreamNotFoundError);
    expect(isCommandError(error)).to.equal(true);
    expect(error).to.include({
      type: ErrorType.STREAM_NOT_FOUND,
      streamName: stream,
      message: `${stream} not found`,
    });
  });

  it('StreamNotFoundError names a stream of any letters', async () => {
    const stream = `щука 🐟 % ${newStream()}`;
    const error = await rejectionOf(eventsOf(node.client.readStream(stream)));
    expect(error).to.include({ streamName: stream });
  });

  it('StreamDeletedError of a read says so in words, with its code', async () => {
    const stream = newStream();
    await node.client.tombstoneStream(stream);
    const error = await rejectionOf(eventsOf(node.client.readStream(stream)));
    expect(error).to.be.instanceOf(StreamDeletedError);
    expect(error).to.include({ type: ErrorType.STREAM_DELETED, streamName: stream, code: 9 });
    expect(error.message).to.include(`Event stream '${stream}' is deleted.`);
  });

  for (const [way, options] of Object.entries(appendWays)) {
    it(`StreamDeletedError names the stream of an append ${way}`, async () => {
      const stream = newStream();
      await node.client.tombstoneStream(stream);
      const error = await rejectionOf(node.client.appendToStream(stream, counted(1), options));
      expect(error).to.be.instanceOf(StreamDeletedError);
      expect(error).to.include({ type: ErrorType.STREAM_DELETED, streamName: stream });
    });

    it(`WrongExpectedVersionError names stream and revisions of an append ${way}`, async () => {
      const stream = newStream();
      await node.client.appendToStream(stream, countedUpTo(5));
      const error = await rejectionOf(
        node.client.appendToStream(stream, counted(1), { expectedRevision: 2n, ...options }),
      );
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
      expect(error).to.include({
        type: ErrorType.WRONG_EXPECTED_VERSION,
        streamName: stream,
        expectedVersion: 2n,
        actualVersion: 4n,
      });
    });

    it(`errors name a stream of any letters, of an append ${way}`, async () => {
      const stream = `щука ${newStream()}`;
      const error = await rejectionOf(
        node.client.appendToStream(stream, counted(1), { expectedRevision: 2n, ...options }),
      );
      expect(error).to.include({ streamName: stream, actualVersion: NO_STREAM });
    });

    it(`MaxAppendSizeExceededError names the limit of an append ${way}`, async () => {
      const large = jsonEvent({ type: 'Told', data: { text: 'x'.repeat(3_000_000) } });
      const error = await rejectionOf(node.client.appendToStream(newStream(), large, options));
      expect(error).to.be.instanceOf(MaxAppendSizeExceededError);
      expect(error).to.have.property('type', ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED);
      expect((error as MaxAppendSizeExceededError).maxAppendSize).to.be.within(1, 3_000_000);
    });

    it(`UnknownError is what an event without a type meets ${way}`, async () => {
      const nameless = jsonEvent({ type: '', data: {} });
      const error = await rejectionOf(node.client.appendToStream(newStream(), nameless, options));
      expect(error).to.be.instanceOf(UnknownError);
      expect(error).to.have.property('type', ErrorType.UNKNOWN);
    });

    it(`DeadlineExceededError is what an append meets whose time is over, ${way}`, async () => {
      const stream = newStream();
      const error = await rejectionOf(
        node.client.appendToStream(stream, counted(1), { deadline: -1_000, ...options }),
      );
      expect(error).to.be.instanceOf(DeadlineExceededError);
      expect(error).to.have.property('type', ErrorType.DEADLINE_EXCEEDED);
      expect(await rejectionOf(eventsOf(node.client.readStream(stream)))).to.be.instanceOf(
        StreamNotFoundError,
      );
    });
  }

  it('DeadlineExceededError is what any other call meets whose time is over', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, counted(1));
    for (const late of [
      () => node.client.deleteStream(stream, { deadline: -1_000 }),
      () => node.client.tombstoneStream(stream, { deadline: -1_000 }),
      () => node.client.setStreamMetadata(stream, {}, { deadline: -1_000 }),
    ]) {
      const error = await rejectionOf(late());
      expect(error).to.be.instanceOf(DeadlineExceededError);
    }
    expect(await eventsOf(node.client.readStream(stream))).to.have.length(1);
  });

  it('UnavailableError is what a call meets where no server is', async () => {
    const client = nobody();
    for (const attempt of [
      () => eventsOf(client.readStream('any')),
      () => eventsOf(client.readAll()),
      () => client.deleteStream('any'),
      () => client.tombstoneStream('any'),
    ]) {
      const error = await rejectionOf(attempt());
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error).to.include({ type: ErrorType.UNAVAILABLE, code: 14 });
    }
    await client.dispose();
  });

  it('UnavailableError is what a subscription meets where no server is', async () => {
    const client = nobody();
    const { errors } = collect(client.subscribeToAll());
    await until('the error', () => errors.length > 0);
    expect(errors[0]).to.be.instanceOf(UnavailableError);
    await client.dispose();
  });

  it('none is what a read or subscription meets that its own client cancels', async () => {
    const stream = newStream();
    await node.client.appendToStream(stream, countedUpTo(100));
    const reading = node.client.readStream(stream);
    const failures: Error[] = [];
    reading.on('error', (error) => failures.push(error));
    reading.once('data', () => void reading.cancel());
    const subscription = node.client.subscribeToStream(stream);
    const { errors } = collect(subscription);
    await subscription.unsubscribe();
    await reading.cancel();
    await eventsOf(node.client.readStream(stream));
    expect([...failures, ...errors]).to.be.empty;
  });
});
