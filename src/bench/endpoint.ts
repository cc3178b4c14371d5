import type { SettingsInput } from "../tcp/index.ts";
import type { Codec, Transfer } from "./adapter.ts";
import { BUFFER, EndpointPair, everything, Opener } from "./endpoint-pair.ts";
import type { Contender, Outcome, Race } from "./race.ts";
import { Random } from "./random.ts";
import { RingCopy } from "./ring-copy.ts";

/** The packets in which bytes cross: Ethernet's, and the largest that there are. */
export const transferKinds: readonly { readonly name: string; readonly mtu: number }[] = [
  { name: "bulk-1460", mtu: 1500 },
  { name: "bulk-64k", mtu: 65535 },
];

const CHUNK = 65536;
/** Bytes of one repeat: enough that how it begins does not count. */
const AMOUNT = 16 * CHUNK;
/** Bytes whose arrival is looked at one by one: more than the buffers hold, several times. */
const COMPARED = 32 * CHUNK;
const IPV4_AND_TCP = 40;

/** Bulk data from one endpoint to another in this process, and plain copies of the same bytes. */
export function transferRace(name: string, mtu: number, others: readonly Codec[]): Race {
  const able = others.filter((codec) => codec.transfer);
  return {
    name: `endpoint/${name}`,
    title: `bytes through two endpoints in one process, checksums on, packets of ${mtu} bytes, buffers of ${BUFFER >> 10} KiB`,
    amount: AMOUNT,
    unit: "byte",
    reference: pairContender("tcpwire, all features", mtu, everything),
    others: [
      pairContender("tcpwire, defaults", mtu, {}),
      copyContender(mtu),
      ...able.map((codec) => guestContender(codec, mtu)),
    ],
  };
}

function pairContender(name: string, mtu: number, changes: SettingsInput): Contender {
  let pair: EndpointPair | undefined;
  return transferContender(name, mtu, (work) => {
    pair ??= new EndpointPair(mtu, changes);
    pair.transfer(work);
    return undefined;
  });
}

function copyContender(mtu: number): Contender {
  const copy = new RingCopy(mtu - IPV4_AND_TCP);
  return transferContender("memory copies through the same rings", mtu, (work) => {
    copy.transfer(work);
    return undefined;
  });
}

function guestContender(codec: Codec, mtu: number): Contender {
  return transferContender(codec.name, mtu, (work) => codec.transfer!(work));
}

function transferContender(
  name: string,
  mtu: number,
  transfer: (work: Transfer) => undefined | number | Promise<number>,
): Contender {
  const chunk = randomChunk();
  return {
    name,
    run: (repeats) => transfer({ chunk, mtu, total: repeats * AMOUNT, isCompared: false, take: () => {} }),
    async outcome(): Promise<Outcome> {
      const found = { bytes: 0, hash: 0 };
      const take = (bytes: Uint8Array) => {
        for (const byte of bytes) found.hash = (Math.imul(found.hash, 31) + byte) | 0;
        found.bytes += bytes.length;
      };
      await transfer({ chunk, mtu, total: COMPARED, isCompared: true, take });
      return found.bytes === 0 ? {} : found;
    },
  };
}

/** Whole connections: both ends made, three segments to open, four to close, both CLOSED. */
export function openCloseRace(others: readonly Codec[]): Race {
  const able = others.filter((codec) => codec.connections);
  const opener = new Opener();
  const reference: Contender = {
    name: "tcpwire",
    run(repeats) {
      for (let i = 0; i < repeats; i++) opener.openAndClose();
      return undefined;
    },
    outcome() {
      opener.openAndClose();
      return {};
    },
  };
  return {
    name: "endpoint/connections",
    title: "connections opened and closed, both ends",
    amount: 1,
    unit: "connection",
    reference,
    others: able.map((codec) => ({
      name: codec.name,
      run: (repeats: number) => codec.connections!(repeats),
      async outcome() {
        await codec.connections!(1);
        return {};
      },
    })),
  };
}

function randomChunk(): Uint8Array {
  const random = new Random(CHUNK);
  return Uint8Array.from({ length: CHUNK }, () => random.next());
}
