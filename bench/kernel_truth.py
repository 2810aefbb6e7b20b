#!/usr/bin/env python3
"""Whether the states that trama deduces from packets are those that the kernel had.

  bench/kernel_truth.py [--trama BIN] [--runs N] [--first SEED]

Each run is one conversation in the lab, made up from its seed: sizes, pauses, who closes first and
how (close, half-close, reset), with 10 % of the frames lost and a delay. The lab tells what the
kernel said of a frame's sender when the frame left, and of its receiver when it arrived. For each
end, a capture of what that end sent and got, in its own order, is given to `trama explain`, which
knows packets only; its states must be the kernel's.

What packets cannot tell is counted, not failed: a program that acts within a few milliseconds is
seen one step further by the kernel than by the packets so far, which must then lead there."""
import argparse
import collections
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

END = """
import os, socket, struct, sys, time
role, seed = sys.argv[1], int(sys.argv[2])
import random
script = random.Random(seed * 2 + (role == "server"))
port = int(os.environ["TRAMA_PORT"])
if role == "server":
    listener = socket.create_server(("0.0.0.0", port))
    s, _ = listener.accept()
else:
    s = socket.create_connection((os.environ["TRAMA_SERVER"], port), timeout=20)
s.settimeout(8)
try:
    for _ in range(script.randrange(3)):
        s.sendall(b"x" * script.choice([1, 100, 1448, 4000]))
        time.sleep(script.choice([0, 0.01, 0.03]))
    how = script.choice(["close", "close", "half", "half", "half", "reset"])
    if how == "half":
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
    elif how == "reset":
        time.sleep(0.02)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        time.sleep(script.choice([0, 0.02, 0.05]))
    s.close()
except OSError:
    s.close()
"""

AHEAD = 0.02  # seconds in which a program's own next packets may explain its state


def frames_of(path, trama):
    """The bytes of each packet of a capture."""
    whole = subprocess.run([trama, "read", path, "-w", "-", "-F", "nsecpcap"], capture_output=True, check=True).stdout
    at, frames = 24, []
    while at + 16 <= len(whole):
        size = struct.unpack("<I", whole[at + 8:at + 12])[0]
        frames.append(whole[at + 16:at + 16 + size])
        at += 16 + size
    return frames


def deduced(events, frames, host, trama, folder):
    """The states of `host` after each of its events, as trama explain tells them."""
    path = f"{folder}/view.pcap"
    with open(path, "wb") as view:
        view.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for time, number, _, _ in events:
            data = frames[number - 1]
            view.write(struct.pack("<IIII", int(time), int(time % 1 * 1e9), len(data), len(data)) + data)
    out = subprocess.run([trama, "explain", "--json", path], capture_output=True, text=True).stdout
    states = {}
    for line in out.splitlines():
        row = json.loads(line)
        if row["type"] == "rung" and row["transport"] == "tcp":
            states[row["packet"] - 1] = row[f"{host}_state"]
    return states


def compare(seed, trama, folder, tally, wrong):
    capture, end = f"{folder}/lab.pcapng", f"{folder}/end.py"
    out = subprocess.run(
        [trama, "lab", "--once", "--json", "--loss", "10%", "--delay", f"{1 + seed % 9}ms", "--seed", str(seed),
         "-w", capture, "--server", f"exec python3 {end} server {seed}", "--client", f"exec python3 {end} client {seed}"],
        capture_output=True, text=True, timeout=120).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    rows = [row for row in rows if row["type"] == "lab.frame" and row.get("transport") == "tcp"]
    if not rows:
        tally["conversations without a frame"] += 1
        return
    tally["conversations"] += 1
    frames = frames_of(capture, trama)
    for host in ("client", "server"):
        events = []  # when, which frame, what the kernel said, whether the end sent it
        for row in rows:
            if row["from"] == host:
                events.append((row["time"], row["id"], row["sender"], True))
            elif row["delivered"]:
                events.append((row["delivered"], row["id"], row["receiver"], False))
        events.sort()
        states = deduced(events, frames, host, trama, folder)
        for index, (time, number, kernel, _) in enumerate(events):
            if not kernel or index not in states:
                tally["not told"] += 1
                continue
            same = lambda mine: mine == kernel or (kernel == "no socket" and mine in ("CLOSED", "no socket", "TIME_WAIT"))
            if same(states[index]):
                tally["equal"] += 1
                continue
            later = []
            for k in range(index + 1, len(events)):
                if events[k][0] - time > AHEAD:
                    break
                if k in states:
                    later.append(states[k])
            if any(same(state) for state in later):
                tally["the program was ahead of its packets"] += 1
            else:
                tally["different"] += 1
                wrong.append(f"seed {seed} {host} frame {number}: kernel {kernel}, deduced {states[index]}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--trama", default="build/release/src/trama")
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--first", type=int, default=1)
    given = options.parse_args()
    tally, wrong = collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(f"{folder}/end.py", "w") as file:
            file.write(END)
        for seed in range(given.first, given.first + given.runs):
            try:
                compare(seed, os.path.abspath(given.trama), folder, tally, wrong)
            except subprocess.TimeoutExpired:
                tally["conversations that took too long"] += 1
    for what, count in tally.most_common():
        print(f"{count:7} {what}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
