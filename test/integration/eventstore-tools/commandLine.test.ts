/** `kopilka store` as its user runs it: killed, interrupted, gone on with, refused with a word on what to do. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { partOf } from '../../../embedded/eventstore/archive/archiveFile.js';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import { rejectionOf } from '../../conformance/eventstore/node.js';
import { type Finished, kopilka, type Running, startKopilka } from '../../e2e/cli/kopilka.js';
import { newDatabase } from '../eventstore/postgres.js';
import { fillSample, fingerprint, select, temporaryFolder } from './sampleLog.js';

const EVENTS = 30_000;

const urlOf = ({ port, user, password, database }: PostgresConnection): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

const countIn = async (postgres: PostgresConnection): Promise<number> => {
  const [table] = await select<{ name: string | null }>(
    postgres,
    `SELECT to_regclass('eventstore.events')::text AS name`,
  );
  if (!table?.name) return 0;
  const sql = 'SELECT count(*)::int AS count FROM eventstore.events';
  return (await select<{ count: number }>(postgres, sql))[0]!.count;
};

/** A process may be through before the signal comes: then it is tried with another. */
const triesMax = 10;

/** Sends the signal once the import has stored something. */
const signalWhenBegun = async (
  running: Running,
  postgres: PostgresConnection,
  signal: NodeJS.Signals,
): Promise<void> => {
  for (let waited = 0; waited < 10_000 && (await countIn(postgres)) < 1000; waited += 5) {
    await sleep(5);
  }
  running.signal(signal);
};

/** An import into a new log that a signal met before its end. */
const brokenOff = async (file: string, signal: NodeJS.Signals, ...more: string[]) => {
  for (let tries = 1; ; tries += 1) {
    const postgres = await newDatabase();
    const args = ['store', 'import', file, '--postgres', urlOf(postgres), ...more];
    const running = startKopilka(args);
    await signalWhenBegun(running, postgres, signal);
    const stopped = await running.finished;
    const isThrough = (await countIn(postgres)) === EVENTS;
    if (!isThrough || tries === triesMax) return { postgres, args, stopped };
  }
};

describe('kopilka store', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const file = join(folder, 'log.ndjson.gz');
  let original: PostgresConnection;

  before(async () => {
    original = await newDatabase();
    await fillSample(original, EVENTS);
    const { code, out } = await kopilka('store', 'export', file, '--postgres', urlOf(original));
    expect(out).to.match(/Exported 30,000 events up to position 30,000/);
    expect(out).to.match(/keys of personal data are not in it/);
    expect(code).to.equal(0);
  });

  it('goes on with an import that was killed, and lets no node start in between', async () => {
    const { postgres, args } = await brokenOff(file, 'SIGKILL', '--json');
    const before = await countIn(postgres);
    expect(before).to.be.within(1000, EVENTS - 1);
    const refusal = await rejectionOf(startEventStore({ postgres }));
    expect(refusal.name).to.equal('ImportUnfinished');
    expect(refusal.message).to.match(/run the same kopilka store import again/);
    const { code, out } = await kopilka(...args);
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.include({ written: EVENTS - before, present: before });
    expect(await fingerprint(postgres)).to.equal(await fingerprint(original));
    await (await startEventStore({ postgres })).stop();
  });

  it('stops an import on Ctrl-C, and the same command goes on', async () => {
    const { postgres, args, stopped } = await brokenOff(file, 'SIGINT');
    expect(stopped.code).to.equal(130);
    expect(stopped.err).to.match(/Stopped after [\d,]+ events\.\nThe same command goes on/);
    expect((await kopilka(...args)).out).to.match(/Imported .* were there before/s);
    expect((await kopilka(...args)).out).to.match(/All 30,000 events were there already/);
    expect(await fingerprint(postgres)).to.equal(await fingerprint(original));
  });

  it('stops an export on Ctrl-C, and goes on with --resume', async () => {
    const path = join(folder, 'stopped.ndjson.gz');
    const args = ['store', 'export', path, '--postgres', urlOf(original)];
    const interrupted = async (): Promise<Finished> => {
      for (let tries = 1; ; tries += 1) {
        const running = startKopilka(args);
        for (let waited = 0; waited < 10_000 && !existsSync(partOf(path)); waited += 2) {
          await sleep(2);
        }
        running.signal('SIGINT');
        const stopped = await running.finished;
        if (stopped.code !== 0 || tries === triesMax) return stopped;
        rmSync(path);
      }
    };
    const stopped = await interrupted();
    expect(stopped.code).to.equal(130);
    expect(stopped.err).to.match(/Go on with the same command and --resume/);
    const repeated = await kopilka(...args);
    expect(repeated.code).to.equal(2);
    expect(repeated.err).to.match(/an export was broken off.*\n.*--resume.*--overwrite/);
    const resumed = await kopilka(...args, '--resume', '--json');
    expect(JSON.parse(resumed.out)).to.include({ events: EVENTS, lastPosition: EVENTS });
    expect(readFileSync(path).equals(readFileSync(file))).to.equal(true);
    expect((await kopilka(...args)).err).to.match(/is there already/);
  });

  it('says which line of a file is wrong', async () => {
    const bytes = readFileSync(file);
    const path = join(folder, 'cut.ndjson.gz');
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    const checked = await kopilka('store', 'check', path);
    expect(checked.code).to.equal(1);
    expect(checked.err).to.match(/The file is not what was exported: line \d+: .*cut off/);
    expect((await kopilka('store', 'check', file)).out).to.match(/is whole: 30,000 events/);
  });

  it('imports nothing while a node has the log open, and says what to do', async () => {
    const postgres = await newDatabase();
    const node = await startEventStore({ postgres });
    const refused = await kopilka('store', 'import', file, '--postgres', urlOf(postgres));
    await node.stop();
    expect(refused.code).to.equal(4);
    expect(refused.err).to.match(/The log is open.*\nStop Kopilka on this log/);
  });

  it('scavenges, and tells what is in the log', async () => {
    const postgres = await newDatabase();
    await fillSample(postgres, 5000);
    await select(
      postgres,
      `INSERT INTO eventstore.events SELECT 5001, 0, gen_random_uuid(), created_ms, true,
         '$$sample-1', '$metadata', convert_to('{"$maxCount":10}', 'UTF8'), ''
       FROM eventstore.events WHERE position = 5000`,
    );
    const place = ['--postgres', urlOf(postgres), '--json'];
    const dry = await kopilka('store', 'scavenge', '--dry-run', ...place);
    expect(JSON.parse(dry.out)).to.include({ events: 490, dryRun: true });
    const done = await kopilka('store', 'scavenge', '--compact', ...place);
    expect(JSON.parse(done.out)).to.include({ events: 490, complete: true });
    const info = JSON.parse((await kopilka('store', 'info', ...place)).out) as object;
    expect(info).to.include({ events: 4511, streams: 11, removed: 490, isOpen: false });
    const shown = (await kopilka('store', 'info', '--postgres', urlOf(postgres))).out;
    expect(shown).to.match(/events +4,511\n/);
    expect(shown).not.to.include(postgres.password);
  });

  it('says what to do where there is no log', async () => {
    const { code, err } = await kopilka('store', 'info', '--data', join(folder, 'nowhere'));
    expect(code).to.equal(2);
    expect(err).to.match(/There is no embedded log in .*\nName the data directory/);
  });
});
