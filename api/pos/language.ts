/** /pos/v1/users/{userId}/language: in which language a customer is written to. It is shown with the customer. */
import { Type } from '@sinclair/typebox';
import { chooseLanguage } from '../../commands/customer/chooseLanguage.js';
import { UserId } from '../../domain/ids.js';
import { LanguageAsked, LanguageTag } from '../../domain/language.js';
import { tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import type { PosServices } from './services.js';

export const languageRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'PUT',
    path: '/pos/v1/users/{userId}/language',
    summary: 'Sets the language in which messages are written to a customer; null takes it away',
    description:
      'Brought into one spelling: `DE-at` is answered as `de-AT`. Of a household it is that of whoever enrolled. It lies open in the history, and is forgotten by what is shown when the person is erased.',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'cashier'),
    params: { userId: UserId },
    body: Type.Object(
      { language: Type.Union([LanguageAsked, Type.Null()]) },
      { additionalProperties: false, title: 'ChooseLanguageBody' },
    ),
    idempotencyKey: 'optional',
    command: chooseLanguage.name,
    response: Recorded('ChosenLanguage', {
      userId: UserId,
      language: Type.Union([LanguageTag, Type.Null()]),
    }),
    problems: ['account-not-found', 'account-closed', 'member-not-found'],
    examples: {
      body: [
        { summary: 'German, as it is spoken in Austria', value: { language: 'de-AT' } },
        { summary: 'None is preferred any more', value: { language: null } },
      ],
    },
    handle: async (request) => {
      const input = { ...request.params, ...request.body };
      return recorded(await handler.handle(chooseLanguage, input, contextOf(request, undefined)));
    },
  }),
];
