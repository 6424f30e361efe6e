import { expect } from 'chai';
import type { TemplateId } from '../../../domain/ids.js';
import { chosenLocale, localesFor } from '../../../domain/template/locales.js';
import {
  retireTemplate,
  template,
  type TemplateContent,
  type TemplateEvent,
  templateVersionsMax,
  versionTemplate,
} from '../../../domain/template/template.js';
import { specification } from '../registry/spec.js';

const given = specification(template);
const templateId = 'points_expire' as TemplateId;
const content: TemplateContent = {
  ...{ name: 'Points expire', defaultLocale: 'en', variables: [] },
  bodies: { en: { sms: { text: 'Soon.' } } },
};
const versioned = (version: number, of = content): TemplateEvent => ({
  type: 'TemplateVersioned',
  data: { templateId, version, content: of },
});
const retirement = { templateId, reason: 'over' };
const retired: TemplateEvent = { type: 'TemplateRetired', data: retirement };
const other = { ...content, name: 'Points go' };

describe('a template', () => {
  it('has versions from 1, and no new one for what it says already', () => {
    given()
      .when((state) => versionTemplate({ templateId, content }, state))
      .then(versioned(1));
    given(versioned(1))
      .when((state) => versionTemplate({ templateId, content: { ...content } }, state))
      .thenNothing();
    given(versioned(1))
      .when((state) => versionTemplate({ templateId, content: other }, state))
      .then(versioned(2, other));
    given(versioned(templateVersionsMax))
      .when((state) => versionTemplate({ templateId, content: other }, state))
      .thenRejected('too-many-template-versions');
  });

  it('is retired once, and comes back with its next version', () => {
    given()
      .when((state) => retireTemplate(retirement, state))
      .thenRejected('template-not-found');
    given(versioned(1))
      .when((state) => retireTemplate(retirement, state))
      .then(retired);
    given(versioned(1), retired)
      .when((state) => retireTemplate(retirement, state))
      .thenNothing();
    given(versioned(1), retired)
      .when((state) => versionTemplate({ templateId, content }, state))
      .then(versioned(2));
  });
});

describe('the locale of a message', () => {
  const has = ['en', 'de', 'pt-BR', 'sr-Latn'];
  const chosen = (asked: string | null, ofTemplate = 'en', ofTenant = 'de') =>
    chosenLocale(localesFor(asked, ofTemplate, ofTenant), has);

  it('is exactly theirs, or their language', () => {
    expect(chosen('pt-BR')).to.equal('pt-BR');
    expect(chosen('PT_br')).to.equal('pt-BR');
    expect(chosen('de-AT')).to.equal('de');
    expect(chosen('sr-Latn-RS')).to.equal('sr-Latn');
  });

  it('falls back to the template, then to the tenant', () => {
    expect(chosen('fr')).to.equal('en');
    expect(chosen(null)).to.equal('en');
    expect(chosen('fr', 'it')).to.equal('de');
    expect(chosen('fr', 'it', 'es')).to.equal(undefined);
    expect(chosen('../../etc/passwd')).to.equal('en');
  });
});
