#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dump_corpora_compare.py DNP3DUMP CORPORA ORACLES TABLE: what dnp3dump sees in each capture against others.

Frames, file by file, against the independent link checker; link, transport and application headers, IIN, object
headers, indexes, values, flags, times, commands and files (dump_corpora_fields.py), packet by packet, against tshark.
What differs must stand in TABLE, and what stands there must differ:

    file <tab> packet, or "frames" <tab> ours <tab> theirs <tab> the rule that decides

Where we refuse an object header nothing behind it is read; that tshark reads on is one row for each file, with "*" for
the packet. A capture that is stored twice is named once in the table, by the first of its names in sorted order.
"""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

from dump_corpora_fields import NAMES, from_dump, from_tshark

FIELDS = ["frame.number", "dnp3.al.func", "dnp3.al.iin", "dnp3.al.obj"] + ["dnp3." + name for name in NAMES]


def captures(root):
    """One path for each content."""
    seen = {}
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".pcap") or name.endswith(".pcapng"):
                with open(path, "rb") as f:
                    seen.setdefault(hashlib.sha256(f.read()).hexdigest(), path)
    return sorted(seen.values())


def iin_word(names):
    """As tshark shows it: the octet sent first is the high one."""
    word = 0
    for name in names:
        octet, bit = name.split()[0][3:].split(".")
        word |= 1 << (int(bit) + (8 if octet == "1" else 0))
    return word


def ours(dump, path):
    done = subprocess.run([dump, "--json", "--fields", path], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{path}: exit status {done.returncode}: {done.stderr}")
    frames, packets, refused, reports = 0, {}, set(), {}
    for line in done.stdout.splitlines():
        report = json.loads(line)
        frames += "link" in report
        reports.setdefault(report["packet"], []).append(report)
        app = report.get("application")
        if app:
            seen = packets.setdefault(report["packet"], [[], [], []])
            if any("refused" in h for h in app["headers"]):
                refused.add(report["packet"])
            seen[0].append(app["function"])
            if "iin" in app:
                seen[1].append(iin_word(app["iin"]))
            seen[2] += [h["group"] << 8 | h["variation"] for h in app["headers"]]
    return frames, packets, refused, {packet: from_dump(several) for packet, several in reports.items()}


def theirs(path):
    command = ["tshark", "-n", "-r", path, "-Y", "dnp3", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    packets, values = {}, {}
    for line in done.stdout.splitlines():
        fields = (line.split("\t") + [""] * len(FIELDS))[:len(FIELDS)]
        if fields[1]:
            packets[int(fields[0])] = [[int(v, 0) for v in field.split(",") if v] for field in fields[1:4]]
        values[int(fields[0])] = from_tshark(fields[4:])
    return packets, values


def said(seen):
    if seen is None:
        return "-"
    functions, iin, objects = seen
    return " ".join(["fc " + ",".join(map(str, functions))]
                    + (["iin " + ",".join(f"{v:04x}" for v in iin)] if iin else [])
                    + (["g" + ",".join(f"{v >> 8}v{v & 255}" for v in objects)] if objects else []))


def count_frames(linkcheck, path):
    """The checker reads no pcapng: tshark writes it anew."""
    try:
        return linkcheck.run(path)[0]["frames"]
    except ValueError:
        if not shutil.which("tshark"):
            return None
        with tempfile.NamedTemporaryFile(suffix=".pcap") as plain:
            subprocess.run(["tshark", "-r", path, "-F", "pcap", "-w", plain.name], capture_output=True, check=True)
            return linkcheck.run(plain.name)[0]["frames"]


def compare(dump, linkcheck, path, root):
    name = os.path.relpath(path, root)
    frames, mine, refused, my_values = ours(dump, path)
    found = []
    counted = count_frames(linkcheck, path) if linkcheck else None
    if counted is not None and counted != frames:
        found.append((name, "frames", str(frames), str(counted)))
    if not shutil.which("tshark"):
        return found, frames, 0, 0
    other, their_values = theirs(path)
    for packet in sorted(set(mine) | set(other)):
        a, b = mine.get(packet), other.get(packet)
        if packet in refused and b and a[:2] == b[:2] and b[2][:len(a[2])] == a[2] != b[2]:
            row = (name, "*", "header refused", "reads on")
            found += [row] if row not in found else []
        elif a != b:
            found.append((name, str(packet), said(a), said(b)))
    compared = 0
    for packet in sorted(set(my_values) & set(their_values)):
        same = mine.get(packet) == other.get(packet)
        for field in NAMES:
            # Where the headers differ, so does all behind them.
            if not same and field.startswith("al."):
                continue
            a, b = my_values[packet].get(field, []), their_values[packet].get(field, [])
            compared += len(a)
            if a != b and packet in refused:
                found += [row for row in [(name, "*", "header refused", "reads on")] if row not in found]
            elif a != b:
                found.append((name, f"{packet} {field}", brief(a), brief(b)))
    return found, frames, len(mine), compared


def brief(values):
    """A long list is told by its length and a digest: it is the same one, or not."""
    text = ",".join(map(str, values)) or "-"
    return text if len(text) <= 60 else f"{len(values)} values {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def read_table(path):
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    return {tuple(row[:4]): row[4] for row in rows if row[4].strip()}


def main():
    dump, root, oracles, table_path = sys.argv[1:5]
    linkcheck = None
    if os.path.exists(os.path.join(oracles, "linkcheck.py")):
        sys.dont_write_bytecode = True
        sys.path.insert(0, oracles)
        import linkcheck as checker  # pylint: disable=import-outside-toplevel,import-error
        linkcheck = checker
    table = read_table(table_path)
    paths = captures(root)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: compare(dump, linkcheck, path, root), paths))
    found = [row for result in results for row in result[0]]
    frames, packets, values = (sum(r[i] for r in results) for i in (1, 2, 3))
    new = [row for row in found if row not in table]
    # Without tshark only the rows about frames can be found.
    gone = [row for row in table if row not in found and (shutil.which("tshark") or row[1] == "frames")]
    print(f"{len(paths)} captures, {frames} frames, {packets} packets with fragments, {values} values; "
          f"{len(found)} differences, {len(new)} not in the table, {len(gone)} only there")
    for row in new:
        print("differs: " + "\t".join(row))
    for row in gone:
        print("does not differ: " + "\t".join(row))
    if len(paths) < 50 or frames < 1000 or (values < 10000 and shutil.which("tshark")):
        print("that is hardly anything")
        return 1
    return 1 if new or gone else 0


sys.exit(main())
