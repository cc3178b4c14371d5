// The kernel's sockets in a namespace, as promises: a Python process there opens them (agent.py).

export class Agent {
  #child;
  #waiting = new Map();
  #count = 0;

  constructor(child) {
    this.#child = child;
    let rest = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) this.#answer(JSON.parse(line));
    });
    child.once("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the agent has ended"));
      this.#waiting.clear();
    });
    child.stdin.on("error", () => {}); // it has ended, and every call with it
  }

  call(op, parameters) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ call: id, op, ...parameters })}\n`);
    });
  }

  /** Connects; rejects with the kernel's error code. `options`: see agent.py. */
  async connect(address, port, { local, timeout, ...options } = {}) {
    const made = await this.call("connect", { address, port, local, timeout, options });
    return new KernelSocket(this, made);
  }

  async listen(address, port = 0, { backlog, ...options } = {}) {
    const made = await this.call("listen", { address, port, backlog, options });
    return new KernelListener(this, made);
  }

  /** Begins to listen on a card; `inject` waits for data there and answers it in the receiver's name (op_inject). */
  async overhear(card) {
    const { socket } = await this.call("overhear", { interface: card });
    return { inject: (parameters) => this.call("inject", { id: socket, ...parameters }) };
  }

  #answer({ call: id, result, error, code }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(Object.assign(new Error(error), { code }));
  }
}

class KernelListener {
  #agent;
  #id;

  constructor(agent, { socket, port }) {
    this.#agent = agent;
    this.#id = socket;
    this.port = port;
  }

  async accept({ timeout, ...options } = {}) {
    return new KernelSocket(
      this.#agent,
      await this.#agent.call("accept", { id: this.#id, timeout, options }),
    );
  }

  /** Echoes `count` connections, all at a time. */
  serve(count) {
    return this.#agent.call("serve", { id: this.#id, count });
  }

  close() {
    return this.#agent.call("close", { id: this.#id });
  }
}

class KernelSocket {
  #agent;
  #id;

  constructor(agent, { socket, port, address }) {
    this.#agent = agent;
    this.#id = socket;
    /** Of a connection made the local port, of one accepted the peer's. */
    this.port = port;
    this.address = address;
  }

  /** `what`: text, bytes, or a number of bytes of the pattern. */
  send(what, { offset, outOfBand } = {}) {
    const content =
      typeof what === "number" ? { length: what, offset } : { data: Buffer.from(what).toString("base64") };
    return this.#call("send", { ...content, out_of_band: outOfBand });
  }

  /** Exactly `length` bytes, fewer at the end of the stream. */
  async receive(length, { timeout } = {}) {
    const { data } = await this.#call("receive", { length, timeout });
    return Buffer.from(data, "base64");
  }

  /** Reads to the end, or `length` bytes: `{ length, sha256, seconds }`. */
  drain(parameters = {}) {
    return this.#call("drain", parameters);
  }

  echo() {
    return this.#call("echo");
  }

  set(options) {
    return this.#call("set", { options });
  }

  info() {
    return this.#call("info");
  }

  async error() {
    return (await this.#call("error")).error;
  }

  shutdown() {
    return this.#call("shutdown");
  }

  close() {
    return this.#call("close");
  }

  abort() {
    return this.#call("abort");
  }

  /** The kernel forgets it and tells nobody. */
  crash() {
    return this.#call("crash");
  }

  #call(op, parameters) {
    return this.#agent.call(op, { id: this.#id, ...parameters });
  }
}
