import { Controller, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemError, type Reconciliation } from '@orderstream/contracts';
import { ReconcileQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { Reconciler } from './reconciler.js';

/** Nobody is there to read it. */
const CLIENT_GONE = new ProblemError('bad_request', 'the client went away before the stream was reconciled');

@ApiTags('streams')
@Controller('streams')
export class ReconcileController {
  constructor(private readonly reconciler: Reconciler) {}

  @Post(':name/reconcile')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Holds the table of a stream against its topic: missing, stale and foreign rows; mends them when asked.',
    description:
      'The window is `?from=&to=` (Kafka times, every partition) or `?partition=&fromOffset=&toOffset=`; without one, all that the topic still has. It ends where the sink is. One at a time; ends when the client goes.',
  })
  @ApiOkResponse({ description: 'Counts and up to 100 examples each, and the rate in records per second.' })
  @ApiBadRequestResponse({ description: '`bad_parameter`.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`.' })
  @ApiConflictResponse({ description: '`rows_expire`: the stream has a TTL.' })
  reconcile(
    @Param('name') name: string,
    @Query() query: ReconcileQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Reconciliation> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(CLIENT_GONE));
    return this.reconciler.reconcile(name, query, gone.signal);
  }
}
