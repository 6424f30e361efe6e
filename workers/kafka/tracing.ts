/** Kafka as spans: a send goes on from, or is linked with, what its messages come of; so does what is done with a batch that was found. */
import { asTraceparent, continuing, type Tracing } from '../../commands/tracing.js';
import type { FoundMessage, Intake, Kafka, KafkaSender } from './port.js';

/** As W3C Trace Context has it for protocols with headers. */
export const traceHeader = 'traceparent';

const headerOf = ({ headers }: Pick<FoundMessage, 'headers'>): string | undefined =>
  asTraceparent(headers[traceHeader]?.toString());

const attributesOf = (operation: 'send' | 'process', kafkaTopic: string, messages: number) => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': operation,
  'messaging.destination.name': kafkaTopic,
  'messaging.batch.message_count': messages,
});

const traceSender = (sender: KafkaSender, tracing: Tracing): KafkaSender => ({
  close: sender.close,
  send: (kafkaTopic, messages) => {
    const traceparents = messages.map(({ headers }) => asTraceparent(headers[traceHeader]));
    const attributes = attributesOf('send', kafkaTopic, messages.length);
    const options = { kind: 'producer', ...continuing(traceparents), attributes } as const;
    return tracing.within(`send ${kafkaTopic}`, options, () => sender.send(kafkaTopic, messages));
  },
});

const traceIntake = (intake: Intake, tracing: Tracing): Intake => ({
  ...intake,
  onBatch: (batch) => {
    const { kafkaTopic, messages } = batch;
    const attributes = attributesOf('process', kafkaTopic, messages.length);
    const from = { ...continuing(messages.map(headerOf)), isForeign: true } as const;
    const options = { kind: 'consumer', ...from, attributes } as const;
    return tracing.within(`process ${kafkaTopic}`, options, () => intake.onBatch(batch));
  },
});

export const traceKafka = (kafka: Kafka, tracing: Tracing): Kafka => ({
  ensureTopic: kafka.ensureTopic,
  sender: () => traceSender(kafka.sender(), tracing),
  consume: (intake) => kafka.consume(traceIntake(intake, tracing)),
});
