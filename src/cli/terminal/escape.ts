/**
 * Text that came from a file, a packet or the command line, made safe to print on a terminal: control
 * characters (ESC above all), the bidirectional overrides that make text read otherwise than it is, and
 * lone surrogates are shown as escapes. Ordinary letters of any script stay.
 */
export function escapeText(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeCharacter) : text;
}

/** Bytes as printable ASCII with `\xNN` for the rest: what `escapeText` is for text. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text +=
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : (NAMED[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return text;
}

// C0 and C1 controls and DEL; line and paragraph separators; bidirectional marks, embeddings, overrides
// and isolates (Unicode UAX 9); surrogates without their other half.
const UNSAFE =
  /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u;
const UNSAFE_ALL = new RegExp(UNSAFE.source, "gu");

const NAMED: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code in NAMED) return NAMED[code];
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
