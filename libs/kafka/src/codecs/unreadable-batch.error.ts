/** The records of a compressed batch cannot be had: it is damaged, or larger than is allowed. */
export class UnreadableBatchError extends Error {
  constructor(
    readonly what: string,
    cause?: unknown,
  ) {
    super(`a compressed batch cannot be read: ${what}`, cause === undefined ? undefined : { cause });
    this.name = 'UnreadableBatchError';
  }

  static tooLarge(maxBytes: number): UnreadableBatchError {
    return new UnreadableBatchError(
      `it has more than ${maxBytes} bytes uncompressed; raise KAFKA_MAX_BATCH_BYTES and restart, or skip its records`,
    );
  }
}
