import type { PartnerId, TopicId } from '../../../domain/ids.js';
import {
  archiveTopic,
  createTopic,
  describeTopic,
  topic,
  type TopicEvent,
} from '../../../domain/topic/topic.js';
import { specification } from '../registry/spec.js';

const given = specification(topic);
const about = { name: 'Cars chosen', description: '', classification: 'open' } as const;
const creation = {
  topicId: 'cars_chosen' as TopicId,
  owner: 'motor_house' as PartnerId,
  ...about,
};
const created: TopicEvent = { type: 'TopicCreated', data: creation };
const changed = { ...about, classification: 'personal' } as const;
const described: TopicEvent = { type: 'TopicDescribed', data: changed };
const archived: TopicEvent = { type: 'TopicArchived', data: { reason: 'over' } };

describe('a topic', () => {
  it('is created once, and belongs to its owner', () => {
    given()
      .when((state) => createTopic(creation, state))
      .then(created);
    given(created)
      .when((state) => createTopic(creation, state))
      .thenNothing();
    given(created)
      .when((state) => createTopic({ ...creation, owner: 'bank' as PartnerId }, state))
      .thenRejected('already-registered');
  });

  it('is described anew', () => {
    given(created)
      .when((state) => describeTopic(changed, state))
      .then(described);
    given(created, described)
      .when((state) => describeTopic(changed, state))
      .thenNothing();
    given()
      .when((state) => describeTopic(changed, state))
      .thenRejected('topic-not-found');
    given(created, archived)
      .when((state) => describeTopic(changed, state))
      .thenRejected('topic-archived');
  });

  it('is archived once', () => {
    given(created)
      .when((state) => archiveTopic({ reason: 'over' }, state))
      .then(archived);
    given(created, archived)
      .when((state) => archiveTopic({ reason: 'over' }, state))
      .thenNothing();
    given()
      .when((state) => archiveTopic({ reason: 'over' }, state))
      .thenRejected('topic-not-found');
  });
});
