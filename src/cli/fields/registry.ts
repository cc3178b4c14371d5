import { didYouMean } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Field } from "./field.ts";
import { frameFields } from "./frame.ts";
import { ipFields } from "./ip.ts";
import { optionFields } from "./options.ts";
import { tcpFields } from "./tcp.ts";
import { tcpwireFields } from "./tcpwire.ts";

/** Every field, family by family. A new family is a file beside these and a line here. */
export const fields: readonly Field[] = [
  ...frameFields,
  ...ipFields,
  ...tcpFields,
  ...optionFields,
  ...tcpwireFields,
];

const byName = new Map(fields.map((field) => [field.name, field]));

/**
 * The fields of these names, in their order.
 * @throws {UsageError} naming all that do not exist
 */
export function fieldsNamed(names: readonly string[]): Field[] {
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length > 0) {
    const hint = unknown.length === 1 ? didYouMean(unknown[0], byName.keys()) : "";
    throw new UsageError(
      `no field ${unknown.join(", ")}${hint}; tcpwire segments --list-fields names those there are`,
    );
  }
  return names.map((name) => byName.get(name)!);
}
