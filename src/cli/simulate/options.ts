import type { OptionSpec } from "../arguments.ts";

/**
 * Every parameter that some scenario has. They stand here in words for all of them, so that reading a command line need
 * not load the scenarios; a test holds the two together.
 */
export const parameterOptions: readonly OptionSpec[] = [
  { name: "delay", value: "MS", help: "one way from host to host" },
  {
    name: "idle",
    value: "S",
    help: "silence before the first keep-alive probe; in load-balancer that of the pool",
  },
  { name: "interval", value: "S", help: "between unanswered keep-alive probes" },
  { name: "probes", value: "N", help: "unanswered keep-alive probes that end a connection" },
  { name: "drop", value: "WHAT", help: "fin-dropped: all of the DB server's packets, or fin alone" },
  { name: "lost", value: "N", help: "syn-retransmission: how many SYNs get lost" },
  { name: "loss", value: "P", help: "loss-recovery: how likely each packet gets lost, 0 to 0.5" },
  { name: "size", value: "BYTES", help: "bytes to transfer" },
  { name: "mtu", value: "BYTES", help: "path-mtu: largest packet of the link behind the router" },
  { name: "stall", value: "S", help: "zero-window: how long the receiver does not read" },
  { name: "sessions", value: "N", help: "load-balancer: sessions in the pool" },
  { name: "lb-timeout", value: "S", help: "load-balancer: its idle timeout" },
  { name: "keepalive", value: "S", help: "load-balancer: keep-alive's idle time, where it is on" },
  { name: "app-timeout", value: "S", help: "load-balancer: how long the application waits for an answer" },
  {
    name: "unknown",
    value: "HOW",
    help: "load-balancer: what meets a forgotten session: forward, drop or reset",
  },
  { name: "policy", value: "HOW", help: "load-balancer: random, round-robin, hash or least-sessions" },
];
