/** Says something new under a template's id, once it was seen that it can be rendered. */
import { Type } from '@sinclair/typebox';
import { TemplateId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import {
  template,
  TemplateContent,
  templateStream,
  versionTemplate as decide,
} from '../../domain/template/template.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import { templateFaults } from './check.js';

export const templatesMax = 1_000;

export const versionTemplate = defineCommand({
  name: 'VersionTemplate',
  summary: 'Stores what a template says as its next version.',
  input: Type.Object(
    { templateId: TemplateId, content: TemplateContent },
    { additionalProperties: false, title: 'VersionTemplate' },
  ),
  aggregate: template,
  stream: (input, context) => templateStream(context.tenant, input.templateId),
  lookUp: ({ templateId, content }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    const known = directory.outreach.templates(tenant);
    if (!known.has(templateId) && known.size >= templatesMax) {
      throw rejected('too-many-templates', { most: templatesMax });
    }
    const faults = templateFaults(content);
    if (faults.length > 0) throw rejected('template-wrong', { faults });
  },
  decide: (input, state) => decide(input, state),
  answer: ({ events: [versioned], state, input }) => ({
    templateId: input.templateId,
    version:
      versioned?.type === 'TemplateVersioned'
        ? versioned.data.version
        : state.status === 'unknown'
          ? 1
          : state.version,
    content: input.content,
  }),
});
