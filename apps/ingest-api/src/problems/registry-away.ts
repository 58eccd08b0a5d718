import { ProblemError } from '@orderstream/contracts';

/** Records cannot be read, for nobody says what their schemas are. */
export const registryAway = (): ProblemError =>
  new ProblemError('registry_unavailable', 'the schema registry did not answer; try again', { retryAfterSeconds: 2 });
