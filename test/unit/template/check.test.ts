import { expect } from 'chai';
import { templateFaults } from '../../../commands/template/check.js';
import type { TemplateContent } from '../../../domain/template/template.js';
import { withBody } from './contents.js';

const told = (content: TemplateContent): string[] =>
  templateFaults(content).map(({ pointer, reason }) => `${pointer} ${reason}`);

describe('a template that is to be stored', () => {
  it('is fine where it parses and names what it declares', () => {
    const text =
      '{% for item in items %}{{ item.name }}{% endfor %}{{ count }}{{ unsubscribeUrl }}';
    const name = { name: 'name', kind: 'text', example: 'Ann' } as const;
    expect(told(withBody({ text: `${text}{{ name }}` }, [name]))).to.deep.equal([]);
  });

  it('is told all its faults, each with its place', () => {
    const content: TemplateContent = {
      name: 'Spec',
      defaultLocale: 'de',
      variables: [
        { name: 'points', kind: 'number', example: 'many' },
        { name: 'points', kind: 'number' },
        { name: 'items', kind: 'list' },
      ],
      bodies: {
        en: {
          sms: { text: '{{ point }}' },
          email: { subject: '{{ points | nofilter }}', text: 'a\n{% include "x" %}', html: '{{ ' },
        },
      },
    };
    expect(told(content)).to.deep.equal([
      '/defaultLocale has no bodies: add them in bodies',
      '/variables/0/example is not of kind number',
      '/variables/1/name is declared twice',
      '/variables/2/name is filled in by itself, like items, count, locale, unsubscribeUrl',
      '/bodies/en/sms/text point is not declared in variables',
      '/bodies/en/email/subject undefined filter: nofilter, line:1, col:1',
      '/bodies/en/email/text tag "include" not found, line:2, col:1',
      '/bodies/en/email/html output "{{ " not closed, line:1, col:1',
    ]);
  });
});
