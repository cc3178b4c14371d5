/** Exit statuses (`tcpwire --help`). */
export const EXIT_DONE = 0;
export const EXIT_FINDINGS = 1;
export const EXIT_USAGE = 2;
export const EXIT_INPUT = 3;
/** As EX_SOFTWARE of sysexits.h: none of the others, which scripts act upon. */
export const EXIT_BUG = 70;

/** The command line asks for something that does not exist. Status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file cannot be opened, is cut short or is corrupt. Status 3. The message names the file and the reason. */
export class InputError extends Error {
  override readonly name = "InputError";
}
