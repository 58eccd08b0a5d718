import { ValidateIf } from 'class-validator';

/** A field of a JSON body may be left out. Unlike with IsOptional a null is checked as a value: it does not mean "left out". */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
