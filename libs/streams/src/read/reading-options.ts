import { compileTimestampPattern } from '../values/timestamp-pattern.js';
import { isTimeZone } from '../values/time-zone.js';

/** How the texts of one upload are to be read where that differs from the standard forms. */
export interface ReadingOptions {
  /** Unicode pattern of every timestamp, instead of the standard forms */
  readonly timestampFormat?: string;
  /** IANA zone of timestamps that name no offset; default UTC */
  readonly timeZone?: string;
  /** `1,50` and `1.234,50` instead of `1.50` */
  readonly decimalComma?: boolean;
  /** texts that mean the same as a blank */
  readonly nullValues?: readonly string[];
  /** what becomes of a blank that is given: the column is left alone (default) or cleared; keys are never cleared */
  readonly blank?: 'keep' | 'clear';
  /** Told of every timestamp that could be read: does it name no offset? */
  readonly onTimestamp?: (isLocal: boolean) => void;
}

export interface OptionFault {
  readonly option: 'timestampFormat' | 'timeZone';
  readonly fault: string;
}

/** What cannot be used of the options, before a stream is known. */
export function optionFaults({ timestampFormat, timeZone }: ReadingOptions): OptionFault[] {
  const faults: OptionFault[] = [];
  const pattern = timestampFormat === undefined ? undefined : compileTimestampPattern(timestampFormat);
  if (pattern && 'fault' in pattern) faults.push({ option: 'timestampFormat', fault: pattern.fault });
  if (timeZone !== undefined && !isTimeZone(timeZone))
    faults.push({
      option: 'timeZone',
      fault: `there is no zone ${timeZone}; send an IANA name like America/Sao_Paulo`,
    });
  return faults;
}
