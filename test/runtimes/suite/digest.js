/** The SHA-256 of some bytes, numbers or text, in hex. Typed arrays count as their bytes. */
export async function digest(value) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(value)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    // A copy: a borrowed view of WebAssembly memory changes under an asynchronous digest.
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  }
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value, plain));
}

function plain(_, value) {
  if (typeof value === "bigint") return `${value}n`;
  if (ArrayBuffer.isView(value)) return Array.from(value, String);
  return value;
}
