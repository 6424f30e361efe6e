/** A file of customers' numbers onto a list of a running Kopilka: 1,000 lines a request, with a bar, resumed where it was stopped. */
import { appendFileSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { userIdOn } from '../../api/admin/segmentImport.js';
import { exitCodes, Failure } from '../failure.js';
import { type ConnectionOptions, openSession, type Session } from '../http/session.js';
import { type FileLines, openLines } from '../import/fileLines.js';
import { digestOf } from '../import/progressFile.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import {
  type MembersPlace,
  nowhere,
  placePath,
  readPlace,
  readRejects,
  type RejectedLine,
  writePlace,
  writeRejects,
} from './place.js';

export interface ImportMembersOptions extends ConnectionOptions {
  readonly rejects?: string;
  readonly restart: boolean;
  readonly json: boolean;
}

interface Entry {
  readonly line: number;
  readonly userId: string;
}
interface Changed {
  readonly added: number;
  readonly already: number;
  readonly rejected: readonly RejectedLine[];
  readonly members: number;
}

const batchMax = 1_000;

export const importMembers = async (
  segmentId: string,
  file: string,
  options: ImportMembersOptions,
): Promise<void> => {
  if (!existsSync(file)) {
    throw new Failure(`There is no file ${file}.`, { exitCode: exitCodes.usage });
  }
  const sha256 = await digestOf(file);
  const session = await openSession(options);
  const interrupt = onInterrupt();
  const path = placePath(options.data, { tenant: session.tenant, segmentId, sha256 });
  const rejects = options.rejects ?? `${path}.rejects.ndjson`;
  const from = options.restart ? nowhere : readPlace(path);
  writeRejects(rejects, readRejects(rejects, from.line));
  if (from.line > 0) process.stderr.write(`Going on after line ${count(from.line)}.\n`);
  const progress = showProgress({ label: basename(file), unit: 'lines' });
  try {
    const lines = await openLines(file);
    let place = from;
    let members: number | null = null;
    for await (const batch of batchesOf(lines, /\.(ndjson|jsonl)(\.gz)?$/.test(file), from.line)) {
      if (interrupt.signal.aborted) throw stopped(place);
      const changed = await send(session, segmentId, batch.entries);
      const left = [...batch.broken, ...changed.rejected].sort((a, b) => a.line - b.line);
      appendFileSync(rejects, left.map((reject) => `${JSON.stringify(reject)}\n`).join(''));
      place = {
        line: batch.upTo,
        added: place.added + changed.added,
        already: place.already + changed.already,
        rejected: place.rejected + left.length,
        finished: false,
      };
      members = changed.members;
      writePlace(path, place);
      progress.update(Math.min(1, lines.consumed() / Math.max(1, lines.size)), place.line);
    }
    writePlace(path, { ...place, finished: true });
    members ??= (await send(session, segmentId, [])).members;
    progress.stop();
    print({ segmentId, ...place, finished: true, members, rejects }, options.json);
  } finally {
    progress.stop();
    interrupt.release();
    session.close();
  }
};

const stopped = ({ line }: MembersPlace): Failure =>
  new Failure(`Stopped after line ${count(line)}.`, {
    exitCode: exitCodes.interrupted,
    advice: `Go on with the same command: kopilka ${process.argv.slice(2).join(' ')}`,
  });

interface Batch {
  readonly entries: readonly Entry[];
  readonly broken: readonly RejectedLine[];
  /** Last line of it. */
  readonly upTo: number;
}

async function* batchesOf(lines: FileLines, ndjson: boolean, after: number): AsyncGenerator<Batch> {
  let line = 0;
  let entries: Entry[] = [];
  let broken: RejectedLine[] = [];
  for await (const texts of lines.batches()) {
    for (const text of texts) {
      line += 1;
      if (line <= after) continue;
      const userId = userIdOn(text, ndjson, line === 1);
      if (userId === '') broken.push({ line, userId: text.slice(0, 100), reason: 'broken-line' });
      else if (userId !== null) entries.push({ line, userId: userId.slice(0, 100) });
      if (entries.length + broken.length < batchMax) continue;
      yield { entries, broken, upTo: line };
      entries = [];
      broken = [];
    }
  }
  if (entries.length + broken.length > 0) yield { entries, broken, upTo: line };
}

/** Rejects come back by their place in the request: told by their line of the file. */
const send = async (
  session: Session,
  segmentId: string,
  entries: readonly Entry[],
): Promise<Changed> => {
  const { body } = await session.send<Changed>({
    method: 'POST',
    path: `/admin/v1/segments/${encodeURIComponent(segmentId)}/members`,
    body: { add: entries.map(({ userId }) => userId) },
  });
  const rejected = body.rejected.map((reject) => ({
    ...reject,
    line: entries[reject.line - 1]?.line ?? reject.line,
  }));
  return { ...body, rejected };
};

const print = (
  done: MembersPlace & {
    readonly segmentId: string;
    readonly members: number;
    readonly rejects: string;
  },
  json: boolean,
): void => {
  const { added, already, rejected, members, segmentId, rejects } = done;
  const text = json
    ? JSON.stringify(done)
    : [
        `${segmentId} has ${count(members)} members: ${count(added)} came, ${count(already)} were there already.`,
        ...(rejected === 0 ? [] : [`${count(rejected)} lines were left out: see ${rejects}`]),
      ].join('\n');
  process.stdout.write(`${text}\n`);
  if (rejected > 0) process.exitCode = exitCodes.failed;
};
