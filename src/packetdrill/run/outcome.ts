/** What has become of a script. */
export type ScriptOutcome =
  | { readonly status: "passed"; readonly notes: readonly string[] }
  | {
      readonly status: "failed";
      readonly line: number;
      readonly message: string;
      /** In the script's own syntax, where there is something to compare. */
      readonly expected?: string;
      readonly got?: string;
      readonly notes: readonly string[];
    }
  /** It asks for something that is not here: neither good nor bad. */
  | {
      readonly status: "skipped";
      readonly line: number;
      readonly reason: string;
      readonly notes: readonly string[];
    };

/** An event that did not go as the script says. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly line: number;
  readonly expected: string | undefined;
  readonly got: string | undefined;

  constructor(line: number, message: string, expected?: string, got?: string) {
    super(message);
    this.line = line;
    this.expected = expected;
    this.got = got;
  }
}
