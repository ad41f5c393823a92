# SPDX-License-Identifier: Apache-2.0
"""dnp3dump's reports in the words of pesco-vectors.tsv, for dump_vectors_check.py."""
import datetime
import re

IIN = """broadcast class1 class2 class3 need_time local_ctrl device_trouble device_restart func_not_supp obj_unknown
param_error buffer_overflow already_executing config_corrupt""".split()
UNKNOWN = {"app_object", "app_variation", "app_place"}
UNITS = {"DAYS": "d", "S": "s", "MIN": "min", "H": "h", "MS": "ms"}
STATES = {"OFF": "0", "ON": "1"}


def crc(octets):
    c = 0
    for octet in octets:
        c ^= octet
        for _ in range(8):
            c = c >> 1 ^ (0xA6BC if c & 1 else 0)
    return (c ^ 0xFFFF).to_bytes(2, "little")


def link_frame(segment):
    """A segment of up to 250 octets as user data of a frame of a master."""
    user = bytes.fromhex(segment)
    head = bytes([5, 0x64, 5 + len(user), 0xC4, 1, 0, 2, 0])
    blocks = [user[i:i + 16] for i in range(0, len(user), 16)]
    return (head + crc(head) + b"".join(b + crc(b) for b in blocks)).hex(" ")


def refusal(report, parser):
    """The word for a fragment that is refused; None for one that is sound."""
    wrong = {d["id"] for d in report.get("defects", [])}
    app = report["application"]
    if wrong & {"app_short", "app_iin"} or parser == "app_response" and app["octets"] < 4 and app["function"] < 129:
        return "REJECT"
    backward = (app["function"] >= 129) != (parser == "app_response")
    if "app_function" in wrong or parser != "app_fragment" and backward:
        return "FUNC_NOT_SUPP"
    wrong -= {"app_control"}
    if not wrong:
        return None
    return "OBJ_UNKNOWN" if wrong & UNKNOWN else "PARAM_ERROR"


def seconds(ms):
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms // 1000}.{ms % 1000:03d}s"


def clock(text):
    at = datetime.datetime.strptime(text[1:] if len(text) > 24 else text, "%Y-%m-%dT%H:%M:%S.%fZ") \
        if len(text) == 24 and int(text[:4]) <= 9999 else None
    return seconds(round(at.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000))


def flags(value):
    """ "ON ONLINE|RESTART": the flags in brackets, and the state."""
    state, _, rest = value.rpartition(" ")
    names = [word.lower() for word in rest.split("|") if word not in ("OFFLINE", "STATE")]
    return (f"({','.join(names)})" if names else "") + STATES.get(state, "")


def crob(fields):
    code = fields["code"].split("|")
    trip = [word for word in code if word in ("CLOSE", "TRIP")]
    others = [word for word in code if word not in ("CLOSE", "TRIP")]
    status = "" if fields["status"] == "SUCCESS" else f" status={fields['status']}"
    return f"({' '.join(trip + others)} {fields['operations']}x on={fields['on_ms']}ms off={fields['off_ms']}ms{status})"


def real(text, decimal):
    return text + ".0" if decimal and re.fullmatch(r"-?\d+", text) else text


STATUS_NUMBERS = {"SUCCESS": 0, "TOO_MANY_OBJS": 8, "UNDEFINED": 127}


def command_status(word):
    number = STATUS_NUMBERS.get(word, word.split()[-1])
    return "" if number == 0 else f"(status={number})"


def one_object(group, variation, fields):
    """The fields of one object, by name, as one word."""
    if "code" in fields:
        return crob(fields)
    if "text" in fields or "name" in fields:
        return (fields.get("text") or fields["name"]).replace('"', "'")
    text = flags(fields["flags"]) if "flags" in fields else ""
    if group == 41:
        text += command_status(fields["status"])
    decimal = (group, variation) in {(30, 5), (30, 6), (31, 7), (31, 8), (34, 3), (40, 3), (40, 4), (41, 3), (41, 4)} or \
        group in (32, 33, 42, 43) and variation >= 5
    text += real(fields.get("value", ""), decimal)
    for name in ("time", "start"):
        if name in fields:
            text += "@" + clock(fields[name])
    if "interval_ms" in fields:
        text += "+" + seconds(int(fields["interval_ms"]))
    if "relative_ms" in fields:
        text += "@+" + seconds(int(fields["relative_ms"]))
    if "units" in fields:
        text += f"+{fields['count']}{UNITS[fields['units']]}"
    return text


class Header:
    """One object header, filled field by field."""

    def __init__(self, group):
        self.group, self.variation, self.qualifier = group, 0, ""
        self.range, self.items, self.place = {}, [], 0

    def take(self, name, value):
        self.place += 1
        if name == "variation":
            self.variation = int(value.split()[0])
        elif name == "qualifier":
            self.qualifier, self.place = value.split()[0], 0
        elif name in ("start", "stop", "count") and self.place <= 2 and (name != "stop" or self.place == 2) \
                and not (name != "stop" and self.place == 2):
            self.range[name] = value
        elif name in ("index", "size"):
            self.items.append(({"index": value} if name == "index" else {}))
        else:
            if not self.items or name in self.items[-1]:
                self.items.append({})
            self.items[-1][name] = value

    def text(self):
        parts = []
        packed = [STATES[word] for item in self.items for word in re.findall(r"\] (\w+)", item.get("states", ""))]
        if "start" in self.range:
            parts.append(f"#{self.range['start']}..{self.range['stop']}" + (": " + " ".join(packed) if packed else ""))
        for item in self.items if not packed else []:
            index = item.pop("index", None)
            body = one_object(self.group, self.variation, item)
            parts.append((f"#{index}" if index else "") + (":" if index and body else "") + body)
        return "{" + " ".join([f"g{self.group}v{self.variation}", f"qc={self.qualifier}"] + parts) + "}"


def words(report):
    app = report["application"]
    headers = []
    for _, _, name, value, *_ in app["fields"]:
        if name == "group":
            headers.append(Header(int(value)))
        elif headers:
            headers[-1].take(name, value)
    parts = [f"[{app['seq']}]"]
    marks = [flag.lower() for flag in app["flags"]]
    parts += [f"({','.join(marks)})"] if marks else []
    parts.append(app["name"])
    iin = [IIN[int(w[5]) + 8 * (int(w[3]) - 1)] for w in app.get("iin", [])]
    parts += [f"({','.join(iin)})"] if iin else []
    return " ".join(parts + [h.text() for h in headers])


def frame_words(reports):
    """The first frame, as far as it can be read."""
    link = reports[0].get("link")
    wrong = {d["id"] for d in reports[0].get("defects", [])}
    if not link:
        return "REJECT" if "link_body_crc" not in wrong else "corrupt"
    fields = {name: value for _, _, name, value, *_ in link["fields"]}
    primary = "PRM" in fields["control"].split()
    marks = f"(fcb={int('FCB' in link['flags'])}) " if "FCV" in link["flags"] else ""
    if not primary:
        marks = "(dfc) " if "DFC" in link["flags"] else ""
    return (f"{'primary' if primary else 'secondary'} frame from {'master' if link['master'] else 'outstation'} "
            f"{link['source']} to {link['destination']}: {marks}{link['function']}") + user_words(reports[0])


def user_octets(report):
    """The frame's octets without its header and the CRC behind each 16."""
    body = bytes.fromhex(report["octets"])[10:]
    return b"".join(body[at:at + 18][:-2] for at in range(0, len(body), 18))


def user_words(report):
    user = user_octets(report)
    return ": " + user.hex(" ").upper() if user else ""


def segment_words(reports):
    transport = reports[0]["transport"]
    marks = ",".join(flag.lower() for flag in transport["flags"])
    return f"({marks}) segment {transport['seq']}: {user_octets(reports[0])[1:].hex(' ').upper()}".rstrip()
