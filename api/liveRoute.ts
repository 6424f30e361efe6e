/** A route whose answer goes on: besides the request it is handed what live.ts describes. */
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox';
import type { Live } from './live.js';
import { type ApiRequest, type Reply, type Route, route, type RouteOptions } from './route.js';

type LiveOptions<
  P extends TProperties,
  Q extends TProperties,
  B extends TSchema,
  R extends TSchema,
> = Omit<RouteOptions<P, Q, B, R>, 'handle' | 'live'> & {
  readonly handle: (
    request: ApiRequest<Static<TObject<P>>, Static<TObject<Q>>, Static<B>>,
    live: Live,
  ) => Reply<Static<R>> | Promise<Reply<Static<R>>>;
};

export const liveRoute = <
  R extends TSchema,
  P extends TProperties = Record<never, never>,
  Q extends TProperties = Record<never, never>,
  B extends TSchema = TSchema,
>(
  options: LiveOptions<P, Q, B, R>,
): Route =>
  route<R, P, Q, B>({
    ...options,
    live: true,
    handle: (request) => {
      if (!request.live) throw new Error(`${options.path} was asked as if it were not live`);
      return options.handle(request, request.live);
    },
  });
