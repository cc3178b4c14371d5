import { expect, test } from "vitest";
import { keyOf } from "../../src/tcp/endpoint-options.ts";
import { FastOpen } from "../../src/tcp/fastopen-options.ts";
import { Endpoint } from "../../src/tcp/index.ts";

// A slice of Node's Buffer is the same memory, and its `buffer` holds much else.
const secret = Buffer.from("00112233445566778899aabbccddeeff", "hex");

test("a secret given as a Buffer is those bytes, and stays so", () => {
  const key = keyOf({ secret });
  expect(key).toEqual(keyOf({ secret: Uint8Array.from(secret) }));
  const before = key.slice();
  secret[0] ^= 1;
  expect(key).toEqual(before);
});

test("an address given as a Buffer may change afterwards", () => {
  const remote = Buffer.from([10, 0, 0, 2]);
  const endpoint = new Endpoint({
    local: { address: "10.0.0.1", port: 1 },
    remote: { address: remote, port: 2 },
    random: () => 1,
  });
  remote[3] = 99;
  expect(String(endpoint.status().remote?.address)).toBe("10,0,0,2");
});

test("an address that was told may be changed by who asked", () => {
  const remote = Uint8Array.from([10, 0, 0, 2]);
  const endpoint = new Endpoint({
    local: { address: "10.0.0.1", port: 1 },
    remote: { address: remote, port: 2 },
    random: () => 1,
  });
  (endpoint.status().remote?.address as Uint8Array)[3] = 99;
  expect(endpoint.status().remote?.address).toEqual(remote);
});

test("connections that have an address in common go on with it, whatever the caller does to his bytes", () => {
  const mine = Uint8Array.from({ length: 16 }, (_, i) => i);
  const make = () =>
    new Endpoint({ local: { address: mine, port: 1 }, remote: { address: mine, port: 2 }, random: () => 1 });
  const [first, second] = [make(), make()];
  mine[15] = 99;
  const third = make();
  const last = [first, second, third].map((each) => (each.status().local.address as Uint8Array)[15]);
  expect(last).toEqual([15, 15, 99]);
});

test("a cookie given as a Buffer may change afterwards", () => {
  const cookie = Buffer.from([1, 2, 3, 4]);
  const { options } = new FastOpen({ cookie });
  cookie[0] = 99;
  expect([...options.cookie!]).toEqual([1, 2, 3, 4]);
});
