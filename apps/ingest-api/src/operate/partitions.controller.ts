import { Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiConflictResponse, ApiNotFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PartitionOrderView } from '@orderstream/contracts';
import { PartitionParams } from '@orderstream/contracts/dto';
import { StoppedPartitions } from './stopped-partitions.js';

@ApiTags('operate')
@Controller('streams/:name/partitions/:partition')
export class PartitionsController {
  constructor(private readonly partitions: StoppedPartitions) {}

  @Post('retry')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({ summary: 'Try the record again at which a sink has stopped the partition; mend the cause first.' })
  @ApiAcceptedResponse({ description: 'What was ordered; the sink that owns the partition does it within seconds.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  @ApiConflictResponse({ description: '`partition_not_stopped`: no sink reports it as stopped.' })
  retry(@Param() { name, partition }: PartitionParams): Promise<PartitionOrderView> {
    return this.partitions.order(name, partition, 'retry');
  }

  @Post('skip')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({ summary: 'Go on behind the record at which a sink has stopped; the record becomes a dead letter.' })
  @ApiAcceptedResponse({ description: 'What was ordered; an order that comes too late skips no other record.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  @ApiConflictResponse({ description: '`partition_not_stopped`: no sink reports it as stopped.' })
  skip(@Param() { name, partition }: PartitionParams): Promise<PartitionOrderView> {
    return this.partitions.order(name, partition, 'skip');
  }
}
