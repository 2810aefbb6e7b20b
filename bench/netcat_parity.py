#!/usr/bin/env python3
"""Runs the same command lines with nc (or ncat) and with trama in its place, against the same peers,
and compares standard output, standard error (ports, times and versions masked), exit status and what
the peer received.

  bench/netcat_parity.py nc   [TRAMA] [-k WORD] [-v]
  bench/netcat_parity.py ncat [TRAMA] [-k WORD] [-v]

TRAMA is the binary (build/quick/src/trama). -k runs the cases whose name has WORD; -v prints what both
did. The status is 1 where anything differs that the case does not declare. Traffic goes to loopback only.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

LIMIT = 3.0  # a program that still runs then is ended: "still runs" is a result too


class Peer(threading.Thread):
    """The other side: a list of steps over one socket. bytes: send; ("recv", n), "eof" (reads to the end),
    "fin", "close", "rst", "accept" (the next client), float: sleeps."""

    def __init__(self, steps):
        super().__init__(daemon=True)
        self.steps, self.got, self.conn, self.stop = steps, b"", None, False
        self.ready = threading.Event()

    def run(self):
        try:
            self.open()
            for step in self.steps:
                self.step(step)
        except (OSError, ssl.SSLError) as error:
            self.got += b"<" + type(error).__name__.encode() + b">"
        finally:
            if self.conn:
                self.conn.close()

    def step(self, step):
        if isinstance(step, bytes):
            self.send(step)
        elif isinstance(step, float):
            time.sleep(step)
        elif step == "accept":
            self.conn.close()
            self.conn, _ = self.server.accept()
        elif step == "again":
            self.conn.close()
            self.open()
        elif step == "eof":
            while part := self.conn.recv(65536):
                self.got += part
            self.got += b"<EOF>"
        elif step == "fin":
            self.conn.shutdown(socket.SHUT_WR)
        elif step == "close":
            self.conn.close()
        elif step == "rst":
            self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.conn.close()
        elif step[0] == "recv":
            have = 0
            while have < step[1]:
                part = self.receive()
                if not part:
                    self.got += b"<EOF>"
                    return
                self.got += part
                have += len(part)

    def send(self, data):
        self.conn.sendall(data)

    def receive(self):
        return self.conn.recv(65536)


class Server(Peer):
    def __init__(self, steps, tls=None, family=socket.AF_INET):
        super().__init__(steps)
        self.tls = tls
        self.server = socket.socket(family)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.server.listen(8)
        self.server.settimeout(LIMIT + 2)
        self.port = self.server.getsockname()[1]

    def open(self):
        self.conn, _ = self.server.accept()
        self.conn.settimeout(LIMIT + 2)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.tls[0], self.tls[1])
            self.conn = context.wrap_socket(self.conn, server_side=True)


class Client(Peer):
    """Comes to the program: tries until it listens."""

    def __init__(self, steps, tls=False, host="127.0.0.1", source=None):
        super().__init__(steps)
        self.tls, self.host, self.source = tls, host, source
        self.port = free_port(socket.SOCK_STREAM)

    def open(self):
        end = time.monotonic() + LIMIT
        while True:
            try:
                self.conn = socket.create_connection((self.host, self.port), LIMIT + 2, self.source)
                break
            except ConnectionRefusedError:
                if time.monotonic() > end or self.stop:
                    raise
                time.sleep(0.02)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.conn = context.wrap_socket(self.conn)


class UdpServer(Peer):
    def __init__(self, steps):
        super().__init__(steps)
        self.conn = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.conn.bind(("127.0.0.1", 0))
        self.conn.settimeout(LIMIT + 2)
        self.port, self.to = self.conn.getsockname()[1], None

    def open(self):
        pass

    def receive(self):
        data, self.to = self.conn.recvfrom(65536)
        return data

    def send(self, data):
        self.conn.sendto(data, self.to)


class UdpClient(UdpServer):
    def __init__(self, steps, host="127.0.0.1"):
        super().__init__(steps)
        self.port = free_port(socket.SOCK_DGRAM)
        self.to = (host, self.port)

    def open(self):
        time.sleep(0.3)  # nothing tells that a UDP port is open

    def receive(self):
        return self.conn.recvfrom(65536)[0]


class UnixServer(Peer):
    def __init__(self, steps, kind=socket.SOCK_STREAM):
        super().__init__(steps)
        self.kind = kind
        self.path = tempfile.mktemp(prefix="parity")
        self.server = socket.socket(socket.AF_UNIX, kind)
        self.server.bind(self.path)
        self.port = 0
        if kind == socket.SOCK_STREAM:
            self.server.listen(2)
            self.server.settimeout(LIMIT + 2)

    def open(self):
        self.conn = self.server.accept()[0] if self.kind == socket.SOCK_STREAM else self.server
        self.conn.settimeout(LIMIT + 2)

    def receive(self):
        data, self.to = self.conn.recvfrom(65536)
        return data

    def send(self, data):
        if self.kind == socket.SOCK_STREAM:
            self.conn.sendall(data)
        else:
            self.conn.sendto(data, self.to)


class UnixClient(Peer):
    def __init__(self, steps, kind=socket.SOCK_STREAM):
        super().__init__(steps)
        self.path, self.port, self.kind = tempfile.mktemp(prefix="parity"), 0, kind

    def open(self):
        end = time.monotonic() + LIMIT
        while True:
            self.conn = socket.socket(socket.AF_UNIX, self.kind)
            self.conn.settimeout(LIMIT + 2)
            try:
                return self.conn.connect(self.path)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)


class Nobody(Peer):
    def __init__(self, kind=socket.SOCK_STREAM):
        super().__init__([])
        self.port = free_port(kind)

    def open(self):
        pass


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def socks5(answer=b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"):
    """The greeting without a login, the request for an IPv4 address or a name, its answer."""
    return [("recv", 3), b"\x05\x00", ("recv", 10), answer]


EOF, HOLD = "eof", "hold"


class Case:
    def __init__(self, name, args, stdin=(EOF,), peer=None, expect=None, mask=(), limit=LIMIT, env=None):
        self.name, self.args, self.stdin = name, args, stdin
        self.peer = peer or (lambda: Nobody())
        self.expect = expect  # why it may differ
        self.mask, self.limit, self.env = mask, limit, env or {}


def masked(text, port, extra):
    for pattern, word in extra:
        text = re.sub(pattern, word, text)
    text = text.replace(str(port), "PORT") if port else text
    text = re.sub(r"/tmp/parity-\w+/(real/)?(ncat|nc):", r"\2:", text)
    text = re.sub(r"\b[1-9]\d{4}\b", "EPH", text)
    text = re.sub(r"/tmp/parity[a-z0-9_]+", "PATH", text)
    text = re.sub(r"\d+\.\d+ (ms|seconds)", r"T \1", text)
    text = re.sub(r"Ncat: Version .*", "Ncat: Version", text)
    text = re.sub(r"([0-9A-F]{4} ){9}[0-9A-F]{4}", "FINGERPRINT", text)
    return text


def run(tool, case):
    peer = case.peer()
    words = {"port": str(peer.port), "path": getattr(peer, "path", "")}
    args = [word.format(**words) for word in case.args]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **case.env}
    program = subprocess.Popen(tool + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=env, cwd=tempfile.gettempdir())
    peer.start()
    begin = time.monotonic()

    def feed():
        try:
            for step in case.stdin:
                if isinstance(step, float):
                    time.sleep(step)
                elif step == EOF:
                    program.stdin.close()
                elif step != HOLD:
                    program.stdin.write(step)
                    program.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    outputs = {}

    def drain(name, stream):
        outputs[name] = stream.read()

    threads = [threading.Thread(target=feed, daemon=True)]
    threads += [threading.Thread(target=drain, args=(n, s), daemon=True)
                for n, s in (("out", program.stdout), ("err", program.stderr))]
    for thread in threads:
        thread.start()
    try:
        status = program.wait(case.limit)
    except subprocess.TimeoutExpired:
        status = "still runs"
        program.kill()
        program.wait()
    took = time.monotonic() - begin
    for thread in threads[1:]:
        thread.join(2)
    peer.stop = True
    peer.join(1.5 if status == "still runs" else LIMIT)
    path = getattr(peer, "path", None)
    if path and os.path.exists(path):
        os.unlink(path)
    text = {n: masked(outputs.get(n, b"").decode("latin-1"), peer.port, case.mask) for n in ("out", "err")}
    return {"status": status, **text, "peer": masked(peer.got.decode("latin-1"), peer.port, ())}, took


def differences(one, other):
    return [key for key in one if one[key] != other[key]]


def make_certificate(folder):
    certificate, key = os.path.join(folder, "c.pem"), os.path.join(folder, "k.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                    certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


HI = b"hi\n"
L = "127.0.0.1"


def nc_cases():
    S, C, U, UC = Server, Client, UdpServer, UdpClient
    both = [r"(\d+)-(\d+)", "RANGE"]
    return [
        Case("client: peer closes first, input at its end", [L, "{port}"], (HI, EOF),
             lambda: S([("recv", 3), b"ok\n", "close"])),
        Case("client: the end of input is not sent", [L, "{port}"], (HI, EOF),
             lambda: S([("recv", 3), b"ok\n", "eof"])),
        Case("client: peer closes, input open", [L, "{port}"], (HI, HOLD),
             lambda: S([("recv", 3), b"ok\n", "close"])),
        Case("client: peer half-closes, more input comes", [L, "{port}"], (HI, 0.4, b"more\n", EOF),
             lambda: S([("recv", 3), b"ok\n", "fin", "eof"])),
        Case("client: peer resets", [L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), 0.1, "rst"])),
        Case("client: peer resets, input at its end", [L, "{port}"], (HI, EOF), lambda: S([("recv", 3), 0.1, "rst"])),
        Case("client: -N", ["-N", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n"])),
        Case("client: -q 0", ["-q", "0", L, "{port}"], (HI, EOF), lambda: S(["eof", 0.5, b"late\n"])),
        Case("client: -q 1", ["-q", "1", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n", 2.5]), expect="ends then, as the manual says; nc 1.219 goes on until the peer closes"),
        Case("client: -q1, peer closes at once", ["-q1", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n"]), expect="leaves with the peer; nc sleeps first"),
        Case("client: -q -1", ["-q", "-1", L, "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n", "eof"])),
        Case("client: -v", ["-v", L, "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n"])),
        Case("client: -nv", ["-nv", L, "{port}"], (HI, EOF), lambda: S([("recv", 3)])),
        Case("client: -v localhost -4", ["-v4", "localhost", "{port}"], (EOF,), lambda: S([0.2])),
        Case("client: -v localhost -6", ["-v6", "localhost", "{port}"], (EOF,),
             lambda: S([0.2], family=socket.AF_INET6)),
        Case("client: refused", [L, "{port}"]),
        Case("client: refused, -v", ["-v", L, "{port}"]),
        Case("client: refused, -nv", ["-nv", L, "{port}"]),
        Case("client: localhost refused, -v", ["-v4", "localhost", "{port}"]),
        Case("client: localhost refused twice, -v", ["-v", "localhost", "{port}"]),
        Case("client: -w1, silent peer", ["-w1", L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), 2.5])),
        Case("client: -w 1, input ends, silent peer", ["-w", "1", L, "{port}"], (HI, EOF), lambda: S([("recv", 3), 2.5])),
        Case("client: -w1, peer talks on", ["-w1", L, "{port}"], (EOF,), lambda: S([b"1", 0.6, b"2", 0.6, b"3", 0.6])),
        Case("client: -d", ["-d", L, "{port}"], (HI, HOLD), lambda: S([b"ok\n", 0.2])),
        Case("client: -C", ["-NC", L, "{port}"], (b"a\nb\r\nc", EOF), lambda: S(["eof"])),
        Case("client: -p", ["-vp", "0", L, "{port}"], (EOF,), lambda: S([0.2])),
        Case("client: -s", ["-s", "127.0.0.1", "-N", L, "{port}"], (HI, EOF), lambda: S(["eof"])),
        Case("client: -s of another machine", ["-v", "-s", "192.0.2.1", L, "{port}"], (HI, EOF)),
        Case("client: -s is no address", ["-s", "x y", L, "{port}"], (HI, EOF)),
        Case("client: options of the socket", ["-N", "-I", "9000", "-O", "9000", "-M", "9", "-m", "1", "-T", "ef", L, "{port}"],
             (HI, EOF), lambda: S(["eof", b"ok"])),
        Case("client: -T word", ["-N", "-T", "lowdelay", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok"])),
        Case("client: -T wrong", ["-T", "what", L, "{port}"], (HI, EOF)),
        Case("client: -i 1", ["-N", "-i", "1", L, "{port}"], (b"a\nb\n", EOF), lambda: S(["eof", b"ok"])),
        Case("client: -t", ["-t", "-N", L, "{port}"], (0.4, EOF), lambda: S([b"\xff\xfd\x01\xff\xfb\x03hi\n", "eof"])),
        Case("client: -W 1", ["-W", "1", L, "{port}"], (HI, HOLD), lambda: S([b"one", 0.3, b"two", 1.0])),
        Case("client: -F without a socket", ["-F", L, "{port}"], (HI, EOF), lambda: S([0.2])),
        Case("client: wrong port word", [L, "nonsense"]),
        Case("client: port 0", [L, "0"]),
        Case("client: port too large", [L, "70000"]),
        Case("client: unknown host with -n", ["-nv", "localhost", "80"]),
        Case("client: unknown host", ["no-such-host.invalid", "80"], mask=[("No address associated with hostname|Temporary failure in name resolution|Name or service not known", "NONAME")]),
        Case("client: no operand", [], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("client: one operand", [L], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("client: unknown option", ["-Q", L, "80"], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("client: option without value", [L, "80", "-w"], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("client: -w wrong", ["-w", "x", L, "80"]),
        Case("client: -w negative", ["-w", "-2", L, "80"]),
        Case("client: -i wrong", ["-i", "x", L, "80"]),
        Case("client: -q wrong", ["-q", "x", L, "80"]),
        Case("client: -W wrong", ["-W", "0", L, "80"]),
        Case("client: -I wrong", ["-I", "0", L, "80"]),
        Case("client: -X wrong", ["-X", "9", "-x", L, L, "80"]),
        Case("client: -Z", ["-Z", L, "{port}"], expect="says why"),
        Case("client: several ports with data", ["-v", L, "{port}", "{port}"], (EOF,), lambda: S([0.1, "accept", 0.1])),
        Case("-z: open", ["-z", L, "{port}"], (EOF,), lambda: S([0.1])),
        Case("-z: open, -v", ["-zv", L, "{port}"], (HOLD,), lambda: S([0.1])),
        Case("-z: closed", ["-z", L, "{port}"]),
        Case("-z: closed, -v", ["-zv", L, "{port}"]),
        Case("-z: closed range, -v", ["-zv", L, "3-5"]),
        Case("-z: list with an open one", ["-zv", L, "3", "{port}", "5"], (EOF,), lambda: S([0.1])),
        Case("-z: backward range", ["-zv", L, "5-3"]),
        Case("-z: service name", ["-zvw1", L, "tcpmux"]),
        Case("-z: UDP open", ["-uzv", L, "{port}"], (EOF,), lambda: U([("recv", 1)]), limit=8, expect="the third probe may be refused a second later"),
        Case("-z: UDP closed", ["-uz", L, "{port}"], (EOF,), lambda: Nobody(socket.SOCK_DGRAM), limit=8),
        Case("-z: UDP closed, -v", ["-uzv", L, "{port}"], (EOF,), lambda: Nobody(socket.SOCK_DGRAM), limit=8),
        Case("-z -l", ["-zl", "{port}"]),
        Case("udp: hi, answer, input ends", ["-u", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: -w1", ["-uw1", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: -q1", ["-uq1", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"]), expect="prints what comes within the time"),
        Case("udp: -N", ["-uN", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: closed", ["-u", L, "{port}"], (HI, HOLD), lambda: Nobody(socket.SOCK_DGRAM)),
        Case("udp: closed, input ends, -w1", ["-uw1", L, "{port}"], (HI, EOF), lambda: Nobody(socket.SOCK_DGRAM)),
        Case("udp: closed, -v", ["-uv", L, "{port}"], (HI, HOLD), lambda: Nobody(socket.SOCK_DGRAM), limit=6, expect="sends no probes of its own, and hears the refusal at the first datagram"),
        Case("udp: -W 2", ["-uW2", L, "{port}"], (HI, HOLD), lambda: U([("recv", 3), b"1", b"2", b"3"])),
        Case("udp: -b", ["-ubw1", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("listen: -l port", ["-l", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -l -p port", ["-l", "-p", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -lvnp", ["-lvnp", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -lv", ["-lv", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -lv host port", ["-lv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -lnv host port", ["-lnv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -l -s -p", ["-lv", "-s", L, "-p", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -6", ["-6lv", "::1", "{port}"], (HOLD,), lambda: C([HI, 0.2], host="::1")),
        Case("listen: input ends, client stays", ["-l", "{port}"], (HI, EOF), lambda: C([("recv", 3), 0.3, b"late\n", 0.2])),
        Case("listen: input ends, -N", ["-lN", "{port}"], (HI, EOF), lambda: C(["eof", b"late\n"])),
        Case("listen: input ends, client holds", ["-l", "{port}"], (HI, EOF), lambda: C(["eof"])),
        Case("listen: -q0", ["-lq0", "{port}"], (HI, EOF), lambda: C(["eof"])),
        Case("listen: client half-closes, input open", ["-l", "{port}"], (HOLD,), lambda: C([HI, "fin", "eof"])),
        Case("listen: client half-closes, input later", ["-l", "{port}"], (0.8, b"late\n", EOF), lambda: C([HI, "fin", "eof"])),
        Case("listen: -w1 does not count before a client", ["-lw1", "{port}"], (HOLD,), lambda: C([1.2])),
        Case("listen: -w1, silent client", ["-lw1", "{port}"], (HOLD,), lambda: C([2.5])),
        Case("listen: -lk", ["-lkv", "{port}"], (HOLD,), lambda: C([HI, 0.2, "again", b"two\n", 0.2])),
        Case("listen: -lk, input", ["-lk", "{port}"], (b"first\n", HOLD), lambda: C([("recv", 6), "again", b"two\n", 0.2])),
        Case("listen: -lk, input ends", ["-lk", "{port}"], (b"first\n", EOF), lambda: C([("recv", 6), "again", b"two\n", 0.2])),
        Case("listen: -lkN, input ends", ["-lkN", "{port}"], (b"first\n", EOF), lambda: C(["eof", "again", b"two\n", "eof"])),
        Case("listen: -d", ["-ld", "{port}"], (HI, HOLD), lambda: C([b"ok\n", 0.2])),
        Case("listen: port taken", ["-l", L, "{port}"], (HOLD,), lambda: S([2.0])),
        Case("listen: port taken, -v", ["-lv", L, "{port}"], (HOLD,), lambda: S([2.0])),
        Case("listen: no port", ["-l"], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("listen: -k without -l", ["-k", "{port}"], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("listen: -l with -x", ["-l", "-x", L, "{port}"], mask=[(r"(?s)usage: .*", "USAGE")]),
        Case("listen: port and -p", ["-l", "-p", "{port}", "{port}"], (HOLD,), lambda: C([HI, 0.2]), expect="its own usage"),
        Case("listen udp", ["-lu", "{port}"], (HOLD,), lambda: UC([HI, 0.2, b"two\n"])),
        Case("listen udp: -v", ["-luv", "{port}"], (HOLD,), lambda: UC([HI, 0.2])),
        Case("listen udp: -nv host", ["-lunv", L, "{port}"], (HOLD,), lambda: UC([HI, 0.2])),
        Case("listen udp: answers", ["-lu", "{port}"], (b"ok\n", HOLD), lambda: UC([HI, ("recv", 3)])),
        Case("listen udp: -w1", ["-luw1", "{port}"], (HOLD,), lambda: UC([HI, 0.2])),
        Case("listen udp: -luk", ["-lukv", "{port}"], (HOLD,), lambda: UC([HI, 0.2, b"two\n"])),
        Case("listen udp: -W1", ["-luW1", "{port}"], (HOLD,), lambda: UC([HI, 0.2, b"two\n"])),
        Case("unix: client", ["-NU", "{path}"], (HI, EOF), lambda: UnixServer(["eof", b"ok\n"])),
        Case("unix: client -v", ["-vNU", "{path}"], (HI, EOF), lambda: UnixServer(["eof", b"ok\n"])),
        Case("unix: no such file", ["-U", "/tmp/parity_nobody"]),
        Case("unix: no such file, -v", ["-vU", "/tmp/parity_nobody"]),
        Case("unix: -z", ["-zU", "{path}"], (EOF,), lambda: UnixServer([0.1])),
        Case("unix: listen", ["-lU", "{path}"], (HOLD,), lambda: UnixClient([HI, 0.2])),
        Case("unix: listen -v", ["-lvU", "{path}"], (HOLD,), lambda: UnixClient([HI, 0.2])),
        Case("unix: datagrams", ["-uUw1", "{path}"], (HI, EOF), lambda: UnixServer([("recv", 3), b"ok\n"], socket.SOCK_DGRAM)),
        Case("unix: listen datagrams", ["-luUw1", "{path}"], (EOF,), lambda: UnixClient([HI], socket.SOCK_DGRAM), expect="listens; nc 1.219 cannot answer who has no name, and ends"),
        Case("unix: with -x", ["-U", "-x", L, "/tmp/x"]),
        Case("proxy: SOCKS5", ["-N", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF), lambda: S(socks5() + ["eof", b"ok\n"])),
        Case("proxy: -X 5 -v", ["-Nv", "-X", "5", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF), lambda: S(socks5() + ["eof", b"ok\n"])),
        Case("proxy: SOCKS5 refuses", ["-N", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S(socks5(b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00") + [0.2]), expect="its own sentence"),
        Case("proxy: SOCKS4", ["-N", "-X4", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 9), b"\x00\x5a" + bytes(6), "eof", b"ok\n"])),
        Case("proxy: connect", ["-N", "-X", "connect", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 200 OK\r\n\r\n", "eof", b"ok\n"]), expect="HTTP/1.1, with a Host field"),
        Case("proxy: connect refuses", ["-N", "-X", "connect", "-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 403 No\r\n\r\n", 0.2]), expect="its own sentence; HTTP/1.1"),
        Case("proxy: nobody there", ["-x", L + ":{port}", "192.0.2.1", "80"], (HI, EOF)),
        Case("proxy: with -u", ["-u", "-x", L, "192.0.2.1", "80"]),
    ]


def ncat_cases(tls):
    S, C, U, UC = Server, Client, UdpServer, UdpClient
    quitting = [(r"(?s)Ncat: Try `--help'.*|usage: .*", "USAGE")]
    log = "/tmp/parity_log_"
    return [
        Case("client: peer closes first, input at its end", [L, "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n", "close"])),
        Case("client: the end of input is sent", [L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n"])),
        Case("client: peer closes, input open", [L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), b"ok\n", "close"])),
        Case("client: peer half-closes, more input comes", [L, "{port}"], (HI, 0.4, b"more\n", EOF),
             lambda: S([("recv", 3), b"ok\n", "fin", "eof"])),
        Case("client: peer resets", [L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), 0.1, "rst"])),
        Case("client: peer resets, input at its end", [L, "{port}"], (HI, EOF), lambda: S([("recv", 3), 0.1, "rst"])),
        Case("client: --no-shutdown", ["--no-shutdown", L, "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n", "eof"])),
        Case("client: --no-shutdown, peer closes", ["--no-shutdown", L, "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n"])),
        Case("client: --send-only", ["--send-only", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n", 0.2])),
        Case("client: --send-only, peer never closes", ["--send-only", L, "{port}"], (HI, EOF), lambda: S(["eof", 2.0])),
        Case("client: --recv-only", ["--recv-only", L, "{port}"], (HI, HOLD), lambda: S([b"ok\n", 0.2])),
        Case("client: --recv-only does not send", ["--recv-only", L, "{port}"], (HI, EOF), lambda: S([b"ok\n", "fin", "eof"])),
        Case("client: -v", ["-v", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n"])),
        Case("client: -nv", ["-nv", L, "{port}"], (HI, EOF), lambda: S(["eof"])),
        Case("client: -v localhost", ["-v4", "localhost", "{port}"], (EOF,), lambda: S(["eof"])),
        Case("client: -v -6", ["-v6", "::1", "{port}"], (EOF,), lambda: S(["eof"], family=socket.AF_INET6)),
        Case("client: -6 with an IPv4 address", ["-6", L, "{port}"]),
        Case("client: refused", [L, "{port}"]),
        Case("client: refused, -v", ["-v", L, "{port}"]),
        Case("client: localhost refused, -v", ["-v", "localhost", "{port}"]),
        Case("client: unknown host", ["no-such-host.invalid", "80"]),
        Case("client: name with -n", ["-n", "localhost", "80"]),
        Case("client: no operand", [], mask=quitting),
        Case("client: default port", [L]),
        Case("client: port 0", [L, "0"]),
        Case("client: port word", [L, "http"]),
        Case("client: port range", [L, "1-3"]),
        Case("client: port too large", [L, "70000"]),
        Case("client: three operands", [L, "1", "2"], mask=quitting),
        Case("client: unknown option", ["-Q", L, "80"], mask=quitting),
        Case("client: unknown long option", ["--what", L, "80"], mask=quitting),
        Case("client: option without value", [L, "80", "-w"], mask=quitting),
        Case("client: long option cut short", ["--send", L, "{port}"], (HI, EOF), lambda: S(["eof"])),
        Case("client: -w wrong", ["-w", "x", L, "80"]),
        Case("client: -w 0", ["-w", "0", L, "80"]),
        Case("client: -i wrong", ["-i", "x", L, "80"]),
        Case("client: -d wrong", ["-d", "x", L, "80"]),
        Case("client: -p wrong", ["-p", "x", L, "80"]),
        Case("client: -p too large", ["-p", "70000", L, "80"]),
        Case("client: -s of another machine", ["-s", "192.0.2.1", L, "{port}"], expect="one line, the right one"),
        Case("client: -s", ["-v", "-s", L, L, "{port}"], (HI, EOF), lambda: S(["eof"])),
        Case("client: -i 1", ["-i", "1", L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), 2.5])),
        Case("client: -i 500ms -v", ["-i", "500ms", "-v", L, "{port}"], (HI, HOLD), lambda: S([("recv", 3), b"ok\n", 2.5])),
        Case("client: -w 1, silent peer", ["-w", "1", L, "{port}"], (HI, 1.5, EOF), lambda: S(["eof", b"ok\n"])),
        Case("client: -C", ["-C", L, "{port}"], (b"a\nb\r\nc", EOF), lambda: S(["eof"])),
        Case("client: -d 1", ["-d", "1", L, "{port}"], (b"a\n", EOF), lambda: S(["eof", b"ok\n"]), expect="a pause behind each line; ncat also pauses before each read"),
        Case("client: -t", ["-t", L, "{port}"], (HOLD,), lambda: S([b"\xff\xfd\x01\xff\xfb\x03hi\n", ("recv", 6)])),
        Case("client: -z open", ["-z", L, "{port}"], (EOF,), lambda: S([0.1])),
        Case("client: -z open, -v", ["-zv", L, "{port}"], (EOF,), lambda: S([0.1])),
        Case("client: -z closed", ["-z", L, "{port}"]),
        Case("client: -z closed, -v", ["-zv", L, "{port}"]),
        Case("client: -z -l", ["-zl", L, "{port}"]),
        Case("client: -o -x", ["-o", log + "o", "-x", log + "x", L, "{port}"], (HI, EOF), lambda: S(["eof", b"ok\n"])),
        Case("client: --send-only and --recv-only", ["--send-only", "--recv-only", L, "{port}"]),
        Case("client: -k without -l", ["-k", L, "{port}"], (EOF,), lambda: S(["eof"])),
        Case("client: --broker without -l", ["--broker", L, "{port}"], (EOF,), lambda: S(["eof"])),
        Case("client: --allow without -l", ["--allow", L, L, "{port}"], (EOF,), lambda: S(["eof"])),
        Case("client: -m without -l", ["-m", "3", L, "{port}"], (EOF,), lambda: S(["eof"])),
        Case("client: -4 -6", ["-4", "-6", L, "{port}"]),
        Case("client: -u --sctp", ["-u", "--sctp", L, "{port}"], expect="says that it is not supported: 2"),
        Case("client: -G wrong", ["-G", "3", L, "{port}"], expect="not supported"),
        Case("udp: hi, answer, input ends", ["-u", L, "{port}"], (HI, 0.4, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: -i 1", ["-u", "-i", "1", L, "{port}"], (HI, 0.4, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: --send-only", ["-u", "--send-only", L, "{port}"], (HI, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: -v", ["-uv", L, "{port}"], (HI, 0.5, EOF), lambda: U([("recv", 3), b"ok\n"])),
        Case("udp: closed", ["-u", L, "{port}"], (HI, HOLD), lambda: Nobody(socket.SOCK_DGRAM)),
        Case("udp: closed, -v", ["-uv", L, "{port}"], (HI, HOLD), lambda: Nobody(socket.SOCK_DGRAM)),
        Case("udp: -z open", ["-uz", L, "{port}"], (EOF,), lambda: U([("recv", 1)]), limit=6),
        Case("udp: -z closed", ["-uz", L, "{port}"], (EOF,), lambda: Nobody(socket.SOCK_DGRAM)),
        Case("listen", ["-l", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -v", ["-lv", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -v host", ["-lv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -nv host", ["-lnv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -vv host", ["-lvv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2]), expect="no debug lines"),
        Case("listen: -4 -v", ["-4lv", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -6", ["-6lv", "{port}"], (HOLD,), lambda: C([HI, 0.2], host="::1")),
        Case("listen: -p port", ["-l", "-p", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -p and a port", ["-l", "-p", "{port}", "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -s", ["-l", "-s", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: input ends, client stays", ["-l", L, "{port}"], (HI, EOF), lambda: C(["eof", b"late\n", 0.2])),
        Case("listen: client half-closes, input open", ["-l", L, "{port}"], (HOLD,), lambda: C([HI, "fin", "eof"])),
        Case("listen: client half-closes, input later", ["-l", L, "{port}"], (0.8, b"late\n", EOF), lambda: C([HI, "fin", "eof"])),
        Case("listen: input ends, client half-closes", ["-l", L, "{port}"], (HI, EOF), lambda: C(["eof", b"x", "fin", 1.0])),
        Case("listen: --send-only", ["-l", "--send-only", L, "{port}"], (HI, EOF), lambda: C(["eof"])),
        Case("listen: --recv-only", ["-l", "--recv-only", L, "{port}"], (HI, EOF), lambda: C([b"ok\n", 0.2])),
        Case("listen: --no-shutdown", ["-l", "--no-shutdown", L, "{port}"], (HI, EOF), lambda: C([("recv", 3), 0.4, b"late\n", 0.2])),
        Case("listen: client resets", ["-lv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2, "rst"])),
        Case("listen: -i 1", ["-l", "-i", "1", L, "{port}"], (HOLD,), lambda: C([HI, 2.5])),
        Case("listen: -k", ["-lkv", L, "{port}"], (HOLD,), lambda: C([HI, 0.2, "again", b"two\n", 0.2])),
        Case("listen: -k, input", ["-lk", L, "{port}"], (b"first\n", HOLD), lambda: C([("recv", 6), "again", b"two\n", 0.2])),
        Case("listen: -k, input ends", ["-lk", L, "{port}"], (0.3, b"first\n", EOF), lambda: C([("recv", 6), "eof", "again", b"two\n", 0.2])),
        Case("listen: -k --send-only", ["-lk", "--send-only", L, "{port}"], (0.3, b"first\n", EOF), lambda: C([("recv", 6), "eof"])),
        Case("listen: port taken", ["-l", L, "{port}"], (HOLD,), lambda: S([2.0])),
        Case("listen: port taken, -v", ["-lv", L, "{port}"], (HOLD,), lambda: S([2.0])),
        Case("listen: unknown host", ["-l", "no-such-host.invalid", "{port}"]),
        Case("listen: --allow", ["-lv", "--allow", "127.0.0.0/8", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: --allow others", ["-lv", "--allow", "192.0.2.1", L, "{port}"], (HOLD,), lambda: C([0.2, "eof"])),
        Case("listen: --deny", ["-lv", "--deny", "127.0.0.1", L, "{port}"], (HOLD,), lambda: C(["eof"])),
        Case("listen: --allow wrong", ["-lv", "--allow", "1.2.3.4.5", L, "{port}"], (HOLD,), expect="one line of the two"),
        Case("listen: -m 1", ["-lkv", "-m", "1", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: -m wrong", ["-l", "-m", "x", L, "{port}"]),
        Case("listen: -e", ["-l", "-e", "/bin/cat", L, "{port}"], (HOLD,), lambda: C([HI, ("recv", 3), "fin", "eof"])),
        Case("listen: -c", ["-l", "-c", "echo $NCAT_REMOTE_ADDR $NCAT_LOCAL_PORT $NCAT_PROTO; head -1", L, "{port}"], (HOLD,), lambda: C([HI, "eof"])),
        Case("listen: -k -c", ["-lk", "-c", "head -1", L, "{port}"], (HOLD,), lambda: C([HI, "eof", "again", b"two\n", "eof"])),
        Case("listen: -e nothing", ["-l", "-e", "/nonexistent", L, "{port}"], (HOLD,), lambda: C([HI, "eof"])),
        Case("listen: -e and -c", ["-l", "-e", "/bin/cat", "-c", "cat", L, "{port}"], (HOLD,)),
        Case("client: -e", ["-e", "/bin/cat", L, "{port}"], (HOLD,), lambda: S([HI, ("recv", 3), "fin", "eof"])),
        Case("client: -c", ["-c", "echo $NCAT_REMOTE_PORT $NCAT_REMOTE_ADDR $NCAT_LOCAL_ADDR $NCAT_PROTO; exit 3", L, "{port}"], (HOLD,), lambda: S(["eof"])),
        Case("client: -c -v", ["-vc", "head -1", L, "{port}"], (HOLD,), lambda: S([HI, "eof"])),
        Case("listen: --broker", ["-lv", "--broker", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen: --chat", ["-l", "--chat", L, "{port}"], (HOLD,), lambda: C([HI, 0.2])),
        Case("listen udp", ["-lu", L, "{port}"], (HOLD,), lambda: UC([HI, 0.2, b"two\n"])),
        Case("listen udp: -v", ["-luv", L, "{port}"], (HOLD,), lambda: UC([HI, 0.2])),
        Case("listen udp: answers", ["-lu", L, "{port}"], (b"ok\n", HOLD), lambda: UC([HI, ("recv", 3)])),
        Case("listen udp: input ends", ["-lu", L, "{port}"], (b"ok\n", EOF), lambda: UC([HI, ("recv", 3)])),
        Case("listen udp: -i 1", ["-lu", "-i", "1", L, "{port}"], (HOLD,), lambda: UC([HI, 0.2])),
        Case("listen udp: -c", ["-lu", "-c", "head -1", L, "{port}"], (HOLD,), lambda: UC([HI, ("recv", 3)])),
        Case("unix: client", ["-U", "{path}"], (HI, EOF), lambda: UnixServer(["eof", b"ok\n"])),
        Case("unix: client -v", ["-vU", "{path}"], (HI, EOF), lambda: UnixServer(["eof", b"ok\n"])),
        Case("unix: no such file", ["-U", "/tmp/parity_nobody"]),
        Case("unix: listen -v", ["-lvU", "{path}"], (HOLD,), lambda: UnixClient([HI, 0.2])),
        Case("unix: datagrams", ["-uU", "{path}", "-i", "1"], (HI, EOF), lambda: UnixServer([("recv", 3), b"ok\n"], socket.SOCK_DGRAM), expect="hears the answer"),
        Case("unix: listen datagrams", ["-luU", "{path}"], (HOLD,), lambda: UnixClient([HI, 0.2], socket.SOCK_DGRAM), expect="listens; ncat 7.93 cannot answer who has no name, and ends"),
        Case("tls: client", ["--ssl", L, "{port}"], (HI, 0.4, EOF), lambda: S([("recv", 3), b"ok\n"], tls)),
        Case("tls: client -v", ["--ssl", "-v", L, "{port}"], (HI, 0.4, EOF), lambda: S([("recv", 3), b"ok\n"], tls)),
        Case("tls: --ssl-verify of nobody", ["--ssl-verify", "localhost", "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n"], tls)),
        Case("tls: --ssl-verify, -v", ["--ssl-verify", "-v", "localhost", "{port}"], (HI, EOF), lambda: S([("recv", 3), b"ok\n"], tls)),
        Case("tls: --ssl-trustfile", ["--ssl-verify", "--ssl-trustfile", tls[0], "localhost", "{port}"], (HI, 0.4, EOF), lambda: S([("recv", 3), b"ok\n"], tls)),
        Case("tls: peer speaks none", ["--ssl", L, "{port}"], (HI, EOF), lambda: S([b"hello\n", 0.3])),
        Case("tls: listen", ["-l", "--ssl", L, "{port}"], (HOLD,), lambda: C([HI, 0.2], True), expect="no debug lines"),
        Case("tls: listen -v with files", ["-lv", "--ssl", "--ssl-cert", tls[0], "--ssl-key", tls[1], L, "{port}"], (HOLD,), lambda: C([HI, 0.2], True), expect="no debug lines"),
        Case("tls: listen -v", ["-lv", "--ssl", L, "{port}"], (HOLD,), lambda: C([HI, 0.2], True), expect="no debug lines; an EC key"),
        Case("tls: cert without key", ["-l", "--ssl", "--ssl-cert", tls[0], L, "{port}"]),
        Case("proxy: http", ["--proxy", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 200 OK\r\n\r\n", "eof", b"ok\n"]), expect="HTTP/1.1, with a Host field; the login at once"),
        Case("proxy: http -v", ["-v", "--proxy", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 200 OK\r\n\r\n", "eof", b"ok\n"]), expect="HTTP/1.1, with a Host field; the login at once"),
        Case("proxy: http refuses", ["--proxy", L + ":{port}", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 403 No\r\n\r\n", 0.2]), expect="its own sentence; HTTP/1.1"),
        Case("proxy: http login", ["--proxy", L + ":{port}", "--proxy-auth", "a:b", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 20), 0.2, b"HTTP/1.0 200 OK\r\n\r\n", "eof", b"ok\n"]), expect="HTTP/1.1, with a Host field; the login at once"),
        Case("proxy: SOCKS5", ["--proxy", L + ":{port}", "--proxy-type", "socks5", "192.0.2.1", "80"], (HI, EOF),
             lambda: S(socks5() + ["eof", b"ok\n"])),
        Case("proxy: SOCKS5 refuses", ["--proxy", L + ":{port}", "--proxy-type", "socks5", "192.0.2.1", "80"], (HI, EOF),
             lambda: S(socks5(b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00") + [0.2]), expect="its own sentence"),
        Case("proxy: SOCKS4", ["--proxy", L + ":{port}", "--proxy-type", "socks4", "192.0.2.1", "80"], (HI, EOF),
             lambda: S([("recv", 9), b"\x00\x5a" + bytes(6), "eof", b"ok\n"])),
        Case("proxy: nobody there", ["--proxy", L + ":{port}", "192.0.2.1", "80"], (HI, EOF)),
        Case("proxy: wrong type", ["--proxy", L, "--proxy-type", "what", "192.0.2.1", "80"]),
        Case("proxy: with -u", ["-u", "--proxy", L, "192.0.2.1", "80"], expect="says that they exclude each other: 2"),
        Case("proxy: to be a SOCKS one", ["-l", "--proxy-type", "socks5", L, "{port}"]),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=("nc", "ncat"))
    parser.add_argument("trama", nargs="?", default="build/quick/src/trama")
    parser.add_argument("-k", default="")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--real", action="store_true", help="only what the real tool does")
    options = parser.parse_args()
    real = shutil.which("nc.openbsd" if options.tool == "nc" else "ncat")
    if not real:
        sys.exit(f"{options.tool} is not installed")
    folder = tempfile.TemporaryDirectory(prefix="parity-")
    stand_in = os.path.join(folder.name, options.tool)
    os.symlink(os.path.abspath(options.trama), stand_in)
    tool_link = os.path.join(folder.name, "real", options.tool)
    os.makedirs(os.path.dirname(tool_link))
    os.symlink(real, tool_link)  # both are called alike: messages begin with the name
    cases = nc_cases() if options.tool == "nc" else ncat_cases(make_certificate(folder.name))
    cases = [case for case in cases if options.k in case.name]

    def both(case):
        theirs = run([tool_link], case)
        ours = (theirs if options.real else run([stand_in], case))
        return case, theirs, ours

    alike = declared = 0
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for case, (theirs, t1), (ours, t2) in pool.map(both, cases):
            rows = differences(theirs, ours)
            slow = t2 - t1 > 0.7 or t1 - t2 > 1.4  # with its files still to be read, a program starts late
            if not rows and not slow:
                alike += 1
                if not options.v:
                    continue
            elif case.expect:
                declared += 1
            else:
                wrong.append(case.name)
            print(("==" if not rows and not slow else "~~" if case.expect else "!!"), case.name, case.args,
                  case.expect or "")
            for key in theirs if options.v else rows:
                print(f"   {key}: {theirs[key]!r}" + ("" if theirs[key] == ours[key] else f"\n   trama: {ours[key]!r}"))
            if slow or options.v:
                print(f"   seconds: {t1:.1f}, trama {t2:.1f}")
    print(f"{options.tool}: {alike} alike, {declared} differ as declared, {len(wrong)} differ, of {len(cases)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
