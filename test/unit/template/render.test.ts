import { expect } from 'chai';
import { createRenderer, type RenderOrder } from '../../../commands/template/render.js';
import type { Body, TemplateContent, Variable } from '../../../domain/template/template.js';
import { order, withBody } from './contents.js';
import { processorMsOf } from '../processorTime.js';

const { render } = createRenderer();
const points: Variable = { name: 'points', kind: 'number' };
const name: Variable = { name: 'name', kind: 'text', optional: true };
const due: Variable = { name: 'due', kind: 'date' };
const price: Variable = { name: 'price', kind: 'money' };

const rendered = (asked: RenderOrder) => {
  const outcome = render(asked);
  if (outcome.kind === 'fault') throw new Error(`${outcome.reason} ${outcome.pointer}`);
  return outcome;
};
const textOf = (
  source: string,
  variables: Variable[] = [],
  given: Record<string, unknown> = {},
  over: Partial<RenderOrder> = {},
): string => rendered(order(withBody({ text: source }, variables), given, over)).content.text;
const faultOf = (
  source: string | Body,
  variables: Variable[] = [],
  given: Record<string, unknown> = {},
  over: Partial<RenderOrder> = {},
) => {
  const body = typeof source === 'string' ? { text: source } : source;
  const outcome = render(order(withBody(body, variables), given, over));
  return outcome.kind === 'fault' ? `${outcome.reason} ${outcome.pointer}` : 'rendered';
};

describe('a rendered template', () => {
  it('is filled in with what is given, and with nothing for what is optional', () => {
    const source = '{% if name %}{{ name }}, {% endif %}{{ points }} points';
    expect(textOf(source, [points, name], { points: 5, name: 'Ann' })).to.equal('Ann, 5 points');
    expect(textOf(source, [points, name], { points: 5 })).to.equal('5 points');
    expect(textOf('{{ name | default: "you" }}{{ name }}', [name])).to.equal('you');
  });

  it('refuses what is missing, of another kind, or unknown, without telling the value', () => {
    expect(faultOf('x', [points])).to.equal('variable-missing /variables/points');
    expect(faultOf('x', [points], { points: '5' })).to.equal('variable-wrong /variables/points');
    expect(faultOf('x', [name], { nmae: 'A' })).to.equal('variable-unknown /variables/nmae');
    expect(faultOf('{{ other }}')).to.equal('variable-missing /bodies/en/email/text');
    const secret = render(order(withBody({ text: 'x' }, [due]), { due: 'Ann 1990' }));
    expect(JSON.stringify(secret)).not.to.contain('Ann');
    const inside = render(order(withBody({ text: '{{ name | date }}' }, [name]), { name: 'Ann' }));
    expect(inside).to.include({ kind: 'fault', reason: 'not-rendered' });
    expect(JSON.stringify(inside)).not.to.contain('Ann');
  });

  it('escapes in HTML, always, and nowhere else', () => {
    const body: Body = {
      subject: 'For {{ name }}\r\nBcc: all',
      text: '{{ name }}',
      html: '<p title="{{ name }}">{{ name | upcase }}</p>',
      link: 'https://example.com/?n={{ name | url_encode }}',
    };
    const given = { name: `<b>"Ann" & 'co'` };
    const { content } = rendered(order(withBody(body, [name]), given));
    expect(content).to.deep.equal({
      subject: `For <b>"Ann" & 'co' Bcc: all`,
      text: `<b>"Ann" & 'co'`,
      html: '<p title="&lt;b&gt;&#34;Ann&#34; &amp; &#39;co&#39;">&lt;B&gt;&#34;ANN&#34; &amp; &#39;CO&#39;</p>',
      link: "https://example.com/?n=%3Cb%3E%22Ann%22+%26+'co'",
    });
    expect(faultOf({ text: 'x', html: '{{ name | raw }}' }, [name], given)).to.equal(
      'not-rendered /bodies/en/email/html',
    );
  });

  it('leads to pages only', () => {
    for (const link of ['javascript:alert(1)', 'data:text/html,x', '/points', '{{ name }}']) {
      const given = { name: 'file:///etc/passwd' };
      expect(faultOf({ text: 'x', link }, [name], given), link).to.match(/^link-wrong/);
    }
  });

  it('speaks the locale of the recipient where it can', () => {
    const content: TemplateContent = {
      ...{ name: 'Spec', defaultLocale: 'en', variables: [price, due] },
      bodies: {
        en: { email: { text: '{{ price | money }} by {{ due | date }}' } },
        de: { email: { text: '{{ price | money }} bis {{ due | date: "long" }}' } },
        fr: { sms: { text: 'x' } },
      },
    };
    const given = { price: { minor: 123_450, currency: 'EUR' }, due: '2026-05-31' };
    const inLocale = (locale: string | null) => {
      const { content: said, spoken } = rendered(order(content, given, { locale }));
      return `${spoken.locale}: ${said.text}`.replaceAll('\u00a0', ' ');
    };
    expect(inLocale('en-GB')).to.equal('en: €1,234.50 by May 31, 2026');
    expect(inLocale('de-AT')).to.equal('de: 1.234,50 € bis 31. Mai 2026');
    // There is French, but not on this channel.
    expect(inLocale('fr')).to.match(/^en: /);
    expect(inLocale(null)).to.match(/^en: /);
    const preferring = (locale: string | null) =>
      rendered(order(content, given, { locale, preferred: 'de-AT' })).spoken;
    expect(preferring(null)).to.include({ locale: 'de', basis: 'customer' });
    expect(preferring('fr')).to.include({ locale: 'de', basis: 'customer' });
    expect(preferring('en-GB')).to.include({ locale: 'en', basis: 'request' });
    const silent = render(order(content, given, { channel: 'viber' }));
    expect(silent).to.include({ kind: 'fault', reason: 'no-body' });
  });

  it("tells times on the recipient's clock, and days as they are", () => {
    const given = { due: '2026-05-31T22:30:00Z' };
    const source = '{{ due | date: "short" }} {{ due | time }}';
    const at = (timeZone: string, value = given) =>
      textOf(source, [due], value, { timeZone }).replaceAll('\u202f', ' ');
    expect(at('UTC')).to.equal('5/31/26 10:30 PM');
    expect(at('Europe/Berlin')).to.equal('6/1/26 12:30 AM');
    expect(textOf('{{ due | date: "short" }}', [due], { due: '2026-05-31' })).to.equal('5/31/26');
    const far = { timeZone: 'Pacific/Honolulu' };
    expect(textOf('{{ due | date: "short" }}', [due], { due: '2026-05-31' }, far)).to.equal(
      '5/31/26',
    );
  });

  it('writes points and numbers as people do', () => {
    expect(textOf('{{ points | points }}', [points], { points: 123_450 })).to.equal('1,234.5');
    expect(textOf('{{ points | number }}', [points], { points: 1e6 })).to.equal('1,000,000');
  });

  it('lists what became one', () => {
    const source =
      '{% if count > 1 %}{{ count }} news: {% endif %}{% for item in items %}{{ item.name }};{% endfor %}';
    const [first, second] = [{ name: 'a' }, { name: 'b' }];
    expect(textOf(source, [name], first)).to.equal('a;');
    expect(textOf(source, [name], first, { items: [first, second] })).to.equal('2 news: a;b;');
    const html = '{% for item in items %}<li>{{ item.name }}</li>{% endfor %}';
    const body = { text: 'x', html };
    const { content } = rendered(
      order(withBody(body, [name]), first, { items: [first, { name: '<' }] }),
    );
    expect(content.html).to.equal('<li>a</li><li>&lt;</li>');
    expect(faultOf(source, [name], first, { items: [first, { name: 7 }] })).to.equal(
      'variable-wrong /variables/name',
    );
  });

  it('counts the segments of an SMS, and sends no novel', () => {
    const sms = (text: string) => render(order(withBody({ text }), {}, { channel: 'sms' }));
    expect(sms('x'.repeat(161))).to.include({ kind: 'rendered', segments: 2 });
    expect(sms('x'.repeat(1_531))).to.include({ kind: 'fault', reason: 'too-long' });
    expect(sms('{% if false %}x{% endif %} ')).to.include({ kind: 'fault', reason: 'empty' });
  });

  it('works within bounds, whatever the template asks for', () => {
    const bombs = [
      '{% for i in (1..1000000000) %}x{% endfor %}',
      '{% for i in (1..9999) %}{% for j in (1..9999) %}{% assign x = i %}{% endfor %}{% endfor %}',
      '{% assign s = "xxxxxxxxxxxxxxxx" %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    ];
    for (const bomb of bombs) {
      const took = processorMsOf(
        () => void expect(faultOf(bomb)).to.match(/^(too-much-work|too-long) /),
      );
      expect(took).to.be.below(1_000);
    }
  });

  it('counts what it captures, and what it encodes', () => {
    const doubled = '{% capture a %}{{ a }}{{ a }}{% endcapture %}';
    const grown = `{% assign a = "x" %}${doubled.repeat(22)}`;
    for (const use of ['size', 'url_encode | size', 'plus: 1']) {
      expect(faultOf(`${grown}{{ a | ${use} }}`), use).to.match(/^too-much-work /);
    }
    expect(faultOf(`${grown}{% if a contains "y" %}y{% endif %}x`)).to.match(/^too-much-work /);
    const listed =
      '{% capture a %}{% for i in (1..2000) %}0123456789{% endfor %}{% endcapture %}{% assign l = a | split: "," %}';
    const list = `${listed}${'{% assign l = l | concat: l %}'.repeat(9)}`;
    expect(faultOf(`${list}{{ l | size }}`)).to.match(/^too-much-work /);
    const encoded = '{% for i in (1..200) %}{% assign x = name | url_encode %}{% endfor %}x';
    const given = { name: 'ü'.repeat(4_000) };
    expect(faultOf(encoded, [name], given)).to.match(/^too-much-work /);
    expect(
      textOf('{% capture a %}{{ name }}{% endcapture %}{{ a | url_encode }}', [name], given),
    ).to.match(/^(%C3%BC){4000}$/);
    expect(faultOf('{{ name | url_encode }}', [name], { name: '\ud800' })).to.equal('rendered');
  });

  it('reaches nothing but what it was given', () => {
    const given = { name: 'x' };
    for (const source of [
      '{{ name.constructor }}',
      '{{ items.constructor }}',
      '{{ __proto__ }}',
      '{{ constructor }}',
      '{% include "x" %}',
      '{% render "/etc/passwd" %}',
      '{% layout "x" %}',
      '{{ name | sha256 }}',
    ]) {
      expect(faultOf(source, [name], given), source).to.match(/^(variable-missing|not-rendered) /);
    }
  });

  it('is cheap', () => {
    const body = {
      subject: '{{ points | points }} points',
      text: 'Dear {{ name }}, {{ points | points }} points expire on {{ due | date: "long" }}.',
      html: '<p>Dear {{ name }}, {{ points | points }} points expire on {{ due | date }}.</p>',
    };
    const content = withBody(body, [name, points, due]);
    const took = processorMsOf(() => {
      for (let n = 0; n < 1_000; n += 1) {
        rendered(order(content, { name: 'Ann', points: n, due: '2026-05-31T10:00:00Z' }));
      }
    });
    // Some 40 ms on an idle machine.
    expect(took).to.be.below(2_000);
  });
});
