/**
 * A sender that is killed between the record that its attempts begin and the answer to them, again and again: nothing is sent a second time
 * that was not marked as unknown first and asked after. KOPILKA_CHAOS_ROUNDS says how often; 5 unless told.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { MessageId } from '../../../domain/ids.js';
import { changesOf } from '../../../domain/message/message.js';
import { eventually } from '../ownLog.js';
import { type House, startHouse, statusesOf } from './house.js';
import type { FromSender, SenderPlan } from './sender.process.js';

const rounds = Number(process.env['KOPILKA_CHAOS_ROUNDS'] ?? 5);
const perRound = 30;
/** Longer than an answer is waited for, and than asking again waits. */
const aheadMs = 75_000;

describe('a sender that is killed between the beginning and the answer', function () {
  this.timeout(60_000 + rounds * 20_000);
  let house: House;
  const children: ChildProcess[] = [];

  before(async () => {
    house = await startHouse();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await house.stop();
  });

  /** What providers were given, by whichever process, as the outside world saw it. */
  const given: { readonly clientReference: string; readonly messageId: MessageId }[] = [];
  const arrived = new Set<string>();

  const start = (plan: Omit<SenderPlan, 'settings'>): ChildProcess => {
    const child = fork(fileURLToPath(new URL('./sender.process.js', import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(child);
    child.on('message', (message: FromSender) => {
      if (message.kind === 'asked') {
        const known = arrived.has(message.clientReference);
        child.send({ kind: 'known', id: message.id, known });
        return;
      }
      given.push(...message.messages);
      // Of a call that is cut off, a part had arrived.
      message.messages.forEach(({ clientReference }, index) => {
        if (!plan.hangs || index % 2 === 0) arrived.add(clientReference);
      });
      if (!plan.hangs) child.send({ kind: 'taken', id: message.id });
    });
    child.send({ settings: house.settings, ...plan } satisfies SenderPlan);
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };

  it(`sends nothing twice blindly, ${rounds} times over`, async () => {
    const tenant = await house.programme('killed');
    await house.provider(tenant, 'sms_one', { settings: { batchMax: 10 } });
    let total = 0;
    let ahead = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await house.request(
        tenant,
        Array.from({ length: perRound }, () => ({})),
      );
      total += perRound;
      const before = given.length;
      const victim = start({ hangs: true, aheadMs: ahead });
      await eventually(`round ${round}: it is at it`, () => given.length > before, 40_000);
      await kill(victim);
      ahead += aheadMs;
    }
    const survivor = start({ hangs: false, aheadMs: ahead });
    await eventually(
      'all is over',
      async () => (await statusesOf(house, tenant)).delivered === total,
      40_000 + rounds * 4_000,
    );
    survivor.kill('SIGKILL');

    const references = given.map(({ clientReference }) => clientReference);
    expect(new Set(references).size, 'one reference is one call').to.equal(references.length);
    const told = new Map<MessageId, string[]>();
    for (const fact of await house.journal(tenant)) {
      for (const { messageId, change } of changesOf(fact)) {
        const words = told.get(messageId) ?? [];
        told.set(messageId, words);
        if (change.type === 'AttemptsStarted') words.push('started');
        if (change.type !== 'AttemptsAnswered') continue;
        words.push(change.item.reconciled ? `asked: ${change.item.outcome}` : change.item.outcome);
      }
    }
    let twice = 0;
    for (const words of told.values()) {
      const starts = words.flatMap((word, index) => (word === 'started' ? [index] : []));
      for (const again of starts.slice(1)) {
        twice += 1;
        expect(words.slice(again - 3, again)).to.deep.equal([
          'started',
          'unknown',
          'asked: retryable',
        ]);
      }
    }
    expect(told.size).to.equal(total);
    expect(twice, 'something was lost on its way').to.be.greaterThan(0);
    const reached = [...arrived].map((reference) => reference.split('-')[0]);
    expect(new Set(reached).size, 'nobody was reached twice').to.equal(reached.length);
    expect(reached.length).to.equal(total);
  });
});
