#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stream of 200 events that breaks off after 397 octets, wherever that is, and goes on from Last-Event-ID."""
import http.server

METRICS = """# HELP fep_stations Stations.
fep_stations 9
fep_sessions_online{worker="0"} 3
fep_sessions_online{worker="1"} 4
fep_journal_rows_total 1000
fep_journal_newest_sequence 1234
fep_confirm_delay_seconds_bucket{le="0.001"} 0
fep_confirm_delay_seconds_bucket{le="0.002"} 100
fep_confirm_delay_seconds_bucket{le="0.004"} 100
fep_confirm_delay_seconds_bucket{le="+Inf"} 100
fep_batches_waiting 2
fep_confirms_held{worker="0"} 1
fep_confirms_held{worker="1"} 2
"""
BREAK_AFTER = 397


def events(after):
    yield b"retry: 1000\n\n"
    for seq in range(after + 1, 201):
        yield (f'id: 7-{seq}\nevent: {"hole" if seq % 10 == 0 else "event"}\n'
               f'data: {{"sequence":{seq},"text":"äöü"}}\n\n').encode()
        if seq == 100:
            yield b'id: 7-100\nevent: gap\ndata: {"reason":"retention"}\n\n: heartbeat\n\n'
        if seq == 149:
            # Events that a filter hides: the cursor alone goes on. The connection ends here.
            yield b'id: 7-149\nevent: cursor\ndata: {"cursor":"7-149"}\n\n'
        if seq == 150:
            yield b'id: 7-150\nevent: cursor\ndata: {"cursor":"7-150"}\n\n' + b":" * BREAK_AFTER


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        last = self.headers.get("Last-Event-ID")
        print("request", self.path, "after", last, flush=True)
        if self.path == "/metrics":
            self.answer(200, "text/plain", METRICS.encode())
        elif last == "nonsense":
            self.answer(400, "application/problem+json", b'{"detail":"a cursor has the form ..."}\n')
        else:
            after = int(last.split("-")[1]) if last else 0
            self.answer(200, "text/event-stream", b"".join(events(after))[:BREAK_AFTER])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("port", server.server_address[1], flush=True)
server.serve_forever()
