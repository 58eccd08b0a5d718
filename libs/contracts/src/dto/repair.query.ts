import { PickType } from '@nestjs/swagger';
import { IngestQuery } from './ingest.query.js';

/** `POST /jobs/:id/repair`: how to read the CSV file of repaired rows, and how long to wait. */
export class RepairQuery extends PickType(IngestQuery, ['wait', 'timeout', 'delimiter'] as const) {}
