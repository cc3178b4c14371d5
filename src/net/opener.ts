import { DEFAULTS, Endpoint, type FastOpenOptions, type Settings, settings } from "../tcp/index.ts";
import { Connection, type ConnectionUser, type Ends } from "./connection.ts";
import type { IpAddress } from "./ip-address.ts";
import type { PathMtus } from "./path-mtus.ts";
import type { Route } from "./routes.ts";
import type { Stack } from "./stack.ts";

/** Makes connections, with settings that fit their path. */
export class Opener {
  readonly #stack: Stack;
  readonly #mtus: PathMtus;
  /** By what they were made from, then by MTU: connections share theirs. */
  readonly #fitted = new WeakMap<Settings, Map<number, Settings>>();

  constructor(stack: Stack, mtus: PathMtus) {
    this.#stack = stack;
    this.#mtus = mtus;
  }

  /**
   * Settings for a path: its MTU is what the first link takes, or less where a router said so. Without `remote` only
   * the link counts.
   */
  fitted(base: Settings, { interface: out }: Route, remote?: IpAddress): Settings {
    const link = base.mtu === DEFAULTS.mtu ? out.mtu : Math.min(base.mtu, out.mtu);
    const mtu = remote === undefined ? link : this.#mtus.find(remote, this.#stack.now, link);
    if (mtu === base.mtu) return base;
    let known = this.#fitted.get(base);
    if (known === undefined) this.#fitted.set(base, (known = new Map()));
    let made = known.get(mtu);
    if (made === undefined) known.set(mtu, (made = settings({ mtu }, base)));
    return made;
  }

  /** A connection that is not opened yet, in the host's table. */
  open(ends: Ends, base: Settings, user: ConnectionUser | null, fastOpen?: FastOpenOptions): Connection {
    const { local, localPort, remote, remotePort, route } = ends;
    const { chooseIsn, now } = this.#stack;
    const endpoint = new Endpoint(
      {
        ...(chooseIsn === null ? {} : { initialSequence: chooseIsn(now) }),
        local: { address: local.address.value, port: localPort },
        remote: { address: remote.value, port: remotePort },
        secret: this.#stack.secret,
        settings: this.fitted(base, route, remote),
        fastOpen,
      },
      this.#stack.pool,
    );
    const connection = this.adopt(endpoint, ends);
    connection.user = user;
    return connection;
  }

  /** Gives an endpoint its place in the host. */
  adopt(endpoint: Endpoint, ends: Ends): Connection {
    const stack = this.#stack;
    const { local, localPort, remote, remotePort } = ends;
    const { w0, w1, w2, w3 } = remote;
    const id = stack.table.add(local.index, w0, w1, w2, w3, (localPort << 16) | remotePort);
    const connection = new Connection(endpoint, stack, id, ends);
    stack.adopt(connection);
    stack.watch?.adopted(connection);
    return connection;
  }
}
