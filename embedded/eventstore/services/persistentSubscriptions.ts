/** PersistentSubscriptions but for Read: defining groups, asking about them, replaying what they have parked. */
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type { GrpcCall } from '../grpc/call.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import type { EventLog } from '../log/eventLog.js';
import { ALL } from '../persistent/definition.js';
import { groupDoesNotExist, groupFailed } from '../persistent/failures.js';
import type { PersistentGroups } from '../persistent/groups.js';
import { describeGroup, Rates } from '../persistent/info.js';
import { StateNotWritten } from '../persistent/journal.js';
import type { GroupRunner } from '../persistent/runner.js';
import { compileFilter } from '../read/filter.js';
import { EMPTY, groupInfoAnswer, groupListAnswer } from '../wire/groupAnswers.js';
import { groupNamed, readCreate, readUpdate, streamNamed } from '../wire/groupRequests.js';

/** The handlers of the service's unary methods, by name. */
export const persistentSubscriptionHandlers = (groups: PersistentGroups, log: EventLog) => {
  const rates = new Rates();
  const describe = (runner: GroupRunner) => describeGroup(runner, log, rates, Date.now());
  return {
    Create: unary(async (bytes) => {
      const request = readCreate(persistentPb.CreateReq.deserializeBinary(bytes));
      const { source, group, filter } = request;
      try {
        if (filter) compileFilter(filter);
      } catch (error) {
        throw groupFailed(source, group, `the filter cannot be used: ${(error as Error).message}`);
      }
      await groups.create(request);
      return EMPTY;
    }),
    Update: unary(async (bytes) => {
      await groups.update(readUpdate(persistentPb.UpdateReq.deserializeBinary(bytes)));
      return EMPTY;
    }),
    Delete: unary(async (bytes) => {
      const options = persistentPb.DeleteReq.deserializeBinary(bytes).getOptions();
      const { source, group } = groupNamed(options);
      await groups.delete(source, group);
      return EMPTY;
    }),
    GetInfo: unary(async (bytes) => {
      const options = persistentPb.GetInfoReq.deserializeBinary(bytes).getOptions();
      const { source, group } = groupNamed(options);
      return groupInfoAnswer(await describe(groups.find(source, group)));
    }),
    List: unary(async (bytes) => {
      const options = persistentPb.ListReq.deserializeBinary(bytes).getOptions();
      const wanted = options?.getListForStream();
      const source = wanted && (wanted.hasAll() ? ALL : streamNamed(wanted.getStream()));
      const runners = groups.list(source);
      if (source !== undefined && runners.length === 0) throw groupDoesNotExist(source, '');
      return groupListAnswer(await Promise.all(runners.map(describe)));
    }),
    ReplayParked: unary(async (bytes) => {
      const options = persistentPb.ReplayParkedReq.deserializeBinary(bytes).getOptions();
      const { source, group } = groupNamed(options);
      const stopAt = options?.hasStopAt() ? Number(options.getStopAt()) : undefined;
      if (stopAt !== undefined && stopAt < 0)
        throw groupFailed(
          source,
          group,
          'Cannot stop replaying parked message at a negative version.',
        );
      await groups.find(source, group).replayParked(stopAt);
      return EMPTY;
    }),
    RestartSubsystem: unary(async () => {
      await groups.restart();
      return EMPTY;
    }),
  };
};

const unary =
  (answer: (request: Buffer) => Promise<Buffer>) =>
  (call: GrpcCall): void => {
    call.onMessage = (request) => {
      answer(request).then(
        (message) => call.finish(message),
        (error: unknown) => call.fail(asFailure(error)),
      );
    };
  };

/** What is neither refused nor a fault of ours is the database's, and passes. */
const asFailure = (error: unknown): GrpcFailure => {
  if (error instanceof GrpcFailure) return error;
  const { message } = error as Error;
  if (error instanceof StateNotWritten) return new GrpcFailure(GrpcCode.unavailable, message);
  return new GrpcFailure(GrpcCode.unavailable, `the log could not be read: ${message}`);
};
