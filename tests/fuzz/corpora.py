#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpora.py CORPORA INTO: makes seeds of the fuzz targets out of captures and tables of DNP3 octets.

A folder for each target: wire octets as they are, fragments, and lists of steps as fuzz_master.c, fuzz_outstation.c,
fuzz_session.c and fuzz_transport.c read them. Without the corpora there are none, which is said and is no error.
"""
import hashlib
import pathlib
import struct
import sys

SEED_MAX = 2000  # octets
RESPONSES = (129, 130)


def pcap_packets(octets):
    """The packets of a pcap or pcapng file, whatever their link type."""
    if octets[:4] == b"\x0a\x0d\x0d\x0a":
        at, order = 0, "<" if octets[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        while at + 12 <= len(octets):
            kind, size = struct.unpack(order + "II", octets[at:at + 8])
            if kind == 6:
                taken = struct.unpack(order + "I", octets[at + 20:at + 24])[0]
                yield octets[at + 28:at + 28 + taken]
            at += max(size, 12)
        return
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(octets):
        taken = struct.unpack(order + "I", octets[at + 8:at + 12])[0]
        yield octets[at + 16:at + 16 + taken]
        at += 16 + taken


def runs_of_frames(packet):
    """From the first start octets of a packet on: that is its payload, near enough for a seed."""
    at = packet.find(b"\x05\x64")
    return packet[at:] if at >= 0 else b""


def frames(wire):
    """(control, user data) of the frames, CRCs removed and not judged."""
    at = wire.find(b"\x05\x64")
    while 0 <= at and at + 10 <= len(wire):
        user_len, user, end = wire[at + 2] - 5, b"", at + 10
        while len(user) < user_len and end < len(wire):
            block = min(16, user_len - len(user))
            user += wire[end:end + block]
            end += block + 2
        yield wire[at + 3], user
        at = wire.find(b"\x05\x64", end)


def fragments(wire):
    """(from the master, application fragment)."""
    series = {}
    for control, user in frames(wire):
        if control & 0x40 and control & 15 in (3, 4) and len(user) > 1:
            master = bool(control & 0x80)
            series[master] = b"" if user[0] & 0x40 else series.get(master, b"")
            series[master] += user[1:]
            if user[0] & 0x80:
                yield master, series.pop(master)


def is_response(fragment):
    return len(fragment) > 3 and fragment[1] in RESPONSES


class Seeds:
    def __init__(self, into):
        self.into = into
        self.count = {}

    def add(self, target, octets):
        octets = bytes(octets)[:SEED_MAX]
        if not octets:
            return
        folder = self.into / target
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / hashlib.sha1(octets).hexdigest()[:16]
        if not path.exists():
            path.write_bytes(octets)
            self.count[target] = self.count.get(target, 0) + 1

    def add_fragment(self, fragment):
        for target in ("app", "decode"):
            self.add(target, fragment)

    def add_wire(self, wire):
        for target in ("link", "dump"):
            self.add(target, wire)
        segments = b"".join(bytes([len(user)]) + user for _, user in frames(wire) if user)
        self.add("transport", segments and b"\xff" + segments)

    def add_session(self, exchange):
        """Fragments in their order: a session for master and outstation, each hears the other's."""
        requests = [f for f in exchange if len(f) > 1 and not is_response(f)]
        responses = [f for f in exchange if is_response(f)]
        heard = [bytes([0, 0, min(len(f), 249)]) + f[:249] for f in requests]
        self.add("outstation", heard and b"\x02" + b"\x03\x00".join(heard))
        heard = [bytes([240, min(len(f), 249)]) + f[:249] for f in responses]
        self.add("master", heard and b"\x02" + b"\x00\x40\x03".join(heard))
        heard = [bytes([1 if f[1] == 130 else 3, 0, f[0], min(len(f) - 4, 119)]) + f[4:123] for f in responses]
        self.add("session", heard and b"\x00" + b"\x09\x0a\x07".join(heard))


def add_capture(seeds, path):
    wires = [w for w in map(runs_of_frames, pcap_packets(path.read_bytes())) if w]
    exchange = []
    for wire in wires:
        seeds.add_wire(wire)
        exchange += [f for _, f in fragments(wire)]
    seeds.add_wire(b"".join(wires))
    for fragment in exchange:
        seeds.add_fragment(fragment)
    for at in range(0, min(len(exchange), 400), 20):
        seeds.add_session(exchange[at:at + 20])


def hex_of(text):
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def rows(path):
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            yield line.split("\t")


def add_tables(seeds, corpora):
    for row in rows(corpora / "pesco-vectors.tsv"):
        seeds.add_fragment(hex_of(row[3]))
    tests = {}
    for row in rows(corpora / "opendnp3-vectors.tsv"):
        octets = hex_of(row[6])
        if octets[:2] == b"\x05\x64":
            seeds.add_wire(octets)
        else:
            seeds.add_fragment(octets)
            tests.setdefault(row[0], []).append(octets)
    for row in rows(corpora / "conformance-exchanges.tsv"):
        octets = hex_of(row[6])[1:]
        seeds.add_fragment(octets)
        tests.setdefault(row[0], []).append(octets)
    for exchange in tests.values():
        seeds.add_session(exchange[:24])


def main():
    corpora, seeds = pathlib.Path(sys.argv[1]), Seeds(pathlib.Path(sys.argv[2]))
    if not corpora.is_dir():
        print(f"skipped: no corpora in {corpora}")
        return
    for path in sorted(corpora.rglob("*")):
        if path.suffix in (".pcap", ".pcapng", ".trace"):
            add_capture(seeds, path)
        elif path.suffix == ".dnp":
            seeds.add_wire(path.read_bytes())
    add_tables(seeds, corpora)
    print("new seeds:", ", ".join(f"{n} {target}" for target, n in sorted(seeds.count.items())) or "none")


main()
