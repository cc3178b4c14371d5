// A broken assertion of a simulation.

export class Broken extends Error {
  override readonly name = "Broken";
}

export function check(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new Broken(typeof what === "string" ? what : what());
}
