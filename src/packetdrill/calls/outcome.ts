/** A call fails: -1, and the name of the error. */
export class Errno extends Error {
  override readonly name = "Errno";
  readonly errno: string;

  constructor(errno: string) {
    super(errno);
    this.errno = errno;
  }
}

/** The script asks for something that an endpoint, or this runner, does not have: it says nothing about either. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** What a call gave besides its result is not what the script says. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
  readonly expected: string;
  readonly got: string;

  constructor(what: string, expected: string | number, got: string | number) {
    super(what);
    this.expected = `${what} ${expected}`;
    this.got = `${what} ${got}`;
  }
}

/** @throws {Mismatch} unless they are equal */
export function mustEqual(what: string, expected: number, got: number): void {
  if (expected !== got) throw new Mismatch(what, expected, got);
}

/**
 * A call under way. Each try gives its result, null when it has to wait, and throws what it fails with. It is tried
 * again whenever something may have changed.
 */
export interface Attempt {
  (): number | null;
  /** When to try again though nothing has happened. */
  readonly deadline?: number;
}

/** The call never waits. */
export function once(run: () => number): Attempt {
  return run;
}
