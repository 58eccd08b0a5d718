/** The session was used before `connectWhenReady` or after `close`. */
export class SessionNotConnectedError extends Error {
  readonly code = 'not_connected';
  readonly retriable = true;

  constructor() {
    super('The session is not connected to Cassandra. Await connectWhenReady before the first statement.');
    this.name = 'SessionNotConnectedError';
  }
}
