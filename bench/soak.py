#!/usr/bin/env python3
"""Mixed load on `trama serve` for a while: does memory stay flat, is every answer right?

usage: soak.py TRAMA [MINUTES]

Starts one server for each mode (upper, TLS, chat, http, exec, proxy, PROXY headers), talks to all of them from
threads of this process, at random: short and long talks, resets, half-closes, garbage, readers that stop. Every
answer is compared. Each server's memory (VmRSS) and descriptors are told every ten seconds; the first quarter warms up.
Status 1: an answer was wrong, a server ended, or memory grew by more than a tenth (and 2 MiB) after the warm-up."""

import os
import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

BINARY = sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__)
SECONDS = float(sys.argv[2] if len(sys.argv) > 2 else 10) * 60
TLS = ssl._create_unverified_context()
stop = threading.Event()
counts, wrong, lock = {}, [], threading.Lock()


def start(*words):
    # AddressSanitizer keeps 256 MB of what was freed: memory would grow for an hour before it tells anything.
    few = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}
    server = subprocess.Popen(
        [BINARY, "serve", "--quiet", *words, "tcp", "0"], stdout=subprocess.PIPE, text=True, env=os.environ | few
    )
    line = server.stdout.readline()
    return server, int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=20)
    return s


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def exactly(s, n):
    parts, got = [], 0
    while got < n:
        part = s.recv(min(65536, n - got))
        if not part:
            raise AssertionError(f"{got} of {n} bytes came")
        parts.append(part)
        got += len(part)
    return b"".join(parts)


def until(s, end):
    text = b""
    while not text.endswith(end):
        part = s.recv(1)
        if not part:
            raise AssertionError(f"ended after {text[:80]!r}")
        text += part
    return text


def both_ways(s, data, answer):
    writer = threading.Thread(target=s.sendall, args=(data,))
    writer.start()
    got = exactly(s, len(answer))
    writer.join()
    if got != answer:
        at = next(i for i, (a, b) in enumerate(zip(got, answer)) if a != b)
        raise AssertionError(f"of {len(answer)} bytes, at {at}: {got[at : at + 20]!r} for {answer[at : at + 20]!r}")


def letters(rng):
    return bytes(rng.choices(b"abcdefghij", k=rng.choice((1, 100, 5000)))) * rng.choice((1, 1, 20))


def leave(s, rng):
    how = rng.randrange(4)
    if how == 0:
        reset(s)
    elif how == 1:
        s.shutdown(socket.SHUT_WR)
        s.settimeout(20)
        while s.recv(65536):
            pass
        s.close()
    else:
        s.close()


def upper(ports, rng):
    with connect(ports["upper"]) as s:
        for _ in range(rng.randrange(4)):
            text = letters(rng)
            both_ways(s, text, text.upper())
        leave(s, rng)


def tls(ports, rng):
    raw = connect(ports["tls"])
    if rng.randrange(5) == 0:
        raw.sendall(rng.randbytes(rng.randrange(300)))
        return leave(raw, rng) if rng.randrange(2) else raw.close()
    with TLS.wrap_socket(raw) as s:
        for _ in range(rng.randrange(1, 10)):  # in turns: Python's TLS is for one thread
            text = letters(rng)[:16000]
            s.sendall(text)
            assert exactly(s, len(text)) == text.upper()


def chat(ports, rng):
    with connect(ports["chat"]) as a, connect(ports["chat"]) as b:
        until(a, b"here\n")
        until(b, b"here\n")
        word = b"%d" % rng.randrange(10**12)
        a.sendall(word + b"\n")
        until(b, b": " + word + b"\n")
        if rng.randrange(3) == 0:
            reset(a)


def stopped(ports, rng):
    """Reads nothing of what others say, for a while."""
    with connect(ports["chat"]) as s:
        time.sleep(rng.random())
        reset(s)


def http(ports, rng):
    with connect(ports["http"]) as s:
        for _ in range(rng.randrange(1, 5)):
            first = rng.randrange(900_000)
            last = first + rng.choice((0, 10, 90_000))
            s.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nRange: bytes=%d-%d\r\n\r\n" % (first, last))
            head = until(s, b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 206 "), head
            assert exactly(s, last - first + 1) == BIG[first : last + 1], "another part"
        what = rng.choice((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /none HTTP/1.0\r\n\r\n", b"\x16\x03garbage", b"GET /big HT"))
        s.sendall(what)
        leave(s, rng)


def program(ports, rng):
    with connect(ports["exec"]) as s:
        text = letters(rng)
        both_ways(s, text, text)
        leave(s, rng)


def proxy(ports, rng):
    with connect(ports["proxy"]) as s:
        if rng.randrange(2):
            s.sendall(b"CONNECT localhost:%d HTTP/1.1\r\nHost: x\r\n\r\n" % ports["upper"])
            assert until(s, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
        else:
            s.sendall(b"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01" + struct.pack(">H", ports["upper"]))
            assert exactly(s, 12)[3] == 0
        text = letters(rng)
        both_ways(s, text, text.upper())
        leave(s, rng)


def refused(ports, rng):
    with connect(ports["proxy"]) as s:
        s.sendall(rng.choice((b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"\x04\x01\x00\x01\x7f\x00\x00\x01\x00", rng.randbytes(40))))
        leave(s, rng)


def proxied(ports, rng):
    with connect(ports["proxied"]) as s:
        if rng.randrange(4) == 0:
            s.sendall(rng.choice((b"PROXY TCP4 1.2.3", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", b"GET /")))
            return reset(s)
        s.sendall(b"PROXY TCP4 192.0.2.%d 192.0.2.1 %d 80\r\n" % (rng.randrange(256), rng.randrange(65536)))
        text = letters(rng)
        both_ways(s, text, text.upper())
        leave(s, rng)


KINDS = (upper, tls, chat, stopped, http, program, proxy, refused, proxied)


def client(ports, seed):
    rng = random.Random(seed)
    while not stop.is_set():
        kind = rng.choice(KINDS)
        try:
            kind(ports, rng)
            with lock:
                counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
        except OSError as error:  # the server may end what was garbage (with RST); nothing else
            if kind not in (tls, http, refused, proxied):
                wrong.append(f"{kind.__name__}: {error!r}")
        except Exception as error:  # noqa: BLE001: told below
            wrong.append(f"{kind.__name__}: {error!r}")


def state(server):
    if server.poll() is not None:
        return None
    with open(f"/proc/{server.pid}/status") as status:
        rss = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    return rss, len(os.listdir(f"/proc/{server.pid}/fd"))


with tempfile.TemporaryDirectory() as folder:
    BIG = random.Random(1).randbytes(1_000_000)
    with open(folder + "/big", "wb") as file:
        file.write(BIG)
    servers, ports = {}, {}
    for name, words in {
        "upper": (),
        "tls": ("--tls",),
        "chat": ("--mode", "chat", "--queue", "64KiB"),
        "http": ("--root", folder),
        "exec": ("--exec", "cat"),
        "proxied": ("--proxy-protocol", "--max-per-peer", "1000"),
    }.items():
        servers[name], ports[name] = start(*words)
    upper_port = ports["upper"]
    servers["proxy"], ports["proxy"] = start("--proxy-to", f"127.0.0.1:{upper_port}", "--proxy-to", f"localhost:{upper_port}")
    threads = [threading.Thread(target=client, args=(ports, seed)) for seed in range(8)]
    for thread in threads:
        thread.start()
    begun, samples = time.time(), {name: [] for name in servers}
    while time.time() - begun < SECONDS and len(wrong) < 20:
        time.sleep(min(10, SECONDS / 20))
        now = {name: state(server) for name, server in servers.items()}
        for name, value in now.items():
            if value is None:
                wrong.append(f"{name} ended with status {servers[name].returncode}")
            else:
                samples[name].append(value)
        print(f"{time.time() - begun:6.0f} s ", "  ".join(f"{n} {v[0]} KiB {v[1]} fd" for n, v in now.items() if v), flush=True)
        if any(value is None for value in now.values()):
            break
    stop.set()
    for thread in threads:
        thread.join()
    for name, server in servers.items():
        server.terminate()
        if server.wait(30) != 0:
            wrong.append(f"{name}: status {server.returncode}")

print("talks:", ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
for name, values in samples.items():
    calm = [rss for rss, _ in values[len(values) // 4 :]]
    if not calm:
        continue
    third = max(1, len(calm) // 3)
    early, late = max(calm[:third]), max(calm[-third:])
    grew = late > early * 1.1 and late > early + 2048
    print(f"{name:8} memory {early} KiB early, {late} KiB late{'  GROWS' if grew else ''}")
    if grew:
        wrong.append(f"{name} grows")
for line in wrong[:20]:
    print("wrong:", line)
sys.exit(1 if wrong else 0)
