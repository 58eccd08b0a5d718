import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands a handler's error on as it is. Nest's own filter would log it and put `Internal server error` in its place,
 * and a stopped partition could not say why it stopped.
 */
@Catch()
export class BatchExceptionFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
