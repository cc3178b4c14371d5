// Two hosts in this process, on a cable.
import {
  Host,
  type HostOptions,
  type LinkPairOptions,
  type Listener,
  linkPair,
  type Socket,
} from "../../src/net/index.ts";

export interface Hosts {
  readonly server: Host;
  readonly client: Host;
  readonly listener: Listener;
}

export const SERVER = "192.0.2.1";
export const PORT = 7;

export function hosts(cable: LinkPairOptions, options: Pick<HostOptions, "tcp" | "clock"> = {}): Hosts {
  const [a, b] = linkPair(cable);
  const server = new Host({ link: a, addresses: [`${SERVER}/24`], ...options });
  const client = new Host({ link: b, addresses: ["192.0.2.2/24"], ...options });
  return { server, client, listener: server.listen({ port: PORT, backlog: 65536 }) };
}

export async function connected({ client, listener }: Hosts): Promise<[client: Socket, server: Socket]> {
  const socket = client.connect({ hostname: SERVER, port: PORT });
  return [socket, await listener.accept()];
}
