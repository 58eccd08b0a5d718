import { Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemError, type StatsAnswer, type StatsRecount } from '@orderstream/contracts';
import { StatsQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { Recounter } from './recounter.js';
import { StatsReader } from './stats-reader.js';

/** Nobody is there to read it. */
const CLIENT_GONE = new ProblemError('bad_request', 'the client went away before the table was counted');

@ApiTags('streams')
@Controller('streams/:name/stats')
export class StatsController {
  constructor(
    private readonly reader: StatsReader,
    private readonly recounter: Recounter,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Count, quantity, revenue and products of a stream by partition, category, hour, weekday or account.',
    description:
      '`live` counts every record that was applied, also repeated ones and earlier versions of a row. `exact` counts the rows of the table, as of the last recount.',
  })
  @ApiOkResponse({ description: 'Groups by page; `kind` and `asOf` say how right they are.' })
  @ApiBadRequestResponse({ description: '`bad_parameter`, with the groups that the stream has.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  @ApiConflictResponse({ description: '`not_recounted`: no exact numbers yet.' })
  stats(@Param('name') name: string, @Query() query: StatsQuery): Promise<StatsAnswer> {
    return this.reader.read(name, query);
  }

  @Post('recount')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Counts the whole table: what `kind=exact` answers from then on. Ends when the client goes.',
  })
  @ApiOkResponse({ description: 'How many rows were counted, and as of when.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  recount(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<StatsRecount> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(CLIENT_GONE));
    return this.recounter.recount(name, gone.signal);
  }
}
