// Scenarios in virtual time: every packet, every time, every state, what is told of them and what was captured.
import { Random, scenarios, simulate } from "tcpwire/sim";

export const simCases = {
  "random numbers": () => {
    const random = new Random("runtimes");
    return [
      Array.from({ length: 1000 }, () => random.u32()),
      Array.from({ length: 1000 }, () => random.fork("a").float()),
      Array.from({ length: 1000 }, (_, i) => random.below(i + 1)),
    ];
  },
  ...Object.fromEntries(
    scenarios.map(({ name }) => [
      `simulate ${name}`,
      () => {
        const { trace, capture, ...story } = simulate(name, { seed: 3, language: "ko" });
        return [trace(), Array.from(capture()).join(), story];
      },
    ]),
  ),
};
