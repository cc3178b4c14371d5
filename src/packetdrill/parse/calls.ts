import type { Call } from "../script.ts";
import type { Cursor } from "./cursor.ts";
import { between, expression } from "./expressions.ts";
import { microseconds } from "./times.ts";

/** `connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)`, after its time. */
export function call(cursor: Cursor): Call {
  const until = cursor.is("ellipsis") ? end(cursor) : null;
  const name = cursor.word("a packet, a call, a shell line or code");
  const args = between(cursor, "(", ")");
  cursor.expect("=");
  const result = expression(cursor);
  const errno = cursor.is("word") && !cursor.peek().first ? cursor.next().text : null;
  if (cursor.is("sign", "(") && !cursor.peek().first) note(cursor);
  return { name, args, until, result, errno };
}

function end(cursor: Cursor): number {
  cursor.next();
  return microseconds(cursor);
}

/** `(Operation now in progress)`: words for the reader. */
function note(cursor: Cursor): void {
  cursor.expect("(");
  while (!cursor.takes(")")) {
    if (cursor.is("end")) throw cursor.wanted("`)`");
    cursor.next();
  }
}
