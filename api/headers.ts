/**
 * The headers that every answer carries. helmet decides on them; it is asked once, when the server is made, and not on every
 * request: its middleware would set a dozen headers one by one on the hot path.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Flat: name, value, name, value … as `writeHead` takes them. */
export type FlatHeaders = readonly string[];

const valuesOf = (middleware: ReturnType<typeof helmet>): FlatHeaders => {
  const flat: string[] = [];
  const recorder = {
    setHeader: (name: string, value: string) => void flat.push(name, value),
    removeHeader: () => undefined,
  };
  middleware({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return flat;
};

/** For answers to programs: nothing in them is ever run or shown, so what concerns documents alone is left out. */
export const answerHeaders: FlatHeaders = [
  ...valuesOf(
    helmet({
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
    }),
  ),
  'Cache-Control',
  'no-store',
];

/** For pages of our own: scripts and styles from here only, none inline but style attributes that Swagger UI sets. */
export const pageHeaders: FlatHeaders = [
  ...valuesOf(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          styleSrcAttr: ["'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'", 'data:'],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
    }),
  ),
];
