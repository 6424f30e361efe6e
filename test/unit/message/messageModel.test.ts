/**
 * Messages in any order of events, against a world that knows what really arrived: a provider that answers or does not, receipts early,
 * late and never, crashes, orders of the requester, quiet hours. A queue that does what the domain says, and nothing else, must keep the
 * promises below, however it all comes.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  isOver,
  isTerminal,
  type Message,
  type MessageStatus,
  triesMax,
} from '../../../domain/message/message.js';
import type { Step } from '../../../domain/strategy/step.js';
import { at, iso, Journey } from './journey.js';

/** What really became of an attempt, whoever knows of it. */
interface Truth {
  readonly step: number;
  readonly startedAt: number;
  readonly arrives: boolean;
  /** When something told that it arrived; null: nothing did yet. */
  provedAt: number | null;
  told: 'nothing' | 'refused' | 'taken' | 'unknown';
}

/** Seconds since the message was accepted, and what happened so far. */
interface World {
  now: number;
  readonly truths: Truth[];
  /** The first final status; it has to stay. */
  final: MessageStatus | null;
  suppressed: boolean;
}

type Move = fc.Command<World, Journey>;

const after = (world: World, journey: Journey): void => {
  const { message } = journey;
  if (world.final === null && isTerminal(message.status)) world.final = message.status;
  if (world.final !== null) expect(message.status, 'final').to.equal(world.final);
  const proved = world.truths.filter(({ provedAt }) => provedAt !== null);
  expect(message.deliveredTwice, 'flagged').to.equal(proved.length > 1);
  const [first, second] = [...proved].sort((one, other) => one.startedAt - other.startedAt);
  if (first && second) {
    expect(first.provedAt, 'proved late').to.be.at.least(second.startedAt);
    expect(first.step, 'another channel').to.be.below(second.step);
    expect(message.lateReceipts, 'counted').to.be.at.least(1);
  }
};

const mayStart = (world: World, message: Message): void => {
  const { now, truths } = world;
  expect(isOver(message), 'over').to.equal(false);
  expect(world.suppressed, 'suppressed').to.equal(false);
  expect(at(now), 'expired').to.be.below(message.expiresAt);
  expect(at(now), 'too early').to.be.at.least(message.notBefore ?? 0);
  expect(at(now), 'held').to.be.at.least(message.held?.until ?? 0);
  const sameStep = truths.filter(({ step }) => step === message.step);
  expect(
    sameStep.every(({ told }) => told === 'refused'),
    'sent again blindly',
  ).to.equal(true);
};

/** Does what the domain says, as the queue would. `arrives`: whether what is sent now really arrives. */
class Obey implements Move {
  constructor(
    readonly arrives: boolean,
    readonly reconciled: 'told' | 'unknown',
    readonly silenceSeconds: number | null,
  ) {}
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    const { now, truths } = world;
    const next = journey.next(now);
    switch (next.kind) {
      case 'send':
        mayStart(world, journey.message);
        expect(next.step).to.equal(journey.message.step);
        truths.push({
          ...{ step: next.step, startedAt: now, arrives: this.arrives },
          ...{ provedAt: null, told: 'nothing' },
        });
        journey.start(
          now,
          this.silenceSeconds === null ? {} : { silenceSeconds: this.silenceSeconds },
        );
        break;
      case 'advance':
      case 'end':
        journey.obey(now);
        break;
      case 'reconcile':
        this.reconcile(world, journey, next.attempt);
        break;
      default:
    }
    after(world, journey);
  }
  private reconcile(world: World, journey: Journey, attempt: number): void {
    const truth = world.truths[attempt - 1];
    if (!truth) throw new Error(`there is no attempt ${attempt}`);
    const said = { attempt, reconciled: true } as const;
    if (this.reconciled === 'unknown') {
      truth.told = 'unknown';
      journey.answer(world.now, 'unknown', said);
    } else if (truth.arrives) {
      truth.told = 'taken';
      journey.answer(world.now, 'submitted', said);
    } else {
      truth.told = 'refused';
      journey.answer(world.now, 'retryable', said);
    }
  }
  toString = (): string => `obey(${this.arrives ? 'arrives' : 'does not arrive'})`;
}

/** The provider answers for the latest attempt: a refusal only of what does not arrive. */
class Answer implements Move {
  constructor(readonly how: 'taken' | 'unknown' | 'throttled' | 'retryable' | 'permanent') {}
  check({ truths }: Readonly<World>): boolean {
    const latest = truths.at(-1);
    if (!latest || latest.told !== 'nothing') return false;
    return this.how === 'taken' || this.how === 'unknown' || !latest.arrives;
  }
  run(world: World, journey: Journey): void {
    const latest = world.truths.at(-1) as Truth;
    const { now } = world;
    switch (this.how) {
      case 'taken':
        latest.told = 'taken';
        journey.answer(now, 'submitted');
        break;
      case 'unknown':
        latest.told = 'unknown';
        journey.answer(now, 'unknown', { errorClass: 'unknownOutcome' });
        break;
      case 'permanent':
        latest.told = 'refused';
        journey.answer(now, 'permanent', { errorClass: 'recipientPermanent' });
        break;
      default:
        latest.told = 'refused';
        journey.answer(now, this.how, { retryAt: iso(now + 7) });
    }
    after(world, journey);
  }
  toString = (): string => `answer(${this.how})`;
}

/** Of any attempt, at any time: what it says is true. */
class Receipt implements Move {
  constructor(
    readonly which: number,
    readonly how: 'receipt' | 'operator' | 'delay',
  ) {}
  check = ({ truths }: Readonly<World>): boolean => truths.length > 0;
  run(world: World, journey: Journey): void {
    const attempt = (this.which % world.truths.length) + 1;
    const truth = world.truths[attempt - 1] as Truth;
    if (this.how === 'delay') journey.receipt(world.now, 'delayed', { attempt });
    else if (this.how === 'operator')
      journey.receipt(world.now, 'deliveredToOperator', { attempt });
    else if (truth.arrives) {
      truth.provedAt ??= world.now;
      journey.receipt(world.now, 'delivered', { attempt });
    } else {
      truth.told = 'refused';
      journey.receipt(world.now, 'undelivered', { attempt });
    }
    after(world, journey);
  }
  toString = (): string => `receipt(${this.which}, ${this.how})`;
}

class Pass implements Move {
  constructor(readonly seconds: number) {}
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    world.now += this.seconds;
    after(world, journey);
  }
  toString = (): string => `pass(${this.seconds})`;
}

/** Until the domain wants something: time passes in one leap. */
class Leap implements Move {
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    const next = journey.next(world.now);
    if (next.kind === 'wait') {
      const until = Math.ceil((next.until - at(0)) / 1_000);
      expect(until, 'waits for the past').to.be.above(world.now - 1);
      world.now = Math.max(world.now, until);
    }
    after(world, journey);
  }
  toString = (): string => 'leap';
}

class Hold implements Move {
  constructor(
    readonly seconds: number,
    readonly reason: string,
  ) {}
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    const { kind } = journey.next(world.now);
    if (kind === 'send') journey.hold(world.now, world.now + this.seconds, this.reason);
    after(world, journey);
  }
  toString = (): string => `hold(${this.seconds}, ${this.reason})`;
}

/** The recipient does not want it: asked where it would be sent. */
class Suppress implements Move {
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    if (journey.next(world.now).kind === 'send') {
      const { messageId } = journey.message;
      const items = [{ messageId, status: 'suppressed' as const, reason: 'opted-out' }];
      journey.record(world.now, { type: 'MessagesEnded', data: { items } });
      world.suppressed = true;
    }
    after(world, journey);
  }
  toString = (): string => 'suppress';
}

/** What another queue recorded that did not know yet that the message is over. */
class Rival implements Move {
  check = ({ final }: Readonly<World>): boolean => final !== null;
  run(world: World, journey: Journey): void {
    const { messageId } = journey.message;
    const end = { messageId, status: 'expired' as const, reason: 'expired' };
    journey.record(world.now, { type: 'MessagesEnded', data: { items: [end] } });
    const advance = { messageId, step: 1, reason: 'not-in-time' };
    journey.record(world.now, { type: 'MessagesAdvanced', data: { items: [advance] } });
    journey.hold(world.now, world.now + 60, 'quiet-hours');
    expect(journey.next(world.now)).to.deep.equal({ kind: 'done' });
    after(world, journey);
  }
  toString = (): string => 'rival';
}

class Order implements Move {
  constructor(
    readonly kind: 'cancel' | 'reschedule',
    readonly seconds: number,
  ) {}
  check = (): boolean => true;
  run(world: World, journey: Journey): void {
    const before = journey.message;
    const { now } = world;
    if (this.kind === 'cancel') journey.cancel(now);
    else journey.reschedule(now, now + this.seconds);
    const { outcome } = journey.message.orders.at(-1) ?? {};
    const reached = world.truths.some(({ told, provedAt }) => told !== 'refused' || provedAt);
    if (reached || isOver(before)) expect(outcome, 'an order too late').to.equal('too-late');
    if (outcome === 'too-late') expect(journey.message.notBefore).to.equal(before.notBefore);
    after(world, journey);
  }
  toString = (): string => `${this.kind}(${this.seconds})`;
}

const seconds = fc.integer({ min: 1, max: 900 });
const obey = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom('told' as const, 'unknown' as const),
    fc.option(fc.integer({ min: 0, max: 900 })),
  )
  .map(([arrives, reconciled, silence]) => new Obey(arrives, reconciled, silence));
const answer = fc
  .constantFrom<Answer['how']>('taken', 'taken', 'unknown', 'throttled', 'retryable', 'permanent')
  .map((how) => new Answer(how));
const receipt = fc
  .tuple(
    fc.nat({ max: 5 }),
    fc.constantFrom<Receipt['how']>('receipt', 'receipt', 'operator', 'delay'),
  )
  .map(([which, how]) => new Receipt(which, how));
/** Seldom, or a life is over before it began. */
const meddling = fc.oneof(
  { weight: 12, arbitrary: seconds.map((passed) => new Pass(passed)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(seconds, fc.constantFrom('quiet-hours', 'no-provider'))
      .map(([until, reason]) => new Hold(until, reason)),
  },
  { weight: 1, arbitrary: fc.constant(new Suppress()) },
  { weight: 4, arbitrary: fc.constant(new Rival()) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('cancel' as const, 'reschedule' as const), seconds)
      .map(([kind, later]) => new Order(kind, later)),
  },
);
const leap = fc.constant(new Leap());
const moves = [obey, obey, obey, obey, answer, answer, receipt, leap, leap, leap, meddling];

/** A read that is waited for would be a second delivery on purpose. */
const steps: fc.Arbitrary<Step[]> = fc
  .uniqueArray(fc.constantFrom('push', 'sms', 'email', 'telegram'), { minLength: 1, maxLength: 3 })
  .chain((channels) =>
    fc.tuple(
      ...channels.map((channel) =>
        fc.record({
          channel: fc.constant(channel as Step['channel']),
          until: fc.constantFrom('accepted' as const, 'sent' as const, 'delivered' as const),
          waitSeconds: fc.integer({ min: 10, max: 600 }),
        }),
      ),
    ),
  );

const request = fc.record({
  steps,
  notBefore: fc.option(fc.integer({ min: 1, max: 600 }).map(iso)),
  expiresAt: fc.integer({ min: 700, max: 4_000 }).map(iso),
});

describe('messages in any order of events', () => {
  it('end once, arrive by one channel unless something late says otherwise, and are sent neither late nor unwanted', () => {
    fc.assert(
      fc.property(
        request,
        fc.commands(moves, { maxCommands: 60, size: 'max' }),
        (asked, commands) => {
          fc.modelRun(() => {
            const model: World = { now: 0, truths: [], final: null, suppressed: false };
            return { model, real: new Journey(asked) };
          }, commands);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('come to an end when nobody meddles, within the tries that there are', () => {
    const outcomes = fc.infiniteStream(
      fc.constantFrom('submitted', 'retryable', 'permanent', 'unknown', 'nothing'),
    );
    fc.assert(
      fc.property(request, outcomes, (asked, answers) => {
        const journey = new Journey(asked);
        let now = 0;
        for (let moved = 0; !isOver(journey.message); moved += 1) {
          expect(moved, 'moves').to.be.below(200);
          const next = journey.next(now);
          if (next.kind === 'wait') {
            expect(next.until, 'waits for the past').to.be.above(at(now) - 1_000);
            now = Math.max(now, Math.ceil((next.until - at(0)) / 1_000));
          } else if (next.kind === 'send') {
            journey.start(now);
            const answer = answers.next().value as 'submitted' | 'nothing';
            if (answer !== 'nothing') journey.answer(now, answer);
          } else if (next.kind === 'reconcile') {
            journey.answer(now, 'unknown', { attempt: next.attempt, reconciled: true });
          } else journey.obey(now);
        }
        const { attempts, steps: cascade } = journey.message;
        expect(attempts.length).to.be.at.most(triesMax * cascade.length);
      }),
      { numRuns: 300 },
    );
  });
});
