/** The answers of PersistentSubscriptions that are not events. Field numbers are those of persistent.proto. */
import { frame } from '../grpc/frames.js';
import type { ConnectionInfo, GroupInfo } from '../persistent/info.js';
import { bytesField, message, stringField, uintField } from './fields.js';

export const EMPTY: Buffer = message();

/** Framed. */
export const subscriptionConfirmation = (subscriptionId: string): Buffer =>
  frame(message(bytesField(2, message(stringField(1, subscriptionId)))));

export const groupInfoAnswer = (info: GroupInfo): Buffer => message(bytesField(1, encode(info)));

export const groupListAnswer = (infos: readonly GroupInfo[]): Buffer =>
  message(...infos.map((info) => bytesField(1, encode(info))));

const encode = (info: GroupInfo): Buffer => {
  const { settings } = info;
  return message(
    stringField(1, info.source),
    stringField(2, info.group),
    stringField(3, info.status),
    ...info.connections.map((connection) => bytesField(4, encodeConnection(connection))),
    uintField(5, info.averagePerSecond),
    uintField(6, info.totalItems),
    uintField(7, info.countSinceLastMeasurement),
    stringField(8, info.lastCheckpoint),
    stringField(9, info.lastKnown),
    uintField(10, settings.resolveLinks ? 1 : 0),
    stringField(11, info.startFrom),
    uintField(12, settings.messageTimeoutMs),
    uintField(13, settings.extraStatistics ? 1 : 0),
    uintField(14, settings.maxRetryCount),
    uintField(15, settings.liveBufferSize),
    uintField(16, settings.historyBufferSize),
    uintField(17, settings.readBatchSize),
    uintField(18, settings.checkpointAfterMs),
    uintField(19, settings.minCheckpointCount),
    uintField(20, settings.maxCheckpointCount),
    uintField(21, info.readBufferCount),
    uintField(22, info.liveBufferCount),
    uintField(23, info.retryBufferCount),
    uintField(24, info.totalInFlightMessages),
    uintField(25, info.outstandingMessagesCount),
    stringField(26, settings.strategy),
    uintField(27, settings.maxSubscriberCount),
    uintField(28, info.parkedMessageCount),
  );
};

const encodeConnection = (connection: ConnectionInfo): Buffer =>
  message(
    stringField(1, connection.from),
    stringField(2, connection.username),
    uintField(3, connection.averageItemsPerSecond),
    uintField(4, connection.totalItems),
    uintField(5, connection.countSinceLastMeasurement),
    ...connection.measurements.map(({ key, value }) =>
      bytesField(6, message(stringField(1, key), uintField(2, value))),
    ),
    uintField(7, connection.availableSlots),
    uintField(8, connection.inFlightMessages),
    stringField(9, connection.connectionName),
  );
