#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dump_memory_check.py DNP3DUMP MB...: a capture of so many MB, made to be kept in mind, costs no more than a smaller one.

Ever new connections; streams with a hole that nothing fills; series of segments that never end, each of other link
addresses. It goes through a pipe: nobody needs the disk. Prints the most memory of each run, in kB; fails where the
last is above 1.25 times the first, or where nothing was given up although there were too many connections.
"""
import os
import re
import struct
import subprocess
import sys
import threading

CONNECTIONS_EACH = 8  # packets of one connection
FRAMES = 4


def crc_table():
    table = []
    for i in range(256):
        c = i
        for _ in range(8):
            c = c >> 1 ^ (0xA6BC if c & 1 else 0)
        table.append(c)
    return table


TABLE = crc_table()


def crc(octets):
    c = 0
    for octet in octets:
        c = c >> 8 ^ TABLE[(c ^ octet) & 255]
    return struct.pack("<H", c ^ 0xFFFF)


BLOCKS = {}


def frame(source, first):
    """A master's, the first of a series that goes on for ever."""
    user = bytes([first]) + b"\x5a" * 249
    if first not in BLOCKS:
        BLOCKS[first] = b"".join(user[i:i + 16] + crc(user[i:i + 16]) for i in range(0, len(user), 16))
    head = bytes([5, 0x64, 255, 0xC4]) + struct.pack("<HH", 1024, source)
    return head + crc(head) + BLOCKS[first]


def packet(number, seq, data):
    address = struct.pack(">I", 0x0A000000 + number)
    tcp = struct.pack(">HHIIHHHH", 1024 + number % 50000, 20000, seq, 0, 0x5018, 1024, 0, 0) + data
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + address + b"\x0a\xff\xff\xff" + tcp


def write_capture(to, octets):
    written = to.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    count = 0
    while written < octets:
        number, step = divmod(count, CONNECTIONS_EACH)
        seq = 1000 + step * 1168 + (100000 if step > 4 else 0)  # a hole before the last ones
        data = b"".join(frame((count * FRAMES + i) % 65000, 0x40) for i in range(FRAMES))
        p = packet(number, seq, data)
        written += to.write(struct.pack("<IIII", 1735689600 + count // 1000, 0, len(p), len(p)) + p)
        count += 1
    to.close()


def run(program, megabytes):
    """The most memory it had, in kB, and what it says."""
    environment = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:malloc_context_size=0:detect_leaks=0")
    with subprocess.Popen([program, "--stats", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=environment) as child:
        feeder = threading.Thread(target=write_capture, args=(child.stdin, megabytes << 20))
        feeder.start()
        said = child.stdout.read().decode()
        feeder.join()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 1:
        sys.exit(f"exit status {child.returncode}: {said[-500:]}")
    return usage.ru_maxrss, said


def main():
    program, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]]
    results = [run(program, size) for size in sizes]
    for size, (memory, _) in zip(sizes, results):
        print(f"{size} MB: {memory} kB")
    given_up = re.search(r"(\d+)  connections and associations given up", results[-1][1])
    print(f"{given_up[1] if given_up else 0} given up")
    return 0 if given_up and results[-1][0] <= 1.25 * results[0][0] else 1


sys.exit(main())
