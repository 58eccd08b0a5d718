import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { JobView } from '@orderstream/contracts';
import { DiscardBody, RedriveBody } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyIntake } from '../accept/body-intake.js';
import { readJsonBody } from '../accept/json-body.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { Discarding, type DiscardReport } from './discarding.js';
import { selectionOf } from './letter-selection.js';
import { requestOf } from './redrive-plan.js';
import { RedriveTrial, type TrialReport } from './redrive-trial.js';
import { Redrives } from './redrives.js';

@ApiTags('dead letters')
@Controller('dead-letters')
export class RedriveController {
  constructor(
    private readonly redrives: Redrives,
    private readonly trial: RedriveTrial,
    private readonly discarding: Discarding,
    private readonly intake: BodyIntake,
  ) {}

  @Post('redrive')
  @ApiConsumes('application/json')
  @ApiBody({ type: RedriveBody })
  @ApiOperation({
    summary: 'Sends the open letters of a group, of a job or with these ids again, as a job of kind `redrive`.',
    description:
      'Each record keeps its key, partition, job, row and write time and gets the next attempt; `patch` is merged into its ' +
      'value. Letters that were refused five times, or are older than the gc_grace_seconds of their table, are parked. The ' +
      'counts of the jobs the letters belong to move.',
  })
  @ApiAcceptedResponse({ description: 'The job; it goes on in the background.' })
  @ApiOkResponse({ description: 'The job that does the same already, a job of no rows, or what a dry run has found.' })
  @ApiConflictResponse({ description: '`redrive_running`: one runs at a time.' })
  async redrive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | TrialReport> {
    const body = await this.bodyOf(request, reply, RedriveBody);
    const asked = requestOf(body);
    if (body.dryRun) {
      void reply.status(200);
      return orStoreUnavailable(() => this.trial.run(asked));
    }
    const { status, view } = await this.redrives.start(asked);
    void reply.status(status).header('location', view.links.self);
    return view;
  }

  @Post('discard')
  @HttpCode(200)
  @ApiConsumes('application/json')
  @ApiBody({ type: DiscardBody })
  @ApiOperation({ summary: 'Gives open and parked letters up, with a reason. Their rows stay rejected.' })
  @ApiOkResponse({ description: 'How many were discarded.' })
  async discard(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DiscardReport> {
    const { reason, ...selection } = await this.bodyOf(request, reply, DiscardBody);
    return this.discarding.run(selectionOf(selection), reason);
  }

  private bodyOf<T extends object>(request: FastifyRequest, reply: FastifyReply, dto: new () => T): Promise<T> {
    const contentType = request.headers['content-type'];
    return this.intake.take(request, reply, (body) => readJsonBody({ body, contentType }, dto));
  }
}
