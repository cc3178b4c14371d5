/** What the report and the help emphasise, as functions of text; all of them do nothing without colour. */
export interface Style {
  readonly color: boolean;
  heading(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  bar(text: string): string;
}

/** Colours when `color`, else plain text. */
export function style(color: boolean): Style {
  const sgr = (code: string) => (text: string) =>
    color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    color,
    heading: sgr("1;36"),
    strong: sgr("1"),
    faint: sgr("2"),
    good: sgr("32"),
    warn: sgr("33"),
    bad: sgr("31"),
    bar: sgr("36"),
  };
}

/**
 * Colour belongs on a terminal, unless NO_COLOR is set to anything (no-color.org) or the terminal says it
 * is dumb; FORCE_COLOR asks for it through a pipe.
 */
export function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return true;
  return isTerminal && env.TERM !== "dumb";
}
