import { expect, test } from "vitest";
import { ACK, FIN, RST, SYN } from "../../src/wire/flags.ts";
import { RelativeNumbers } from "../../src/wire/relative.ts";

test("a handshake counts from the initial sequence numbers: SYN 0, first data 1", () => {
  const numbers = new RelativeNumbers();
  expect(numbers.add(0, { seq: 1000, ack: 0, flags: SYN })).toEqual({ seq: 0, ack: 0 });
  expect(numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
  expect(numbers.add(0, { seq: 1001, ack: 5001, flags: ACK })).toEqual({ seq: 1, ack: 1 });
  expect(numbers.add(0, { seq: 1101, ack: 5001, flags: ACK | FIN })).toEqual({ seq: 101, ack: 1 });
});

test("a capture that starts in the middle counts both directions from 1", () => {
  const numbers = new RelativeNumbers();
  expect(numbers.add(1, { seq: 700, ack: 90, flags: ACK })).toEqual({ seq: 1, ack: 1 });
  expect(numbers.add(0, { seq: 90, ack: 800, flags: ACK })).toEqual({ seq: 1, ack: 101 });
  expect(numbers.base(0)).toBe(89);
  expect(numbers.base(1)).toBe(699);
});

test("the acknowledgment field of a SYN without ACK tells nothing of the other direction", () => {
  const numbers = new RelativeNumbers();
  expect(numbers.add(0, { seq: 1000, ack: 777, flags: SYN })).toEqual({ seq: 0, ack: 777 });
  expect(numbers.base(1)).toBeUndefined();
  expect(numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
});

test("a SYN-ACK seen before its SYN takes the SYN's number from its acknowledgment", () => {
  const numbers = new RelativeNumbers();
  expect(numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
  expect(numbers.add(0, { seq: 1000, ack: 0, flags: SYN })).toEqual({ seq: 0, ack: 0 });
});

test("numbers go on counting across the wrap", () => {
  const numbers = new RelativeNumbers();
  numbers.add(0, { seq: 0xfffffffe, ack: 0, flags: SYN });
  expect(numbers.add(1, { seq: 0xffffffff, ack: 0xffffffff, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
  expect(numbers.add(0, { seq: 9, ack: 0, flags: ACK })).toEqual({ seq: 11, ack: 1 });
});

test("a mid-stream start at sequence number 0 counts from 2^32 - 1", () => {
  const numbers = new RelativeNumbers();
  expect(numbers.add(0, { seq: 0, ack: 0, flags: ACK })).toEqual({ seq: 1, ack: 1 });
  expect(numbers.base(0)).toBe(0xffffffff);
});

test("a reset without ACK keeps its acknowledgment field as it is, as tshark shows it", () => {
  const numbers = new RelativeNumbers();
  numbers.add(0, { seq: 1000, ack: 0, flags: SYN });
  numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK });
  expect(numbers.add(0, { seq: 1001, ack: 5005, flags: RST })).toEqual({ seq: 1, ack: 5005 });
});

test("a SYN-ACK with another number starts its direction over and leaves the other alone", () => {
  const numbers = new RelativeNumbers();
  numbers.add(0, { seq: 1000, ack: 0, flags: SYN });
  numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK });
  expect(numbers.add(1, { seq: 9000, ack: 1001, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
  expect(numbers.add(0, { seq: 1001, ack: 9001, flags: ACK })).toEqual({ seq: 1, ack: 1 });
});

test("a SYN with another number is a new connection on the same ports", () => {
  const numbers = new RelativeNumbers();
  numbers.add(0, { seq: 1000, ack: 0, flags: SYN });
  numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK });
  expect(numbers.add(0, { seq: 7000, ack: 0, flags: SYN })).toEqual({ seq: 0, ack: 0 });
  expect(numbers.add(1, { seq: 300, ack: 7001, flags: SYN | ACK })).toEqual({ seq: 0, ack: 1 });
});

test("a retransmitted SYN changes nothing", () => {
  const numbers = new RelativeNumbers();
  numbers.add(0, { seq: 1000, ack: 0, flags: SYN });
  numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK });
  numbers.add(0, { seq: 1000, ack: 0, flags: SYN });
  expect(numbers.base(1)).toBe(5000);
});
