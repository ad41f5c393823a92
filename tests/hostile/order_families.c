// SPDX-License-Identifier: Apache-2.0
/* Fragments that are right by themselves and come when they should not (dnp3-reference/application.md 5,
 * controls.md, files.md). */
#include "stimulus.h"

static const uint8_t event[] = {2, 1, 0x17, 1, 3, 0x81};

static void send_fragment(struct stimulus *s, const struct writer *w)
{
    s->fragment_len = writer_len(w);
    stimulus_fragment(s, s->fragment, s->fragment_len);
}

static uint32_t sequence_count(void)
{
    return 16 * 16 * 4;
}

/* Every SEQ beside the one that is due, under every set of flags: confirms of nothing, answers that nobody
 * asked for or that come late, requests that repeat. */
static void sequence_make(struct stimulus *s, uint32_t n)
{
    static const uint8_t functions[2][4] = {
        {APP_RESPONSE, APP_UNSOLICITED_RESPONSE, APP_RESPONSE, APP_UNSOLICITED_RESPONSE},
        {APP_CONFIRM, APP_READ, APP_SELECT, APP_WRITE}};
    static const uint8_t read[] = {60, 2, 6};
    struct writer w = stimulus_header(s, APP_READ);
    uint8_t seq = (uint8_t)((s->fragment[0] + n) & APP_SEQ);
    s->fragment[0] = (uint8_t)((n / 16 % 16) << 4 | seq);
    s->fragment[1] = functions[s->guise->master][n / 256];
    if (!s->guise->master)
        write_octets(&w, event, n / 512 ? sizeof event : 0);
    else if (s->fragment[1] == APP_READ)
        write_octets(&w, read, sizeof read);
    send_fragment(s, &w);
}

static uint32_t series_count(void)
{
    return 6 * 16;
}

/* Fragments of one response: without a first, without a last, one that is missing, one that comes twice. A
 * master has no series: it asks and asks, and awaits nothing. */
static void series_make(struct stimulus *s, uint32_t n)
{
    uint32_t len = n / 6 + 2, how = n % 6;
    struct writer w = stimulus_header(s, APP_READ);
    uint8_t first = s->fragment[0];
    for (uint32_t i = 0; i < len; i++) {
        uint8_t fir = i == 0 && how != 0 ? APP_FIR : 0;
        uint8_t fin = i + 1 == len && how != 1 ? APP_FIN : 0;
        uint8_t seq = (uint8_t)((first + i + (how == 2 && i > len / 2)) & APP_SEQ);
        if (how == 4)
            seq = first & APP_SEQ;
        w.at = s->fragment + (s->guise->master ? 2 : 4);
        s->fragment[0] = (uint8_t)(fir | fin | (how == 5 ? 0 : APP_CON) | seq);
        s->fragment[1] = s->guise->master ? APP_READ : APP_RESPONSE;
        if (s->guise->master)
            s->fragment[0] = (uint8_t)(APP_FIR | APP_FIN | seq);
        write_octets(&w, s->guise->master ? (const uint8_t[]){60, 1, 6} : event, s->guise->master ? 3 : 6);
        send_fragment(s, &w);
        if (how == 3)
            send_fragment(s, &w);
    }
}

static uint32_t controls_count(void)
{
    return 256 * 4;
}

static void write_crob(struct writer *w, uint8_t code, uint8_t index, uint8_t status)
{
    const uint8_t crob[] = {12, 1, 0x17, 1, index, code, 1, 100, 0, 0, 0, 100, 0, 0, 0, status};
    write_octets(w, crob, sizeof crob);
}

/* Every control code, selected and then operated otherwise, operated without, twice, or the last of many.
 * From an outstation: echoes of what nobody ordered. */
static void controls_make(struct stimulus *s, uint32_t n)
{
    uint8_t code = (uint8_t)n;
    uint32_t how = n / 256;
    struct writer w = stimulus_header(s, how == 1 ? APP_OPERATE : APP_SELECT);
    write_crob(&w, code, (uint8_t)(n % 5), 0);
    send_fragment(s, &w);
    if (!s->guise->master || how == 1)
        return;
    w = stimulus_header(s, APP_OPERATE);
    for (uint32_t i = 0; i < (how == 3 ? 60 : 1); i++)
        write_crob(&w, how == 0 ? code : (uint8_t)(code + 1), (uint8_t)(n % 5), how == 2 ? 4 : 0);
    send_fragment(s, &w);
}

static uint32_t files_count(void)
{
    return 8 * 32;
}

/* Blocks of no file, files that are not open, opened once more, closed twice; blocks out of order. */
static void files_make(struct stimulus *s, uint32_t n)
{
    static const struct {
        uint8_t function, variation, size;
    } of[8] = {{APP_OPEN_FILE, 3, 30},   {APP_READ, 5, 8},
               {APP_WRITE, 5, 20},       {APP_CLOSE_FILE, 4, 13},
               {APP_ABORT_FILE, 4, 13},  {APP_GET_FILE_INFO, 7, 24},
               {APP_DELETE_FILE, 3, 30}, {APP_AUTHENTICATE_FILE, 2, 14}};
    for (uint32_t i = 0; i < 2; i++, n = n / 8 + 3) {
        struct writer w = stimulus_header(s, of[n % 8].function);
        write_u8(&w, 70);
        write_u8(&w, of[n % 8].variation);
        write_u8(&w, 0x5B);
        write_u8(&w, 1);
        write_u16(&w, of[n % 8].size);
        for (uint32_t k = 0; k < of[n % 8].size; k++)
            write_u8(&w, (uint8_t)(k < 2 ? 26 * (k == 0) : scatter(n, k) % (n & 16 ? 256 : 3)));
        send_fragment(s, &w);
    }
}

static uint32_t storm_count(void)
{
    return 6;
}

/* Many at once, of what each costs the other side something: answers, confirms, repeats. */
static void storm_make(struct stimulus *s, uint32_t n)
{
    for (uint32_t i = 0; i < 100; i++) {
        struct writer w = stimulus_header(s, n & 1 ? APP_READ : APP_ENABLE_UNSOLICITED);
        if (s->guise->master)
            write_octets(&w, (const uint8_t[]){60, (uint8_t)(n & 1 ? 1 : 2), 6}, 3);
        else
            write_octets(&w, event, n % 3 ? sizeof event : 0);
        if (n >= 4)
            s->fragment[0] = (uint8_t)((s->fragment[0] & ~APP_SEQ) | 5);
        send_fragment(s, &w);
    }
}

const struct family order_families[] = {
    {"application.md 5", "sequence numbers x flags", sequence_count, sequence_make},
    {"application.md 5", "series of fragments", series_count, series_make},
    {"application.md 5, 7", "a hundred at once", storm_count, storm_make},
    {"controls.md 1, 4", "select and operate", controls_count, controls_make},
    {"files.md 3, 4", "blocks and handles", files_count, files_make},
    {NULL, NULL, NULL, NULL},
};
