import { Controller, Delete, Get, Header, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemError, type Page, type VerifiedRun } from '@orderstream/contracts';
import { GenerateQuery, ListQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { RunVerifier } from './run-verifier.js';
import { Runs, type RunView } from './runs.js';

/** Nobody is there to read it. */
const CLIENT_GONE = new ProblemError('bad_request', 'the client went away before the run was verified');

@ApiTags('generate')
@Controller('generate')
export class GenerateController {
  constructor(
    private readonly runs: Runs,
    private readonly verifier: RunVerifier,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Start a run of fake records; the same address while it runs answers that run.' })
  startByGet(@Query() query: GenerateQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<RunView> {
    if (query.duration === 'forever') {
      throw new ProblemError(
        'bad_parameter',
        'duration=forever is taken by POST only, for a GET may be sent by a link',
      );
    }
    return this.start(query, reply);
  }

  @Post()
  @ApiOperation({ summary: 'Start a run of fake records.' })
  startByPost(@Query() query: GenerateQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<RunView> {
    return this.start(query, reply);
  }

  @Get('runs')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Runs, newest first.' })
  list(@Query() query: ListQuery): Promise<Page<RunView>> {
    return this.runs.page(query);
  }

  @Get('runs/:id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One run.' })
  find(@Param('id') id: string): Promise<RunView> {
    return this.runs.view(id);
  }

  @Get('runs/:id/verify')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Holds the table against what the seed of a run makes: lost, stale, unexpected, rejected versus planted.',
  })
  verify(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<VerifiedRun> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(CLIENT_GONE));
    return this.verifier.verify(id, gone.signal);
  }

  @Delete('runs/:id')
  @ApiOperation({ summary: 'Stop a run, on whichever replica it is. What it published is stored.' })
  stop(@Param('id') id: string): Promise<RunView> {
    return this.runs.stop(id);
  }

  private async start(query: GenerateQuery, reply: FastifyReply): Promise<RunView> {
    const { isNew, view } = await this.runs.start(query);
    void reply.status(isNew ? HttpStatus.ACCEPTED : HttpStatus.OK).header('location', `/generate/runs/${view.id}`);
    return view;
  }
}
