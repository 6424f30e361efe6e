/** SMS, against the server side of the smpp package on loopback. */
import { expect } from 'chai';
import { segmentsOf } from '../../../domain/template/segments.js';
import { loadSmpp } from '../../../workers/outreach/providers/smpp/library.js';
import { partsOf } from '../../../workers/outreach/providers/smpp/parts.js';
import type { Receipt, SendResult } from '../../../workers/outreach/providers/port.js';
import { selfSigned } from '../../conformance/eventstore/security/certificate.js';
import { openCentre, phone, smpp } from './centre.js';
import { keepsTheContract } from './contract.js';
import { openTo, outgoing, until } from './peer.js';

describe('SMS by SMPP', () => {
  keepsTheContract(() => openCentre());

  const opened: { close(): Promise<void> }[] = [];
  const open = async (
    settings: object = {},
    onReceipts?: (receipts: readonly Receipt[]) => void | Promise<void>,
    tls: object = {},
  ) => {
    const centre = await openCentre(tls);
    const provider = openTo(
      { ...centre, settings: { ...centre.settings, ...settings } },
      onReceipts ? { onReceipts } : {},
    );
    opened.push(provider, centre);
    return { centre, ...provider };
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  const soon = () => AbortSignal.timeout(10_000);
  const classOf = (result: SendResult | undefined) =>
    result?.outcome === 'refused' ? `${result.errorClass} ${result.code}` : result?.outcome;
  const text = (of: string, n = 1) => outgoing(phone(n), n, { content: { text: of } });

  it('spells in the alphabet of GSM where it can, and in UCS-2 elsewhere', async () => {
    const { provider, centre } = await open();
    await provider.send([text('Grüße für 5 € [jetzt]', 1)], soon());
    await provider.send([text('Привет 🎁', 2)], soon());
    expect(centre.submitted.map(({ text: said, coding }) => ({ said, coding }))).to.deep.equal([
      { said: 'Grüße für 5 € [jetzt]', coding: 0 },
      { said: 'Привет 🎁', coding: 8 },
    ]);
  });

  it('sends a long message in parts that make it up again, and asks for one receipt', async () => {
    const { provider, centre } = await open();
    const long = 'Ten points. '.repeat(30);
    const [result] = await provider.send([text(long)], soon());
    expect(centre.submitted.map(({ text: said }) => said).join('')).to.equal(long);
    expect(centre.submitted.map(({ receipt }) => receipt)).to.deep.equal([false, false, true]);
    expect(result).to.include({ outcome: 'submitted', providerReference: 'id3' });
  });

  it('numbers its parts from anywhere, since those of another opening may be on their way', async () => {
    const references: (number | undefined)[] = [];
    for (let opening = 0; opening < 4; opening += 1) {
      const { provider, centre } = await open();
      await provider.send([text('Ten points. '.repeat(20))], soon());
      references.push(...centre.submitted.map(({ reference }) => reference));
    }
    const [first, second] = references;
    expect(first).to.be.within(0, 255);
    expect(second).to.equal(first);
    // By chance once in sixteen million.
    expect(new Set(references).size).to.be.above(1);
  });

  it('sends it whole where the centre takes it so', async () => {
    const { provider, centre } = await open({ longMessages: 'payload' });
    const long = 'Десять баллов. '.repeat(30);
    await provider.send([text(long)], soon());
    expect(centre.submitted.map(({ text: said }) => said)).to.deep.equal([long]);
  });

  it('tears nothing apart that takes two places, and counts parts as templates do', () => {
    const library = loadSmpp();
    const samples = ['a'.repeat(160), 'a'.repeat(161), `${'a'.repeat(152)}€${'b'.repeat(20)}`];
    samples.push('я'.repeat(70), 'я'.repeat(71), `${'я'.repeat(66)}🎁${'я'.repeat(20)}`);
    for (const sample of samples) {
      const { bodies } = partsOf(sample, 7, library);
      expect(bodies.length, sample).to.equal(segmentsOf(sample).segments);
      const lengths = bodies.map(({ length }) => length);
      expect(Math.max(...lengths), sample).to.be.at.most(160);
      if (bodies.length > 1) {
        expect([...(bodies[1] as Buffer).subarray(0, 6)]).to.deep.equal([5, 0, 3, 7, 2, 2]);
      }
    }
    const torn = partsOf(`${'я'.repeat(66)}🎁${'я'.repeat(20)}`, 7, library).bodies;
    expect(torn[0]).to.have.length(6 + 2 * 66);
  });

  it('has no more without an answer than its window', async () => {
    const { provider, centre } = await open({ window: 3 });
    centre.answerAfterMs = 10;
    const many = Array.from({ length: 12 }, (_, n) => text('short', n));
    const results = await provider.send(many, soon());
    expect(results.map(classOf)).to.deep.equal(many.map(() => 'submitted'));
    expect(centre.most()).to.equal(3);
  });

  it('is told to slow down, and of the rest of a message asks again', async () => {
    const { provider, centre } = await open();
    const throttled = smpp.errors['ESME_RTHROTTLED'] as number;
    centre.statuses.push(throttled);
    const [first] = await provider.send([text('short')], soon());
    expect(first).to.include({
      errorClass: 'throttled',
      code: 'ESME_RTHROTTLED',
      retryAfterMs: 1_000,
    });
    centre.statuses.push(0, throttled, 0);
    const [second] = await provider.send([text('x'.repeat(200))], soon());
    expect(classOf(second)).to.equal('submitted');
    expect(centre.submitted).to.have.length(2);
  });

  it('does not know of a message of which a part was refused', async () => {
    const { provider, centre } = await open();
    centre.statuses.push(0, smpp.errors['ESME_RSYSERR'] as number);
    const [result] = await provider.send([text('x'.repeat(200))], soon());
    expect(classOf(result)).to.equal('unknownOutcome ESME_RSYSERR');
  });

  it('takes receipts, and answers them once they were taken', async () => {
    let isTaken = true;
    const { provider, centre, receipts } = await open({}, async () => {
      if (!isTaken) throw new Error('the log does not answer');
    });
    await provider.send([text('short')], soon());
    const [session] = centre.sessions;
    const report = (fields: object) =>
      new Promise<number>((resolve) =>
        session?.deliver_sm({ esm_class: 4, ...fields }, (pdu) => resolve(pdu.command_status)),
      );
    const said = (stat: string, id = 'id1', err = '000') => ({
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:${stat} err:${err} text:short`,
    });
    expect(await report(said('ENROUTE'))).to.equal(0);
    expect(await report(said('DELIVRD'))).to.equal(0);
    expect(await report(said('UNDELIV', 'id2', '027'))).to.equal(0);
    expect(
      await report({ receipted_message_id: 'id3', message_state: 3, short_message: '' }),
    ).to.equal(0);
    expect(
      receipts.map(({ providerReference, status, code, errorClass }) => [
        ...[providerReference, status, code, errorClass],
      ]),
    ).to.deep.equal([
      ['id1', 'deliveredToOperator', undefined, undefined],
      ['id1', 'delivered', undefined, undefined],
      ['id2', 'undelivered', '027', undefined],
      ['id3', 'undelivered', undefined, 'expired'],
    ]);
    isTaken = false;
    expect(await report(said('DELIVRD'))).to.equal(smpp.errors['ESME_RX_T_APPN']);
    const words = { esm_class: 0, short_message: 'STOP' };
    expect(await report(words)).to.equal(0);
  });

  it('takes many receipts together, in their order', async () => {
    const takes: number[] = [];
    const { provider, centre, receipts } = await open(
      {},
      async (more) => void takes.push(more.length),
    );
    await provider.send([text('short')], soon());
    let answered = 0;
    for (let n = 1; n <= 300; n += 1) {
      const report = { esm_class: 4, short_message: `id:n${n} stat:DELIVRD err:000` };
      centre.sessions[0]?.deliver_sm(report, () => (answered += 1));
    }
    await until(() => answered === 300, 'all receipts answered');
    const expected = Array.from({ length: 300 }, (_, index) => `n${index + 1}`);
    expect(receipts.map(({ providerReference }) => providerReference)).to.deep.equal(expected);
    expect(takes.length).to.be.at.most(20);
  });

  it('reads receipts that number in decimal what was answered in hexadecimal', async () => {
    const { provider, centre, receipts } = await open({ receiptIds: 'decimal' });
    await provider.send([text('short')], soon());
    centre.sessions[0]?.deliver_sm({ esm_class: 4, short_message: 'id:255 stat:DELIVRD err:000' });
    await until(() => receipts.length > 0, 'a receipt');
    expect(receipts[0]).to.include({ providerReference: 'ff' });
  });

  it('does not know of what was on its way when the connection broke, and binds again', async () => {
    const { provider, centre } = await open();
    await provider.send([text('short')], soon());
    centre.behave('silent');
    const underWay = provider.send([text('lost')], soon());
    await until(() => centre.silences() === 1, 'it is on its way');
    centre.sessions[0]?.socket.destroy();
    expect(classOf((await underWay)[0])).to.equal('unknownOutcome ECONNRESET');
    centre.behave('fine');
    expect(classOf((await provider.send([text('again')], soon()))[0])).to.equal('submitted');
    expect(centre.binds()).to.equal(2);
  });

  it('binds again by itself, since receipts come of themselves', async () => {
    const { centre } = await open();
    await until(() => centre.binds() === 1, 'the first bind');
    centre.sessions[0]?.socket.destroy();
    await until(() => centre.binds() === 2, 'the second bind');
  });

  it('waits before it tries again what it was refused', async () => {
    const { provider, centre } = await open({ receipts: false });
    centre.behave('account');
    const first = await provider.send([text('one')], soon());
    const second = await provider.send([text('two')], soon());
    expect([...first, ...second].map(classOf)).to.deep.equal([
      'accountPermanent ESME_RINVPASWD',
      'accountPermanent ESME_RINVPASWD',
    ]);
    expect(centre.binds()).to.equal(1);
  });

  it('speaks encrypted to a centre whose certificate is of a CA that it knows', async () => {
    const { certificate, key } = selfSigned();
    const served = { key, cert: certificate };
    const settings = { tls: true, host: 'localhost', receipts: false };
    const known = await open({ ...settings, certificateAuthority: certificate }, undefined, served);
    expect(classOf((await known.provider.send([text('short')], soon()))[0])).to.equal('submitted');
    const unknown = await open(settings, undefined, served);
    const [refused] = await unknown.provider.send([text('short')], soon());
    expect(classOf(refused)).to.equal('accountPermanent DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(unknown.centre.submitted).to.deep.equal([]);
  });

  it('asks whether the centre is there, answers that it is, and leaves one that says nothing', async () => {
    const { provider, centre } = await open({ enquireSeconds: 1 });
    await provider.send([text('short')], soon());
    const [session] = centre.sessions;
    const answered = await new Promise<number>((resolve) =>
      session?.enquire_link((pdu) => resolve(pdu.command_status)),
    );
    expect(answered).to.equal(0);
    centre.behave('silent');
    await until(() => centre.enquiries > 0, 'enquire_link');
    await until(() => session?.socket.destroyed === true, 'the connection was left');
  });
});
