import * as layout from "../../assembly/layout/capture.ts";

/**
 * What tcpdump.org/linktypes.html calls a link type, without `LINKTYPE_`: `"ETHERNET"` for 1. The number as
 * text for one that is not in the table here. A name does not say that TCP is looked for in such frames:
 * `isLinkTypeParsed` does.
 */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? OTHER_NAMES.get(linkType) ?? String(linkType);
}

/** Whether frames of this link type are taken apart. Those of others are counted and give no rows. */
export function isLinkTypeParsed(linkType: number): boolean {
  return NAMES.has(linkType);
}

const NAMES = new Map<number, string>([
  [layout.LINKTYPE_NULL, "NULL"],
  [layout.LINKTYPE_ETHERNET, "ETHERNET"],
  [layout.LINKTYPE_PPP, "PPP"],
  [layout.LINKTYPE_PPP_HDLC, "PPP_HDLC"],
  [layout.LINKTYPE_PPP_ETHER, "PPP_ETHER"],
  [layout.LINKTYPE_RAW_12, "RAW"],
  [layout.LINKTYPE_RAW_14, "RAW"],
  [layout.LINKTYPE_RAW, "RAW"],
  [layout.LINKTYPE_C_HDLC, "C_HDLC"],
  [layout.LINKTYPE_LOOP, "LOOP"],
  [layout.LINKTYPE_LINUX_SLL, "LINUX_SLL"],
  [layout.LINKTYPE_IPV4, "IPV4"],
  [layout.LINKTYPE_IPV6, "IPV6"],
  [layout.LINKTYPE_NFLOG, "NFLOG"],
  [layout.LINKTYPE_LINUX_SLL2, "LINUX_SLL2"],
]);

const OTHER_NAMES = new Map<number, string>([
  [6, "IEEE802_5"],
  [8, "SLIP"],
  [10, "FDDI"],
  [105, "IEEE802_11"],
  [107, "FRELAY"],
  [119, "IEEE802_11_PRISM"],
  [122, "IP_OVER_FC"],
  [127, "IEEE802_11_RADIOTAP"],
  [147, "USER0"],
  [162, "USER15"],
  [187, "BLUETOOTH_HCI_H4"],
  [189, "USB_LINUX"],
  [192, "PPI"],
  [195, "IEEE802_15_4_WITHFCS"],
  [201, "BLUETOOTH_HCI_H4_WITH_PHDR"],
  [220, "USB_LINUX_MMAPPED"],
  [227, "CAN_SOCKETCAN"],
  [230, "IEEE802_15_4_NOFCS"],
  [249, "USBPCAP"],
  [251, "BLUETOOTH_LE_LL"],
  [252, "WIRESHARK_UPPER_PDU"],
  [253, "NETLINK"],
]);
