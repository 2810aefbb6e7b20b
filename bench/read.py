#!/usr/bin/env python3
"""What `trama read` costs beside its peers, on the same file in the same run.

  bench/read.py FILE [--trama BIN] [--walk BIN] [--runs N] [--tshark-packets N]

Every program reads FILE (a large pcap, in the page cache) in turn, run after run; the table has the
medians of their processor time, and the ratios. tshark reads only the file's first packets, as it
is that slow, and its time is scaled to the whole file, without what it needs to start. The bare
walk is bench/bare_walk.cpp, built by `./dev bench`."""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

COUNT = "tcp.port == 65432"
COUNT_BPF = "tcp port 65432"
COMPOUND = ("(ip.addr == 10.0.0.0/8 and tcp.flags.syn == 1 and tcp.port in {80, 443, 8080}) "
            "or udp.port in {53, 123} or tcp.flags.reset == 1")
COMPOUND_BPF = ("(net 10.0.0.0/8 and tcp[13] & 2 != 0 and tcp and (port 80 or port 443 or port 8080)) "
                "or (udp and (port 53 or port 123)) or (tcp[13] & 4 != 0)")
FIELDS = ["-T", "fields"] + [part for word in ("frame.number", "ip.src", "ip.dst", "tcp.srcport",
                                               "tcp.dstport") for part in ("-e", word)]


def spent(command):
    """Processor seconds, wall seconds and the largest resident set in MB of one run."""
    # The memory is never told below this script's own, about 14 MB.
    start = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in (0, 2):
        raise SystemExit(f"{command[0]} ended with {status}: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser()
    options.add_argument("file")
    options.add_argument("--trama", default="build/release/src/trama")
    options.add_argument("--walk", default="build/bench/bench/bare_walk")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--tshark-packets", type=int, default=200_000)
    given = options.parse_args()
    one = [given.trama, "read", given.file, "--jobs", "1"]
    two = [given.trama, "read", given.file, "--jobs", "2"]

    walked = subprocess.run([given.walk, given.file], capture_output=True, text=True, check=True)
    packets = int(walked.stdout.split()[2])
    folder = tempfile.TemporaryDirectory()
    piece, start = f"{folder.name}/piece", f"{folder.name}/start"
    for name, count in ((piece, given.tshark_packets), (start, 1)):
        subprocess.run(["tcpdump", "-r", given.file, "-c", str(count), "-w", name], check=True,
                       capture_output=True)
    tshark = ["tshark", "-n", "-r"]

    commands = {
        "walk": [given.walk, given.file],
        "count": one + ["-q", "-Y", COUNT],
        "compound": one + ["-q", "-Y", COMPOUND],
        "tcpdump count": ["tcpdump", "-r", given.file, "-w", "/dev/null", COUNT_BPF],
        "tcpdump compound": ["tcpdump", "-r", given.file, "-w", "/dev/null", COMPOUND_BPF],
        "fields": one + FIELDS,
        "list": one,
        "stream": one + ["-q", "-Y", "tcp.stream == 3"],
        "fields, one thread": one + FIELDS,
        "fields, two threads": two + FIELDS,
        "count, two threads": two + ["-q", "-Y", COUNT],
        "tshark start": tshark + [start],
        "tshark count": tshark + [piece, "-Y", COUNT],
        "tshark fields": tshark + [piece] + FIELDS,
        "tshark list": tshark + [piece],
    }
    runs = {name: [] for name in commands}
    for turn in range(given.runs):
        for name, command in commands.items():
            if turn > 0 and name.startswith("tshark ") and turn >= 3:
                continue
            runs[name].append(spent(command))
    processor = {name: statistics.median(run[0] for run in all_) for name, all_ in runs.items()}
    wall = {name: statistics.median(run[1] for run in all_) for name, all_ in runs.items()}
    memory = {name: max(run[2] for run in all_) for name, all_ in runs.items()}
    scale = packets / min(packets, given.tshark_packets)
    for name in ("tshark count", "tshark fields", "tshark list"):
        processor[name] = (processor[name] - processor["tshark start"]) * scale

    print(f"{given.file}: {packets} packets; medians of {given.runs} runs in turn\n")
    print("| program | seconds | ns a packet |\n| --- | --- | --- |")
    for name, seconds in processor.items():
        print(f"| {name} | {seconds:.3f} | {seconds / packets * 1e9:.1f} |")
    rows = [  # beside: how many times as long; faster: how many times as fast
        ("count, beside the bare walk", processor["count"] / processor["walk"]),
        ("count, faster than tcpdump", processor["tcpdump count"] / processor["count"]),
        ("count, faster than tshark", processor["tshark count"] / processor["count"]),
        ("compound filter, beside the bare walk", processor["compound"] / processor["walk"]),
        ("compound filter, faster than tcpdump",
         processor["tcpdump compound"] / processor["compound"]),
        ("-T fields, faster than tshark", processor["tshark fields"] / processor["fields"]),
        ("the list, faster than tshark", processor["tshark list"] / processor["list"]),
        ("two threads, fields (wall time)", wall["fields, one thread"] / wall["fields, two threads"]),
        ("two threads, count (wall time)", wall["count"] / wall["count, two threads"]),
    ]
    print("\n| work | times |\n| --- | --- |")
    for name, ratio in rows:
        print(f"| {name} | {ratio:.2f} |")
    print(f"\nlargest memory: count {memory['count']:.0f} MB, fields {memory['fields']:.0f}, "
          f"list {memory['list']:.0f}, tcp.stream {memory['stream']:.0f}, "
          f"two threads {memory['fields, two threads']:.0f}, tshark {memory['tshark list']:.0f}")


if __name__ == "__main__":
    main()
