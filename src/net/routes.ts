import type { Interface } from "./interface.ts";
import { type IpAddress, isWithin, type Prefix } from "./ip-address.ts";

/** Where packets to a network go: out of an interface, to their destination itself or to a router on the way. */
export interface Route {
  readonly to: Prefix;
  readonly interface: Interface;
  readonly via: IpAddress | null;
}

/** Routes of a host: few, looked at one by one, the longest prefix first. */
export class Routes {
  readonly #routes: Route[] = [];

  add(route: Route): void {
    const before = this.#routes.findIndex((other) => other.to.bits < route.to.bits);
    this.#routes.splice(before < 0 ? this.#routes.length : before, 0, route);
  }

  /** The most specific route to `address`, the one added first of equals; null when there is none. */
  find(address: IpAddress): Route | null {
    for (const route of this.#routes) if (isWithin(route.to, address)) return route;
    return null;
  }

  *[Symbol.iterator](): Iterator<Route> {
    yield* this.#routes;
  }
}
