#!/usr/bin/env python3
"""What `trama serve` and `trama connect` cost beside their peers, in the same run.

  bench/serve.py [ROW...] [--trama BIN] [--bare BIN] [--runs N] [--seconds S]

Rows: upper, uring, latency, udp, room, idle, accepts, connect; all of them without. Servers run on core 0,
`trama load` on core 1; programs take turns, run after run, and the table has medians, ratios being
the medians of each turn's. The bare loop is bench/bare_upper.cpp, uring's other side bench/uring_upper.cpp, built by
`./dev bench`. Peers that are not installed are left out. As root the programs get a high priority, for quieter figures."""
import argparse
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SERVER, LOADER = 0, 1  # cores
TICK = os.sysconf("SC_CLK_TCK")
PYTHON = """
import socketserver, sys
class Upper(socketserver.BaseRequestHandler):
    def handle(self):
        while text := self.request.recv(65536): self.request.sendall(text.upper())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 4096
Server(("127.0.0.1", int(sys.argv[1])), Upper).serve_forever()
"""
given = None


def say(*words):
    print(*words, flush=True)


def settle(core):
    """In the child, before it becomes the program."""
    os.sched_setaffinity(0, {core})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if os.geteuid() == 0:
        os.setpriority(os.PRIO_PROCESS, 0, -15)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A program that listens, with all of its children; `command` has PORT where the port goes."""

    def __init__(self, name, command, udp=False):
        self.name = name
        self.port = free_port(socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        words = [word.replace("PORT", str(self.port)) for word in command]
        self.program = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True,
                                        preexec_fn=lambda: settle(SERVER))
        self.wait_until_bound(["/proc/net/udp"] if udp else ["/proc/net/tcp", "/proc/net/tcp6"])

    def wait_until_bound(self, tables):
        for _ in range(500):
            for table in tables:
                with open(table) as rows:
                    if any(row.split()[1].endswith(f":{self.port:04X}") for row in rows):
                        return
            time.sleep(0.01)
        raise SystemExit(f"{self.name} does not listen")

    def processor(self):
        """Seconds of processor time of all in its session, ended children included."""
        total = 0
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat") as file:
                    words = file.read().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            if int(words[3]) == self.program.pid:
                total += sum(int(word) for word in words[11:15])
        return total / TICK

    def resident(self):
        with open(f"/proc/{self.program.pid}/smaps_rollup") as file:
            for row in file:
                if row.startswith("Rss:"):
                    return int(row.split()[1]) * 1024
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Its session is its own: only what it started is in that group.
        os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait()


def load(server, *options, seconds=None):
    """One run of `trama load`; its JSON, and the server's processor seconds in `server`."""
    before = server.processor()
    command = [given.trama, "load", "127.0.0.1", str(server.port), "--json", "-d",
               f"{seconds or given.seconds}s", *options]
    done = subprocess.run(command, capture_output=True, text=True,
                          preexec_fn=lambda: settle(LOADER))
    if not done.stdout:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    told = json.loads(done.stdout)
    time.sleep(0.05)  # the server closes what the load left
    told["server"] = server.processor() - before
    told["status"] = done.returncode
    return told


def per_million(told):
    return told["server"] / max(told["answered"], 1) * 1e6


def a_message(server, options):
    """Processor seconds for a million messages, without those of opening and closing the
    connections: a load that ends at once costs these alone."""
    whole, short = load(server, *options), load(server, *options, seconds=0.001)
    answered = whole["answered"] - short["answered"]
    return (whole["server"] - short["server"]) / max(answered, 1) * 1e6


def in_turns(servers, measure, runs):
    """[{name: value}]: one for each turn."""
    turns = []
    for turn in range(runs):
        order = servers if turn % 2 == 0 else servers[::-1]
        turns.append({server.name: measure(server) for server in order})
    return turns


def median(turns, name):
    return statistics.median(turn[name] for turn in turns)


def ratio(turns, one, other):
    return statistics.median(turn[one] / turn[other] for turn in turns)


def spread(turns, one, other):
    all_ = sorted(turn[one] / turn[other] for turn in turns)
    return f"{all_[0]:.2f}-{all_[-1]:.2f}"


def trama(*words, udp=False, mode="upper"):
    return Server("trama", [given.trama, "serve", "-q", "-m", mode, "udp" if udp else "tcp",
                            "PORT", *words], udp)


def bare(udp=False):
    return Server("bare", [given.bare, *(["-u"] if udp else []), "PORT"], udp)


def upper():
    say("\nupper, 64-byte messages: processor seconds of the server for a million messages")
    say("connections  pipeline   trama    bare  ratio (range)      python  ratio   socat  ratio")
    for connections in given.connections or (1, 50, 1000, 10000):
        for pipeline in (1, 16):
            options = ["-c", str(connections), "--pipeline", str(pipeline), "-w", "20s"]
            with trama() as own, bare() as other:
                turns = in_turns([own, other], lambda s: a_message(s, options), given.runs)
            line = (f"{connections:11}  {pipeline:8}  {median(turns, 'trama'):6.2f}  "
                    f"{median(turns, 'bare'):6.2f}  {ratio(turns, 'trama', 'bare'):5.2f} "
                    f"({spread(turns, 'trama', 'bare')})")
            own = median(turns, "trama")
            peers = []
            if connections <= 1000:
                peers.append(("python", [sys.executable, "-c", PYTHON, "PORT"]))
            if connections <= 50 and shutil.which("socat"):
                peers.append(("socat", ["socat", "TCP-LISTEN:PORT,fork,reuseaddr,backlog=4096,bind="
                                        "127.0.0.1", "EXEC:stdbuf -oL tr a-z A-Z"]))
            for name, command in peers:
                with Server(name, command) as server:
                    time.sleep(0.3)
                    told = load(server, *options)
                    if told["answered"] > 0:
                        line += f"   {name} {per_million(told):6.2f}  {own / per_million(told):.2f}"
            say(line)


def uring():
    say("\nthe bare loop by io_uring and by epoll: processor seconds of the server for a million")
    say("connections  pipeline   uring    bare  ratio (range)")
    for connections in (50, 1000):
        for pipeline in (1, 16):
            options = ["-c", str(connections), "--pipeline", str(pipeline), "-w", "20s"]
            with Server("uring", [given.uring, "PORT"]) as own, bare() as other:
                turns = in_turns([own, other], lambda s: per_million(load(s, *options)), given.runs)
            say(f"{connections:11}  {pipeline:8}  {median(turns, 'uring'):6.2f}  "
                f"{median(turns, 'bare'):6.2f}  {ratio(turns, 'uring', 'bare'):5.2f} "
                f"({spread(turns, 'uring', 'bare')})")


def latency():
    options = ["-c", "50"]
    with trama() as own, bare() as other:
        most = min(load(server, *options)["messages_a_second"] for server in (own, other))
        rate = max(most // 2, 1)
        say(f"\np99 at {rate} messages a second over 50 connections (half of the lower maximum)")

        def measure(server):
            told = load(server, *options, "--rate", str(rate))
            return told["latency"]["p50"] * 1e6, told["latency"]["p99"] * 1e6
        turns = in_turns([own, other], measure, 2 * given.runs)
    for place, key in enumerate(("p50", "p99")):
        these = [{name: value[place] for name, value in turn.items()} for turn in turns]
        say(f"{key}: trama {median(these, 'trama'):.0f} us, bare {median(these, 'bare'):.0f} us, "
            f"ratio {ratio(these, 'trama', 'bare'):.2f} ({spread(these, 'trama', 'bare')})")


def udp():
    say("\nUDP upper, 64-byte datagrams")
    for sockets, pipeline in ((1, 1), (4, 32), (50, 16)):
        options = ["-u", "-c", str(sockets), "--pipeline", str(pipeline)]
        with trama(udp=True) as own, bare(udp=True) as other:
            both = in_turns([own, other], lambda s: load(s, *options), given.runs)
        rates = [{name: told["messages_a_second"] for name, told in turn.items()} for turn in both]
        costs = [{name: per_million(told) for name, told in turn.items()} for turn in both]
        lost = sum(turn["trama"]["errors"]["unanswered"] for turn in both)
        say(f"{sockets} sockets, {pipeline} under way: trama {median(rates, 'trama'):.0f}/s, "
            f"bare {median(rates, 'bare'):.0f}/s, ratio {ratio(rates, 'trama', 'bare'):.2f} "
            f"({spread(rates, 'trama', 'bare')}); CPU a million {median(costs, 'trama'):.2f} and "
            f"{median(costs, 'bare'):.2f}, ratio {ratio(costs, 'trama', 'bare'):.2f}; lost {lost}")


def room():
    say("\nroom: 1,000 readers, one writer")
    commands = [("trama", [given.trama, "serve", "-q", "-m", "room", "tcp", "PORT"])]
    if shutil.which("ncat"):
        commands.append(("ncat", ["ncat", "-lk", "--broker", "-m", "1010", "127.0.0.1", "PORT"]))
    # A reader that stands still is noticed once the kernel's buffers are full: with 4,096 bytes.
    for size, stopped in ((64, False), (64, True), (4096, False), (4096, True)):
        options = ["-e", "room", "-c", "1001", "--pipeline", "16", "-w", "5s", "-s", str(size)]
        values = {name: [] for name, _ in commands}
        for _ in range(max(1, given.runs // 2 + 1)):
            for name, command in commands:
                with Server(name, command) as server:
                    silent = None
                    if stopped:
                        silent = socket.create_connection(("127.0.0.1", server.port))
                        time.sleep(0.1)
                    peaks, over = [server.resident()], threading.Event()
                    watch = threading.Thread(target=keep_peak, args=(server, peaks, over))
                    watch.start()
                    told = load(server, *options)
                    over.set()
                    watch.join()
                    values[name].append((told["messages_a_second"], told["latency"]["p99"] * 1e3,
                                         max(peaks) / 1e6))
                    if told["errors"]["wrong"] or told["errors"]["closed"]:
                        say("  ", name, told["errors"])
                    if silent:
                        silent.close()
        rates, p99s, peaks = ({name: statistics.median(one[place] for one in all_)
                               for name, all_ in values.items()} for place in range(3))
        line = f"{size} bytes{', a reader stands still' if stopped else ''}: "
        line += ", ".join(f"{name} {rates[name]:.0f} delivered/s (p99 {p99s[name]:.1f} ms, at most "
                          f"{peaks[name]:.1f} MB)" for name in rates)
        if rates.get("ncat"):
            line += f", ratio {rates['trama'] / rates['ncat']:.1f}"
        say(line)


def keep_peak(server, peaks, over):
    """Adds the server's resident memory to `peaks`, again and again."""
    while not over.wait(0.2):
        peaks.append(server.resident())


def idle():
    say("\nidle connections: growth of the server's resident memory")
    for count in (1000, 10000, 19000):
        grown = {}
        for server in (trama(), bare()):
            with server:
                before = server.resident()
                command = [given.trama, "load", "127.0.0.1", str(server.port), "-c", str(count),
                           "-d", "60s", "--rate", "1", "--json"]
                crowd = subprocess.Popen(command, stdout=subprocess.PIPE,
                                         preexec_fn=lambda: settle(LOADER))
                open_ = 0
                for _ in range(200):
                    time.sleep(0.1)
                    open_ = len(os.listdir(f"/proc/{server.program.pid}/fd"))
                    if open_ > count:
                        break
                time.sleep(0.3)
                grown[server.name] = (server.resident() - before) / count
                crowd.send_signal(signal.SIGINT)
                told = json.loads(crowd.communicate()[0])
                if told["opened"] < count or open_ <= count:
                    say("  only", told["opened"], "opened")
        say(f"{count}: trama {grown['trama']:.0f} bytes each, bare {grown['bare']:.0f}")


def accepts():
    say("\naccepts: a connection for each 64-byte message, 20 at a time")
    with trama() as own, bare() as other:
        both = in_turns([own, other], lambda s: load(s, "--accepts", "-c", "20"), given.runs)
    rates = [{name: told["connections_a_second"] for name, told in turn.items()} for turn in both]
    costs = [{name: per_million(told) for name, told in turn.items()} for turn in both]
    say(f"trama {median(rates, 'trama'):.0f}/s, bare {median(rates, 'bare'):.0f}/s, ratio "
        f"{ratio(rates, 'trama', 'bare'):.2f} ({spread(rates, 'trama', 'bare')}); CPU a million "
        f"{median(costs, 'trama'):.2f} and {median(costs, 'bare'):.2f}, ratio "
        f"{ratio(costs, 'trama', 'bare'):.2f}")


def drink(listener, wanted):
    """Takes one connection to its end, without copying what comes (MSG_TRUNC)."""
    one, _ = listener.accept()
    space = bytearray(1 << 20)
    while one.recv_into(space, len(space), socket.MSG_TRUNC) > 0:
        pass
    one.close()


def pour(listener, path):
    one, _ = listener.accept()
    with open(path, "rb") as file:
        one.sendfile(file)
    one.shutdown(socket.SHUT_WR)
    one.recv(1)
    one.close()


def timed(command, work, argument, stdin, stdout):
    """Wall and processor seconds of one program against a thread at the other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        thread = threading.Thread(target=work, args=(listener, argument))
        thread.start()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        with open(stdin, "rb") as source, open(stdout, "wb") as sink:
            subprocess.run([word.replace("PORT", port) for word in command], stdin=source,
                           stdout=sink, stderr=subprocess.DEVNULL,
                           preexec_fn=lambda: settle(SERVER))
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        thread.join()
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def connect():
    megabytes = given.megabytes
    os.sched_setaffinity(0, {LOADER})
    folder = tempfile.TemporaryDirectory(dir=given.folder)
    path = os.path.join(folder.name, "large")
    with open(path, "wb") as file:
        piece = os.urandom(1 << 20)
        for _ in range(megabytes):
            file.write(piece)
    host = "127.0.0.1"
    senders = [("trama", [given.trama, "connect", host, "PORT"]),
               ("ncat", ["ncat", host, "PORT"]),
               ("nc.openbsd", ["nc.openbsd", "-N", host, "PORT"]),
               ("socat", ["socat", "-u", "STDIN", f"TCP:{host}:PORT"])]
    receivers = [("trama", [given.trama, "connect", host, "PORT"]),
                 ("ncat", ["ncat", host, "PORT"]),
                 ("nc.openbsd", ["nc.openbsd", host, "PORT"]),
                 ("socat", ["socat", "-u", f"TCP:{host}:PORT", "STDOUT"])]
    for title, commands, work in (("file to socket", senders, drink),
                                  ("socket to /dev/null", receivers, pour)):
        commands = [row for row in commands if shutil.which(row[1][0])]
        values = {name: [] for name, _ in commands}
        for _ in range(given.runs):
            for name, command in commands:
                stdin = path if work is drink else "/dev/null"
                values[name].append(timed(command, work, path, stdin, "/dev/null"))
        say(f"\nconnect, {megabytes} MB, {title}")
        for name, all_ in values.items():
            wall = statistics.median(one[0] for one in all_)
            cpu = statistics.median(one[1] for one in all_)
            say(f"  {name:10} {megabytes * 1.048576 / wall:6.0f} MB/s, {cpu:5.2f} s of processor")
    if shutil.which("iperf3"):
        say("\niperf3, its own two ends")
        for extra in ([], ["-Z"]):
            all_ = []
            for _ in range(given.runs):
                with Server("iperf3", ["iperf3", "-s", "-1", "-p", "PORT"]) as server:
                    done = subprocess.run(["iperf3", "-c", host, "-p", str(server.port), "-n",
                                           f"{megabytes}M", "-J", *extra], capture_output=True,
                                          preexec_fn=lambda: settle(LOADER))
                    told = json.loads(done.stdout)
                    all_.append(told["end"]["sum_received"]["bits_per_second"] / 8e6)
            say(f"  iperf3 {' '.join(extra):3} {statistics.median(all_):6.0f} MB/s")
    folder.cleanup()


def main():
    global given
    rows = {"upper": upper, "uring": uring, "latency": latency, "udp": udp, "room": room, "idle": idle,
            "accepts": accepts, "connect": connect}
    options = argparse.ArgumentParser()
    options.add_argument("rows", nargs="*", choices=[*rows, []])
    options.add_argument("--trama", default="build/release/src/trama")
    options.add_argument("--bare", default="build/bench/bench/bare_upper")
    options.add_argument("--uring", default="build/bench/bench/uring_upper")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--connections", type=int, nargs="*", help="of the row upper")
    options.add_argument("--megabytes", type=int, default=4096)
    options.add_argument("--folder", help="where connect's file goes: in memory, best")
    given = options.parse_args()
    if os.geteuid() == 0:
        os.setpriority(os.PRIO_PROCESS, 0, -15)  # it is one of connect's two ends
    for name, row in rows.items():
        if not given.rows or name in given.rows:
            row()


if __name__ == "__main__":
    main()
