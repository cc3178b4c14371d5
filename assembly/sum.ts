// What single segments and endpoints need of the codec, in a module of its own: two kilobytes to load instead of 44.
// Its exports mean what index.ts's of the same names do, so that the codec may stand in for it.
import { beginAt } from "./arena";
import { SUM_BASE } from "./layout/sum";

export { allocate } from "./arena";
export { checksumPart, copyAndSum } from "./checksum";

beginAt(SUM_BASE);
