# SPDX-License-Identifier: Apache-2.0
"""Commands over HTTP, for controls_test.sh: controls.py URL matrix SIM_PID | leave | ask_on | after_kill
| executed_once"""
import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

URL = sys.argv[1]
MODES = ("select", "direct", "direct_no_ack")
GOOD, REFUSING = "S00001", "S00003"
failures = 0


def ask(method, target, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + target, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def begin(station, mode, index=0, op="latch_on", **more):
    point = {"type": "binary_output_status", "index": index, "op": op}
    body = {"station": station, "reason": "test", "mode": mode, "points": [point], **more}
    status, answer = ask("POST", "/v1/commands", body)
    assert status == 202, (status, answer)
    return answer["id"]


def end(number):
    state = "requested"
    until = time.monotonic() + 120
    while time.monotonic() < until:
        _, command = ask("GET", f"/v1/commands/{number}?wait_ms=5000&after_state={state}")
        state = command["state"]
        if command["final"]:
            return command
    raise AssertionError(f"command {number} stays {state}")


def check(what, found, wanted):
    global failures
    fine = found == wanted
    failures += not fine
    print(("ok: " if fine else "FAILED: ") + what + ("" if fine else f": {found}, not {wanted}"))


def way(command):
    return [step["state"] for step in command["history"]]


def row(name, station, wanted, **more):
    for mode, states in zip(MODES, wanted):
        check(f"{name}, {mode}", way(end(begin(station, mode, **more)))[1:], states.split())


def connected(count):
    until = time.monotonic() + 120
    while time.monotonic() < until:
        _, answer = ask("GET", "/v1/stations")
        if sum(s["online"] for s in answer["stations"]) == count:
            return
        time.sleep(0.1)
    raise AssertionError("the stations do not come")


def matrix(sim_pid):
    selected = "selecting selected operating operated"
    row("accepted", GOOD, [selected, "operating operated", "operating unknown"])
    feedback = " feedback_awaited feedback_ok"
    row("with feedback", GOOD, [selected + feedback, "operating operated" + feedback, "operating" + feedback], index=1)
    missing = " feedback_awaited feedback_missing"
    row("feedback stays away", GOOD, [selected + missing, "operating operated" + missing, "operating" + missing],
        index=2)
    row("no such point there", GOOD, ["selecting failed", "operating failed", "operating unknown"], index=9)
    row("function refused", REFUSING, ["selecting failed", "operating failed", "operating unknown"])
    statuses = end(begin(GOOD, "direct", index=9))["points"][0]["status"]
    check("the point's status", statuses, "NOT_SUPPORTED")
    status, answer = ask("POST", "/v1/commands", {"station": GOOD, "reason": "test", "points": [
        {"type": "binary_output_status", "index": 0, "op": "pulse_off"}]})
    check("an operation that is not allowed", (status, answer["field"]), (422, "op"))
    _, tag = ask("POST", "/v1/tags", {"station": GOOD, "text": "men at work"})
    status, _ = ask("POST", "/v1/commands", {"station": GOOD, "reason": "test", "points": [
        {"type": "binary_output_status", "index": 0, "op": "latch_on"}]})
    check("tagged", status, 409)
    ask("DELETE", f"/v1/tags/{tag['id']}")
    os.kill(sim_pid, signal.SIGSTOP)
    for mode, states in zip(MODES, ("selecting timed_out", "operating unknown", "operating unknown")):
        first = begin(GOOD, mode)
        late = begin(GOOD, mode, deadline_ms=100) if mode != "direct_no_ack" else None
        check(f"no answer, {mode}", way(end(first))[1:], states.split())
        if late:
            check("and behind it the deadline passes", way(end(late))[1:], ["timed_out"])
    os.kill(sim_pid, signal.SIGCONT)
    connected(3)
    status, answer = ask("POST", f"/v1/stations/{GOOD}/actions", {"action": "disable"})
    check("disabled", end(answer["id"])["state"], "operated")
    row("disabled", GOOD, ["refused"] * 3)
    status, answer = ask("POST", f"/v1/stations/{GOOD}/actions", {"action": "enable"})
    check("enabled", end(answer["id"])["state"], "operated")
    connected(3)
    status, answer = ask("POST", f"/v1/stations/{GOOD}/actions", {"action": "integrity_poll"})
    check("integrity poll", end(answer["id"])["state"], "operated")
    status, answer = ask("POST", f"/v1/stations/{GOOD}/actions", {"action": "cold_restart"})
    check("a restart is not allowed", (status, answer["field"]), (422, "action"))
    _, answer = ask("GET", "/v1/commands?open=1")
    check("none is open", answer["commands"], [])


def leave():
    number = begin("S00002", "direct")
    _, command = ask("GET", f"/v1/commands/{number}?wait_ms=20000&after_state=requested")
    check("operating", command["state"], "operating")


def ask_on():
    """Until nobody is there any more, whatever the answer."""
    def one(station):
        point = {"type": "binary_output_status", "index": 0, "op": "latch_on"}
        try:
            while True:
                ask("POST", "/v1/commands", {"station": station, "reason": "test", "mode": "direct", "points": [point]})
        except (OSError, ValueError, http.client.HTTPException):
            pass

    threads = [threading.Thread(target=one, args=(station,)) for station in (GOOD, REFUSING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def after_kill():
    _, answer = ask("GET", "/v1/commands?station=S00002")
    check("two commands", [c["state"] for c in answer["commands"]], ["unknown", "unknown"])


def executed_once():
    """Each operation makes one command event."""
    time.sleep(1)
    with urllib.request.urlopen(URL + "/v1/events?station=S00002&type=binary_command") as answer:
        events = [line for line in answer if b'"binary_command"' in line]
    check("each at most once", len(events) <= 2, True)


what = sys.argv[2]
if what == "matrix":
    matrix(int(sys.argv[3]))
else:
    {"leave": leave, "ask_on": ask_on, "after_kill": after_kill, "executed_once": executed_once}[what]()
sys.exit(failures > 0)
