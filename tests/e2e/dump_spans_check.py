#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dump_spans_check.py DNP3DUMP CORPORA TABLE: that each octet of each capture is told, once.

- a stream, and a datagram, is frames and defects one behind the other, from its first octet to its last; how long it is
  is counted here, from the packets;
- a frame is fields one behind the other; so is a fragment; what is "not read" has a defect with a rule;
- unknown objects, and unknown variations, are those in TABLE: object <tab> where <tab> the rule that decides.
"""
import collections
import concurrent.futures
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

UNKNOWN = {"app_object", "app_variation"}


def captures(root):
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            if name.endswith((".pcap", ".pcapng")):
                yield os.path.join(folder, name)


def packets(path):
    """Link type and octets of each packet; tshark writes a pcapng anew."""
    with open(path, "rb") as f:
        octets = f.read()
    if octets[:4] == b"\x0a\x0d\x0d\x0a":
        if not shutil.which("tshark"):
            return
        with tempfile.NamedTemporaryFile(suffix=".pcap") as plain:
            subprocess.run(["tshark", "-r", path, "-F", "pcap", "-w", plain.name], capture_output=True, check=True)
            yield from packets(plain.name)
        return
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack(order + "I", octets[20:24])[0] & 0xFFFF
    at = 24
    while at + 16 <= len(octets):
        captured = struct.unpack(order + "I", octets[at + 8:at + 12])[0]
        yield link, octets[at + 16:at + 16 + captured]
        at += 16 + captured


def ip_of(link, packet):
    """The IPv4 packet; None for all else."""
    header = {1: 14, 113: 16, 276: 20, 101: 0, 12: 0, 228: 0, 0: 4, 108: 4}[link]
    kind = {1: 12, 113: 14, 276: 0}.get(link)
    if kind is not None and packet[kind:kind + 2] != b"\x08\x00":
        return None
    ip = packet[header:]
    return ip[:struct.unpack(">H", ip[2:4])[0]] if len(ip) >= 20 and ip[0] >> 4 == 4 else None


def end(address, port):
    return ".".join(map(str, address)) + f":{port}"


def counted(path):
    """TCP: for each direction of each connection, in order, its octets; UDP: for each packet its octets."""
    streams, datagrams = collections.defaultdict(list), {}
    for number, (link, packet) in enumerate(packets(path), 1):
        ip = ip_of(link, packet)
        if ip is None or ip[9] not in (6, 17):
            continue
        payload = ip[(ip[0] & 15) * 4:]
        source, destination = struct.unpack(">HH", payload[:4])
        way = end(ip[12:16], source), end(ip[16:20], destination)
        if ip[9] == 17:
            datagrams[number] = len(payload) - 8
            continue
        seq, flags = struct.unpack(">I", payload[4:8])[0], payload[13]
        octets = len(payload) - (payload[12] >> 4) * 4
        begin_connection(streams, way, seq, flags)
        if octets:
            add(streams[way], seq, octets)
    return streams, datagrams


def begin_connection(streams, way, seq, flags):
    if not flags & 2:
        return
    here = streams[way]
    if here and here[-1]["base"] == (seq + 1) & 0xFFFFFFFF:
        return
    here.append({"base": (seq + 1) & 0xFFFFFFFF, "octets": 0})


def add(connections, seq, octets):
    if not connections:
        connections.append({"base": seq, "octets": 0})
    last = connections[-1]
    behind = (seq + octets - last["base"]) & 0xFFFFFFFF
    if behind < 1 << 31:
        last["octets"] = max(last["octets"], behind)


def tile(spans, length, what):
    """That the spans are [0, length) one behind the other."""
    at = 0
    for offset, octets in sorted(spans):
        if offset != at:
            return [f"{what}: octet {at} is told {'twice' if offset < at else 'never'}"]
        at += octets
    return [] if at == length else [f"{what}: {at} octets are told of {length}"]


def judge_fields(fields, length, rules, what):
    wrong = tile([(f[0], f[1]) for f in fields if f[1]], length, what)
    for offset, octets, name, *_ in fields:
        if name == "not read" and octets and offset not in rules:
            wrong.append(f"{what}: octet {offset} is not read, and no rule is told")
    return wrong


def check_file(dump, path):
    done = subprocess.run([dump, "--json", "--fields", path], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        return [f"{path}: exit status {done.returncode}: {done.stderr}"], 0, []
    wrong, octets, unknown = [], 0, []
    streams = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        report = json.loads(line)
        where = f"{path} packet {report['packet']}"
        rules = {"frame": set(), "fragment": set()}
        for defect in report.get("defects", []):
            rules.setdefault(defect["of"], set()).add(defect["offset"])
            if not defect["rule"]:
                wrong.append(f"{where}: a defect without a rule")
            if defect["id"] in UNKNOWN:
                unknown.append((defect["detail"].split(" ")[0], os.path.basename(path)))
        way = report.get("protocol"), report.get("connection"), report.get("from"), report.get("to")
        link = report.get("link")
        if link:
            wrong += judge_fields(link["fields"], link["octets"], rules["frame"] | ({10, 28, 46} if 10 in rules["frame"]
                                                                                      else set()), where + " frame")
            octets += link["octets"]
            streams[way + ((report["packet"],) if way[0] == "udp" else ())].append((link["offset"], link["octets"]))
        app = report.get("application")
        if app:
            wrong += judge_fields(app["fields"], app["octets"], rules["fragment"], where + " fragment")
        for defect in report.get("defects", []):
            if defect["of"] in ("stream", "datagram") and "octets" in defect:
                octets += defect["octets"]
                streams[way + ((report["packet"],) if way[0] == "udp" else ())].append(
                    (defect["offset"], defect["octets"]))
    return wrong + check_streams(path, streams), octets, unknown


def check_streams(path, streams):
    """Connections are numbered in the order of their first frames; those of the same two ends come one after another."""
    wrong = []
    totals, datagrams = counted(path)
    left = {way: [c["octets"] for c in connections if c["octets"]] for way, connections in totals.items()}
    for way in sorted(streams, key=lambda w: w[1:]):
        what = f"{path} {way[0]} {way[2]} > {way[3]} connection {way[1]}"
        if way[0] == "udp":
            wrong += tile(streams[way], datagrams[way[4]], what)
            continue
        length = sum(o for _, o in streams[way])
        if length not in left.get(way[2:], []):
            wrong.append(f"{what}: {length} octets are told of {left.get(way[2:])}")
            continue
        left[way[2:]].remove(length)
        wrong += tile(streams[way], length, what)
    return wrong


def main():
    dump, root, table_path = sys.argv[1:4]
    with open(table_path, encoding="utf-8") as f:
        table = {tuple(line.split("\t")[:2]) for line in f if line.count("\t") == 2 and not line.startswith("#")}
    paths = list(captures(root))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: check_file(dump, path), paths))
    wrong = [text for result in results for text in result[0]]
    octets = sum(result[1] for result in results)
    unknown = {row for result in results for row in result[2]}
    wrong += [f"unknown and not in the table: {o} in {where}" for o, where in sorted(unknown - table)]
    wrong += [f"in the table, and not seen: {o} in {where}" for o, where in sorted(table - unknown)]
    print(f"{len(paths)} captures, {octets} octets, {len(unknown)} unknown objects, {len(wrong)} things wrong")
    print("\n".join(wrong[:40]))
    if len(paths) < 100 or octets < 100000:
        print("that is hardly anything")
        return 1
    return 1 if wrong else 0


sys.exit(main())
