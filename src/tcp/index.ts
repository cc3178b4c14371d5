export type { Address } from "../wire/address.ts";
export type { SegmentSink } from "./emit.ts";
export { Endpoint, type Output, type Packet } from "./endpoint.ts";
export type { EndpointOptions } from "./endpoint-options.ts";
export { TcpError, type TcpErrorCode, type TimeoutCause } from "./errors.ts";
export type { CloseReason, TcpEvent } from "./events.ts";
export type { FastOpenOptions, FastOpenProgress } from "./fastopen-options.ts";
export type { IcmpError } from "./icmp.ts";
export type { ConnectionRequest } from "./request.ts";
export {
  DEFAULTS,
  type EcnMode,
  type KeepAlive,
  type Settings,
  type SettingsInput,
  settings,
} from "./settings.ts";
export { STATE_NAMES, type StateName, TRANSITIONS, type Transition } from "./state.ts";
export type { EcnCounters, Status, TimerStatus } from "./status.ts";
export { SynCache } from "./syncache.ts";
export type { PendingRequest, SynCacheCounters, SynCacheOptions } from "./syncache-options.ts";
export type { SocketAddress } from "./tcb.ts";
