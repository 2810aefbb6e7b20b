#!/usr/bin/env python3
"""Runs trama against nc, ncat, socat, openssl, curl and python, as server and as client, over loopback,
and prints which pairs understand each other: each side's bytes must reach the other, to the end.

  bench/netcat_interop.py [TRAMA]

The status is 1 where a pair fails that the table in docs/netcat.md does not name.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TRAMA = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/quick/src/trama")
FOLDER = tempfile.mkdtemp(prefix="interop-")
CERT, KEY = os.path.join(FOLDER, "c.pem"), os.path.join(FOLDER, "k.pem")
UP, DOWN = "from the client\n", "from the server\n"  # what each side says
BIG = "x" * 300_000 + "\n"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, text, closes, port, path):
    words = [w.format(t=TRAMA, p=port, u=path, c=CERT, k=KEY).replace("@", " ") for w in command.split()]
    read, write = os.pipe()
    out = tempfile.TemporaryFile(dir=FOLDER)
    program = subprocess.Popen(words, stdin=read, stdout=out, stderr=subprocess.DEVNULL)
    program.out = out
    os.close(read)
    said = tempfile.TemporaryFile(dir=FOLDER)
    said.write(text.encode())
    said.seek(0)
    sender = subprocess.Popen(["sh", "-c", "cat; exec sleep " + ("0" if closes else "30")], stdin=said, stdout=write)
    os.close(write)
    return program, sender


def awaits(port, path, udp):
    """Until somebody listens; a datagram port is looked up in /proc."""
    for _ in range(150):
        if path and os.path.exists(path):
            return
        names = ("udp", "udp6") if udp else ("tcp", "tcp6")
        for name in names:
            with open("/proc/net/" + name) as table:
                if any(f":{port:04X} " in line and (udp or " 0A " in line) for line in table):
                    return
        time.sleep(0.02)


def pair(server, client, up=UP, down=DOWN, server_gets=None, client_gets=None, closes=(False, True), kind="tcp"):
    """True where both got what they should. `closes`: whether the server's and the client's input ends."""
    udp = kind == "udp"
    port, path = free_port(socket.SOCK_DGRAM if udp else socket.SOCK_STREAM), tempfile.mktemp(dir=FOLDER)
    one = start(server, down, closes[0], port, path)
    awaits(port, path if "{u}" in server else "", udp)
    time.sleep(0.1)
    other = start(client, up, closes[1], port, path)
    outs = []
    for program, _ in (other, one):
        try:
            program.wait(1.5)
        except subprocess.TimeoutExpired:
            program.terminate()
            try:
                program.wait(1)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        program.out.seek(0)
        outs.append(program.out.read())
        program.out.close()
    for _, sender in (one, other):
        sender.kill()
        sender.wait()
    client_out, server_out = (out.decode("latin-1") for out in outs)
    want_client = down if client_gets is None else client_gets
    want_server = up if server_gets is None else server_gets
    return want_client in client_out and want_server in server_out


PY_SERVER = ("python3 -c import@socket,sys;s=socket.create_server(('127.0.0.1',{p}));c,_=s.accept();"
             "c.sendall(sys.stdin.readline().encode());d=b''.join(iter(lambda:c.recv(65536),b''));"
             "sys.stdout.write(d.decode())")
PY_CLIENT = ("python3 -c import@socket,sys;c=socket.create_connection(('127.0.0.1',{p}));"
             "c.sendall(sys.stdin.read().encode());c.shutdown(1);d=b''.join(iter(lambda:c.recv(65536),b''));"
             "sys.stdout.write(d.decode())")
FILE_ONLY = {"up": "", "server_gets": ""}


def rows():
    """kind, the other program, its side, the pair."""
    upper = {"down": "", "client_gets": UP.upper(), "server_gets": ""}
    one_way = {"client_gets": ""}
    servers = {"nc": "nc -l 127.0.0.1 {p}", "ncat": "ncat -l 127.0.0.1 {p}",
               "socat": "socat - TCP-LISTEN:{p},bind=127.0.0.1", "python": PY_SERVER}
    clients = {"nc": "nc -N 127.0.0.1 {p}", "ncat": "ncat 127.0.0.1 {p}", "socat": "socat -t5 - TCP:127.0.0.1:{p}",
               "python": PY_CLIENT, "curl": "curl -sN telnet://127.0.0.1:{p}"}
    for name, command in servers.items():
        both = {"closes": (True, True)} if name != "nc" else {"closes": (False, True)}
        for ours in ("connect", "nc -N", "ncat"):
            yield "TCP", name, "server", f"trama {ours}", (command, "{t} " + ours + " 127.0.0.1 {p}"), both
    for name, command in clients.items():
        keeps = {"closes": (False, name != "curl")}
        yield "TCP", name, "client", "trama serve", ("{t} serve tcp {p}", command), {**upper, **keeps}
        for ours in ("nc -l", "ncat -l"):
            closing = {"closes": (True, name != "curl")}
            ours_n = ours + ("N" if ours == "nc -l" else "")
            yield "TCP", name, "client", f"trama {ours}", ("{t} " + ours_n + " 127.0.0.1 {p}", command), closing
    for name, command in {"nc": "nc -lN 127.0.0.1 {p}", "ncat": "ncat -l 127.0.0.1 {p}", "socat": servers["socat"]}.items():
        yield "half-close, 300 kB", name, "server", "trama connect", (command, "{t} connect 127.0.0.1 {p}"), {"up": BIG, "closes": (True, True)}
    for name in ("nc", "ncat", "socat", "python"):
        yield "half-close, 300 kB", name, "client", "trama serve", ("{t} serve --mode echo tcp {p}", clients[name]), {"up": BIG, "down": "", "client_gets": BIG, "server_gets": ""}
    udp = {"kind": "udp", "closes": (False, False)}
    for name, command in {"nc": "nc -ul 127.0.0.1 {p}", "ncat": "ncat -ul 127.0.0.1 {p}", "socat": "socat - UDP-LISTEN:{p},bind=127.0.0.1"}.items():
        for ours in ("connect -u", "nc -u", "ncat -u"):
            yield "UDP", name, "server", f"trama {ours}", (command, "{t} " + ours + " 127.0.0.1 {p}"), udp
    for name, command in {"nc": "nc -u 127.0.0.1 {p}", "ncat": "ncat -u 127.0.0.1 {p}", "socat": "socat - UDP:127.0.0.1:{p}"}.items():
        yield "UDP", name, "client", "trama serve", ("{t} serve udp {p}", command), {**upper, **udp}
        for ours in ("nc -lu", "ncat -lu"):
            yield "UDP", name, "client", f"trama {ours}", ("{t} " + ours + " 127.0.0.1 {p}", command), udp
    for name, command in {"nc": "nc -lU {u}", "ncat": "ncat -lU {u}", "socat": "socat - UNIX-LISTEN:{u}"}.items():
        for ours in ("connect -U", "nc -NU", "ncat -U"):
            yield "Unix stream", name, "server", f"trama {ours}", (command, "{t} " + ours + " {u}"), {"closes": (name != "nc", True)}
    for name, command in {"nc": "nc -NU {u}", "ncat": "ncat -U {u}", "socat": "socat -t5 - UNIX-CONNECT:{u}"}.items():
        yield "Unix stream", name, "client", "trama serve", ("{t} serve unix:{u}", command), upper
        yield "Unix stream", name, "client", "trama nc -lU", ("{t} nc -lNU {u}", command), {"closes": (True, True)}
        yield "Unix stream", name, "client", "trama ncat -lU", ("{t} ncat -lU {u}", command), {"closes": (True, True)}
    dgram = {"kind": "udp", "closes": (False, False)}
    for ours in ("connect -uU", "nc -uU", "ncat -uU"):
        yield "Unix datagrams", "socat", "server", f"trama {ours}", ("socat -u UNIX-RECV:{u} -", "{t} " + ours + " {u}"), {**dgram, **one_way}
    for name, command in {"nc": "nc -uU {u}", "ncat": "ncat -uU {u}", "socat": "socat - UNIX-SENDTO:{u}"}.items():
        answered = {"client_gets": "" if name == "socat" else UP.upper()}
        yield "Unix datagrams", name, "client", "trama serve", ("{t} serve unixgram:{u}", command), {**upper, **dgram, **answered}
        yield "Unix datagrams", name, "client", "trama nc -luU", ("{t} nc -luU {u}", command), {**dgram, **one_way}
    tls_servers = {"ncat": "ncat -l --ssl --ssl-cert {c} --ssl-key {k} 127.0.0.1 {p}",
                   "openssl": "openssl s_server -quiet -accept 127.0.0.1:{p} -cert {c} -key {k}",
                   "socat": "socat - OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={c},key={k},verify=0"}
    for name, command in tls_servers.items():
        for ours in ("connect --tls --ca {c}", "ncat --ssl", "ncat --ssl-verify --ssl-trustfile {c}"):
            yield "TLS", name, "server", "trama " + ours.replace(" {c}", " FILE"), (command, "{t} " + ours + " 127.0.0.1 {p}"), {"closes": (False, False)}
    tls_clients = {"ncat": "ncat --ssl-verify --ssl-trustfile {c} localhost {p}",
                   "openssl": "openssl s_client -quiet -connect 127.0.0.1:{p} -CAfile {c}",
                   "socat": "socat - OPENSSL:localhost:{p},cafile={c}"}
    for name, command in tls_clients.items():
        yield "TLS", name, "client", "trama serve --tls", ("{t} serve --tls --cert {c} --key {k} tcp {p}", command), {**upper, "closes": (False, False)}
        yield "TLS", name, "client", "trama ncat -l --ssl", ("{t} ncat -l --ssl --ssl-cert {c} --ssl-key {k} 127.0.0.1 {p}", command), {"closes": (False, False)}
    yield ("TLS, both proven", "openssl", "server", "trama connect --tls --cert",
           ("openssl s_server -quiet -accept 127.0.0.1:{p} -cert {c} -key {k} -Verify 1 -CAfile {c} -verify_return_error",
            "{t} connect --tls --ca {c} --cert {c} --key {k} 127.0.0.1 {p}"), {"closes": (False, False)})


def through_proxies():
    """trama through ncat's HTTP proxy to a server of nc's. That proxy ends both ways when one ends."""
    for ours in ("connect --proxy http://127.0.0.1:{proxy} 127.0.0.1 {p}", "nc -N -X connect -x 127.0.0.1:{proxy} 127.0.0.1 {p}",
                 "ncat --proxy 127.0.0.1:{proxy} 127.0.0.1 {p}"):
        for closes in (False, True):
            proxy_port = free_port()
            proxy = subprocess.Popen(["ncat", "-l", "--proxy-type", "http", "127.0.0.1", str(proxy_port)], stdin=subprocess.DEVNULL)
            awaits(proxy_port, "", False)
            server = "nc -l 127.0.0.1 {p}"
            if closes and ours.startswith("nc"):
                ours = ours.replace("nc -N", "nc")  # the end of input would end both ways of that proxy
            if closes and ours.startswith("connect"):
                ours = ours.replace("connect", "connect --no-shutdown")
            if closes and ours.startswith("ncat"):
                ours = ours.replace("ncat", "ncat --no-shutdown")
            good = pair(server, "{t} " + ours.replace("{proxy}", str(proxy_port)), closes=(False, closes))
            proxy.terminate()
            proxy.wait()
            yield "HTTP proxy" + (", the client's input ends" if closes else ""), "ncat", "proxy", "trama " + ours.split()[0], good


def main():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", KEY, "-out", CERT, "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)
    failed = 0
    done = 0
    for kind, name, side, ours, (server, client), options in rows():
        program = name if name != "python" else "python3"
        if not shutil.which(program):
            continue
        good = pair(server, client, **options)
        done += 1
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'}  {kind:20} {name:8} {side:7} {ours}", flush=True)
    for kind, name, side, ours, good in through_proxies():
        done += 1
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'}  {kind:20} {name:8} {side:7} {ours}", flush=True)
    print(f"{done - failed} of {done} pairs understand each other")
    shutil.rmtree(FOLDER)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
