/**
 * The Express application, and the classes that Node's server is to make its requests and responses of.
 *
 * Express turns each of them into its own kind by changing its prototype. An object that this happened to costs the collector of
 * young objects dearly: under 64 connections nearly every request, with all that hung on it, was copied to the old objects first
 * and dropped there, three times the work. Requests that are of the right kind from the start are left as they are.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';

export interface Application {
  readonly app: Express;
  /** For `createServer`. Without them everything works, and costs more. */
  readonly classes: {
    readonly IncomingMessage: typeof IncomingMessage;
    readonly ServerResponse: typeof ServerResponse;
  };
}

export const createApplication = (options: { readonly trustedProxies: number }): Application => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', options.trustedProxies);
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype as Express['request'];
  app.response = AppResponse.prototype as unknown as Express['response'];
  return { app, classes: { IncomingMessage: AppRequest, ServerResponse: AppResponse } };
};
