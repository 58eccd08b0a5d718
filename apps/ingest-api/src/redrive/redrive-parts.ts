import type { InjectionToken } from '@nestjs/common';
import type { StreamRegistry } from '@orderstream/streams';
import { Discarding } from './discarding.js';
import { Parking } from './parking.js';
import { RedriveRunner, type RunnerParts } from './redrive-runner.js';
import { RedriveTrial } from './redrive-trial.js';
import { Redrives, type RedriveParts } from './redrives.js';

export interface RedriveContext extends RunnerParts, Omit<RedriveParts, 'runner'> {
  readonly streams: StreamRegistry;
}

/** What works dead letters off. */
export function redrivePartsOf(context: RedriveContext): { redrives: Redrives; parts: [InjectionToken, unknown][] } {
  const { letters, streams, schemas, tableByStream } = context;
  const redrives = new Redrives({ ...context, runner: new RedriveRunner(context) });
  return {
    redrives,
    parts: [
      [Redrives, redrives],
      [
        RedriveTrial,
        new RedriveTrial(
          letters,
          schemas,
          (name) => streams.byName(name),
          () => new Parking(tableByStream),
        ),
      ],
      [Discarding, new Discarding(letters, redrives, context)],
    ],
  };
}
