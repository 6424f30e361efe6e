/** The part of a pino logger that the embedded server uses, so that it depends on no logger. */
export interface EmbeddedPostgresLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
