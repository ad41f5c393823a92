#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes over the wire in a short run, start to end, in the eyes of tshark (and of the independent link checker,
# where it is there): no malformed frame, no wrong CRC, nothing that is not DNP3. Then one octet is falsified, and it
# must be seen. Skipped where this user may not capture.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

command -v tshark >/dev/null 2>&1 || skip "there is no tshark"
capture=$work/run.pcap

# show FILE FILTER: a line each.
show() {
    tshark -r "$1" -d "tcp.port==$sim_port,dnp3" -Y "$2" 2>/dev/null
}

# packets FILE FILTER: how many there are.
packets() {
    show "$1" "$2" | wc -l
}

no_packets() {
    show "$1" "$2" >"$work/unwanted"
    [ ! -s "$work/unwanted" ] || { head -n 20 "$work/unwanted" && return 1; }
}

capturing() {
    [ -s "$capture" ] && grep -q 'Capturing on' "$work/tshark.log"
}

sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 45 --rate 450
run_start "$work/tshark.log" tshark -i lo -s 0 -B 32 -F pcap -f "tcp port $sim_port" -w "$capture"
tshark_pid=$run_pid
run_await "$tshark_pid" 60 capturing || skip "this user may not capture on lo: $(tail -n 1 "$work/tshark.log")"
sleep 0.5
fepd_configure
fepd_start
check "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 45
sleep 4
kill -USR2 "$sim_pid"
sleep 1
check "fepd ends well" run_stop "$fepd_pid" 30
sleep 1
run_stop "$tshark_pid" 10 || true
check "the simulator too" run_stop "$sim_pid" 30
check "the account balances" "$account" --ledger "$work/ledger.json" --database "$work/fepd.db"

malformed='_ws.malformed'
wrong_crc='dnp3.hdr.CRC.incorrect || dnp3.data_chunk.CRC.incorrect'
# TCP repeats a segment where the machine is too busy to acknowledge it in time; tshark takes apart the first one only.
undecoded='tcp.len > 0 && !dnp3 && !tcp.reassembled_in && !tcp.analysis.retransmission'
frames=$(packets "$capture" dnp3)
echo "$frames packets with DNP3"
check "there is much to look at" [ "$frames" -gt 1000 ]
check "unsolicited responses among it" [ "$(packets "$capture" 'dnp3.al.func == 0x82')" -gt 50 ]
check "polls" [ "$(packets "$capture" 'dnp3.al.func == 0x01')" -gt 50 ]
check "confirms" [ "$(packets "$capture" 'dnp3.al.func == 0x00')" -gt 50 ]
check "no malformed packet" no_packets "$capture" "$malformed"
check "no wrong CRC" no_packets "$capture" "$wrong_crc"
check "nothing but DNP3" no_packets "$capture" "$undecoded"

oracle=$root/../shared/oracles/linkcheck.py
if [ -f "$oracle" ]; then
    python3 "$oracle" "$capture" >"$work/said"
    cat "$work/said"
    check "the link checker sees frames" said "'frames': [0-9]{4,}"
    for wrong in skipped_bytes hdr_crc_bad body_crc_bad len_lt5 truncated parse_err gaps; do
        check "no $wrong" sh -c '! grep -q "$1" "$2"' - "'$wrong'" "$work/said"
    done
else
    echo "no link checker here"
fi

python3 - "$capture" "$work/false.pcap" <<'END'
import sys
octets = bytearray(open(sys.argv[1], "rb").read())
# The last octet of user data before the first block's CRC, in a frame from the middle of the file. A frame that is there
# twice may have been repeated by TCP, and what is repeated is not looked at.
at = octets.index(b"\x05\x64", len(octets) // 2)
while octets[at + 2] < 24 or octets.count(octets[at:at + 28]) > 1:
    at = octets.index(b"\x05\x64", at + 2)
octets[at + 25] ^= 0x10
open(sys.argv[2], "wb").write(octets)
END
check "a falsified octet is seen" [ "$(packets "$work/false.pcap" "$wrong_crc")" = 1 ]
finish
