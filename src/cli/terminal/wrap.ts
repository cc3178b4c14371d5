/** Breaks a paragraph at spaces. */
export function wrap(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    if (line !== "" && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** Columns of a terminal that a text takes: letters of East Asian scripts take two (UAX #11), colours none. */
export function columns(text: string): number {
  const plain = text.includes("\x1b") ? text.replace(COLOR, "") : text;
  return plain.length + (plain.match(WIDE)?.length ?? 0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what begins a colour
const COLOR = /\x1b\[[\d;]*m/g;

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;
