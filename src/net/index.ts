export { type Link, linkPair, type Receive, type StreamLinkOptions, streamLink } from "./link.ts";
