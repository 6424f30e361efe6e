/**
 * Fills in templates. A source is parsed once for as long as it is used, and rendering is synchronous and takes some microseconds, since
 * thousands are rendered in a second. Invariant: nothing outside the template and the variables is reached: there are no partials, no
 * files, no prototypes; what is filled into HTML is escaped, always; work, memory and output are bounded.
 *
 * A message that cannot be rendered is its own trouble: the answer names the place and the reason, and never a value.
 */
import { Liquid, type Template as Parsed } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import type { Channel } from '../../domain/message/kinds.js';
import { chosenLocale, type LocaleChoice } from '../../domain/template/locales.js';
import { segmentsMax, segmentsOf } from '../../domain/template/segments.js';
import type { Body, TemplateContent } from '../../domain/template/template.js';
import { type Reader, restrict } from './filters.js';
import { filled, listMax, variableFault, type Variables } from './variables.js';

export type Part = keyof Body;
export const parts: readonly Part[] = ['subject', 'text', 'html', 'link'];

export interface RenderOrder {
  readonly content: TemplateContent;
  readonly channel: Channel;
  /** That the request wishes; null: it names none. */
  readonly locale: string | null;
  /** The customer's language; left out or null where none is known. */
  readonly preferred?: string | null;
  /** Of the rules: what is looked for last. */
  readonly defaultLocale: string;
  /** IANA: in which times are written. */
  readonly timeZone: string;
  readonly variables: Variables;
  /** Of a digest: the variables of each message that became one, the first of them first. */
  readonly items?: readonly Variables[];
  /** Ends such messages with one click. */
  readonly unsubscribeUrl?: string;
}

export interface RenderedContent {
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly link?: string;
}

export type Rendered =
  | {
      readonly kind: 'rendered';
      readonly content: RenderedContent;
      /** In which language, and by whose wish. */
      readonly spoken: LocaleChoice;
      /** Of an SMS. */
      readonly segments?: number;
    }
  | ({ readonly kind: 'fault' } & RenderFault);

export interface RenderFault {
  /** `/bodies/en/sms/text`, `/variables/points` */
  readonly pointer: string;
  readonly reason:
    | 'no-body'
    | 'variable-missing'
    | 'variable-wrong'
    | 'variable-unknown'
    | 'not-rendered'
    | 'too-much-work'
    | 'too-long'
    | 'link-wrong'
    | 'empty';
  readonly detail: string;
}

export interface Renderer {
  render(order: RenderOrder): Rendered;
}

/** Signs. */
export const lengthMax: Readonly<Record<Part, number>> = {
  subject: 500,
  text: 50_000,
  html: 500_000,
  link: 2_000,
};
/** Nodes rendered, objects made, and, where both are slow, milliseconds. */
const workLimits = { templateLimit: 20_000, memoryLimit: 2_000_000, renderLimit: 250 } as const;
const parseMax = 200_000;
const contentsMax = 1_000;

const newEngine = (escaped: boolean): Liquid =>
  restrict(
    new Liquid({
      strictFilters: true,
      strictVariables: true,
      lenientIf: true,
      ownPropertyOnly: true,
      relativeReference: false,
      dynamicPartials: false,
      templates: {},
      parseLimit: parseMax,
      ...(escaped && { outputEscape: 'escape' }),
    }),
  );
const plain = newEngine(false);
const html = newEngine(true);

/** Of a subject, a text, a link; or of HTML, whose output is escaped. */
export const engineOf = (part: Part): Liquid => (part === 'html' ? html : plain);

export const createRenderer = (): Renderer => {
  // By the content itself: versions never change, and the directory holds one object of each.
  const known = new LRUCache<TemplateContent, Map<string, Parsed[]>>({ max: contentsMax });

  const parsed = (content: TemplateContent, pointer: string, part: Part, source: string) => {
    let sources = known.get(content);
    if (!sources) known.set(content, (sources = new Map()));
    let found = sources.get(pointer);
    if (!found) sources.set(pointer, (found = engineOf(part).parse(source)));
    return found;
  };

  const renderPart = (
    content: TemplateContent,
    place: string,
    part: Part,
    source: string,
    scope: object,
    reader: Reader,
  ): string | RenderFault => {
    const pointer = `${place}/${part}`;
    try {
      const options = { globals: { reader }, ...workLimits };
      const templates = parsed(content, pointer, part, source);
      const text = String(engineOf(part).renderSync(templates, scope, options));
      return text.length <= lengthMax[part]
        ? finished(part, text, pointer)
        : { pointer, reason: 'too-long', detail: `${text.length} of ${lengthMax[part]} signs` };
    } catch (error) {
      return { pointer, ...reasonOf(error) };
    }
  };

  return {
    render: (order) => {
      const { content, channel, variables } = order;
      const found = bodyFor(order);
      if (!found) {
        const detail = `the template says nothing on ${channel}`;
        return { kind: 'fault', pointer: `/bodies/*/${channel}`, reason: 'no-body', detail };
      }
      const fault = faultOf(content, variables, order.items);
      if (fault) return fault;
      const { spoken, body } = found;
      const { locale } = spoken;
      const place = `/bodies/${locale}/${channel}`;
      const scope = scopeOf(order, locale);
      const reader = { locale, timeZone: order.timeZone };
      const texts: Partial<Record<Part, string>> = {};
      for (const part of parts) {
        const source = body[part];
        if (source === undefined) continue;
        const text = renderPart(content, place, part, source, scope, reader);
        if (typeof text !== 'string') return { kind: 'fault', ...text };
        texts[part] = text;
      }
      return complete(texts, channel, spoken, place);
    },
  };
};

/** In the first of the locales wished for that says something on the channel. */
export const bodyFor = (
  order: Pick<RenderOrder, 'content' | 'channel' | 'locale' | 'preferred' | 'defaultLocale'>,
): { readonly spoken: LocaleChoice; readonly body: Body } | undefined => {
  const { content, channel, locale: request, preferred, defaultLocale } = order;
  const locales = Object.keys(content.bodies).filter((one) => content.bodies[one]?.[channel]);
  const spoken = chosenLocale(
    {
      request,
      customer: preferred ?? null,
      template: content.defaultLocale,
      programme: defaultLocale,
    },
    locales,
  );
  const body = spoken && content.bodies[spoken.locale]?.[channel];
  return body && { spoken, body };
};

const faultOf = (
  { variables: declared }: TemplateContent,
  variables: Variables,
  items: readonly Variables[] = [],
): Extract<Rendered, { kind: 'fault' }> | null => {
  for (const given of [variables, ...items.slice(0, listMax)]) {
    const fault = variableFault(declared, given);
    if (!fault) continue;
    const { pointer, reason, detail } = fault;
    return { kind: 'fault', pointer, reason: `variable-${reason}`, detail };
  }
  return null;
};

const scopeOf = (order: RenderOrder, locale: string): Record<string, unknown> => {
  const { content, variables, items = [variables] } = order;
  const own = filled(content.variables, variables);
  own['items'] = items.slice(0, listMax).map((item) => filled(content.variables, item));
  own['count'] = items.length;
  own['locale'] = locale;
  own['unsubscribeUrl'] = order.unsubscribeUrl ?? null;
  return own;
};

/** A subject is one line, a link leads to a page. */
const finished = (part: Part, text: string, pointer: string): string | RenderFault => {
  if (part === 'subject') return text.replace(/\s+/g, ' ').trim();
  if (part !== 'link') return text;
  const link = text.trim();
  if (URL.canParse(link) && /^https?:/i.test(link)) return link;
  return { pointer, reason: 'link-wrong', detail: 'a link begins with https:// or http://' };
};

const complete = (
  texts: Partial<Record<Part, string>>,
  channel: Channel,
  spoken: LocaleChoice,
  place: string,
): Rendered => {
  const content = texts as RenderedContent;
  const pointer = `${place}/text`;
  if (content.text.trim() === '') {
    return { kind: 'fault', pointer, reason: 'empty', detail: 'nothing is left to say' };
  }
  if (channel !== 'sms') return { kind: 'rendered', content, spoken };
  const { segments } = segmentsOf(content.text);
  if (segments <= segmentsMax) return { kind: 'rendered', content, spoken, segments };
  const detail = `${segments} parts of ${segmentsMax}`;
  return { kind: 'fault', pointer, reason: 'too-long', detail };
};

/** LiquidJS repeats the source in its messages, filters of its own may repeat values: only what is known to be neither is told. */
const reasonOf = (error: unknown): Pick<RenderFault, 'reason' | 'detail'> => {
  const { name, message } = error as Error;
  const [line = ''] = message.split('\n');
  const place = /, line:(\d+), col:(\d+)$/.exec(line);
  const at = place ? `line ${place[1]}, column ${place[2]}` : 'unknown place';
  if (name === 'UndefinedVariableError') {
    const path = /^undefined variable: ([\w.[\]]{1,100})/.exec(line)?.[1] ?? '';
    return { reason: 'variable-missing', detail: `${path} at ${at}` };
  }
  if (/limit exceeded/.test(line)) return { reason: 'too-much-work', detail: at };
  const taken = /^(money|points|number|date|time) takes [\w ,:{}]+?(?=, line:)/.exec(line)?.[0];
  return { reason: 'not-rendered', detail: taken ? `${taken}; ${at}` : at };
};
