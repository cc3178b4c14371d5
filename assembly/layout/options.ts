// Numbers inside TCP options: what a subtype, a bit or an experiment's identifier means.

// MPTCP subtypes (RFC 8684 3, IANA MPTCP Option Subtypes)
export const MP_CAPABLE = 0;
export const MP_JOIN = 1;
export const MP_DSS = 2;
export const MP_ADD_ADDR = 3;
export const MP_REMOVE_ADDR = 4;
export const MP_PRIO = 5;
export const MP_FAIL = 6;
export const MP_FASTCLOSE = 7;
export const MP_TCPRST = 8;

// Flags of MP_CAPABLE (RFC 8684 3.1)
export const MPTCP_CHECKSUM_REQUIRED = 0x80;
export const MPTCP_EXTENSIBILITY = 0x40;
export const MPTCP_NO_MORE_SUBFLOWS = 0x20;
export const MPTCP_HMAC = 0x01; // SHA-256 in version 1, SHA-1 in version 0

// Flags of DSS (RFC 8684 3.3)
export const DSS_DATA_FIN = 0x10;
export const DSS_SEQ_8 = 0x08;
export const DSS_MAPPING = 0x04;
export const DSS_ACK_8 = 0x02;
export const DSS_ACK = 0x01;

// ENO suboptions (RFC 8547 4.1, table 1): the high bit announces data, or is a length byte's
export const ENO_WITH_DATA = 0x80;
export const ENO_FIRST_TEP = 0x20;

// Experiment identifiers (RFC 6994, IANA TCP/UDP ExIDs)
export const EXID_ACK_RATE_REQUEST = 0x00ac;
export const EXID_HOST_ID = 0x0348;
export const EXID_AUTONOMOUS_SYSTEM = 0x0a0d;
export const EXID_CAPABILITY = 0x0ca0;
export const EXID_EXTENDED_DATA_OFFSET = 0x0ed0;
export const EXID_ENO = 0x454e;
export const EXID_SERVICE_NUMBER = 0x5323;
export const EXID_TIMESTAMP_INTERVAL = 0x75ec;
export const EXID_ACCECN_0 = 0xacc0;
export const EXID_ACCECN_1 = 0xacc1;
export const EXID_ACCECN = 0xacce;
export const EXID_FAST_OPEN = 0xf989;
export const EXID_LOW_LATENCY = 0xf990;
export const EXID_SMC_R = 0xe2d4c3d9; // of 32 bits
