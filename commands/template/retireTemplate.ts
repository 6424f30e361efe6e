/** Takes a template out of use: messages accepted before keep it. */
import { Type } from '@sinclair/typebox';
import {
  retireTemplate as decide,
  template,
  TemplateRetired,
  templateStream,
} from '../../domain/template/template.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const retireTemplate = defineCommand({
  name: 'RetireTemplate',
  summary: 'Takes a template out of use; messages accepted before keep it.',
  input: Type.Object(TemplateRetired.schema.properties, {
    additionalProperties: false,
    title: 'RetireTemplate',
  }),
  aggregate: template,
  stream: (input, context) => templateStream(context.tenant, input.templateId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input: { templateId } }) => ({ templateId }),
});
