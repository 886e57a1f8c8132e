/** What the structure of something read out piece by piece tells about its end. */

/** Both 0 to 1; not each other's complement: a number of 7 digits may be a whole local one or not. */
export interface ReadOut {
  readonly unfinished: number;
  readonly complete: number;
}

export const NO_READ_OUT: ReadOut = Object.freeze({ unfinished: 0, complete: 0 });
export const BEGUN: ReadOut = Object.freeze({ unfinished: 1, complete: 0 });
export const WHOLE: ReadOut = Object.freeze({ unfinished: 0, complete: 1 });
