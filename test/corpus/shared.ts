// Real captures with tshark's answers, which lie beside the repository and not in it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Where captures and answers lie; `undefined` where they are not beside the repository. */
export const sharedFolder = [process.env.TCPWIRE_SHARED, "../shared", "../../shared"].find(
  (path) => path && existsSync(`${path}/truth`) && existsSync(`${path}/corpus`),
);

/** The captures' names; `undefined` where there are none beside the repository. */
export const corpus: string[] | undefined =
  sharedFolder === undefined
    ? undefined
    : readdirSync(`${sharedFolder}/corpus`).filter((name) =>
        existsSync(`${sharedFolder}/truth/${name}.tsv.gz`),
      );

export function readCapture(name: string): Uint8Array {
  return readFileSync(`${sharedFolder}/corpus/${name}`);
}

/** tshark's answers, a row for each TCP header that belongs to a conversation, by column. */
export function readTruth(name: string): Record<string, string>[] {
  const text = gunzipSync(readFileSync(`${sharedFolder}/truth/${name}.tsv.gz`)).toString();
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = header.split("\t");
  return (
    lines
      .map((line) => Object.fromEntries(line.split("\t").map((value, i) => [names[i], value])))
      // Headers quoted in ICMP errors and in sFlow samples are not on their way between their ends.
      .filter((row) => row.in_icmp === "0" && !row.protocols.includes("sflow"))
  );
}
