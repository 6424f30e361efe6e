/** What a backup promises: the same log comes back, or a clear refusal and an untouched store. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EventStoreDBClient, FORWARDS, jsonEvent, START } from '@eventstore/db-client';
import { expect } from 'chai';
import { partOf } from '../../../embedded/eventstore/archive/archiveFile.js';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import {
  exportLog,
  type ExportOptions,
  type ExportResult,
  openTableSource,
} from '../../../embedded/eventstore/tools/exportLog.js';
import { importLog } from '../../../embedded/eventstore/tools/importLog.js';
import { storeInfo } from '../../../embedded/eventstore/tools/storeInfo.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import { openRemoteSource } from '../../../platform/compose/remoteLog.js';
import { rejectionOf } from '../../conformance/eventstore/node.js';
import { newDatabase } from '../eventstore/postgres.js';
import { fillSample, fingerprint, sampleEvent, select, temporaryFolder } from './sampleLog.js';

const EVENTS = 9_345;

const exported = async (
  postgres: PostgresConnection,
  path: string,
  options: Partial<ExportOptions> = {},
): Promise<ExportResult> => {
  const source = await openTableSource(postgres);
  try {
    return await exportLog(source, { path, gzipped: false, resume: false, ...options });
  } finally {
    await source.close();
  }
};

const digest = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

/** Aborts once so many events are through. */
const stopAfter = (events: number) => {
  const controller = new AbortController();
  const onProgress = (_share: number, done: number): void => {
    if (done >= events) controller.abort();
  };
  return { signal: controller.signal, onProgress };
};

describe('a log exported and imported', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const file = join(folder, 'log.ndjson');
  let original: PostgresConnection;

  before(async () => {
    original = await newDatabase();
    await fillSample(original, EVENTS);
    await exported(original, file);
  });

  it('comes back with every position, id, time and byte, and exports as the same file', async () => {
    const restored = await newDatabase();
    const result = await importLog({ path: file, postgres: restored });
    expect(result).to.include({ complete: true, written: EVENTS, present: 0 });
    expect(await fingerprint(restored)).to.equal(await fingerprint(original));
    const again = join(folder, 'again.ndjson');
    await exported(restored, again);
    expect(digest(again)).to.equal(digest(file));
  });

  it('is the same text compressed, which any gunzip reads', async () => {
    const gzipped = join(folder, 'log.ndjson.gz');
    await exported(original, gzipped, { gzipped: true });
    expect(gunzipSync(readFileSync(gzipped)).equals(readFileSync(file))).to.equal(true);
    expect(statSync(gzipped).size).to.be.below(statSync(file).size / 3);
    expect(statSync(gzipped).mode & 0o777).to.equal(0o600);
    const restored = await newDatabase();
    await importLog({ path: gzipped, postgres: restored });
    expect(await fingerprint(restored)).to.equal(await fingerprint(original));
  });

  it('is served by a node as it was, and goes on at the next position', async () => {
    const restored = await newDatabase();
    await importLog({ path: file, postgres: restored });
    const node = await startEventStore({ postgres: restored });
    const client = EventStoreDBClient.connectionString(node.connectionString);
    const read = client.readAll({ direction: FORWARDS, fromPosition: START, maxCount: 2 });
    const found: { id: string; created: number }[] = [];
    for await (const { event } of read) {
      found.push({ id: event!.id, created: event!.created.getTime() });
    }
    const expected = [1, 2].map((position) => sampleEvent(position));
    expect(found).to.deep.equal(expected.map(({ id, createdMs }) => ({ id, created: createdMs })));
    const event = jsonEvent({ type: 'Later', data: {} });
    const appended = await client.appendToStream('sample-1', event);
    expect(appended.position?.commit).to.equal(BigInt(EVENTS + 1));
    await client.dispose();
    await node.stop();
  });

  it('changes nothing when it is imported twice', async () => {
    const restored = await newDatabase();
    await importLog({ path: file, postgres: restored });
    const before = await fingerprint(restored);
    const result = await importLog({ path: file, postgres: restored });
    expect(result).to.include({ complete: true, written: 0, present: EVENTS });
    expect(await fingerprint(restored)).to.equal(before);
  });

  it('is gone on with by a later export, whole or only what was added', async () => {
    const growing = await newDatabase();
    await fillSample(growing, 5000);
    const first = join(folder, 'first.ndjson');
    await exported(growing, first);
    await select(
      growing,
      `INSERT INTO eventstore.events SELECT 5001, 500, event_id, created_ms,
      is_json, stream, type, data, metadata FROM eventstore.events WHERE position = 4991`,
    );
    const whole = join(folder, 'whole.ndjson');
    const added = join(folder, 'added.ndjson');
    await exported(growing, whole);
    await exported(growing, added, { after: 5000 });
    for (const later of [whole, added]) {
      const restored = await newDatabase();
      await importLog({ path: first, postgres: restored });
      const result = await importLog({ path: later, postgres: restored });
      expect(result?.written).to.equal(1);
      expect(await fingerprint(restored)).to.equal(await fingerprint(growing));
    }
  });

  it('is refused by a store that holds something else, which stays as it was', async () => {
    const other = await newDatabase();
    await fillSample(other, 3000);
    await select(
      other,
      `UPDATE eventstore.events SET event_id = gen_random_uuid() WHERE position = 2500`,
    );
    const before = await fingerprint(other);
    const error = await rejectionOf(importLog({ path: file, postgres: other }));
    expect(error.name).to.equal('StoreRefused');
    expect(error.message).to.match(/other content.*position 2500/);
    expect(await fingerprint(other)).to.equal(before);
  });

  it('is refused by a store that has gone another way after a common beginning', async () => {
    const other = await newDatabase();
    await fillSample(other, 3000);
    await select(other, `UPDATE eventstore.events SET position = 99999 WHERE position = 3000`);
    const error = await rejectionOf(importLog({ path: file, postgres: other }));
    expect(error.message).to.match(/other content.*99999/);
  });

  it('is refused as an addition by a store that lacks what it goes on after', async () => {
    const added = join(folder, 'rest.ndjson');
    await exported(original, added, { after: 9_000 });
    const error = await rejectionOf(importLog({ path: added, postgres: await newDatabase() }));
    expect(error.message).to.match(/goes on after position 9000.*import the archives before it/);
  });

  it('is not imported while a node has the log open', async () => {
    const postgres = await newDatabase();
    const node = await startEventStore({ postgres });
    try {
      const error = await rejectionOf(importLog({ path: file, postgres, lockWaitMs: 0 }));
      expect(error.message).to.match(/Another event store node is writing/);
    } finally {
      await node.stop();
    }
  });
});

describe('a file that is not what was exported', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const file = join(folder, 'log.ndjson');
  let lines: string[];
  let empty: PostgresConnection;

  before(async () => {
    const original = await newDatabase();
    await fillSample(original, 2500);
    await exported(original, file);
    lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    empty = await newDatabase();
  });

  const refusalOf = async (changed: readonly string[]): Promise<string> => {
    const path = join(folder, 'changed.ndjson');
    writeFileSync(path, changed.map((line) => `${line}\n`).join(''));
    const error = await rejectionOf(importLog({ path, postgres: empty }));
    expect(error.name).to.equal('ArchiveFault');
    const tables = await select(empty, `SELECT to_regclass('eventstore.events') AS name`);
    expect(tables).to.deep.equal([{ name: null }]); // it was not even opened
    return error.message;
  };

  it('is refused when one character of an event was changed', async () => {
    const changed = lines.with(1500, lines[1500]!.replace('sample-', 'sampke-'));
    expect(await refusalOf(changed)).to.match(/^line 2003: .*does not fit lines 1002 to 2003/);
  });

  it('is refused when the header was changed', async () => {
    const changed = lines.with(0, lines[0]!.replace('"streams":10', '"streams":11'));
    expect(await refusalOf(changed)).to.match(/^line 1002: .*checksum.* lines 1 to 1002/);
  });

  it('is refused when a line is missing or stands elsewhere', async () => {
    expect(await refusalOf(lines.toSpliced(700, 1))).to.match(/^line 1001: /);
    const swapped = lines.with(10, lines[11]!).with(11, lines[10]!);
    expect(await refusalOf(swapped)).to.match(/^line 1002: /);
  });

  it('is refused when a whole chunk is missing', async () => {
    expect(await refusalOf(lines.toSpliced(1002, 1001))).to.match(/^line 150[34]: .*checksum/);
  });

  it('is refused when its end is missing, in the middle of a line or after one', async () => {
    expect(await refusalOf(lines.slice(0, -1))).to.match(/cut off/);
    expect(await refusalOf(lines.slice(0, 1002))).to.match(/^line 1003: .*cut off/);
  });

  it('is refused when something follows its end', async () => {
    expect(await refusalOf([...lines, lines[1]!])).to.match(/more after the end/);
  });

  it('is refused when it is no archive or one of a version to come', async () => {
    expect(await refusalOf(['{"hello":1}'])).to.match(/^line 1: this is not an archive/);
    const newer = lines.with(0, lines[0]!.replace('"version":1', '"version":2'));
    expect(await refusalOf(newer)).to.match(/^line 1: an archive of version 2/);
  });

  it('is refused when it is compressed and was cut off or damaged', async () => {
    const gzipped = join(folder, 'log.ndjson.gz');
    const original = await newDatabase();
    await fillSample(original, 2500);
    await exported(original, gzipped, { gzipped: true });
    const bytes = readFileSync(gzipped);
    truncateSync(gzipped, bytes.length - 100);
    const cut = await rejectionOf(importLog({ path: gzipped, postgres: empty }));
    expect(cut.message).to.match(/cut off/);
    bytes[bytes.length >> 1]! ^= 0xff;
    writeFileSync(gzipped, bytes);
    const damaged = await rejectionOf(importLog({ path: gzipped, postgres: empty }));
    expect(damaged.name).to.equal('ArchiveFault');
  });
});

describe('an export that was broken off', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let original: PostgresConnection;

  before(async () => {
    original = await newDatabase();
    await fillSample(original, EVENTS);
  });

  for (const gzipped of [false, true]) {
    const form = gzipped ? 'compressed' : 'plain';

    it(`is gone on with and gives the same file as one in one go (${form})`, async () => {
      const straight = join(folder, `straight-${form}`);
      await exported(original, straight, { gzipped });
      const path = join(folder, `resumed-${form}`);
      const stopped = await exported(original, path, { gzipped, ...stopAfter(5000) });
      expect(stopped.complete).to.equal(false);
      expect(existsSync(path)).to.equal(false);
      const again = await exported(original, path, { gzipped, resume: true });
      expect(again.complete).to.equal(true);
      expect(again.events).to.equal(EVENTS);
      expect(existsSync(partOf(path))).to.equal(false);
      expect(digest(path)).to.equal(digest(straight));
    });

    it(`is gone on with when the crash left half a line or worse (${form})`, async () => {
      const straight = join(folder, `straight-${form}`);
      await exported(original, straight, { gzipped });
      const path = join(folder, `torn-${form}`);
      await exported(original, path, { gzipped, ...stopAfter(8000) });
      const torn = readFileSync(partOf(path));
      const damaged = Buffer.concat([torn.subarray(0, torn.length - 777), Buffer.alloc(300, 0x7b)]);
      writeFileSync(partOf(path), damaged);
      const again = await exported(original, path, { gzipped, resume: true });
      expect(again.events).to.equal(EVENTS);
      expect(digest(path)).to.equal(digest(straight));
    });
  }

  it('reaches to where the log ended when it was begun', async () => {
    const growing = await newDatabase();
    await fillSample(growing, 7000);
    const path = join(folder, 'growing');
    await exported(growing, path, stopAfter(4000));
    await select(
      growing,
      `INSERT INTO eventstore.events SELECT 7001, 700, event_id, created_ms,
      is_json, stream, type, data, metadata FROM eventstore.events WHERE position = 6991`,
    );
    const again = await exported(growing, path, { resume: true });
    expect(again).to.include({ complete: true, events: 7000 });
  });

  it('leaves no file where there is nothing to export', async () => {
    const path = join(folder, 'nothing');
    const empty = await newDatabase();
    expect((await rejectionOf(exported(empty, path))).name).to.equal('NoLog');
    await fillSample(empty, 0);
    expect((await rejectionOf(exported(empty, path))).message).to.match(/log is empty/);
    expect(existsSync(partOf(path))).to.equal(false);
  });

  it('is not gone on with from another log', async () => {
    const path = join(folder, 'other');
    await exported(original, path, stopAfter(4000));
    const other = await newDatabase();
    await fillSample(other, 100);
    const error = await rejectionOf(exported(other, path, { resume: true }));
    expect(error.message).to.match(/of another log/);
  });
});

describe('a log read through a node', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  it('exports the same events as the table does', async () => {
    const postgres = await newDatabase();
    await fillSample(postgres, 3000);
    const straight = join(folder, 'table.ndjson');
    await exported(postgres, straight);
    const node = await startEventStore({ postgres });
    const source = openRemoteSource(node.connectionString);
    const path = join(folder, 'node.ndjson');
    await exportLog(source, { path, gzipped: false, resume: false });
    await source.close();
    await node.stop();
    const events = (name: string) =>
      readFileSync(name, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{"position"'));
    expect(events(path)).to.deep.equal(events(straight));
    const restored = await newDatabase();
    await importLog({ path, postgres: restored });
    expect(await fingerprint(restored)).to.equal(await fingerprint(postgres));
    expect(await storeInfo(restored)).to.include({ events: 3000, streams: 10, removed: 0 });
  });
});
