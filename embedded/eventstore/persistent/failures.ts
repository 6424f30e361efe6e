/** Failures of calls about groups, which the client knows by the trailer `exception`. Texts are a real server's. */
import { GrpcCode, GrpcFailure } from '../grpc/status.js';

const failure =
  (exception: string, code: number, text: (source: string, group: string) => string) =>
  (source: string, group: string): GrpcFailure =>
    new GrpcFailure(code, text(source, group), {
      exception,
      'stream-name': source,
      'group-name': group,
    });

export const groupDoesNotExist = failure(
  'persistent-subscription-does-not-exist',
  GrpcCode.notFound,
  (source, group) => `Subscription group ${group} on stream ${source} does not exist.`,
);

export const groupExists = failure(
  'persistent-subscription-exists',
  GrpcCode.alreadyExists,
  (source, group) => `Subscription group ${group} on stream ${source} exists.`,
);

export const groupDropped = failure(
  'persistent-subscription-dropped',
  GrpcCode.cancelled,
  (source, group) => `Subscription group ${group} on stream ${source} was dropped.`,
);

export const groupIsFull = failure(
  'maximum-subscribers-reached',
  GrpcCode.failedPrecondition,
  (source, group) =>
    `Maximum subscriptions reached for subscription group ${group} on stream ${source}.`,
);

export const groupFailed = (source: string, group: string, reason: string): GrpcFailure =>
  new GrpcFailure(
    GrpcCode.internal,
    `Subscription group ${group} on stream ${source} failed: '${reason}'`,
    {
      exception: 'persistent-subscription-failed',
      'stream-name': source,
      'group-name': group,
      reason,
    },
  );
