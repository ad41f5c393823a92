// SPDX-License-Identifier: Apache-2.0
/* The same TCP or UDP payload under every link header that is read, and packets that are damaged. */
#include <pcap/dlt.h>
#include <stdio.h>

#include "support/cm.h"
#include "support/hex.h"
#include "tools/dnp3dump/packet.h"

#define IPV4(total, protocol) "45 00 00" total "00 01 40 00 40" protocol "00 00 0A 00 00 01 0A 00 00 02"
#define TCP                   "04 D2 4E 20 01 02 03 04 05 06 07 08 50 18 FF FF 00 00 00 00"
#define UDP                   "4E 20 4E 21 00 0B 00 00"
#define DATA                  "05 64 05"
#define T4                    IPV4("2B", "06") TCP DATA
#define U4                    IPV4("1F", "11") UDP DATA
#define IPV6(len, next)                                                                                      \
    "60 00 00 00 00" len next "40 FE 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01"                           \
    "FE 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02"
#define MACS "02 00 00 00 00 01 02 00 00 00 00 02"

static enum packet_verdict parse(int dlt, const char *hex, struct packet *p)
{
    static uint8_t octets[300];
    return packet_parse(dlt, octets, hex_parse(hex, octets, sizeof octets), p);
}

static void carries(int dlt, const char *hex, enum packet_verdict verdict)
{
    struct packet p;
    if (parse(dlt, hex, &p) != verdict)
        fail_msg("link type %d: %s: %s", dlt, hex, p.why ? p.why : "other verdict");
    assert_int_equal(p.len, 3);
    assert_int_equal(p.missing, 0);
    assert_memory_equal(p.payload, "\x05\x64\x05", 3);
    assert_int_equal(p.from.port, verdict == PACKET_TCP ? 1234 : 20000);
}

static void link_types(void **state)
{
    (void)state;
    static const struct {
        int dlt;
        const char *header;
    } types[] = {
        {DLT_EN10MB, MACS "08 00"},
        {DLT_EN10MB, MACS "81 00 00 07 08 00"},
        {DLT_EN10MB, MACS "88 A8 00 07 81 00 00 08 08 00"},
        {DLT_LINUX_SLL, "00 00 00 01 00 06 02 00 00 00 00 01 00 00 08 00"},
        {DLT_LINUX_SLL2, "08 00 00 00 00 00 00 02 00 01 00 06 02 00 00 00 00 01 00 00"},
        {DLT_RAW, ""},
        {DLT_IPV4, ""},
        {DLT_NULL, "02 00 00 00"},
        {DLT_LOOP, "00 00 00 02"},
        {DLT_C_HDLC, "0F 00 08 00"},
        {DLT_PPP, "00 21"},
        {DLT_PPP, "FF 03 00 21"},
        {DLT_PPP_SERIAL, "FF 03 00 21"},
        {DLT_EN10MB, MACS "88 64 11 00 00 01 00 40 00 21"},
        {DLT_EN10MB, MACS "81 00 00 07 88 64 11 00 00 01 00 40 00 21"},
    };
    char hex[512];
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        assert_true(packet_datalink_known(types[i].dlt));
        snprintf(hex, sizeof hex, "%s%s", types[i].header, T4);
        carries(types[i].dlt, hex, PACKET_TCP);
        snprintf(hex, sizeof hex, "%s%s", types[i].header, U4);
        carries(types[i].dlt, hex, PACKET_UDP);
    }
    assert_false(packet_datalink_known(DLT_IEEE802_11));
}

static void ipv6(void **state)
{
    (void)state;
    struct packet p;
    carries(DLT_RAW, IPV6("17", "06") TCP DATA, PACKET_TCP);
    carries(DLT_EN10MB, MACS "86 DD" IPV6("0B", "11") UDP DATA, PACKET_UDP);
    carries(DLT_NULL, "1E 00 00 00" IPV6("13", "00") "11 00 01 04 00 00 00 00" UDP DATA, PACKET_UDP);
    /* An atomic fragment is whole. */
    carries(DLT_RAW, IPV6("13", "2C") "11 00 00 00 00 00 00 01" UDP DATA, PACKET_UDP);
    assert_int_equal(parse(DLT_RAW, IPV6("13", "2C") "11 00 00 01 00 00 00 01" UDP DATA, &p),
                     PACKET_FRAGMENT);
    assert_true(p.v6);
    assert_int_equal(parse(DLT_RAW, IPV6("08", "3A") "80 00 00 00 00 00 00 00", &p), PACKET_OTHER);
}

static void tcp_fields(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(parse(DLT_RAW, T4, &p), PACKET_TCP);
    assert_int_equal(p.seq, 0x01020304);
    assert_int_equal(p.ack, 0x05060708);
    assert_int_equal(p.tcp_flags, 0x18);
    assert_int_equal(p.to.port, 20000);
    assert_memory_equal(p.to.address, "\x0A\0\0\x02", 4);
}

static void padding_is_no_payload(void **state)
{
    (void)state;
    carries(DLT_EN10MB, MACS "08 00" T4 "00 00 00 00", PACKET_TCP);
    carries(DLT_RAW, IPV4("00", "06") TCP DATA, PACKET_TCP); /* captured before it was cut into segments */
}

static void what_the_capture_cut_is_missing(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(parse(DLT_RAW, IPV4("30", "06") TCP DATA, &p), PACKET_TCP);
    assert_int_equal(p.len, 3);
    assert_int_equal(p.missing, 5);
}

static void damaged_and_other(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum packet_verdict verdict;
    } packets[] = {
        {MACS "08 00", PACKET_DAMAGED},
        {MACS "08 06 00 01 08 00", PACKET_OTHER},
        {MACS "81 00 00", PACKET_DAMAGED},
        {MACS "88 64 11 00 00 01 00 40 00 21", PACKET_DAMAGED},
        {MACS "88 64 11 00 00 01 00 40 C0 21 01 01 00 04", PACKET_OTHER},
        {MACS "00 21" IPV4("2B", "06") TCP DATA, PACKET_OTHER}, /* 802.3: a length */
        {MACS "08 00 45 00 00", PACKET_DAMAGED},
        {MACS "08 00 42 00 00 2B 00 01 40 00 40 06 00 00 0A 00 00 01 0A 00 00 02" TCP DATA, PACKET_DAMAGED},
        {MACS "08 00" IPV4("2B", "06") "04 D2 4E 20", PACKET_DAMAGED},
        {MACS "08 00" IPV4("2B", "06") "04 D2 4E 20 01 02 03 04 05 06 07 08 40 18 FF FF 00 00 00 00",
         PACKET_DAMAGED},
        {MACS "08 00" IPV4("2B", "06") "04 D2 4E 20 01 02 03 04 05 06 07 08 F0 18 FF FF 00 00 00 00",
         PACKET_DAMAGED},
        {MACS "08 00" IPV4("1F", "11") "4E 20 4E 21 00 07 00 00" DATA, PACKET_DAMAGED},
        {MACS "08 00" IPV4("1F", "11") "4E 20 4E 21 01 07 00 00" DATA, PACKET_DAMAGED},
        {MACS "08 00" IPV4("1C", "01") "08 00 00 00 00 00 00 00", PACKET_OTHER},
        {MACS "08 00 45 00 00 2B 00 01 20 00 40 06 00 00 0A 00 00 01 0A 00 00 02" TCP DATA, PACKET_FRAGMENT},
        {MACS "08 00 45 00 00 2B 00 01 00 10 40 06 00 00 0A 00 00 01 0A 00 00 02" TCP DATA, PACKET_FRAGMENT},
    };
    struct packet p;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        if (parse(DLT_EN10MB, packets[i].hex, &p) != packets[i].verdict)
            fail_msg("packet %zu: %s", i, packets[i].hex);
        assert_int_equal(p.why != NULL, packets[i].verdict == PACKET_DAMAGED);
    }
}

/* Cut anywhere, a packet says so or has less payload; nothing is read beyond it. */
static void cut_anywhere(void **state)
{
    (void)state;
    uint8_t octets[128];
    struct packet p;
    size_t len = hex_parse(MACS "81 00 00 07 08 00" T4, octets, sizeof octets);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1);
        memcpy(copy, octets, cut);
        enum packet_verdict verdict = packet_parse(DLT_EN10MB, copy, cut, &p);
        if (verdict == PACKET_TCP)
            assert_int_equal(p.len + p.missing, 3);
        else
            assert_int_equal(verdict, PACKET_DAMAGED);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_types),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(tcp_fields),
        cmocka_unit_test(padding_is_no_payload),
        cmocka_unit_test(what_the_capture_cut_is_missing),
        cmocka_unit_test(damaged_and_other),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
