// Connections a second: handshake, close of both sides, and all that hosts and sockets do about them.
import type { PlannedRace } from "../../src/bench/plan.ts";
import { connected, hosts, PORT, SERVER } from "./hosts.ts";

const AMOUNT = 100;

export function connectionRace(now: () => number): PlannedRace {
  const one = async (repeats: number): Promise<number> => {
    // A client that leaves TIME-WAIT at once: in a second it needs more ports than there are.
    const both = hosts({ mtu: 1500 }, { tcp: { timeWait: 0 } });
    const into = new Uint8Array(1);
    const begun = now();
    for (let i = 0; i < repeats * AMOUNT; i++) {
      const [client, server] = await connected(both);
      const closed = client.close();
      if ((await server.read(into)) !== null) throw new Error("there is nothing to read");
      await closed;
    }
    const took = now() - begun;
    both.client.close();
    both.server.close();
    return took * 1e6;
  };
  const many = async (repeats: number): Promise<number> => {
    const both = hosts({ mtu: 1500 }, { tcp: { timeWait: 0 } });
    const into = new Uint8Array(1);
    const begun = now();
    for (let i = 0; i < repeats; i++) {
      const clients = Array.from({ length: AMOUNT }, () =>
        both.client.connect({ hostname: SERVER, port: PORT }),
      );
      const servers = await Promise.all(clients.map(() => both.listener.accept()));
      await Promise.all(clients.map((client) => client.opened));
      const closed = clients.map((client) => client.close());
      await Promise.all(servers.map((server) => server.read(into)));
      await Promise.all(closed);
    }
    const took = now() - begun;
    both.client.close();
    both.server.close();
    return took * 1e6;
  };
  const outcome = (run: (repeats: number) => Promise<number>) => async () => ({
    done: (await run(1)) > 0 ? 1 : 0,
  });
  return {
    name: "net/connect",
    make: () => ({
      name: "net/connect",
      title: "connect, accept, close both sides: host to host in one process",
      amount: AMOUNT,
      unit: "connection",
      reference: { name: "one after the other", run: one, outcome: outcome(one) },
      others: [{ name: `${AMOUNT} at a time`, run: many, outcome: outcome(many) }],
    }),
  };
}
