/**
 * All groups of the node: they are defined, changed and deleted here, one such change at a time, and each change is on
 * disk before it is answered.
 */
import { pause } from '../log/pause.js';
import type { GrpcFailure } from '../grpc/status.js';
import { NAME_BYTES_MAX } from '../wire/names.js';
import { metastreamOf } from '../log/append.js';
import { formatConfig, parseConfig } from './config.js';
import { ALL, checkpointStream, type GroupDefinition, groupKey } from './definition.js';
import {
  groupDoesNotExist,
  groupDropped,
  groupExists,
  groupFailed,
  groupIsFull,
} from './failures.js';
import { parsePlace } from './places.js';
import { GroupRunner, type RunnerParts } from './runner.js';

/** All definitions are one event, so their number has a bound. */
export const GROUPS_MAX = 1000;
const TICK_MS = 200;
const STOP_WAIT_MS = 3000;

/** A definition as asked for, when it is not known yet where it begins. */
export type NewGroup = Omit<GroupDefinition, 'begin'>;

export class PersistentGroups {
  private readonly runners = new Map<string, GroupRunner>();
  private changes: Promise<unknown> = Promise.resolve();
  private ticking: NodeJS.Timeout | undefined;

  constructor(private readonly parts: RunnerParts) {}

  /** Takes up the groups that are defined. Throws when a definition or checkpoint cannot be read. */
  async start(): Promise<void> {
    await this.load();
    this.ticking = setInterval(() => {
      const now = Date.now();
      for (const runner of this.runners.values()) runner.tick(now);
    }, TICK_MS);
  }

  /** Writes down how far the groups have come. Subscriptions are left to whoever ends the calls. */
  async stop(): Promise<void> {
    clearInterval(this.ticking);
    await Promise.race([
      Promise.all([...this.runners.values()].map((runner) => runner.stop())),
      pause(STOP_WAIT_MS),
    ]);
  }

  /** Throws `GrpcFailure`. */
  create(wanted: NewGroup): Promise<void> {
    return this.change(async () => {
      const { source, group } = wanted;
      const key = groupKey(source, group);
      if (this.runners.has(key)) throw groupExists(source, group);
      this.check(wanted);
      if (this.runners.size >= GROUPS_MAX)
        throw groupFailed(
          source,
          group,
          `there are ${GROUPS_MAX} groups, which is the most: delete one`,
        );
      await this.parts.journal.forget(key); // what a deletion that did not come to its end has left
      const definition = { ...wanted, begin: await this.beginOf(wanted) };
      await this.save([...this.definitions(), definition]);
      this.run(definition, undefined);
    });
  }

  /** Its consumers are dropped and may come again. A checkpoint stays, and so does the filter. Throws `GrpcFailure`. */
  update(wanted: Omit<NewGroup, 'filter'>): Promise<void> {
    return this.change(async () => {
      const runner = this.find(wanted.source, wanted.group);
      const { definition } = runner;
      const changed = { ...wanted, filter: definition.filter };
      this.check(changed);
      const isSameStart = changed.startFrom === definition.startFrom;
      const begin = isSameStart ? definition.begin : await this.beginOf(changed);
      const next = { ...changed, begin };
      await this.save(this.definitions().map((each) => (each === definition ? next : each)));
      await this.replace(runner, next);
    });
  }

  /** Throws `GrpcFailure`. */
  delete(source: string, group: string): Promise<void> {
    return this.change(async () => {
      const runner = this.find(source, group);
      await this.save(this.definitions().filter((other) => other !== runner.definition));
      this.runners.delete(runner.key);
      await this.drop(runner);
      await this.parts.journal.forget(runner.key);
    });
  }

  /** Drops all consumers and begins all groups anew behind their checkpoints. */
  restart(): Promise<void> {
    return this.change(async () => {
      const runners = [...this.runners.values()];
      await Promise.all(runners.map((runner) => this.replace(runner, runner.definition)));
    });
  }

  /** Throws `GrpcFailure` when the group has as many consumers as it may have. */
  admit({ definition: { source, group }, group: { isFull } }: GroupRunner): void {
    if (isFull) throw groupIsFull(source, group);
  }

  /** Throws `GrpcFailure`. */
  find(source: string, group: string): GroupRunner {
    const runner = this.runners.get(groupKey(source, group));
    if (!runner) throw groupDoesNotExist(source, group);
    return runner;
  }

  /** All groups, or those of one source. */
  list(source?: string): GroupRunner[] {
    const all = [...this.runners.values()];
    return source === undefined
      ? all
      : all.filter(({ definition }) => definition.source === source);
  }

  private change(action: () => Promise<void>): Promise<void> {
    const done = this.changes.then(action);
    this.changes = done.catch(() => {});
    return done;
  }

  private async load(): Promise<void> {
    const json = await this.parts.journal.readConfig();
    for (const definition of json === undefined ? [] : parseConfig(json))
      this.run(definition, await this.checkpointOf(definition));
  }

  private run(definition: GroupDefinition, checkpoint: number | undefined): void {
    const runner = new GroupRunner(definition, this.parts, checkpoint);
    this.runners.set(runner.key, runner);
    runner.start();
  }

  /** A runner that has stopped knows its checkpoint: nothing is read, so nothing can go wrong on the way. */
  private async replace(runner: GroupRunner, definition: GroupDefinition): Promise<void> {
    await this.drop(runner);
    this.run(definition, runner.group.checkpoints.last);
  }

  private drop(runner: GroupRunner): Promise<void> {
    const { source, group } = runner.definition;
    return runner.stop(groupDropped(source, group));
  }

  private definitions(): GroupDefinition[] {
    return [...this.runners.values()].map(({ definition }) => definition);
  }

  private save(definitions: readonly GroupDefinition[]): Promise<void> {
    return this.parts.journal.writeConfig(formatConfig(definitions, new Date()));
  }

  private async checkpointOf({ source, group }: GroupDefinition): Promise<number | undefined> {
    const json = await this.parts.journal.readCheckpoint(groupKey(source, group));
    if (json === undefined) return undefined;
    const place = parsePlace(JSON.parse(json), source === ALL);
    if (place === undefined) throw new Error(`the checkpoint of ${source}::${group} is ${json}`);
    return place;
  }

  /** The first revision or position wanted. */
  private async beginOf({ source, startFrom }: NewGroup): Promise<number> {
    if (startFrom === 'start') return source === ALL ? 1 : 0;
    if (startFrom !== 'end') return startFrom;
    if (source === ALL) return this.parts.log.recent.head + 1;
    const { revision } = await this.parts.log.head(source);
    return Math.min(revision + 1, Number.MAX_SAFE_INTEGER);
  }

  private check({ source, group, startFrom, settings }: NewGroup): void {
    const fail = (reason: string): GrpcFailure => groupFailed(source, group, reason);
    const longest = metastreamOf(checkpointStream(groupKey(source, group)));
    if (source === '') throw fail('Bad stream name.');
    if (group === '') throw fail('Bad group name.');
    if (Buffer.byteLength(longest) > NAME_BYTES_MAX)
      throw fail('the names of stream and group are too long together');
    if (source === ALL && typeof startFrom === 'number' && startFrom > this.parts.log.recent.head)
      throw fail('the start position is beyond the end of the log');
    for (const [name, value] of Object.entries(settings))
      if (typeof value === 'number' && value < 0) throw fail(`${name} must not be negative`);
  }
}
