// SPDX-License-Identifier: Apache-2.0
/*
 * Captures that are written here, out of the vectors, and what dnp3dump says of them to the letter: a line a
 * frame, trees, JSON, figures; what TCP and UDP do to frames on their way.
 */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "support/cm.h"
#include "support/hex.h"
#include "support/vectors.h"
#include "tools/dnp3dump/capture.h"

enum { MASTER, OUTSTATION, SYN = 2, DATA = 0x18, UDP = 0x100, BEGIN_S = 1735689600 /* 2025-01-01 */ };

struct written {
    char path[64];
    FILE *file;
    uint32_t seq[2];
    uint16_t port;  /* of the outstation */
    int64_t now_us; /* a step of 10 ms for each packet */
};

static void put(struct written *w, const void *octets, size_t len)
{
    if (len > 0)
        assert_int_equal(fwrite(octets, 1, len, w->file), len);
}

static void write_begin(struct written *w)
{
    const struct pcap_file_header header = {0xA1B2C3D4, 2, 4, 0, 0, 65535, DLT_RAW};
    *w = (struct written){.path = "/tmp/dump_golden.XXXXXX", .seq = {1000, 5000}, .port = 20000};
    int fd = mkstemp(w->path);
    assert_true(fd >= 0);
    w->file = fdopen(fd, "w");
    put(w, &header, sizeof header);
}

static void put16(uint8_t *at, size_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, v >> 16);
    put16(at + 2, v & 0xFFFF);
}

static void write_packet(struct written *w, int from, int kind, uint32_t seq, const uint8_t *octets,
                         size_t len)
{
    uint8_t head[40] = {0x45, [8] = 64, [12] = 10, [15] = 1, [16] = 10, [19] = 2};
    size_t head_len = kind == UDP ? 28 : 40;
    head[9] = kind == UDP ? IPPROTO_UDP : IPPROTO_TCP;
    put16(head + 2, head_len + len);
    head[15] = (uint8_t)(from + 1);
    head[19] = (uint8_t)(2 - from);
    put16(head + 20, from == MASTER ? 1234 : w->port);
    put16(head + 22, from == MASTER ? w->port : 1234);
    if (kind == UDP) {
        put16(head + 24, 8 + len);
    } else {
        put32(head + 24, seq);
        put16(head + 32, 0x5000U | (unsigned)kind);
    }
    uint32_t record[4] = {(uint32_t)(BEGIN_S + w->now_us / 1000000), (uint32_t)(w->now_us % 1000000),
                          (uint32_t)(head_len + len), (uint32_t)(head_len + len)};
    put(w, record, sizeof record);
    put(w, head, head_len);
    put(w, octets, len);
    w->now_us += 10000;
}

/* The next octets of that end's stream. */
static void send_octets(struct written *w, int from, const uint8_t *octets, size_t len)
{
    write_packet(w, from, DATA, w->seq[from], octets, len);
    w->seq[from] += (uint32_t)len;
}

static size_t vector(const char *id, uint8_t octets[4096])
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        if (strcmp(vectors[i].id, id) == 0)
            return hex_parse(vectors[i].hex, octets, 4096);
    fail_msg("no vector %s", id);
    return 0;
}

static void send_vector(struct written *w, int from, const char *id)
{
    uint8_t octets[4096];
    size_t len = vector(id, octets);
    send_octets(w, from, octets, len);
}

static char *dumped(struct written *w, struct dump_options options, uint64_t *defects)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    struct dump d;
    if (w->file)
        fclose(w->file);
    w->file = NULL;
    dump_begin(&d, &options, to);
    assert_int_equal(capture_read(&d, w->path), EX_OK);
    *defects = d.stats.defect_count;
    if (options.stats)
        stats_print(&d.stats, to);
    dump_end(&d);
    fclose(to);
    return text;
}

/* The text with the temporary file's name taken out. */
static void says(struct written *w, struct dump_options options, uint64_t defects, const char *wanted)
{
    uint64_t found;
    char *text = dumped(w, options, &found), *at;
    const char *name = strrchr(w->path, '/') + 1;
    size_t len = strlen(name);
    while ((at = strstr(text, name)))
        memmove(at, at + len, strlen(at + len) + 1);
    if (strcmp(text, wanted) != 0) {
        fprintf(stderr, "it says\n%s\nnot\n%s", text, wanted);
        fail();
    }
    assert_int_equal(found, defects);
    free(text);
}

static void write_end(struct written *w)
{
    unlink(w->path);
}

static void a_line_a_frame(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    write_packet(&w, MASTER, SYN, 999, NULL, 0);
    send_vector(&w, MASTER, "L03");
    send_vector(&w, OUTSTATION, "L04");
    send_vector(&w, MASTER, "A02");
    send_vector(&w, OUTSTATION, "R05");
    says(&w, (struct dump_options){0}, 0,
         "== , 2025-01-01 UTC\n"
         "00:00:00.010000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.010000    1  M 1 > 10         REQUEST_LINK_STATUS\n"
         "00:00:00.020000    1  O 10 > 1         LINK_STATUS\n"
         "00:00:00.030000    1  M 1 > 10         UNCONFIRMED  READ seq 1 FIR FIN | g60v2 q07 n=5\n"
         "00:00:00.040000    1  O 10 > 1         UNCONFIRMED  RESPONSE seq 4 FIR FIN CON | g2v2 q28 n=2: [3] "
         "ON "
         "ONLINE 2025-01-01T00:00:00.001Z, [9] OFF ONLINE 2025-01-01T00:00:00.250Z\n");
    write_end(&w);
}

static void a_tree_with_its_octets(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_vector(&w, MASTER, "L03");
    send_vector(&w, MASTER, "A02");
    says(&w, (struct dump_options){.style = OUTPUT_TREE, .hex = true}, 0,
         "== , 2025-01-01 UTC\n"
         "00:00:00.000000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.000000    1  M 1 > 10         REQUEST_LINK_STATUS\n"
         "    packet 1, 10.0.0.1:1234 > 10.0.0.2:20000, octet 0 of the stream\n"
         "    link, octets 0..9: LENGTH 5, control C9 DIR PRM REQUEST_LINK_STATUS, destination 10, source 1\n"
         "    0000  05 64 05 C9 0A 00 01 00 | FE DA\n"
         "00:00:00.010000    1  M 1 > 10         UNCONFIRMED  READ seq 1 FIR FIN\n"
         "    packet 2, 10.0.0.1:1234 > 10.0.0.2:20000, octet 10 of the stream\n"
         "    link, octets 0..18: LENGTH 12, control C4 DIR PRM UNCONFIRMED_USER_DATA, destination 10, "
         "source 1\n"
         "    transport, octet 10: C0 FIR FIN seq 0, 6 octets behind it\n"
         "    application, 6 octets in 1 segment:\n"
         "        READ seq 1 FIR FIN\n"
         "          @2 g60v2 q07 n=5  Class 1\n"
         "    0000  05 64 0C C4 0A 00 01 00 | 92 0F\n"
         "    000a  C0 C1 01 3C 02 07 05 | 17 24\n");
    write_end(&w);
}

/* A frame in three segments, the last two swapped, the first twice; the lines are those of one in order. */
static void tcp_in_disorder(void **state)
{
    (void)state;
    struct written w;
    uint8_t o[4096];
    size_t len = vector("A02", o);
    write_begin(&w);
    write_packet(&w, MASTER, SYN, 999, NULL, 0);
    write_packet(&w, MASTER, DATA, 1000, o, 5);
    write_packet(&w, MASTER, DATA, 1012, o + 12, len - 12);
    write_packet(&w, MASTER, DATA, 1000, o, 5);
    write_packet(&w, MASTER, DATA, 1005, o + 5, 7);
    says(&w, (struct dump_options){0}, 0,
         "== , 2025-01-01 UTC\n"
         "00:00:00.020000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.020000    1  M 1 > 10         UNCONFIRMED  READ seq 1 FIR FIN | g60v2 q07 n=5\n");
    write_end(&w);
}

/* What is held comes again with other octets: told, and the first wins. */
static void tcp_in_contradiction(void **state)
{
    (void)state;
    struct written w;
    uint8_t o[4096];
    size_t len = vector("L03", o);
    write_begin(&w);
    write_packet(&w, MASTER, SYN, 999, NULL, 0);
    write_packet(&w, MASTER, DATA, 1004, o + 4, len - 4);
    write_packet(&w, MASTER, DATA, 1007, (const uint8_t *)"other", 3);
    write_packet(&w, MASTER, DATA, 1000, o, 4);
    says(&w, (struct dump_options){0}, 1,
         "== , 2025-01-01 UTC\n"
         "00:00:00.020000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.020000    1  DEFECT tcp, stream of 10.0.0.1:1234, octet 7: repeated with other octets "
         "[RFC 9293 3.4]\n"
         "00:00:00.010000    1  M 1 > 10         REQUEST_LINK_STATUS\n");
    write_end(&w);
}

static void damage_on_the_wire(void **state)
{
    (void)state;
    struct written w;
    uint8_t o[4096];
    size_t len = vector("A02", o);
    write_begin(&w);
    send_octets(&w, MASTER, (const uint8_t *)"\xAA\xBB", 2);
    o[12] ^= 1;
    send_octets(&w, MASTER, o, len);
    o[12] ^= 1;
    o[4] ^= 1;
    send_octets(&w, MASTER, o, len);
    o[4] ^= 1;
    send_octets(&w, MASTER, o, len);
    send_octets(&w, MASTER, o, 12); /* and 7 octets never come */
    w.seq[MASTER] += 7;
    send_vector(&w, MASTER, "L03");
    says(
        &w, (struct dump_options){0}, 5,
        "== , 2025-01-01 UTC\n"
        "00:00:00.000000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
        "00:00:00.000000    1  DEFECT link, stream of 10.0.0.1:1234, octet 0: noise: 2 octets [link.md 7.1]\n"
        "00:00:00.010000    1  DEFECT link, stream of 10.0.0.1:1234, octet 2: wrong CRC of a block: block 0 "
        "of a frame of 19 "
        "octets, "
        "19 passed over [link.md 7.3]\n"
        "00:00:00.020000    1  DEFECT link, stream of 10.0.0.1:1234, octet 21: wrong CRC of the header: 19 "
        "octets passed over "
        "[link.md 7.1]\n"
        "00:00:00.030000    1  M 1 > 10         UNCONFIRMED  READ seq 1 FIR FIN | g60v2 q07 n=5\n"
        "00:00:00.050000    1  DEFECT link, stream of 10.0.0.1:1234, octet 59: frame without its end: 12 of "
        "19 octets "
        "[link.md 7.3]\n"
        "00:00:00.050000    1  DEFECT tcp, stream of 10.0.0.1:1234, octet 71: octets missing: 7 [RFC 9293 "
        "3.4]\n"
        "00:00:00.050000    1  M 1 > 10         REQUEST_LINK_STATUS\n");
    write_end(&w);
}

/* Each datagram stands for itself; the other port is told by what is in it. */
static void datagrams(void **state)
{
    (void)state;
    struct written w;
    uint8_t o[4096];
    size_t len = vector("L03", o);
    write_begin(&w);
    w.port = 30000;
    memcpy(o + len, o, 4);
    write_packet(&w, OUTSTATION, UDP, 0, (const uint8_t *)"no DNP3", 7);
    write_packet(&w, MASTER, UDP, 0, o, len + 4);
    write_packet(&w, MASTER, UDP, 0, o, len);
    says(&w, (struct dump_options){0}, 1,
         "== , 2025-01-01 UTC\n"
         "00:00:00.010000    1  udp 10.0.0.2:30000 - 10.0.0.1:1234\n"
         "00:00:00.010000    1  M 1 > 10         REQUEST_LINK_STATUS\n"
         "00:00:00.010000    1  DEFECT link, datagram of 10.0.0.1:1234, octet 10: frame without its end: 4 "
         "octets [link.md "
         "7.3]\n"
         "00:00:00.020000    1  M 1 > 10         REQUEST_LINK_STATUS\n");
    says(&w, (struct dump_options){.ports = {20000}, .port_count = 1}, 0, "");
    write_end(&w);
}

static size_t segment(uint8_t *into, uint8_t header, const char *payload)
{
    uint8_t user[64] = {header};
    size_t len = hex_parse(payload, user + 1, sizeof user - 1);
    return link_encode(0x44, 1, 10, user, len + 1, into, 100);
}

static void send_segment(struct written *w, uint8_t header, const char *payload)
{
    uint8_t octets[100];
    send_octets(w, OUTSTATION, octets, segment(octets, header, payload));
}

static void segments_and_what_they_break(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_segment(&w, 0x7F, "C0 81 00");
    send_segment(&w, 0x80, "00");
    send_segment(&w, 0x03, "11");
    send_segment(&w, 0x41, "C0");
    send_segment(&w, 0x41, "C0");
    send_segment(&w, 0x43, "C0");
    send_segment(&w, 0x03, "C0");
    send_segment(&w, 0x86, "00");
    send_segment(&w, 0xC0, "");
    says(&w, (struct dump_options){0}, 6,
         "== , 2025-01-01 UTC\n"
         "00:00:00.000000    1  tcp 10.0.0.2:20000 - 10.0.0.1:1234\n"
         "00:00:00.000000    1  O 10 > 1         UNCONFIRMED  segment 63 FIR, 3 octets\n"
         "00:00:00.010000    1  O 10 > 1         UNCONFIRMED  RESPONSE seq 0 FIR FIN\n"
         "00:00:00.020000    1  O 10 > 1         UNCONFIRMED  segment 3, 1 octet\n"
         "00:00:00.020000    1  DEFECT transport, frame octet 10: segment without a first one, "
         "dropped [transport.md 3]\n"
         "00:00:00.030000    1  O 10 > 1         UNCONFIRMED  segment 1 FIR, 1 octet\n"
         "00:00:00.040000    1  O 10 > 1         UNCONFIRMED  segment 1 FIR, 1 octet\n"
         "00:00:00.040000    1  DEFECT transport, frame octet 10: a new series before the end of the "
         "last, which is dropped [transport.md 3]\n"
         "00:00:00.050000    1  O 10 > 1         UNCONFIRMED  segment 3 FIR, 1 octet\n"
         "00:00:00.050000    1  DEFECT transport, frame octet 10: a new series before the end of the "
         "last, which is dropped [transport.md 3]\n"
         "00:00:00.060000    1  O 10 > 1         UNCONFIRMED  segment 3, 1 octet\n"
         "00:00:00.060000    1  DEFECT transport, frame octet 10: segment repeated, dropped "
         "[transport.md 3]\n"
         "00:00:00.070000    1  O 10 > 1         UNCONFIRMED  segment 6 FIN, 1 octet\n"
         "00:00:00.070000    1  DEFECT transport, frame octet 10: gap, the series is dropped: seq 6, "
         "not 4 [transport.md 3]\n"
         "00:00:00.080000    1  O 10 > 1         UNCONFIRMED  segment 0 FIR FIN, 0 octets\n"
         "00:00:00.080000    1  DEFECT transport, frame octet 10: segment without payload "
         "[transport.md 1]\n");
    write_end(&w);
}

static void wrong_fragments(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_segment(&w, 0xC0, "C1 81 00 40");
    send_segment(&w, 0xC1, "D1 81 00 00 01 02 00 05 04");
    send_segment(&w, 0xC2, "C1 82 00 00 02 02 28 02 00 03 00 81");
    send_segment(&w, 0xC3, "C1 01 3C 02 06");
    send_segment(&w, 0xC4, "C1 77 00 00");
    send_segment(&w, 0xC5, "C1");
    says(&w, (struct dump_options){0}, 9,
         "== , 2025-01-01 UTC\n"
         "00:00:00.000000    1  tcp 10.0.0.2:20000 - 10.0.0.1:1234\n"
         "00:00:00.000000    1  O 10 > 1         UNCONFIRMED  RESPONSE seq 1 FIR FIN IIN2.6 reserved\n"
         "00:00:00.000000    1  DEFECT application, fragment octet 3: reserved IIN set: IIN2.6 "
         "[application.md 3]\n"
         "00:00:00.010000    1  O 10 > 1         UNCONFIRMED  RESPONSE seq 1 FIR FIN UNS | g1v2 q00\n"
         "00:00:00.010000    1  DEFECT application, fragment octet 0: flags: a solicited response has "
         "no UNS [application.md 1.1]\n"
         "00:00:00.010000    1  DEFECT application, fragment octet 4: bad range or count: g1v2 "
         "qualifier 00: start after stop, 5 octets not read [application.md 4]\n"
         "00:00:00.020000    1  O 10 > 1         UNCONFIRMED  UNSOLICITED_RESPONSE seq 1 FIR FIN | g2v2 "
         "q28\n"
         "00:00:00.020000    1  DEFECT application, fragment octet 0: flags: an unsolicited response "
         "has FIR, FIN, CON and UNS [application.md 1.1]\n"
         "00:00:00.020000    1  DEFECT application, fragment octet 4: truncated: g2v2 qualifier 28, 8 "
         "octets not read [application.md 4]\n"
         "00:00:00.030000    1  O 10 > 1         UNCONFIRMED  READ seq 1 FIR FIN | g60v2 q06\n"
         "00:00:00.030000    1  DEFECT application, fragment octet 1: wrong way: a request of an "
         "outstation [application.md 1]\n"
         "00:00:00.040000    1  O 10 > 1         UNCONFIRMED  function 119 seq 1 FIR FIN\n"
         "00:00:00.040000    1  DEFECT application, fragment octet 1: reserved function: 119 "
         "[application.md 2]\n"
         "00:00:00.040000    1  DEFECT application, fragment octet 2: truncated: 2 octets are no "
         "object header [application.md 4]\n"
         "00:00:00.050000    1  O 10 > 1         UNCONFIRMED  \n"
         "00:00:00.050000    1  DEFECT application, fragment octet 0: fragment without its header: 1 "
         "octet [application.md 1]\n");
    write_end(&w);
}

static void both_ends_say_master(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_vector(&w, MASTER, "L03");
    send_vector(&w, OUTSTATION, "L03");
    says(&w, (struct dump_options){0}, 1,
         "== , 2025-01-01 UTC\n"
         "00:00:00.000000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.000000    1  M 1 > 10         REQUEST_LINK_STATUS\n"
         "00:00:00.010000    1  M 1 > 10         REQUEST_LINK_STATUS\n"
         "00:00:00.010000    1  DEFECT link, frame octet 3: both ends say that they are the same: "
         "DIR is 1 from the outstation's end [link.md 3]\n");
    write_end(&w);
}

/* A part of a datagram, and a packet of which the capture has the first octets only. */
static void packets_that_are_not_whole(void **state)
{
    (void)state;
    struct written w;
    uint8_t packet[200];
    const uint32_t part[4] = {BEGIN_S, 0, 60, 60}, cut[4] = {BEGIN_S, 0, 45, 50};
    write_begin(&w);
    put(&w, part, sizeof part);
    size_t len =
        hex_parse("45 00 00 3C 00 01 20 00 40 11 00 00 0A 00 00 01 0A 00 00 02", packet, sizeof packet);
    memset(packet + len, 0, 40);
    put(&w, packet, 60);
    put(&w, cut, sizeof cut);
    hex_parse(
        "45 00 00 32 00 01 00 00 40 06 00 00 0A 00 00 01 0A 00 00 02 04 D2 4E 20 00 00 00 01 00 00 00 00"
        "50 18 00 00 00 00 00 00 05 64 05 C0 0A",
        packet, sizeof packet);
    put(&w, packet, 45);
    says(&w, (struct dump_options){0}, 3,
         "== , 2025-01-01 UTC\n"
         "00:00:00.000000    -  DEFECT ip, packet octet 0: part of an IP datagram, not read [RFC 791 3.2]\n"
         "00:00:00.000000    1  tcp 10.0.0.1:1234 - 10.0.0.2:20000\n"
         "00:00:00.000000    1  DEFECT ip, packet octet 0: the capture cut the packet [capture]\n"
         "00:00:00.000000    1  DEFECT link, stream of 10.0.0.1:1234, octet 0: frame without its end: 5 "
         "octets [link.md 7.3]\n");
    write_end(&w);
}

static void as_json(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_octets(&w, MASTER, (const uint8_t *)"\xAA", 1);
    send_vector(&w, MASTER, "L08");
    send_vector(&w, OUTSTATION, "R05");
    says(&w, (struct dump_options){.style = OUTPUT_JSON, .hex = true}, 1,
         "{\"file\":\"\",\"packet\":1,\"time\":\"2025-01-01T00:00:00.000000Z\",\"connection\":1,\"prot"
         "ocol\":\"tcp\",\"from\":\"10.0.0.1:1234\",\"to\":\"10.0.0.2:20000\",\"defects\":[{\"id\":\"l"
         "ink_noise\",\"layer\":\"link\",\"rule\":\"link.md 7.1\",\"text\":\"noise\",\"detail\":\"1 "
         "octet\",\"of\":\"stream\",\"offset\":0,\"octets\":1}],\"octets\":\"AA\"}\n"
         "{\"file\":\"\",\"packet\":2,\"time\":\"2025-01-01T00:00:00.010000Z\",\"connection\":1,\"prot"
         "ocol\":\"tcp\",\"from\":\"10.0.0.1:1234\",\"to\":\"10.0.0.2:20000\",\"link\":{\"offset\":1,"
         "\"octets\":10,\""
         "master\":true,\"source\":1,\"destination\":10,\"control\":242,\"function\":\"TEST_LINK_STATE"
         "S\",\"flags\":[\"FCB\",\"FCV\"],\"user_octets\":0},\"octets\":\"056405F20A0001007258\"}\n"
         "{\"file\":\"\",\"packet\":3,\"time\":\"2025-01-01T00:00:00.020000Z\",\"connection\":1,\"prot"
         "ocol\":\"tcp\",\"from\":\"10.0.0.2:20000\",\"to\":\"10.0.0.1:1234\",\"link\":{\"offset\":0,"
         "\"octets\":42,\""
         "master\":false,\"source\":10,\"destination\":1,\"control\":68,\"function\":\"UNCONFIRMED_USE"
         "R_DATA\",\"flags\":[],\"user_octets\":28},\"transport\":{\"flags\":[\"FIR\",\"FIN\"],\"seq\""
         ":0},\"application\":{\"octets\":27,\"segments\":1,\"function\":129,\"name\":\"RESPONSE\",\"f"
         "lags\":[\"FIR\",\"FIN\",\"CON\"],\"seq\":4,\"iin\":[],\"headers\":[{\"offset\":4,\"group\":2"
         ",\"variation\":2,\"qualifier\":40,\"name\":\"Binary input event - with absolute "
         "time\",\"count\":2,\"objects\":[{\"index\":3,\"type\":\"binary_input\",\"value\":1,\"flags\""
         ":[\"ONLINE\"],\"time\":\"2025-01-01T00:00:00.001Z\",\"synchronised\":true},{\"index\":9,\"ty"
         "pe\":\"binary_input\",\"value\":0,\"flags\":[\"ONLINE\"],\"time\":\"2025-01-01T00:00:00.250Z"
         "\",\"synchronised\":true}]}]},\"octets\":\"0564214401000A0060DDC0E48100000202280200030081017"
         "C2909721F9401090001FA7C291F940185C9\"}\n");
    write_end(&w);
}

static void figures(void **state)
{
    (void)state;
    struct written w;
    write_begin(&w);
    send_vector(&w, MASTER, "A01");
    send_vector(&w, OUTSTATION, "R01");
    send_vector(&w, MASTER, "A02");
    send_vector(&w, MASTER, "A02");
    send_vector(&w, OUTSTATION, "R02");
    send_vector(&w, OUTSTATION, "R05");
    says(&w, (struct dump_options){.style = OUTPUT_NOTHING, .stats = true}, 0,
         "Seen\n"
         "         6  packets\n"
         "         6  link frames\n"
         "         6  application fragments\n"
         "\n"
         "Functions\n"
         "         3    1 READ\n"
         "         3  129 RESPONSE\n"
         "\n"
         "Objects\n"
         "   headers    objects\n"
         "         1          3  g1v2     Binary input - with flags\n"
         "         1          2  g2v2     Binary input event - with absolute time\n"
         "         1          2  g30v1    Analog input - 32-bit with flag\n"
         "         1          0  g60v1    Class 0\n"
         "         3          0  g60v2    Class 1\n"
         "         1          0  g60v3    Class 2\n"
         "         1          0  g60v4    Class 3\n"
         "\n"
         "Indications\n"
         "         1  IIN1.4 NEED_TIME\n"
         "         1  IIN1.7 DEVICE_RESTART\n"
         "\n"
         "Associations                                                       response time, ms\n"
         "conn master outst.   requests responses unsolicit. confirms        min   median      p99    "
         "  max   ends\n"
         "   1      1      10         3         3         0         0     10.000   10.000   10.000   "
         "10.000   10.0.0.1:1234 - 10.0.0.2:20000\n"
         "      requests without response: 1, requests repeated: 1, responses out of sequence: 1\n");
    write_end(&w);
}

static void files_that_are_none(void **state)
{
    (void)state;
    struct dump d;
    char path[] = "/tmp/dump_golden.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "no capture, but text", 20), 20);
    close(fd);
    dump_begin(&d, &(struct dump_options){0}, stdout);
    assert_int_equal(capture_read(&d, path), EX_DATAERR);
    unlink(path);
    assert_int_equal(capture_read(&d, path), EX_NOINPUT);
    dump_end(&d);
}

/* A packet that the file has half of: what is before it is told. */
static void a_file_that_ends_too_soon(void **state)
{
    (void)state;
    struct written w;
    struct dump d;
    write_begin(&w);
    send_vector(&w, MASTER, "L03");
    send_vector(&w, MASTER, "L03");
    off_t size = ftello(w.file);
    fclose(w.file);
    assert_int_equal(truncate(w.path, size - 3), 0);
    dump_begin(&d, &(struct dump_options){.style = OUTPUT_NOTHING}, stdout);
    assert_int_equal(capture_read(&d, w.path), EX_DATAERR);
    assert_int_equal(d.stats.frames, 1);
    dump_end(&d);
    write_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_a_frame),
        cmocka_unit_test(a_tree_with_its_octets),
        cmocka_unit_test(tcp_in_disorder),
        cmocka_unit_test(tcp_in_contradiction),
        cmocka_unit_test(damage_on_the_wire),
        cmocka_unit_test(datagrams),
        cmocka_unit_test(segments_and_what_they_break),
        cmocka_unit_test(wrong_fragments),
        cmocka_unit_test(both_ends_say_master),
        cmocka_unit_test(packets_that_are_not_whole),
        cmocka_unit_test(as_json),
        cmocka_unit_test(figures),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(a_file_that_ends_too_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
