// Every scenario: it repeats to the byte, its capture holds what it tells, and its text is there in both languages.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseCapture, readCaptureSync } from "../../src/capture/index.ts";
import { parameterOptions } from "../../src/cli/simulate/options.ts";
import { Diagnoser, FlowTracker } from "../../src/flow/index.ts";
import { type Parameter, type Story, scenarios, simulate } from "../../src/sim/index.ts";
import { random } from "../flow/talk.ts";

const stories = new Map(scenarios.map(({ name }) => [name, simulate(name)]));

function diagnosesOf(story: Story): string[] {
  const tracker = new FlowTracker({ random });
  const diagnoser = new Diagnoser();
  for (const batch of readCaptureSync(story.capture())) diagnoser.add(batch, tracker.add(batch));
  return diagnoser.diagnose(tracker.flows()).map(({ name }) => name);
}

/** Everything that a story shows, as one digest. */
function digest(story: Story): string {
  const { trace, capture, ...told } = story;
  return createHash("sha256").update(trace()).update(capture()).update(JSON.stringify(told)).digest("hex");
}

/** The last state of the conversation's ends. */
function statesOf(name: string, ladder = 0): string[] {
  const ladders = stories.get(name)!.acts.flatMap((act) => act.ladders);
  return [0, 1].map((side) => {
    const all = ladders[ladder].rungs.map(({ states }) => states[side as 0 | 1]);
    return all.filter((state, i) => state !== all[i - 1]).join(" ");
  });
}

/** The least and the most, or what takes no minute; all choices. */
function endsOf(parameter: Parameter): readonly (number | string)[] {
  if ("choices" in parameter) return parameter.choices;
  const { unit, least, most } = parameter;
  const bearable = { bytes: 2_000_000, sessions: 30 } as Record<string, number>;
  return [least, Math.min(most, bearable[unit] ?? most)];
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (name, scenario) => {
  const story = stories.get(name)!;

  test("run again gives the same bytes; with another seed others", () => {
    expect(digest(simulate(name))).toBe(digest(story));
    expect(digest(simulate(name, { seed: 2 }))).not.toBe(digest(story));
  });

  test("has a capture through which the diagnosis says what it teaches", () => {
    expect(diagnosesOf(story)).toEqual(scenario.diagnosis);
  });

  test("has a capture as pcap with the same packets", async () => {
    const [pcapng, pcap] = await Promise.all([
      parseCapture(story.capture()),
      parseCapture(story.capture("pcap")),
    ]);
    expect([...pcap.seq]).toEqual([...pcapng.seq]);
    expect([...pcap.time]).toEqual([...pcapng.time]);
    expect(pcap.length).toBeGreaterThan(2);
  });

  test("tells the same in English and Korean, word for word translated and moment for moment", () => {
    const korean = simulate(name, { language: "ko" });
    expect(korean.trace()).toBe(story.trace());
    const texts = ({ title, summary, lesson, acts, tables }: Story) => [
      title,
      summary,
      lesson,
      ...acts.flatMap((act) => act.moments.map((moment) => ("text" in moment ? moment.text : ""))),
      ...tables.flatMap((table) => [table.title]),
    ];
    const [english, translated] = [texts(story), texts(korean)];
    expect(translated).toHaveLength(english.length);
    for (const [i, text] of english.entries()) {
      if (text === "") continue;
      expect(text).not.toMatch(/[\uac00-\ud7a3]/);
      expect(translated[i]).toMatch(/[\uac00-\ud7a3]/);
    }
    const notes = (each: Story) =>
      each.acts
        .flatMap(({ ladders }) => ladders.flatMap(({ rungs }) => rungs))
        .flatMap((rung) => ("event" in rung ? [] : rung.notes));
    const theirs = notes(korean);
    for (const [i, note] of notes(story).entries()) {
      expect(note).not.toMatch(/[\uac00-\ud7a3]/);
      expect(theirs[i]).toMatch(/[\uac00-\ud7a3]/);
    }
    expect(JSON.stringify([english, translated])).not.toMatch(/undefined|NaN|\[object/);
  });

  test("is told whole with each parameter at the ends of its range", () => {
    // A few sessions are as good as many, and quicker.
    const few = scenario.parameters.some((parameter) => parameter.name === "sessions") ? { sessions: 2 } : {};
    for (const parameter of scenario.parameters) {
      for (const value of endsOf(parameter)) {
        const parameters = { ...few, [parameter.name]: value };
        const { trace: _, capture, ...told } = simulate(name, { language: "ko", parameters });
        expect(JSON.stringify(told)).not.toMatch(/undefined|NaN|Infinity|\[object/);
        expect(capture().length).toBeGreaterThan(200);
      }
    }
  });

  test("has parameters that the command line knows, and refuses what is out of their range", () => {
    const options = parameterOptions.map((option) => option.name);
    for (const parameter of scenario.parameters) {
      expect(options).toContain(parameter.name);
      const bad = "choices" in parameter ? "nonsense" : parameter.most + 1;
      expect(() => simulate(name, { parameters: { [parameter.name]: bad } })).toThrow(parameter.name);
    }
    expect(() => simulate(name, { parameters: { nonsense: 1 } })).toThrow("nonsense is no parameter");
  });

  test("has no halves of what comes whole", () => {
    for (const parameter of scenario.parameters) {
      if ("choices" in parameter || !["bytes", "segments", "sessions"].includes(parameter.unit)) continue;
      const play = () => simulate(name, { parameters: { [parameter.name]: 1.5 } });
      expect(play).toThrow(`${parameter.name} is a whole number from ${parameter.least} to`);
    }
  });
});

// What changes how endpoints behave changes these: look at the ladders, then run this file with `-u`.
test("every run is the one that was looked at", async () => {
  const hash = ({ trace }: Story) => createHash("sha256").update(trace()).digest("hex");
  const lines = [...stories].map(([name, story]) => `${hash(story)}  ${name}\n`);
  await expect(lines.join("")).toMatchFileSnapshot("golden/traces.txt");
});

test("the command line has no parameter that no scenario knows", () => {
  const known = new Set(scenarios.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  expect(parameterOptions.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});

describe("both ends go through the states that the story names:", () => {
  test.each([
    ["handshake", "CLOSED SYN-SENT ESTABLISHED", "LISTEN SYN-RECEIVED ESTABLISHED"],
    [
      "four-way-close",
      "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED",
      "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED",
    ],
    [
      "half-close",
      "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
      "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED",
    ],
    [
      "simultaneous-open",
      "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED",
      "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED",
    ],
    [
      "simultaneous-close",
      "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT",
      "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT",
    ],
    ["zombie", "CLOSED SYN-SENT ESTABLISHED CLOSED", "LISTEN SYN-RECEIVED ESTABLISHED"],
  ])("%s", (name, left, right) => {
    expect(statesOf(name)).toEqual([left, right]);
  });
});

describe("the figures of the stories", () => {
  test("keep-alive that is longer than the balancer's timeout finds out at night, and the pool opens others", () => {
    for (const unknown of ["drop", "reset"]) {
      const parameters = { unknown, keepalive: 400, sessions: 3 };
      const story = simulate("load-balancer", { parameters });
      const [none, , late] = story.tables[0].rows.map((row) => row.slice(1).map(Number.parseFloat));
      expect([none[0], none[1], late[0], late[1]]).toEqual([3, 3, 3, 0]);
      expect(JSON.stringify(story.acts[2].moments)).toContain(
        "Of 3 sessions keep-alive has told the client so",
      );
    }
  });

  const table = (name: string, parameters = {}) => simulate(name, { parameters }).tables[0].rows;

  test("ISNs of a counter grow by the same, those of RFC 6528 look random and still grow for one pair of sockets", () => {
    const [counter, hashed] = table("random-isn");
    expect(counter[2]).toBe("1 / 199");
    expect(hashed[2]).toBe("199 / 199");
    const share = Number.parseFloat(hashed[3]);
    // 6400 bits: five standard deviations are 3.1 %.
    expect(Math.abs(share - 50)).toBeLessThan(3.2);
    // RFC 6528 3: a clock of 4 microseconds, and a second between the two SYNs.
    expect(Number(hashed[4])).toBe(250_000);
  });

  test("blind data is delivered where the ISN can be guessed, and there alone", () => {
    const [counter, hashed] = table("blind-injection");
    expect(counter[1]).toBe(counter[2]);
    expect(counter[3]).toBe('"echo + + >> .rhosts"');
    expect(hashed[1]).not.toBe(hashed[2]);
    expect(hashed[3]).toBe("-");
  });

  test("the balancer's forgetting fails requests and leaves zombies, unless keep-alive is shorter", () => {
    for (const unknown of ["forward", "drop", "reset"]) {
      const [none, late, short] = table("load-balancer", { unknown }).map((row) =>
        row.slice(1).map(Number.parseFloat),
      );
      const [forgotten, failed, byReset, byTimeout, , longest, zombies, later] = none;
      expect(forgotten).toBe(12);
      expect(failed).toBeGreaterThan(unknown === "forward" ? 2 : 11);
      expect([byReset, byTimeout]).toEqual(unknown === "drop" ? [0, failed] : [failed, 0]);
      expect(longest).toBeGreaterThan(unknown === "drop" ? 3000 : 40);
      expect([zombies, later]).toEqual([failed, failed]);
      expect(late[0]).toBe(12);
      expect(late[7]).toBe(0);
      expect(short).toEqual([0, 0, 0, 0, 20, 20, 0, 0]);
    }
  });

  test("a balancer that hashes finds the server again, and nothing fails", () => {
    const [none] = table("load-balancer", { policy: "hash" });
    expect(none.slice(1, 3)).toEqual(["12", "0"]);
  });

  test("a path MTU is found in a round trip where ICMP gets through, never where it does not, unless it is searched for", () => {
    for (const mtu of [576, 1000, 1400, 1499]) {
      const [told, hole, probed] = table("path-mtu", { mtu });
      expect([told[1], hole[1], probed[1]]).toEqual(["6,000", "0", "6,000"]);
      expect(Number.parseFloat(told[2])).toBeLessThan(0.2);
      expect(hole[2]).toBe("-");
      expect(Number.parseFloat(probed[2])).toBeGreaterThan(1);
      expect([told[4], hole[4]]).toEqual([String(mtu), "1500"]);
      expect(Number(probed[4])).toBeLessThanOrEqual(mtu);
    }
  });

  test("the window bounds the rate", () => {
    const [without, scaled] = table("window-scaling").map((row) => Number.parseFloat(row[3]));
    expect(without).toBeGreaterThan(2 * scaled);
  });

  test.each([
    [{}, "After idle + interval x probes = 60 + 10 x 5 = 110 s without an answer", 110.06],
    // The last probe that was answered went out at 5.06 s, and the interval is longer than the idle time.
    [{ idle: 5 }, "After interval + interval x probes = 10 + 10 x 5 = 60 s without an answer", 65.06],
    [{ idle: 2, interval: 1, probes: 1 }, "After idle + interval x probes = 2 + 1 x 1 = 3 s", 11.15],
    [{ idle: 86_400 }, "After idle + interval x probes = 86400 + 10 x 5 = 86450 s without", 86_450.06],
  ])("a zombie is cleared when the story says so: %j", (parameters, says, cleared) => {
    const [act] = simulate("zombie", { parameters }).acts;
    const told = act.moments.findIndex((moment) => "text" in moment && moment.text.startsWith(says));
    expect(told).toBeGreaterThan(0);
    const at = act.moments[told].at / 1000;
    expect(at).toBeGreaterThanOrEqual(cleared);
    expect(at).toBeLessThan(cleared + 10);
    const [withIt] = act.ladders;
    const last = withIt.rungs.at(-1)!;
    expect(last).toMatchObject({ event: "recv(): ETIMEDOUT" });
    expect(last.at / 1000).toBeCloseTo(cleared, 1);
    const dayLater = act.moments.find((moment) => "text" in moment && moment.text.startsWith("A day later"))!;
    expect(dayLater.at - act.moments[told].at).toBe(86_400_000);
  });

  test("keep-alive that waits for hours clears the socket after them, and not after 0 s", () => {
    const [act] = simulate("fin-dropped", { parameters: { idle: 20_000 } }).acts;
    const told = act.moments.map((moment) => ("text" in moment ? moment.text : "")).join("\n");
    expect(told).toContain("After 20050.02 s keep-alive has closed that socket.");
  });

  test("keep-alive is not said to probe in a night shorter than its idle time", () => {
    const [, , short] = simulate("load-balancer", { parameters: { idle: 60, sessions: 2 } }).acts;
    const told = short.moments.map((moment) => ("text" in moment ? moment.text : "")).join("\n");
    expect(told).toContain("Keep-alive would ask after 120 s, which the night does not last.");
  });

  test("a lost FIN alone is found out by a probe once the other end has given up", () => {
    const story = simulate("fin-dropped", { parameters: { drop: "fin" } });
    const [withKeepAlive] = story.acts[0].ladders;
    expect(JSON.stringify(withKeepAlive.rungs)).toContain("ECONNRESET");
  });
});
