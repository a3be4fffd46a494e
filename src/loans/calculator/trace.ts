/** How one amount came about, for whoever must defend it. */
export interface Trace {
  /** The rule and its version, e.g. `interest/1`. A rule that changes its results gets a new version. */
  rule: string;
  inputs: Record<string, string | number>;
  /** The value before rounding: exact, or to 34 significant digits. */
  unrounded: string;
  /** What was done to it, e.g. `half-even to 2 places`, or `none`. */
  rounding: string;
}
