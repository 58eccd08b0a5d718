import { jest } from '@jest/globals';

/** Of a test or hook that names none: on a machine that may be busy, with real servers. Jest takes none by project. */
jest.setTimeout(30_000);
