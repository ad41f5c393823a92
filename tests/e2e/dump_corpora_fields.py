# SPDX-License-Identifier: Apache-2.0
"""Lists of values by tshark's names, from tshark and out of dnp3dump's fields, for dump_corpora_compare.py."""
import datetime
import re

BITS = ["ONLINE", "RESTART", "COMM_LOST", "REMOTE_FORCED", "LOCAL_FORCED"]
UPPER = {"biq": ["CHATTER_FILTER"], "boq": [], "ctrq": ["ROLLOVER", "DISCONTINUITY"],
         "aiq": ["OVER_RANGE", "REFERENCE_ERR"], "aoq": []}
# Flags are told by group: binary inputs, double-bits too; binary outputs; counters; analogs.
FLAGS = {"biq": (1, 2, 3, 4), "boq": (10, 11), "ctrq": (20, 21, 22, 23), "aiq": (30, 31, 32, 33), "aoq": (40, 42)}
FLAG_NAMES = [f"al.{kind}.b{bit}" for kind in FLAGS for bit in range(5 + len(UPPER[kind]))]

# What is compared, by tshark's names without "dnp3.".
NAMES = """len ctl dst src tr.ctl al.ctl al.range.start al.range.stop al.range.quantity al.index al.size al.ana.int
al.ana.float al.ana.double al.anaout.int al.anaout.float al.anaout.double al.cnt al.ctrlstatus al.bocs al.bit al.2bit
ctl.op ctl.clr ctl.trip al.count al.on_time al.off_time al.timestamp al.reltimestamp al.time_delay al.file_name
al.file.handle al.file.blocknum al.file.lastblock al.file.status al.file.mode al.file.auth al.file.size
al.file.maxblock al.file.reqID al.file.data al.octet_string al.datatype al.da.length
al.biq.b7 al.boq.b7""".split() + FLAG_NAMES

OPERATIONS = ["NUL", "PULSE_ON", "PULSE_OFF", "LATCH_ON", "LATCH_OFF"]
COMMANDS = """SUCCESS TIMEOUT NO_SELECT FORMAT_ERROR NOT_SUPPORTED ALREADY_ACTIVE HARDWARE_ERROR LOCAL TOO_MANY_OBJS
NOT_AUTHORIZED AUTOMATION_INHIBIT PROCESSING_LIMITED OUT_OF_RANGE DOWNSTREAM_LOCAL ALREADY_COMPLETE BLOCKED CANCELLED
BLOCKED_OTHER_MASTER DOWNSTREAM_FAIL""".split()
MODES = ["NULL", "READ", "WRITE", "APPEND"]
FILES = {"SUCCESS": 0, "PERMISSION_DENIED": 1, "INVALID_MODE": 2, "FILE_NOT_FOUND": 3, "FILE_LOCKED": 4,
         "TOO_MANY_OPEN": 5, "INVALID_HANDLE": 6, "WRITE_BLOCK_SIZE": 7, "COMM_LOST": 8, "CANNOT_ABORT": 9}
HEX_COMPARED = 600  # digits; dnp3dump cuts longer values

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?$")


def number(text):
    """Integers as they are, others to 6 digits: tshark shows single precision with no more."""
    value = float(text)
    return int(value) if value == int(value) else float(f"{value:.6g}")


def plain(text):
    if text.startswith("0x"):
        return int(text, 16)
    return number(text) if NUMBER.match(text) else text


def as_hex(value):
    """Texts are shown in quotes, other octets as hex."""
    if value.startswith('"'):
        value = value[1:].removesuffix('"').encode("ascii").hex()
    return value.replace(" ", "").upper()[:HEX_COMPARED]


def time_ms(text):
    """tshark: "Oct 11, 2004 09:39:01.483000000 UTC"."""
    text, _, fraction = text.rpartition(" ")[0].partition(".")
    seconds = datetime.datetime.strptime(text, "%b %d, %Y %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(seconds.timestamp()) * 1000 + int(fraction[:3])


def from_tshark(columns):
    found = {}
    for name, text in zip(NAMES, columns):
        if not text:
            continue
        if name == "al.timestamp":
            found[name] = [time_ms(t + " UTC" if not t.endswith("UTC") else t)
                           for t in re.findall(r"[A-Z][a-z]{2} +\d+, \d+ [\d:.]+ UTC", text)]
        elif name == "al.reltimestamp":
            found[name] = [round(float(t) * 1000) for t in text.split(",")]
        elif name in ("al.file_name",):
            found[name] = [text]
        elif name in ("al.file.data", "al.octet_string"):
            found[name] = [octets[:HEX_COMPARED] for octets in text.replace(":", "").upper().split(",")]
        else:
            found[name] = [plain(t) for t in text.split(",")]
    return found


class Reader:
    """Goes through one packet's reports, field by field."""

    def __init__(self):
        self.found = {}
        self.group = self.variation = self.place = 0

    def put(self, name, value):
        self.found.setdefault(name, []).append(value)

    def link(self, report):
        for _, _, name, value, *_ in report["fields"]:
            if name in ("length", "destination", "source"):
                self.put({"length": "len", "destination": "dst", "source": "src"}[name], int(value))
            elif name == "transport":
                seq = int(value.split()[1])
                self.put("tr.ctl", seq | (0x40 if "FIR" in value else 0) | (0x80 if "FIN" in value else 0))
        self.put("ctl", report["control"])

    def application(self, report):
        if "seq" not in report:
            return
        bits = {"FIR": 0x80, "FIN": 0x40, "CON": 0x20, "UNS": 0x10}
        self.put("al.ctl", report["seq"] | sum(bits[flag] for flag in report["flags"]))
        for _, octets, name, value, *_ in report["fields"]:
            self.field(name, octets, value)

    def field(self, name, octets, value):
        if name == "group":
            self.group = int(value)
        elif name == "variation":
            self.variation = int(value.split()[0])
        self.place = 0 if name == "qualifier" else self.place + 1
        if self.place == 1 and name in ("start", "stop", "count"):
            self.put({"start": "al.range.start", "count": "al.range.quantity"}[name], int(value))
        elif self.place == 2 and name == "stop":
            self.put("al.range.stop", int(value))
        elif name in ("index", "size") and self.place > 0 and self.is_prefix(name):
            self.put("al." + name, int(value))
        elif name == "flags":
            self.flags(value)
        elif name == "states":
            self.states(value)
        elif name == "value":
            self.value(value, octets)
        else:
            self.object(name, value)

    def is_prefix(self, name):
        return self.group != 70 or name != "size" or self.place == 2

    def flags(self, value):
        words = set(value.replace("|", " ").split())
        for kind, groups in FLAGS.items():
            if self.group not in groups:
                continue
            names = BITS + UPPER[kind]
            for bit, word in enumerate(names):
                self.put(f"al.{kind}.b{bit}", int(word in words))
            if kind in ("biq", "boq"):
                self.put(f"al.{kind}.b7", int(bool(words & {"ON", "INDETERMINATE"})))

    def states(self, value):
        if self.group == 3:
            states = {"INTERMEDIATE": 0, "OFF": 1, "ON": 2, "INDETERMINATE": 3}
            for word in re.findall(r"\] (\w+)", value):
                self.put("al.2bit", states[word])
            return
        for word in re.findall(r"\] (\w+)", value):
            self.put("al.bit", int(word == "ON"))

    def value(self, value, octets):
        kind = {2: "int", 3: "int", 4: "int", 5: "int", 8: "double"}[octets]
        if self.group in (20, 21, 22, 23):
            self.put("al.cnt", int(value))
        elif self.group in (30, 31, 32, 33, 34):
            self.put("al.ana." + self.precision(kind, octets), number(value))
        elif self.group in (40, 41, 42, 43):
            self.put("al.anaout." + self.precision(kind, octets), number(value))

    def precision(self, kind, octets):
        singles = {30: (5,), 31: (7,), 32: (5, 7), 33: (5, 7), 34: (3,), 40: (3,), 41: (3,), 42: (5, 7), 43: (5, 7)}
        return "float" if octets == 4 and self.variation in singles[self.group] else kind

    def object(self, name, value):
        simple = {"operations": "al.count", "on_ms": "al.on_time", "off_ms": "al.off_time",
                  "relative_ms": "al.reltimestamp", "delay_ms": "al.time_delay", "delay_s": "al.time_delay"}
        files = {"handle": "al.file.handle", "key": "al.file.auth", "size": "al.file.size",
                 "block_size": "al.file.maxblock", "request": "al.file.reqID"}
        if name in simple:
            self.put(simple[name], int(value))
        elif name == "code":
            self.code(value)
        elif name == "data" and self.group == 70 or name == "text" and self.group in (110, 111, 112, 113):
            self.put("al.file.data" if name == "data" else "al.octet_string", as_hex(value))
        elif name == "type" and self.group == 0:
            self.put("al.datatype", int(value.split()[0]))
        elif name == "length" and self.group == 0:
            self.put("al.da.length", int(value))
        elif name in ("time", "created"):
            self.put("al.timestamp", round(datetime.datetime.fromisoformat(value).timestamp() * 1000))
        elif name == "status":
            self.status(value)
        elif self.group == 70 and name in files and NUMBER.match(value):
            self.put(files[name], int(value))
        elif name == "mode":
            self.put("al.file.mode", MODES.index(value))
        elif name == "name" and self.group == 70:
            self.put("al.file_name", value.strip('"'))
        elif name == "block":
            self.put("al.file.blocknum", int(value.split()[0]))
            self.put("al.file.lastblock", int("last" in value))

    def code(self, value):
        """"PULSE_ON|TRIP|CLEAR": operation, queue and clear, trip and close."""
        words = value.split("|")
        operation = words[0].split()[-1]
        self.put("ctl.op", int(operation) if operation.isdigit() else OPERATIONS.index(operation))
        self.put("ctl.clr", ("QUEUE" in words) + 2 * ("CLEAR" in words))
        self.put("ctl.trip", sum(n for n, word in ((1, "CLOSE"), (2, "TRIP"), (3, "TCC3")) if word in words))

    def status(self, value):
        if self.group in (12, 13, 41, 43):
            word = value.split()[-1]
            self.put("al.ctrlstatus", int(word) if word.isdigit() else COMMANDS.index(word))
        if self.group == 70:
            self.put("al.file.status", int(value) if value.isdigit() else FILES[value])
        if self.group == 13:
            self.put("al.bocs", int(value.startswith("ON")))


def from_dump(reports):
    reader = Reader()
    for report in reports:
        if "link" in report:
            reader.link(report["link"])
        if "application" in report:
            reader.application(report["application"])
    return reader.found
