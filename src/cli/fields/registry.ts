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
 * `, did you mean X?` for the field that a name may be meant for, or nothing: one that ends as the name does
 * (`tcp.syn` is tcp.flags.syn), or goes on where it ends, or is spelt nearly so.
 */
export function likelyField(typed: string): string {
  const [family, ...rest] = typed.split(".");
  const names = [...byName.keys()];
  const deeper =
    rest.length === 0
      ? []
      : names.filter((name) => name.startsWith(`${family}.`) && name.endsWith(`.${rest.at(-1)}`));
  if (deeper.length === 1) return `, did you mean ${deeper[0]}?`;
  const longer = rest.length === 0 ? undefined : names.find((name) => name.startsWith(typed));
  return longer === undefined ? didYouMean(typed, names) : `, did you mean ${longer}?`;
}

/**
 * The fields of these names, in their order.
 * @throws {UsageError} naming all that do not exist
 */
export function fieldsNamed(names: readonly string[]): Field[] {
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length > 0) {
    const hint = unknown.length === 1 ? likelyField(unknown[0]) : "";
    throw new UsageError(
      `no field ${unknown.join(", ")}${hint}; tcpwire segments --list-fields names those there are`,
    );
  }
  return names.map((name) => byName.get(name)!);
}
