export { toDuplex } from "./duplex.ts";
