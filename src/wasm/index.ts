export { init } from "./load.ts";
