// SPDX-License-Identifier: Apache-2.0
/* What dnp3dump keeps in mind is bounded: connections, associations, series and octets out of order. */
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#include "support/cm.h"
#include "tools/dnp3dump/dump.h"

enum { PACKET_ROOM = 400, IP_TCP = 40 };

struct fixture {
    struct dump d;
    FILE *to;
    uint64_t packets;
};

static void begin(struct fixture *x)
{
    x->to = fopen("/dev/null", "w");
    assert_non_null(x->to);
    x->packets = 0;
    dump_begin(&x->d, &(struct dump_options){.style = OUTPUT_NOTHING}, x->to);
    dump_file(&x->d, "limits");
}

static void end(struct fixture *x)
{
    dump_file_end(&x->d);
    assert_int_equal(x->d.flows.count, 0);
    assert_int_equal(x->d.flows.memory, 0);
    dump_end(&x->d);
    fclose(x->to);
}

static void put32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* From 10.x.x.x:1024 to port 20000. */
static void send_tcp(struct fixture *x, uint32_t connection, uint32_t seq, const uint8_t *octets, size_t len)
{
    uint8_t packet[PACKET_ROOM] = {0x45,        [8] = 64,    [9] = IPPROTO_TCP, [16] = 10,  [20] = 4,
                                   [22] = 0x4E, [23] = 0x20, [32] = 0x50,       [33] = 0x18};
    put32(packet + 12, 0x0A000000 + connection);
    put32(packet + 24, seq);
    packet[2] = (uint8_t)((IP_TCP + len) >> 8);
    packet[3] = (uint8_t)(IP_TCP + len);
    memcpy(packet + IP_TCP, octets, len);
    x->packets++;
    dump_packet(&x->d, DLT_RAW, packet, IP_TCP + len, (struct stamp){(int64_t)x->packets, x->packets});
}

/* A master's: the first segment of a series, or all of it. */
static size_t segment(uint8_t header, uint16_t source, uint8_t *raw)
{
    const uint8_t user[] = {header, 0xC0, 0x01, 0x3C, 0x02, 0x06};
    return link_encode(0xC4, 1024, source, user, sizeof user, raw, LINK_FRAME_MAX);
}

static void connections(void **state)
{
    (void)state;
    enum { MORE = 500 };
    struct fixture x;
    uint8_t raw[LINK_FRAME_MAX];
    size_t len = segment(0xC0, 1, raw);
    begin(&x);
    for (uint32_t i = 0; i < FLOWS_MAX + MORE; i++)
        send_tcp(&x, i, 1000, raw, len);
    assert_int_equal(x.d.flows.count, FLOWS_MAX);
    assert_int_equal(x.d.stats.evicted, MORE);
    assert_int_equal(x.d.stats.fragments, FLOWS_MAX + MORE);
    send_tcp(&x, FLOWS_MAX, 1000 + (uint32_t)len, raw, len); /* one that is still there */
    assert_int_equal(x.d.stats.evicted, MORE);
    end(&x);
}

static void associations_of_a_connection(void **state)
{
    (void)state;
    struct fixture x;
    uint8_t raw[LINK_FRAME_MAX];
    uint32_t seq = 1000;
    begin(&x);
    for (uint16_t source = 0; source < 2 * FLOW_ASSOCIATIONS_MAX + 1; source++) {
        size_t len = segment(0xC0, source, raw);
        send_tcp(&x, 0, seq, raw, len);
        seq += (uint32_t)len;
        assert_true(x.d.flows.oldest->association_count <= FLOW_ASSOCIATIONS_MAX);
    }
    assert_int_equal(x.d.stats.evicted, 2 * FLOW_ASSOCIATIONS_MAX);
    end(&x);
}

/* Each holds a buffer for what will never come. */
static void series_that_never_end(void **state)
{
    (void)state;
    struct fixture x;
    uint8_t raw[LINK_FRAME_MAX];
    uint32_t many = 2 * FLOWS_MEMORY_MAX / FLOW_FRAGMENT_MAX;
    size_t len = segment(0x40, 1, raw);
    begin(&x);
    for (uint32_t i = 0; i < many; i++) {
        send_tcp(&x, i, 1000, raw, len);
        assert_true(x.d.flows.memory <= FLOWS_MEMORY_MAX);
    }
    assert_in_range(x.d.stats.evicted, many / 2, many);
    assert_int_equal(x.d.stats.frames, many);
    end(&x);
    assert_int_equal(x.d.stats.defects[DEFECT_TRANSPORT_UNFINISHED], many);
}

/* Segments behind a hole: a connection keeps so much and no more. */
static void octets_out_of_order(void **state)
{
    (void)state;
    struct fixture x;
    uint8_t raw[LINK_FRAME_MAX];
    size_t len = segment(0xC0, 1, raw);
    begin(&x);
    send_tcp(&x, 0, 1000, raw, len);
    for (uint32_t i = 0; i < 4 * STREAM_SEGMENTS_MAX; i++) {
        send_tcp(&x, 0, 100000 + i * 1000, raw, len);
        assert_true(x.d.flows.memory <= (STREAM_SEGMENTS_MAX + 1) * len + sizeof(struct association));
    }
    assert_true(x.d.stats.defects[DEFECT_TCP_GAP] > 0);
    end(&x);
    assert_int_equal(x.d.stats.frames, 4 * STREAM_SEGMENTS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections),
        cmocka_unit_test(associations_of_a_connection),
        cmocka_unit_test(series_that_never_end),
        cmocka_unit_test(octets_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
