import { Controller, Get, Param } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@orderstream/contracts';
import { StreamRegistry, type CompiledStream, type StreamDefinition } from '@orderstream/streams';
import { answersOf, type AnswersView } from '../query/answers-view.js';
import { streamNamed } from '../problems/stream-named.js';

@ApiTags('streams')
@Controller('streams')
export class StreamsController {
  constructor(private readonly streams: StreamRegistry) {}

  @Get()
  @ApiOperation({ summary: 'The streams, each with its definition and what its table can be asked.' })
  list(): Page<StreamView> {
    return { items: this.streams.streams.map(viewOf), next: null };
  }

  @Get(':name')
  @ApiOperation({
    summary: 'The definition of one stream, with its topic and table, and what its table can be asked.',
    description:
      "`answers` has the columns of a record's key, the filters, the sorts and the event time of `…/records`.",
  })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  definition(@Param('name') name: string): StreamView {
    return viewOf(streamNamed(this.streams, name));
  }
}

/** A definition as it is, and beside it what follows from it. */
interface StreamView extends StreamDefinition {
  readonly answers: AnswersView;
}

const viewOf = ({ definition }: CompiledStream): StreamView => ({ ...definition, answers: answersOf(definition) });
