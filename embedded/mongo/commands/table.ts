/** Every command by name, and how one is carried out: its answer, or its fault as an answer. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { aggregate } from './aggregate.js';
import { type Call, checkFields, type Command } from './command.js';
import { explainAggregate, explainCommand } from './explain.js';
import { greetings } from './greeting.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import {
  collStats,
  create,
  dbStats,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './naming.js';
import { count, distinct, find, getMore, killCursors } from './reading.js';
import { findAndModify, insert, remove, update } from './writing.js';

const commands: readonly Command[] = [
  ...greetings,
  aggregate,
  collStats,
  count,
  create,
  createIndexes,
  dbStats,
  distinct,
  drop,
  dropDatabase,
  dropIndexes,
  explainCommand,
  find,
  findAndModify,
  getMore,
  insert,
  killCursors,
  listCollections,
  listDatabases,
  listIndexes,
  remove,
  renameCollection,
  update,
];

/** Names in lower case by which older programs call them. */
const aliases = ['buildInfo', 'collStats', 'dbStats', 'findAndModify'] as const;

const byName = new Map(commands.map((command) => [command.name, command]));
for (const name of aliases) {
  const command = byName.get(name);
  if (command) byName.set(name.toLowerCase(), command);
}

export interface Outcome {
  readonly answer: Document;
  /** It is ours and not the sender's. */
  readonly bug: unknown;
}

const failed = (fault: MongoFault): Document => ({
  ok: 0,
  errmsg: fault.message,
  code: fault.code,
  codeName: fault.codeName,
  ...fault.details,
});

const renamed = (body: Document, from: string, to: string): Document => {
  const { [from]: value, ...rest } = body;
  return { [to]: value as unknown, ...rest };
};

const run = (call: Call): Document => {
  const [name = ''] = Object.keys(call.body);
  const command = byName.get(name);
  if (!command) throw new MongoFault('CommandNotFound', `no such command: '${name}'`);
  const body = name === command.name ? call.body : renamed(call.body, name, command.name);
  checkFields(command, body);
  if (name === 'aggregate' && body['explain'] === true) return explainAggregate(call);
  return command.run({ ...call, body });
};

/** Never throws. */
export const carryOut = (call: Call): Outcome => {
  try {
    return { answer: { ...run(call), ok: 1 }, bug: null };
  } catch (error) {
    if (error instanceof MongoFault) return { answer: failed(error), bug: null };
    const fault = new MongoFault(
      'InternalError',
      'this is a fault of the document store, told in its log',
    );
    return { answer: failed(fault), bug: error };
  }
};
