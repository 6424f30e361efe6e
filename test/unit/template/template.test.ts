import type { TemplateId } from '../../../domain/ids.js';
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
