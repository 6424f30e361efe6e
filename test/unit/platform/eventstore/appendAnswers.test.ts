/** The quick way to learn that an append is stored says what the client's own way says, of any answer, and of bytes that are none. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeAnyAppendAnswer,
  decodeAppendAnswer,
} from '../../../../platform/eventstore/appendAnswers.js';

const { BatchAppendResp } = streams;
const { Success } = BatchAppendResp;
type Answer = InstanceType<typeof BatchAppendResp>;

interface Stored {
  readonly id: string;
  readonly revision: bigint | 'none';
  readonly position: { readonly commit: bigint; readonly prepare: bigint } | 'none';
  readonly echo: boolean;
}

const answerOf = ({ id, revision, position, echo }: Stored): Uint8Array => {
  const answer = new BatchAppendResp();
  const correlation = new shared.UUID();
  correlation.setString(id);
  answer.setCorrelationId(correlation);
  const success = new Success();
  if (revision === 'none') success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === 'none') success.setNoPosition(new shared.Empty());
  else {
    const place = new shared.AllStreamPosition();
    place.setCommitPosition(String(position.commit));
    place.setPreparePosition(String(position.prepare));
    success.setPosition(place);
  }
  answer.setSuccess(success);
  if (echo) answer.setAny(new shared.Empty());
  return answer.serializeBinary();
};

/** What the client asks. */
const told = (answer: Answer) => {
  const success = answer.hasError() ? undefined : answer.getSuccess();
  const position = success?.getPosition();
  return {
    id: answer.getCorrelationId()?.hasStructured()
      ? 'structured'
      : answer.getCorrelationId()?.getString(),
    error: answer.hasError() ? answer.getError()?.toObject() : undefined,
    revision: success && String(success.getCurrentRevision()),
    position: position && [
      String(position.getCommitPosition()),
      String(position.getPreparePosition()),
    ],
  };
};

const outcome = (decode: (bytes: Uint8Array) => Answer, bytes: Uint8Array): unknown => {
  try {
    return told(decode(Uint8Array.from(bytes)));
  } catch {
    return 'refused';
  }
};

const number64 = fc.oneof(fc.nat().map(BigInt), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));
const answer = fc
  .record<Stored>({
    id: fc.oneof(fc.uuid(), fc.string()),
    revision: fc.oneof(number64, fc.constant('none' as const)),
    position: fc.oneof(
      fc.record({ commit: number64, prepare: number64 }),
      fc.constant('none' as const),
    ),
    echo: fc.boolean(),
  })
  .map(answerOf);

describe('answers to appends', () => {
  it('are decoded quickly where the append is stored', () => {
    const position = { commit: 70_000n, prepare: 70_000n };
    const quick = decodeAppendAnswer(answerOf({ id: 'x', revision: 3n, position, echo: false }));
    expect(quick).not.to.be.instanceOf(BatchAppendResp);
    expect(told(quick)).to.deep.include({ id: 'x', revision: '3', position: ['70000', '70000'] });
  });

  it('say what the generated classes say of them', () => {
    fc.assert(
      fc.property(answer, (bytes) => {
        expect(outcome(decodeAppendAnswer, bytes)).to.deep.equal(
          outcome(decodeAnyAppendAnswer, bytes),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('that are cut off or damaged are taken or refused as before', () => {
    fc.assert(
      fc.property(answer, fc.nat(), fc.nat(255), fc.boolean(), (bytes, place, byte, cut) => {
        const broken = Uint8Array.from(bytes);
        broken[place % broken.length] = byte;
        const given = cut ? broken.subarray(0, place % broken.length) : broken;
        const quick = outcome(decodeAppendAnswer, given);
        // Each decoder has a way of its own to say of text that it is no UTF-8.
        fc.pre(!JSON.stringify(quick).includes('\uFFFD'));
        expect(quick).to.deep.equal(outcome(decodeAnyAppendAnswer, given));
      }),
      { numRuns: 1_000 },
    );
  });
});
