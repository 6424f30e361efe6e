/** E-mail, against smtp-server on loopback. */
import { expect } from 'chai';
import type { SMTPServerOptions } from 'smtp-server';
import type { SendResult } from '../../../workers/outreach/providers/port.js';
import { keepsTheContract } from './contract.js';
import { openMail } from './mailPeer.js';
import { openTo, outgoing } from './peer.js';
import { selfSigned } from '../../conformance/eventstore/security/certificate.js';

describe('e-mail by SMTP', () => {
  keepsTheContract(() => openMail());

  const opened: { close(): Promise<void> }[] = [];
  const open = async (changes: Partial<SMTPServerOptions> = {}, settings: object = {}) => {
    const peer = await openMail(changes);
    const provider = openTo({ ...peer, settings: { ...peer.settings, ...settings } });
    opened.push(provider, peer);
    return { peer, ...provider };
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  const soon = () => AbortSignal.timeout(10_000);
  const classOf = (result: SendResult | undefined) =>
    result?.outcome === 'refused' ? `${result.errorClass} ${result.code}` : result?.outcome;
  const mail = (email: string, n = 1) => outgoing({ kind: 'email', email }, n);

  it('tells what was refused by what it was refused for', async () => {
    const { provider } = await open();
    const names = ['gone', 'busy', 'full', 'relay', 'fast', 'grey'];
    const results = await provider.send(
      names.map((name, n) => mail(`${name}@example.com`, n)),
      soon(),
    );
    expect(results.map(classOf)).to.deep.equal([
      'recipientPermanent 5.1.1',
      'transient 4.2.1',
      'transient 5.2.2',
      'accountPermanent 5.7.1',
      'throttled 4.7.28',
      'transient 4.2.0',
    ]);
    expect(results[4]).to.include({ retryAfterMs: 60_000 });
    expect(JSON.stringify(results)).to.not.include('example.com');
  });

  it('does not know of a letter whose server was gone after its text', async () => {
    const { provider, peer } = await open();
    peer.afterText = 'drop';
    const [result] = await provider.send([mail('a@example.com')], soon());
    expect(classOf(result)).to.match(/^unknownOutcome/);
    expect(peer.letters).to.deep.equal([]);
  });

  it('takes what is said of the text for what it is', async () => {
    const { provider, peer } = await open();
    peer.afterText = 'spam';
    expect(classOf((await provider.send([mail('a@example.com')], soon()))[0])).to.equal(
      'contentPermanent 5.7.1',
    );
    peer.afterText = 'greylist';
    expect(classOf((await provider.send([mail('a@example.com')], soon()))[0])).to.equal(
      'transient 4.3.2',
    );
    expect(classOf((await provider.send([mail('a@example.com')], soon()))[0])).to.equal(
      'submitted',
    );
    expect(peer.connections()).to.equal(1);
  });

  it('keeps no more connections than it may, and opens another where one was dropped meanwhile', async () => {
    const { provider, peer } = await open();
    const many = Array.from({ length: 20 }, (_, n) => mail(`p${n}@example.com`, n));
    await provider.send(many, soon());
    expect(peer.letters).to.have.length(20);
    expect(peer.connections()).to.equal(2);
    peer.hangUp();
    const [result] = await provider.send([mail('again@example.com', 21)], soon());
    expect(classOf(result)).to.equal('submitted');
    expect(peer.connections()).to.equal(3);
  });

  it('writes letters that say who they are, and how to be left alone', async () => {
    const { provider, peer } = await open();
    const to = { kind: 'email', email: 'ada@example.com', name: 'Ada "A" Löve' } as const;
    const content = {
      ...{ subject: 'Grüße\r\nBcc: x@evil.example', text: 'Hello', html: '<p>Hello</p>' },
      unsubscribe: 'https://kopilka.example/outreach/v1/unsubscribe/abc',
    };
    await provider.send([outgoing(to, 7, { class: 'marketing', content })], soon());
    const [letter = ''] = peer.letters;
    const head = letter.slice(0, letter.indexOf('\r\n\r\n')).replace(/\r\n\s+/g, ' ');
    expect(head).to.include('Message-ID: <ref7@kopilka.example>');
    expect(head).to.include('From: Shop <shop@kopilka.example>');
    expect(head).to.match(
      /^List-Unsubscribe: <https:\/\/kopilka\.example\/outreach\/v1\/unsubscribe\/abc>, <mailto:stop@/m,
    );
    expect(head).to.include('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(head).to.not.match(/^Bcc:/m);
    expect(letter).to.include('<p>Hello</p>');
  });

  it('sends nothing that is too late, nor to what is no e-mail address', async () => {
    const { provider, peer } = await open();
    const late = outgoing({ kind: 'email', email: 'a@example.com' }, 1, { expiresAt: 5 });
    const phone = outgoing({ kind: 'phone', phone: '+4912345678' }, 2);
    const results = await provider.send([late, phone], soon());
    expect(results.map(classOf)).to.deep.equal(['expired expired', 'recipientPermanent no-email']);
    expect(peer.connections()).to.equal(0);
  });

  describe('encrypted', () => {
    const { key, certificate: cert } = selfSigned();

    for (const security of ['tls', 'starttls'] as const) {
      it(`by ${security} takes letters where the certificate is of a CA that it knows`, async () => {
        const encrypted = { key, cert, secure: security === 'tls', disabledCommands: [] };
        const known = await open(encrypted, {
          security,
          certificateAuthority: cert,
          host: 'localhost',
        });
        const [taken] = await known.provider.send([mail('a@example.com')], soon());
        expect(classOf(taken)).to.equal('submitted');
        const unknown = await open(encrypted, { security, host: 'localhost' });
        const [refused] = await unknown.provider.send([mail('a@example.com')], soon());
        expect(classOf(refused)).to.match(/^accountPermanent/);
        expect(unknown.peer.letters).to.deep.equal([]);
      });
    }

    it('says nothing to a server that does not know how', async () => {
      const { provider, peer } = await open({}, { security: 'starttls' });
      const [refused] = await provider.send([mail('a@example.com')], soon());
      expect(classOf(refused)).to.match(/^accountPermanent/);
      expect(peer.letters).to.deep.equal([]);
    });
  });
});
