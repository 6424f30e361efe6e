/** A route that takes a file of lines as NDJSON, and answers with NDJSON while it arrives; so many at a time in all, and of one owner. */
import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox';
import { createShares } from '../../commands/shares.js';
import { liveRoute } from '../liveRoute.js';
import { refused } from '../refused.js';
import type { ApiRequest, Route, RouteOptions } from '../route.js';
import type { Upload } from '../upload.js';
import type { UploadStart } from './batches.js';
import { answering, type Telling } from './telling.js';

const ndjson = 'application/x-ndjson';
const start = {
  from: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'The number of the first line that is sent; 1 unless told',
    }),
  ),
};
type Query = Static<TObject<typeof start>>;

type BulkOptions<P extends TProperties> = Pick<
  RouteOptions<P, typeof start, never, never>,
  'path' | 'summary' | 'description' | 'tags' | 'access' | 'params' | 'command' | 'problems'
> & {
  /** What a line is, for the documentation. */
  readonly line: string;
  readonly bytesMax: number;
  readonly lineMax: number;
  /** At a time, in this process. */
  readonly uploadsMax: { readonly total: number; readonly perOwner: number };
  /** Aborts when the process is to stop. */
  readonly stopping: AbortSignal;
  /** @throws what the request is refused for before anything of the file is read. */
  readonly begin: (
    request: ApiRequest<Static<TObject<P>>, Query, unknown>,
    start: UploadStart,
  ) => {
    readonly owner: string;
    readonly work: (upload: Upload, telling: Telling, signal: AbortSignal) => Promise<void>;
  };
};

export const bulkRoute = <P extends TProperties = Record<never, never>>({
  line,
  bytesMax,
  lineMax,
  uploadsMax,
  stopping,
  begin,
  problems = [],
  ...documented
}: BulkOptions<P>): Route => {
  const shares = createShares(uploadsMax);
  return liveRoute<ReturnType<typeof Type.String>, P, typeof start>({
    ...documented,
    method: 'POST',
    query: start,
    body: Type.String({ description: `${line}, as JSON` }),
    upload: { contentTypes: [ndjson], bytesMax, lineMax },
    idempotencyKey: 'required',
    response: Type.String({ description: 'One JSON object a line' }),
    contentType: ndjson,
    problems: [...problems, 'job-running'],
    handle: (request, live) => {
      const { owner, work } = begin(request, { from: request.query.from ?? 1, admit: live.admit });
      const release = shares.take(owner);
      if (!release) throw refused('job-running', 'Wait for an upload to end.');
      // Also where the client is gone before the first piece is asked for.
      live.gone.addEventListener('abort', release, { once: true });
      if (live.gone.aborted) release();
      const upload = request.body as unknown as Upload;
      return {
        body: answering(
          (telling, signal) => work(upload, telling, signal).finally(release),
          stopping,
        ),
      };
    },
  });
};
