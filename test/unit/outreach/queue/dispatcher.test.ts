/** What the dispatcher does with a queue while some of those who are to carry it do not. */
import { expect } from 'chai';
import { demo } from './known.js';
import { hanging, type Queued, type Sending, sendingOf, soon } from './sending.js';

const step = (channel: 'sms' | 'email', waitSeconds = 600) =>
  ({ channel, until: 'accepted', waitSeconds }) as const;

describe('the dispatcher', () => {
  let sending: Sending | undefined;
  let releases: (() => void)[] = [];
  const start = (given: Parameters<typeof sendingOf>[0]): Sending => (sending = sendingOf(given));
  const hangs = () => {
    const { send, release } = hanging();
    releases.push(release);
    return send;
  };
  afterEach(async () => {
    for (const release of releases) release();
    releases = [];
    await sending?.stop();
    sending = undefined;
  });
  const many = (count: number, accepted: Queued['accepted'], rest: Partial<Queued> = {}) =>
    Array.from({ length: count }, (): Queued => ({ accepted, ...rest }));
  const sms = { steps: [step('sms')] };
  const email = { steps: [step('email')] };
  const countOf = (name: string): number => sending?.sent.get(name)?.length ?? 0;

  it('gives way to one-time passwords, but lets nobody wait for a provider that hangs', async () => {
    const phone = { addresses: { phone: 'a'.repeat(64), email: 'b'.repeat(64) } };
    const recipient = { userId: null, subject: 'addr_ada', ...phone };
    start({
      senders: [{ providerId: 'post', channel: 'email', send: hangs() }, { providerId: 'north' }],
      queue: [
        ...many(3, { ...sms, class: 'otp' }),
        ...many(40, { ...email, recipient }),
        ...many(200, { ...sms, class: 'marketing' }),
      ],
    });
    await soon('passwords', () => countOf('north') >= 3);
    await soon('the rest', () => countOf('north') === 203);
    expect(sending?.troubles).to.deep.equal([]);
  });

  it('sends a password once that it hears of from its own process and from the log', async () => {
    const password: Queued = { accepted: { ...sms, class: 'otp' } };
    const { dispatcher, hear, hearAgain, log } = start({
      senders: [{ providerId: 'north' }],
      // Makes known that there is a lane.
      queue: many(1, sms),
    });
    await soon('the lane is open', () => countOf('north') === 1 && dispatcher.state().lanes > 0);
    const numbers = Array.from({ length: 50 }, () => hear(password));
    for (const number of numbers) hearAgain(password, number);
    await soon('they are sent', () => countOf('north') === 51);
    // And when all is recorded of them.
    await soon('nothing is in hand', () => dispatcher.state().inHand === 0);
    for (const number of numbers) hearAgain(password, number);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(sending?.sent.get('north')?.slice(1)).to.have.members(numbers);
    const begun = log.facts.flatMap(({ type, data }) =>
      type === 'AttemptsStarted' ? (data as { attempts: unknown[] }).attempts : [],
    );
    expect(begun).to.have.length(51);
    expect(sending?.troubles).to.deep.equal([]);
  });

  it('claims a lane for a password that the tables do not know yet, and sends it at once', async () => {
    const { dispatcher, hear } = start({ senders: [{ providerId: 'north' }], queue: [] });
    await soon('those that they know are open', () => dispatcher.state().lanes === 1);
    const numbers = [1, 2, 3].map(() => hear({ accepted: { ...sms, class: 'otp', lane: 64 } }));
    await soon('they are sent', () => countOf('north') === 3, 900);
    expect(sending?.sent.get('north')).to.have.members(numbers);
    expect(dispatcher.state().lanes).to.equal(2);
    expect(sending?.troubles).to.deep.equal([]);
  });

  it('leaves passwords in lanes that others send to them, and gives way meanwhile', async () => {
    const { dispatcher, hear } = start({
      senders: [{ providerId: 'north' }],
      queue: many(1, sms),
      isOurs: (lane) => lane < 64,
    });
    await soon('the lane is open', () => dispatcher.state().lanes === 1);
    expect(dispatcher.givesWay()).to.equal(false);
    hear({ accepted: { ...sms, class: 'otp', lane: 64 } });
    expect(dispatcher.givesWay()).to.equal(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([countOf('north'), dispatcher.state().lanes]).to.deep.equal([1, 1]);
  });

  it('takes no lane before it runs, whatever it hears: not all providers are known by then', async () => {
    let run = (): void => undefined;
    const runsAfter = new Promise<void>((resolve) => (run = resolve));
    const { dispatcher } = start({
      senders: [{ providerId: 'north' }],
      queue: many(5, sms),
      runsAfter,
    });
    const news = { tenant: demo, lane: 0, class: 'transactional', channel: 'sms' } as const;
    dispatcher.news([{ ...news, ready: true, dueAt: null, sendAt: null }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dispatcher.state().lanes).to.equal(0);
    expect(countOf('north')).to.equal(0);
    run();
    await soon('they are sent', () => countOf('north') === 5);
  });

  const rule = (ruleId: string, prefix: string, providerId: string) => ({
    ...{ ruleId, channel: 'sms', prefixes: [prefix], by: 'weight' },
    providers: [{ providerId, weight: 100 }],
  });
  const rules = [rule('latvia', '+371', 'north'), rule('georgia', '+995', 'south')];

  it('sends by one provider while another of the channel takes nothing in', async () => {
    start({
      senders: [
        { providerId: 'north', concurrency: 2, batchMax: 10, send: hangs() },
        { providerId: 'south', concurrency: 2, batchMax: 10 },
      ],
      queue: many(300, sms),
    });
    await soon('most are sent', () => countOf('south') > 100);
    await soon('no more than are called at a time', () => countOf('north') <= 20);
  });

  it('keeps what one provider cannot take from holding up the others of the window', async () => {
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 5, burst: 5 } }, { providerId: 'south' }],
      rules,
      queue: [...many(1_600, sms), ...many(50, sms, { phone: '+99550000000' })],
    });
    await soon('they go by the other', () => countOf('south') === 50, 4_000);
    await soon('its pace is used', () => countOf('north') > 7, 4_000);
    const north = sending?.sent.get('north') ?? [];
    expect(north.filter((number) => number < 50).length, 'first come').to.be.greaterThan(4);
  });

  it('learns nothing again and again of what waits for tokens', async () => {
    let chunks = 0;
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 1, burst: 1 } }, { providerId: 'south' }],
      rules,
      queue: many(50, sms),
      onLearn: () => (chunks += 1),
    });
    await soon('one is sent', () => countOf('north') === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(chunks).to.be.lessThan(6);
  });

  it('reads what is due once, and all of it, while none of it can be sent', async () => {
    const due = { at: Date.now() - 1_000, for: 'retry' };
    const over = { expiresAt: new Date(Date.now() - 500).toISOString() };
    start({
      senders: [{ providerId: 'north', concurrency: 1, batchMax: 1, send: hangs() }],
      queue: [
        ...many(700, sms, { due }),
        ...many(300, { ...sms, ...over }, { due: { at: due.at + 10, for: 'milestone' } }),
      ],
    });
    const ended = () =>
      (sending?.log.facts ?? [])
        .filter(({ type }) => type === 'MessagesEnded')
        .flatMap(({ data }) => (data as { items: unknown[] }).items).length;
    await soon('what is over is ended', () => ended() === 300);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const rows = (sending?.asked ?? []).reduce((sum, one) => sum + one.rows, 0);
    expect(rows).to.be.within(500, 1_000);
    expect(sending?.dispatcher.state().inHand).to.be.within(250, 700);
  });

  it('reads what was sent and is due in tables that are far behind again only once a minute', async () => {
    let ahead = 0;
    const due = { at: Date.now() - 1_000, for: 'retry' };
    start({
      senders: [{ providerId: 'north', concurrency: 8, batchMax: 100 }],
      queue: many(1_600, sms, { due }),
      now: () => Date.now() + ahead,
    });
    const read = () => (sending?.asked ?? []).reduce((sum, one) => sum + one.rows, 0);
    const looks = () =>
      (sending?.asked ?? []).filter(({ windows }) => windows.some((one) => one.work > 0)).length;
    await soon('all are sent', () => countOf('north') === 1_600);
    await soon(
      'it was looked at once more',
      (
        (before) => () =>
          looks() > before
      )(looks()),
    );
    const before = [read(), looks()] as const;
    await soon('it is looked at twice', () => looks() > before[1] + 1);
    expect(read() - before[0]).to.equal(0);
    const window = { tenant: demo, lane: 0, class: 'transactional', channel: 'sms' } as const;
    const dueAt = due.at;
    const told = looks();
    sending?.dispatcher.news([{ ...window, ready: false, dueAt, sendAt: null }]);
    await soon('it is looked at for what is to be done', () => looks() > told);
    expect(read() - before[0]).to.equal(0);
    sending?.dispatcher.news([{ ...window, ready: false, dueAt, sendAt: dueAt }]);
    await soon('it is read again for what is to be sent', () => read() >= before[0] + 1_600);
    ahead = 61_000;
    await soon('all is read again', () => read() >= before[0] + 3_200);
    expect(countOf('north')).to.equal(1_600);
  });

  it('goes on with what waits in hand for a provider that takes nothing', async () => {
    let ahead = 0;
    start({
      senders: [
        { providerId: 'north', concurrency: 1, batchMax: 1, send: hangs() },
        { providerId: 'post', channel: 'email' },
      ],
      queue: many(30, { steps: [step('sms', 30), step('email')] }),
      now: () => Date.now() + ahead,
    });
    await soon('one is being sent', () => countOf('north') > 0);
    ahead = 31_000;
    await soon('the rest goes by the next step', () => countOf('post') >= 28);
  });

  it('reads nothing from the queue because settings changed, but decides anew on what is blocked', async () => {
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 0.01, burst: 1 } }],
      queue: many(10, sms),
    });
    await soon('one is sent', () => countOf('north') === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = sending?.asked.length;
    for (let times = 0; times < 20; times += 1) sending?.dispatcher.changed(demo);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sending?.asked.length).to.equal(asked);
    expect(sending?.dispatcher.state().inHand).to.equal(9);
  });
});
