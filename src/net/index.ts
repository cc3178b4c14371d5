export type { SettingsInput } from "../tcp/index.ts";
export type { Clock, Timer } from "./clock.ts";
export type { HostCounters } from "./counters.ts";
export { SocketError, type SocketReason } from "./errors.ts";
export { type ConnectOptions, Host } from "./host.ts";
export type {
  FastOpenListenOptions,
  HostOptions,
  InterfaceOptions,
  ListenOptions,
  PacketStreams,
  RemoteSocket,
  RouteOptions,
} from "./host-options.ts";
export {
  type Link,
  type LinkPairOptions,
  linkPair,
  type Receive,
  type StreamLinkOptions,
  streamLink,
} from "./link.ts";
export { Listener } from "./listener.ts";
export { Socket } from "./socket.ts";
export type { SocketInfo } from "./socket-info.ts";
export type { KeepAliveOptions, SocketOptions, TuningOptions } from "./socket-options.ts";
export { formatSockets, type SocketRow } from "./socket-table.ts";
export type { SocketStateChange } from "./state-watch.ts";
