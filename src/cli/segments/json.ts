import {
  SEEN_MSS,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import { SEGMENT_OK } from "../../../assembly/layout/status.ts";
import { ACK, URG } from "../../../assembly/layout/wire.ts";
import { type Analysis, findingNames, NO_STREAM } from "../../flow/index.ts";
import { segmentCode } from "../../wire/errors.ts";
import { flagNames } from "../../wire/flags.ts";
import { destinationText, sourceText } from "../addresses.ts";
import { type Field, fieldJson, type Rows } from "../fields/field.ts";
import { payloadKnown } from "../fields/header.ts";
import { optionKinds } from "../fields/options.ts";
import { vlanIds } from "../fields/tcpwire.ts";
import { CHECKSUM_NAMES } from "../words.ts";
import type { TimeText } from "./time-text.ts";

/**
 * One row as a line of JSON, with the names of the library's columns. A key that does not apply is left out.
 * Written by hand: every text in it is of our own making and needs no quoting, and there may be millions.
 */
export function segmentJson(rows: Rows, i: number, time: TimeText): string {
  const { segments: s, analysis } = rows;
  const flags = s.flags[i];
  let json = `{"frame":${s.frame[i]},"time":"${time.of(s.time[i])}"`;
  json += `,"src":"${sourceText(s, i)}","srcPort":${s.srcPort[i]}`;
  json += `,"dst":"${destinationText(s, i)}","dstPort":${s.dstPort[i]}`;
  json += `,"flags":${FLAG_LISTS[flags & 511]},"seq":${s.seq[i]}`;
  if (flags & ACK) json += `,"ack":${s.ack[i]}`;
  json += `,"window":${s.window[i]},"headerLength":${s.headerLength[i]}`;
  if (payloadKnown(s, i)) json += `,"payloadLength":${s.payloadLength[i]}`;
  if (s.missing[i] > 0) json += `,"missing":${s.missing[i]}`;
  if (flags & URG) json += `,"urgentPointer":${s.urgentPointer[i]}`;
  json += `,"checksum":${s.checksum[i]},"checksumStatus":"${CHECKSUM_NAMES[s.checksumStatus[i]]}"`;
  const kinds = optionKinds(rows, i);
  if (kinds) json += `,"options":${options(s, i, kinds)}`;
  json += `,"ttl":${s.ttl[i]},"trafficClass":${s.trafficClass[i]}`;
  if (s.vlan[i] !== 0) json += `,"vlan":[${vlanIds(s.vlan[i])}]`;
  if (s.tunnel[i] !== 0) json += `,"tunnel":${s.tunnel[i]}`;
  if (s.interfaceId[i] !== 0) json += `,"interfaceId":${s.interfaceId[i]}`;
  if (s.status[i] !== SEGMENT_OK) json += `,"status":"${segmentCode(s.status[i])}"`;
  if (analysis && analysis.stream[i] !== NO_STREAM) json += conversation(analysis, i, flags);
  return `${json}}\n`;
}

/** One row as a line of JSON that holds just these fields, under their names. */
export function fieldsJson(fields: readonly Field[], rows: Rows, i: number): string {
  let json = "";
  for (const field of fields) {
    json += `${json === "" ? "{" : ","}"${field.name}":${fieldJson(field, field.value(rows, i))}`;
  }
  return `${json}}\n`;
}

const FLAG_LISTS = Array.from({ length: 512 }, (_, flags) => JSON.stringify(flagNames(flags)));

/** What the flow tracker says, with the names of `Analysis`. */
function conversation(a: Analysis, i: number, flags: number): string {
  let json = `,"stream":${a.stream[i]},"direction":${a.direction[i]},"relativeSeq":${a.seq[i]}`;
  if (flags & ACK) json += `,"relativeAck":${a.ack[i]}`;
  json += `,"scaledWindow":${a.window[i]}`;
  if (a.findings[i] !== 0) json += `,"findings":${JSON.stringify(findingNames(a.findings[i]))}`;
  if (a.duplicateAckNum[i] !== 0) {
    json += `,"duplicateAckNum":${a.duplicateAckNum[i]},"duplicateAckFrame":${a.duplicateAckFrame[i]}`;
  }
  if (a.ackedFrame[i] !== 0) json += `,"ackedFrame":${a.ackedFrame[i]},"ackRtt":${a.ackRtt[i]}`;
  if (a.bytesInFlight[i] !== 0) json += `,"bytesInFlight":${a.bytesInFlight[i]}`;
  if (a.rtoFrame[i] !== 0) json += `,"rtoFrame":${a.rtoFrame[i]},"rto":${a.rto[i]}`;
  return json;
}

function options(s: Rows["segments"], i: number, kinds: readonly number[]): string {
  const seen = s.optionsSeen[i];
  let json = `{"kinds":[${kinds}]`;
  if (seen & SEEN_MSS) json += `,"mss":${s.mss[i]}`;
  if (seen & SEEN_WINDOW_SCALE) json += `,"windowScale":${s.windowScale[i]}`;
  if (seen & SEEN_SACK_PERMITTED) json += ',"sackPermitted":true';
  if (seen & SEEN_TIMESTAMPS) json += `,"tsval":${s.tsval[i]},"tsecr":${s.tsecr[i]}`;
  if (seen & SEEN_SACK) {
    const blocks = Array.from({ length: s.sackCount[i] }, (_, block) => {
      const at = 2 * (s.sackStart[i] + block);
      return `[${s.sackEdges[at]},${s.sackEdges[at + 1]}]`;
    });
    json += `,"sack":[${blocks}]`;
  }
  return `${json}}`;
}
