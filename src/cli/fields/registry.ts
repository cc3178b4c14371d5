import { didYouMean } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Field } from "./field.ts";
import { findingFields } from "./findings.ts";
import { flowFields } from "./flow.ts";
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
  ...flowFields,
  ...findingFields,
  ...tcpwireFields,
];

const byName = new Map(fields.map((field) => [field.name, field]));

/** The field of a name, undefined where there is none. */
export function findField(name: string): Field | undefined {
  return byName.get(name);
}

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
