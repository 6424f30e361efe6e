/**
 * Faults as the server tells them: a code, its name and a sentence. Codes are MongoDB's own (src/mongo/base/error_codes.yml), since
 * drivers and programs act on them.
 */

/** Also the codes that have no name of their own: the server calls them Location and their number. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  InvalidLength: 16,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  MaxTimeMSExpired: 50,
  NamespaceExists: 48,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  BSONObjectTooLarge: 10_334,
  DuplicateKey: 11_000,
  InvalidPipelineStage: 40_324,
  UnknownField: 40_415,
  MissingField: 40_414,
} as const;

export type FaultName = keyof typeof codes;

const unnamed = new Set<FaultName>(['InvalidPipelineStage', 'UnknownField', 'MissingField']);

export class MongoFault extends Error {
  override readonly name = 'MongoFault';
  readonly code: number;
  readonly codeName: string;

  constructor(
    fault: FaultName,
    message: string,
    /** Fields of the answer besides: keyPattern and keyValue of a duplicate, say. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = codes[fault];
    this.codeName = unnamed.has(fault) ? `Location${this.code}` : fault;
  }
}

/** What an operator of the query language refused is the sender's fault: the server's own code for a value it cannot take. */
export const asFault = (error: unknown): MongoFault =>
  error instanceof MongoFault
    ? error
    : new MongoFault('BadValue', error instanceof Error ? error.message : String(error));
