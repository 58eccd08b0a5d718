import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeadLetterQuery } from '@orderstream/contracts/dto';
import { DeadLetters, type DeadLetterGroups, type DeadLetterList, type LetterDetail } from './dead-letters.js';

@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLetters) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Dead letters by cause, open ones unless `state` says others; with `group` or `job` the single letters.',
  })
  list(@Query() query: DeadLetterQuery): Promise<DeadLetterGroups | DeadLetterList> {
    return query.group === undefined && query.job === undefined ? this.letters.groups(query) : this.letters.list(query);
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One dead letter with its original bytes.' })
  find(@Param('id') id: string): Promise<LetterDetail> {
    return this.letters.find(id);
  }
}
