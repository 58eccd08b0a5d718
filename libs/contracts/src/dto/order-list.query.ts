import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { ListQuery } from './list.query.js';

/** `GET /orders`: orders of every stream that can answer. */
export class OrderListQuery extends ListQuery {
  @ApiPropertyOptional({ description: 'Orders of this customer.' })
  @IsOptional()
  @IsString()
  @Length(1, 1000)
  customer_id?: string;

  @ApiPropertyOptional({ description: 'Orders in this status, as it was sent.', example: 'delivered' })
  @IsOptional()
  @IsString()
  @Length(1, 1000)
  status?: string;

  @ApiPropertyOptional({ description: 'Orders made at this time or later, ISO 8601.' })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  from?: string;

  @ApiPropertyOptional({ description: 'Orders made before this time, ISO 8601.' })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  to?: string;
}
