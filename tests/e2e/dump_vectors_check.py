#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dump_vectors_check.py DNP3DUMP CORPORA TABLE: what dnp3dump makes of the octets that other projects test with.

pesco-vectors.tsv tells how each row is to be read, in words: dnp3dump's fields are written in the same words
(dump_vectors_words.py). opendnp3-vectors.tsv tells what must be refused, how many headers and frames there are, and for
a request what the outstation answered. Every row with octets is compared; what differs must stand in TABLE, and what
stands there must differ:

    file, row <tab> octets <tab> ours <tab> theirs <tab> the rule that decides
"""
import csv
import json
import os
import re
import subprocess
import sys

from dump_vectors_words import frame_words, link_frame, refusal, segment_words, words

LINK_DEFECTS = {"link_header_crc", "link_body_crc", "link_length", "link_noise", "link_cut"}


def rows(path):
    with open(path, encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


class Dump:
    """Runs the program once for all octets of a kind, and gives the reports of each."""

    def __init__(self, program):
        self.program = program

    def run(self, lines, *options):
        done = subprocess.run([self.program, "--json", "--fields", *options], input=lines, capture_output=True,
                              text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"exit status {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def fragments(self, several):
        reports = self.run("\n".join(several) + "\n", "--fragments")
        assert len(reports) == len(several)
        return dict(zip(several, reports))

    def frames(self, octets):
        return self.run(octets + "\n", "--hex")


def defects(report):
    return [d["id"] for d in report.get("defects", [])]


def fragment_of(row):
    """The octets of an application fragment; some rows of opendnp3 have object headers alone."""
    octets = row["hex"].strip()
    if row.get("side") == "app-parser" and row["layer"] == "app" and row["direction"] == "parse":
        bare = "indices" in row["test_name"] or "AllObjects" in row["test_name"]
        return ("C0 01 " if bare else "C0 81 00 00 ") + octets
    return octets


def pesco_row(dump, reports, row):
    octets, expected = row["hex"].strip(), row["expected"].strip()
    if row["parser"] == "link_frame":
        return frame_words(dump.frames(octets)), expected
    if row["parser"] == "transport_segment":
        return segment_words(dump.frames(link_frame(octets))), expected
    report = reports[octets]
    refused = refusal(report, row["parser"])
    if refused:
        return refused, expected if refused == "REJECT" else re.sub(r" on .*", "", expected)
    return words(report), expected


def pesco(dump, path):
    every = rows(path)
    reports = dump.fragments([r["hex"].strip() for r in every if r["parser"].startswith("app_") and r["hex"].strip()])
    for number, row in enumerate(every, 1):
        if not row["hex"].strip():
            yield None
            continue
        ours, theirs = pesco_row(dump, reports, row)
        yield f"pesco {number} {row['test']}", row["hex"].strip(), ours, theirs


def answered_with_error(every, at):
    """Whether the next response of the outstation in the same test says that the request was wrong (IIN2.0 to 2.2)."""
    for row in every[at + 1:]:
        if row["test_name"] != every[at]["test_name"] or row["direction"] == "to_dut":
            return True  # silence
        octets = row["hex"].split()
        if row["direction"] == "from_dut" and len(octets) >= 4 and octets[1] == "81":
            return bool(int(octets[3], 16) & 0x07)
    return True


def opendnp3_app(every, at, report):
    row = every[at]
    wrong = defects(report)
    if row["direction"] == "parse" and row["layer"] == "app":
        theirs = re.search(r"expect (\w+) headers=(\d+)", row["note"])
        if wrong:
            return "refused", "refused" if theirs[1] != "OK" else f"{theirs[2]} headers"
        return f"{len(report['application']['headers'])} headers", \
            f"{theirs[2]} headers" if theirs[1] == "OK" else theirs[1]
    if row["layer"] == "app-header":
        response = "Response" in row["note"]
        is_response = report["application"].get("function", 0) >= 129
        return "ok" if "function" in report["application"] and response == is_response else "fail", \
            row["note"].split()[-1]
    if row["direction"] == "to_dut" and row["side"] == "outstation" and answered_with_error(every, at):
        return "", ""
    return " ".join(sorted(set(wrong))) or "sound", "sound"


def opendnp3_link(dump, row):
    reports = dump.frames(row["hex"].strip())
    wrong = {d for r in reports for d in defects(r)}
    good = sum("link" in r and not defects(r) for r in reports)
    theirs = re.search(r"num_frames == (\d+)", row["note"])
    wanted = int(theirs[1]) if theirs else 1
    kinds = {"numBodyCrcError": {"link_body_crc"}, "numHeaderCrcError": {"link_header_crc"},
             "numBadLength": {"link_length", "link_user_data"}}
    told = [name for name in kinds if name + " == 1" in row["note"]]
    seen = [name for name in kinds if kinds[name] & wrong]
    return f"{good} frames {' '.join(seen)}".strip(), f"{wanted} frames {' '.join(told)}".strip()


def segment_bits(dump, octets):
    """The transport header is read as it is; what follows it is the payload."""
    report = dump.frames(link_frame(octets))[0]
    header = int(octets[:2], 16)
    flags = [name for bit, name in ((0x40, "FIR"), (0x80, "FIN")) if header & bit]
    ours = f"{report['transport']['seq']} {report['transport']['flags']} {report['link']['user_octets']}"
    return ours, f"{header & 0x3F} {flags} {len(octets.split())}"


def is_fragment(row):
    return row["layer"] in ("app", "app-header") and row["side"] != "transport" and row["hex"].strip() \
        and not is_value(row)


def is_value(row):
    """What the row before is read as: the octets behind its header, or of its one string."""
    return row["note"].startswith("to: HexConversions::to_hex(") and not row["note"].endswith("ToRSeq())")


def opendnp3(dump, path):
    every = rows(path)
    reports = dump.fragments([fragment_of(r) for r in every if is_fragment(r)])
    for at, row in enumerate(every):
        octets = row["hex"].strip()
        name = f"opendnp3 {at + 1} {row['test_name']} {row['step']}"
        if row["status"] == "unresolved" or not octets:
            yield None
        elif row["layer"] == "link":
            yield name, octets, *opendnp3_link(dump, row)
        elif row["layer"] == "transport":
            yield name, octets, *segment_bits(dump, octets)
        elif is_fragment(row):
            yield name, octets, *opendnp3_app(every, at, reports[fragment_of(row)])
        elif row["side"] == "transport":
            yield name, octets, *segment_bits(dump, "C0 " + octets)  # one octet, handed down to be sent
        else:
            yield name, octets, value_of(every[at - 1], reports), octets


def value_of(row, reports):
    octets = row["hex"].split()
    for offset, length, name, *_ in reports[fragment_of(row)]["application"]["fields"]:
        if name in ("text", "not read"):
            return " ".join(octets[offset:offset + length])
    return "nothing"


def main():
    program, corpora, table_path = sys.argv[1:4]
    dump = Dump(program)
    with open(table_path, encoding="utf-8") as f:
        table = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    assert all(len(row) == 5 and row[4].strip() for row in table)
    results = list(pesco(dump, os.path.join(corpora, "pesco-vectors.tsv")))
    results += list(opendnp3(dump, os.path.join(corpora, "opendnp3-vectors.tsv")))
    compared = [r for r in results if r]
    found = [list(r) for r in compared if r[2] != r[3]]
    listed = [row[:4] for row in table]
    new, gone = [r for r in found if r not in listed], [r for r in listed if r not in found]
    print(f"{len(results)} rows, {len(compared)} with octets; {len(found)} differences, {len(new)} not in the table, "
          f"{len(gone)} only there")
    for row in new:
        print("differs: " + "\t".join(row))
    for row in gone:
        print("does not differ: " + "\t".join(row))
    if len(results) < 600 or len(compared) < 580:
        print("that is hardly anything")
        return 1
    return 1 if new or gone else 0


sys.exit(main())
