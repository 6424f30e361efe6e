/** What a kind of provider promises, whatever it speaks: every kind runs it against a peer of its own. */
import { expect } from 'chai';
import type { SendResult } from '../../../workers/outreach/providers/port.js';
import { type Opened, openTo, outgoing, type Peer, until } from './peer.js';

const soon = () => AbortSignal.timeout(10_000);
const classOf = (result: SendResult | undefined): string =>
  result?.outcome === 'refused' ? result.errorClass : (result?.outcome ?? 'nothing');

const secretTexts = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(secretTexts);

export const keepsTheContract = (open: () => Promise<Peer>): void => {
  describe('keeps the contract of providers:', () => {
    let peer: Peer;
    let opened: Opened;
    beforeEach(async () => {
      peer = await open();
      opened = openTo(peer);
    });
    afterEach(async () => {
      await opened.close();
      await peer.close();
    });
    const send = (...messages: Parameters<typeof opened.provider.send>[0][number][]) =>
      opened.provider.send(messages, soon());

    it('answers for each message in order', async () => {
      const messages = [1, 2, 3, 4].map((n) => outgoing(peer.good(n), n));
      if (peer.bad) messages.splice(2, 0, outgoing(peer.bad, 9));
      const results = await send(...messages);
      const expected = messages.map(({ to }) =>
        to === peer.bad ? 'recipientPermanent' : 'submitted',
      );
      expect(results.map(classOf)).to.deep.equal(expected);
      expect(peer.taken()).to.have.members(['ref1', 'ref2', 'ref3', 'ref4']);
    });

    it('sends again over what it opened before', async () => {
      await send(outgoing(peer.good(1), 1));
      const [result] = await send(outgoing(peer.good(2), 2));
      expect(classOf(result)).to.equal('submitted');
      expect(peer.taken()).to.deep.equal(['ref1', 'ref2']);
    });

    it('ends by the deadline, and does not know of what was written', async () => {
      peer.behave('silent');
      const deadline = new AbortController();
      const sending = opened.provider.send([outgoing(peer.good(1), 1)], deadline.signal);
      let isOver = false;
      void sending.then(() => (isOver = true));
      await until(() => peer.silences() > 0, 'it was written');
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(isOver, 'not before').to.equal(false);
      deadline.abort(new DOMException('It took too long.', 'TimeoutError'));
      const endedAt = performance.now();
      const [result] = await sending;
      expect(performance.now() - endedAt).to.be.lessThan(2_250);
      expect(classOf(result)).to.equal('unknownOutcome');
    });

    it('refuses and does not break where it is answered what makes no sense', async () => {
      peer.behave('garbage');
      const [result] = await opened.provider.send([outgoing(peer.good(1), 1)], soon());
      expect(classOf(result)).to.equal(peer.garbage);
    });

    it('says that the account is refused, and no secret with it', async () => {
      peer.behave('account');
      const [result] = await opened.provider.send([outgoing(peer.good(1), 1)], soon());
      expect(classOf(result)).to.equal('accountPermanent');
      const told = JSON.stringify([result, opened.troubles.map(String)]);
      for (const secret of secretTexts(peer.secrets)) {
        expect(told).to.not.include(secret);
        expect(told).to.not.include(encodeURIComponent(secret));
      }
    });

    it('has sent nothing where nobody is there', async () => {
      await peer.close();
      const [result] = await opened.provider.send([outgoing(peer.good(1), 1)], soon());
      expect(classOf(result)).to.equal('transient');
    });

    it('speaks to nobody within a network that was not opened', async () => {
      const elsewhere = openTo(peer, { networks: [] });
      const [result] = await elsewhere.provider.send([outgoing(peer.good(1), 1)], soon());
      await elsewhere.close();
      const errorClass = peer.refusedNetwork ?? 'accountPermanent';
      expect(result).to.include({ errorClass, code: 'ADDRESS_REFUSED' });
      expect(peer.taken()).to.deep.equal([]);
    });

    it('is closed twice, and before it was used', async () => {
      await opened.provider.close();
      await opened.provider.close();
      const used = openTo(peer);
      await used.provider.send([outgoing(peer.good(1), 1)], soon());
      await used.close();
      await used.close();
    });
  });
};
