/** Templates of the specs. */
import type { Body, TemplateContent, Variable } from '../../../domain/template/template.js';
import type { RenderOrder } from '../../../commands/template/render.js';

export const withBody = (body: Body, variables: Variable[] = []): TemplateContent => ({
  ...{ name: 'Spec', defaultLocale: 'en', variables },
  bodies: { en: { email: body, sms: { text: body.text } } },
});

export const order = (
  content: TemplateContent,
  variables: Record<string, unknown> = {},
  over: Partial<RenderOrder> = {},
): RenderOrder => ({
  ...{ content, channel: 'email', locale: null, defaultLocale: 'en', timeZone: 'UTC', variables },
  ...over,
});
