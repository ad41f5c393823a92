// SPDX-License-Identifier: Apache-2.0
/*
 * What the user of dnp3dump gives it: captures (pcap, pcapng), hex, and octets off a wire, through the
 * program's own doors. Since mutations seldom hit a CRC, a capture is read once more with the CRCs of all
 * frames repaired. All styles of output must count the same, each field of frames and fragments is checked to
 * follow the one before (field.c asserts it), and nothing may be left behind.
 */
#include "grammar.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "protocol/crc.h"
#include "tools/dnp3dump/capture.h"

enum { HEADER_PLAIN = 8, HEADER = 10, BLOCK = 16, CRC = 2 };

static bool is_capture(const uint8_t *data, size_t size)
{
    static const uint8_t magics[][4] = {{0xD4, 0xC3, 0xB2, 0xA1},
                                        {0xA1, 0xB2, 0xC3, 0xD4},
                                        {0x4D, 0x3C, 0xB2, 0xA1},
                                        {0xA1, 0xB2, 0x3C, 0x4D},
                                        {0x0A, 0x0D, 0x0D, 0x0A}};
    for (size_t i = 0; size >= 4 && i < sizeof magics / sizeof magics[0]; i++)
        if (memcmp(data, magics[i], 4) == 0)
            return true;
    return false;
}

/* Captures are not octets off a wire: their headers must stay. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (is_capture(data, size) && seed % 4 > 0)
        return LLVMFuzzerMutate(data, size, max_size);
    return grammar_mutate_wire(data, size, max_size, seed);
}

static void put_crc(uint8_t *octets, size_t len)
{
    uint16_t crc = crc_dnp(octets, len);
    octets[len] = (uint8_t)crc;
    octets[len + 1] = (uint8_t)(crc >> 8);
}

static void repair_frame(uint8_t *frame, size_t room)
{
    size_t left = frame[2] < 5 ? 0 : frame[2] - 5U;
    put_crc(frame, HEADER_PLAIN);
    for (size_t at = HEADER; left > 0;) {
        size_t len = left < BLOCK ? left : BLOCK;
        if (at + len + CRC > room)
            return;
        put_crc(frame + at, len);
        at += len + CRC;
        left -= len;
    }
}

static void repair(uint8_t *octets, size_t size)
{
    for (size_t i = 0; i + HEADER <= size; i++)
        if (octets[i] == 0x05 && octets[i + 1] == 0x64)
            repair_frame(octets + i, size - i);
}

struct tally {
    uint64_t frames, fragments, defects;
};

static void read_all(struct dump *d, const uint8_t *data, size_t size)
{
    char why[512] = "";
    if (!is_capture(data, size)) {
        dump_octets(d, data, size);
        dump_file_end(d);
        FILE *text = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
        if (text)
            (void)capture_read_hex(d, text, why, sizeof why);
        if (text)
            fclose(text);
        return;
    }
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    assert(file);
    int status = capture_read_file(d, file, "fuzz", why, sizeof why);
    assert(status == EX_OK || (status == EX_DATAERR && why[0]));
}

static struct tally dump_as(const struct dump_options *options, const uint8_t *data, size_t size)
{
    struct dump d;
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert(to);
    dump_begin(&d, options, to);
    read_all(&d, data, size);
    if (options->stats)
        stats_print(&d.stats, to);
    struct tally t = {d.stats.frames, d.stats.fragments, d.stats.defect_count};
    dump_end(&d);
    fclose(to);
    assert(len == strlen(text)); /* no octet of a peer ends the text */
    free(text);
    return t;
}

static void dump_all(const uint8_t *data, size_t size)
{
    static const struct dump_options styles[] = {
        {.style = OUTPUT_LINE, .width = 80},
        {.style = OUTPUT_TREE, .hex = true, .fields = true},
        {.style = OUTPUT_JSON, .hex = true, .fields = true},
        {.style = OUTPUT_NOTHING, .stats = true},
    };
    struct tally first = dump_as(&styles[0], data, size);
    for (size_t i = 1; i < sizeof styles / sizeof styles[0]; i++) {
        struct tally t = dump_as(&styles[i], data, size);
        assert(t.frames == first.frames && t.fragments == first.fragments && t.defects == first.defects);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dump_all(data, size);
    if (!is_capture(data, size))
        return 0;
    uint8_t *repaired = malloc(size);
    assert(repaired);
    memcpy(repaired, data, size);
    repair(repaired, size);
    dump_all(repaired, size);
    free(repaired);
    return 0;
}
