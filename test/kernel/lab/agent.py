"""Opens sockets of the kernel in its network namespace, as it is told over standard input.

A line of JSON is a call: {"call": 7, "op": "connect", ...}; the answer has the same number and "result" or "error".
Calls run in threads of their own, so that one that waits holds nothing up. Ends when standard input does.
"""

import base64
import ctypes
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time

TCP_INFO, TCP_REPAIR = 11, 19
STATES = ("", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED",
          "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "NEW-SYN-RECEIVED")
OPTIONS = {
    "noDelay": (socket.IPPROTO_TCP, socket.TCP_NODELAY),
    "receiveBuffer": (socket.SOL_SOCKET, socket.SO_RCVBUF),
    "sendBuffer": (socket.SOL_SOCKET, socket.SO_SNDBUF),
    "reuseAddress": (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    "keepAlive": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "keepIdle": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "keepInterval": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    "keepCount": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    "userTimeout": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    "maxSegment": (socket.IPPROTO_TCP, socket.TCP_MAXSEG),
    "fastOpen": (socket.IPPROTO_TCP, socket.TCP_FASTOPEN),
    "fastOpenConnect": (socket.IPPROTO_TCP, 30),
    "quickAck": (socket.IPPROTO_TCP, socket.TCP_QUICKACK),
    "ttl": (socket.IPPROTO_IP, socket.IP_TTL),
    "cork": (socket.IPPROTO_TCP, socket.TCP_CORK),
    "congestion": (socket.IPPROTO_TCP, socket.TCP_CONGESTION),
}

sockets = {}
lock = threading.Lock()
count = 0


def keep(made):
    global count
    with lock:
        count += 1
        sockets[count] = made
        return count


def create(address, options):
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    configure(made, options)
    return made


def configure(made, options):
    for name, value in (options or {}).items():
        level, option = OPTIONS[name]
        made.setsockopt(level, option, value.encode() if isinstance(value, str) else int(value))


def pattern(length, offset=0):
    """Bytes that tell where in the stream they belong: the low byte of every 251st number."""
    cycle = bytes(range(251))
    start = offset % 251
    return (cycle * (length // 251 + 2))[start:start + length]


def op_listen(address, port=0, backlog=128, options=None):
    made = create(address, {"reuseAddress": 1, **(options or {})})
    made.bind((address, port))
    made.listen(backlog)
    return {"socket": keep(made), "port": made.getsockname()[1]}


def op_accept(id, timeout=20, options=None):
    sockets[id].settimeout(timeout)
    made, peer = sockets[id].accept()
    made.settimeout(None)
    configure(made, options)
    return {"socket": keep(made), "address": peer[0], "port": peer[1]}


def op_connect(address, port, local=None, timeout=20, options=None):
    made = create(address, options)
    if local:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((local[0], local[1]))
    made.settimeout(timeout)
    try:
        made.connect((address, port))
    except OSError:
        made.close()
        raise
    made.settimeout(None)
    return {"socket": keep(made), "port": made.getsockname()[1]}


def op_set(id, options):
    configure(sockets[id], options)


def op_send(id, length=None, data=None, offset=0, out_of_band=False):
    """Sends `data` (base64), or `length` bytes of the pattern from `offset` on; gives how long that took."""
    begun = time.monotonic()
    if data is not None:
        sent = base64.b64decode(data)
        if out_of_band:
            sockets[id].send(sent, socket.MSG_OOB)
        else:
            sockets[id].sendall(sent)
    else:
        left = length
        while left > 0:
            piece = pattern(min(left, 1 << 18), offset)
            sockets[id].sendall(piece)
            left -= len(piece)
            offset += len(piece)
    return {"seconds": time.monotonic() - begun}


def op_receive(id, length, timeout=20):
    """Receives exactly `length` bytes, fewer at the end of the stream."""
    got = bytearray()
    sockets[id].settimeout(timeout)
    while len(got) < length:
        piece = sockets[id].recv(length - len(got))
        if not piece:
            break
        got += piece
    sockets[id].settimeout(None)
    return {"data": base64.b64encode(got).decode()}


def op_drain(id, length=None, chunk=1 << 18, pause=0, timeout=60, count=False):
    """Receives to the end of the stream (or `length` bytes), `pause` seconds after every read; `count`: no more."""
    digest = hashlib.sha256()
    total = 0
    begun = time.monotonic()
    sockets[id].settimeout(timeout)
    room = memoryview(bytearray(chunk))
    while length is None or total < length:
        got = sockets[id].recv_into(room if length is None else room[: length - total])
        if got == 0:
            break
        if not count:
            digest.update(room[:got])
        total += got
        if pause:
            time.sleep(pause)
    return {"length": total, "sha256": digest.hexdigest(), "seconds": time.monotonic() - begun}


def op_echo(id):
    """Sends back what comes until the end of the stream, then closes."""
    made = sockets[id]
    total = 0
    while True:
        piece = made.recv(1 << 16)
        if not piece:
            break
        made.sendall(piece)
        total += len(piece)
    made.close()
    return {"length": total}


def op_serve(id, count):
    """Answers `count` connections: each is read to its end and echoed, in a thread of its own."""
    made = sockets[id]
    made.settimeout(60)

    def one(peer):
        try:
            while True:
                piece = peer.recv(1 << 16)
                if not piece:
                    break
                peer.sendall(piece)
        finally:
            peer.close()

    threads = []
    for _ in range(count):
        peer, _address = made.accept()
        threads.append(threading.Thread(target=one, args=(peer,), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join(60)
    return {"served": len(threads)}


def op_shutdown(id):
    sockets[id].shutdown(socket.SHUT_WR)


def op_close(id):
    sockets.pop(id).close()


def op_abort(id):
    """Ends with a RST."""
    made = sockets.pop(id)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.close()


def op_crash(id):
    """The kernel forgets the connection and tells nobody, as in a power failure."""
    made = sockets.pop(id)
    made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    made.close()


def op_info(id):
    """State, negotiated options and figures of tcp_info (linux/tcp.h)."""
    raw = sockets[id].getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    state, _ca, retransmits, probes, _backoff, options, scales = raw[:7]
    words = struct.unpack_from("=24I", raw, 8)
    return {
        "state": STATES[state],
        "retransmits": retransmits,
        "probes": probes,
        "timestamps": bool(options & 1),
        "sack": bool(options & 2),
        "windowScaling": bool(options & 4),
        "ecn": bool(options & 8),
        "ecnSeen": bool(options & 16),
        "synData": bool(options & 32),
        "sendScale": scales & 15,
        "receiveScale": scales >> 4,
        "sendMss": words[2],
        "unacked": words[4],
        "lost": words[6],
        "rtt": words[15] / 1000,
        "totalRetransmits": words[23],
    }


def op_error(id):
    """What the socket has failed with (SO_ERROR), as errno's name, or nothing."""
    import errno
    number = sockets[id].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return {"error": errno.errorcode.get(number, "")}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def op_flood(address, size, seconds):
    """Sends UDP datagrams of `size` bytes as fast as it can; the kernel cuts them from larger ones (UDP_SEGMENT)."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.connect((address, 9))
    each = max(1, 64000 // size)
    if each > 1:
        made.setsockopt(socket.IPPROTO_UDP, 103, size)
    data = bytes(size * each)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            made.send(data)
        except OSError:  # the queue is full, or nobody listens
            pass
    made.close()


def op_overhear(interface):
    """Begins to listen to the IPv4 packets that pass `interface`."""
    ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    ears.bind((interface, 0x0800))
    return {"socket": keep(ears)}


def op_inject(id, port, flags, ttl=64, ack=True, shift=0, timeout=10):
    """Waits for data to `port`, and answers it in the receiver's name with `flags`, `shift` beside the exact number."""
    ears = sockets.pop(id)
    ears.settimeout(timeout)
    mouth = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    while True:
        packet = ears.recv(65536)
        at = (packet[0] & 15) * 4
        if packet[9] != 6:
            continue
        source, target, number, acked, offset = struct.unpack_from("!HHIIB", packet, at)
        length = struct.unpack_from("!H", packet, 2)[0] - at - (offset >> 4) * 4
        if target != port or length <= 0:
            continue
        here, there = packet[16:20], packet[12:16]
        answer = number + length & 0xFFFFFFFF if ack else 0
        head = struct.pack("!HHIIBBHHH", target, source, acked + shift & 0xFFFFFFFF, answer, 0x50,
                           flags | (0x10 if ack else 0), 0, 0, 0)
        total = checksum(here + there + struct.pack("!BBH", 0, 6, len(head)) + head)
        head = head[:16] + struct.pack("!H", total) + head[18:]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(head), 0, 0x4000, ttl, 6, 0, here, there)
        mouth.sendto(ip + head, (socket.inet_ntoa(there), 0))
        return {"sequence": acked}


def answer(call):
    number, op = call.pop("call"), call.pop("op")
    try:
        reply = {"call": number, "result": globals()["op_" + op](**call)}
    except Exception as error:  # whatever it is, the caller is told
        import errno
        code = errno.errorcode.get(getattr(error, "errno", None) or 0, "")
        if isinstance(error, TimeoutError) and not code:
            code = "ETIMEDOUT"
        reply = {"call": number, "error": f"{type(error).__name__}: {error}", "code": code}
    with lock:
        os.write(1, (json.dumps(reply) + "\n").encode())


def main():
    # Not a process is left behind when the one that started it is killed.
    ctypes.CDLL(None).prctl(1, 9)
    threading.stack_size(256 * 1024)
    for line in sys.stdin:
        threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()


main()
