// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/output.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/decode.h"

enum { NS_PER_S = 1000000000, RAW_SHOWN_MAX = 320 };
enum { COLUMNS_PLACE = 22, COLUMNS_LINK = 30 }; /* what stands before a fragment */

void output_time(int64_t time_ns, char *text, size_t room)
{
    int64_t sub_ns = time_ns % NS_PER_S;
    time_t seconds = (time_t)(time_ns / NS_PER_S);
    struct tm tm;
    if (sub_ns < 0) {
        sub_ns += NS_PER_S;
        seconds--;
    }
    gmtime_r(&seconds, &tm);
    size_t n = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, room - n, ".%06dZ", (int)(sub_ns / 1000));
}

const char *output_endpoint(const struct flow *f, unsigned side, char text[OUTPUT_ENDPOINT])
{
    const struct endpoint *e = &f->end[side];
    char address[INET6_ADDRSTRLEN];
    inet_ntop(f->v6 ? AF_INET6 : AF_INET, e->address, address, sizeof address);
    snprintf(text, OUTPUT_ENDPOINT, f->v6 ? "[%s]:%u" : "%s:%u", address, e->port);
    return text;
}

void output_link_words(const struct link_frame *frame, char *text, size_t room)
{
    char whole[160];
    decode_frame(frame, whole, sizeof whole);
    char *words = strstr(whole, ": ");
    words = words ? words + 2 : whole;
    words[strcspn(words, ",")] = '\0';
    snprintf(text, room, "%s", words);
}

static const char *fragment_text(struct output *o, const struct report *r, bool tree)
{
    enum decode_style style = tree ? DECODE_TREE : DECODE_LINE;
    size_t len;
    while ((len = decode_fragment(r->fragment, r->fragment_len, style, o->text, o->room)) >= o->room) {
        o->room = len + 1;
        o->text = realloc(o->text, o->room);
        if (!o->text)
            abort();
    }
    return o->text;
}

/* Time and flow, in columns; hex has neither. */
static void put_place(const struct output *o, const struct report *r)
{
    char time[40];
    if (!o->file)
        return;
    output_time(r->at.time_ns, time, sizeof time);
    time[strlen(time) - 1] = '\0';
    fprintf(o->to, "%s  ", strchr(time, 'T') + 1);
    if (r->flow)
        fprintf(o->to, "%3u  ", r->flow->id);
    else
        fputs("  -  ", o->to);
}

static void put_day(struct output *o, const struct report *r)
{
    char time[40];
    if (!o->file)
        return;
    output_time(r->at.time_ns, time, sizeof time);
    if (strncmp(time, o->day, sizeof o->day - 1) == 0)
        return;
    snprintf(o->day, sizeof o->day, "%.10s", time);
    fprintf(o->to, "== %s, %s UTC\n", o->file, o->day);
}

static void put_introduction(struct output *o, const struct report *r)
{
    char from[OUTPUT_ENDPOINT], to[OUTPUT_ENDPOINT];
    if (!r->flow || r->flow->told || r->flow->kind == FLOW_HEX)
        return;
    r->flow->told = true;
    put_place(o, r);
    fprintf(o->to, "%s %s - %s\n", r->flow->kind == FLOW_TCP ? "tcp" : "udp",
            output_endpoint(r->flow, 0, from), output_endpoint(r->flow, 1, to));
}

/* "UNCONFIRMED" is enough in a line. */
static void put_link_word(struct output *o, const struct report *r)
{
    char words[80];
    output_link_words(r->frame, words, sizeof words);
    char *tail = strstr(words, "_USER_DATA");
    if (tail)
        memmove(tail, tail + 10, strlen(tail + 10) + 1);
    fprintf(o->to, r->frame->user_len > 0 ? "%-11s" : "%s", words);
}

static void put_segment(struct output *o, const struct report *r)
{
    const struct link_frame *f = r->frame;
    if (f->user_len > 0)
        fprintf(o->to, "  segment %u%s%s, %u octet%s", f->user[0] & TRANSPORT_SEQ,
                f->user[0] & TRANSPORT_FIR ? " FIR" : "", f->user[0] & TRANSPORT_FIN ? " FIN" : "",
                f->user_len - 1U, f->user_len == 2 ? "" : "s");
}

/* Defects behind which nothing of the fragment is read. */
static bool ends_fragment(const struct defect *d)
{
    static const bool ends[DEFECT_KINDS] = {
        [DEFECT_APP_SHORT] = true,     [DEFECT_APP_OBJECT] = true, [DEFECT_APP_VARIATION] = true,
        [DEFECT_APP_QUALIFIER] = true, [DEFECT_APP_RANGE] = true,  [DEFECT_APP_TRUNCATED] = true,
    };
    return ends[d->kind] && d->octets > 0;
}

/* The decoder ends its line with the defect that ended the fragment; here it stands below, with its rule. */
static void cut_defect(const struct report *r, char *text)
{
    char *last = NULL;
    for (size_t i = 0; i < defects_listed(&r->defects); i++) {
        if (!ends_fragment(&r->defects.list[i]))
            continue;
        for (char *at = text; (at = strstr(at, "DEFECT ")); at++)
            last = at;
    }
    while (last && last > text && strchr(" |", last[-1]))
        last--;
    if (last)
        *last = '\0';
}

static void cut_objects(char *text)
{
    char *first = strstr(text, " | ");
    if (first)
        *first = '\0';
}

static void put_fragment_line(struct output *o, const struct report *r, unsigned column)
{
    enum { READABLE = 40 };
    unsigned left = o->width > column + READABLE ? o->width - column : READABLE;
    fragment_text(o, r, false);
    cut_defect(r, o->text);
    if (o->style == OUTPUT_TREE) /* its objects stand below */
        cut_objects(o->text);
    if (o->width > 0 && strlen(o->text) > left)
        snprintf(o->text + left - 3, 4, "...");
    fputs(o->text, o->to);
}

static void put_heading(struct output *o, const struct report *r)
{
    const struct link_frame *f = r->frame;
    char addresses[32];
    put_place(o, r);
    if (f) {
        snprintf(addresses, sizeof addresses, "%c %u > %u", f->control & LINK_DIR ? 'M' : 'O', f->source,
                 f->destination);
        fprintf(o->to, "%-15s  ", addresses);
        put_link_word(o, r);
    }
    if (!r->fragment && f)
        put_segment(o, r);
    if (r->fragment) {
        fputs(f ? "  " : "", o->to);
        put_fragment_line(o, r, (o->file ? COLUMNS_PLACE : 0U) + (f ? COLUMNS_LINK : 0U));
    }
    fputc('\n', o->to);
}

static void put_indented(FILE *to, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        fprintf(to, "        %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void put_link_branch(struct output *o, const struct report *r)
{
    const struct link_frame *f = r->frame;
    char words[80];
    output_link_words(f, words, sizeof words);
    fprintf(o->to, "    link, octets 0..%zu: LENGTH %u, control %02X %s%s%s, destination %u, source %u\n",
            r->raw_len - 1, f->user_len + 5U, f->control, f->control & LINK_DIR ? "DIR " : "",
            f->control & LINK_PRM ? "PRM " : "", words, f->destination, f->source);
    if (f->user_len > 0)
        fprintf(o->to, "    transport, octet 10: %02X%s%s seq %u, %u octets behind it\n", f->user[0],
                f->user[0] & TRANSPORT_FIR ? " FIR" : "", f->user[0] & TRANSPORT_FIN ? " FIN" : "",
                f->user[0] & TRANSPORT_SEQ, f->user_len - 1U);
}

static void put_tree(struct output *o, const struct report *r)
{
    char from[OUTPUT_ENDPOINT], to[OUTPUT_ENDPOINT];
    if (o->file && r->flow)
        fprintf(o->to, "    packet %" PRIu64 ", %s > %s, octet %" PRIu64 " of the %s\n", r->at.packet,
                output_endpoint(r->flow, r->side, from), output_endpoint(r->flow, 1 - r->side, to), r->offset,
                r->flow->kind == FLOW_TCP ? "stream" : "datagram");
    if (r->frame)
        put_link_branch(o, r);
    if (!r->fragment)
        return;
    fprintf(o->to, "    application, %zu octets in %u segment%s:\n", r->fragment_len, r->segments,
            r->segments == 1 ? "" : "s");
    put_indented(o->to, fragment_text(o, r, true));
}

/* A row of a frame is its header or a block, with the CRC behind a bar; of other octets 16. */
static void put_hex(struct output *o, const struct report *r)
{
    size_t shown = r->raw_len < RAW_SHOWN_MAX ? r->raw_len : RAW_SHOWN_MAX;
    for (size_t at = 0, len; at < shown; at += len) {
        size_t row = !r->frame ? 16 : at == 0 ? LINK_HEADER_LEN : 18;
        len = shown - at < row ? shown - at : row;
        fprintf(o->to, "    %04zx ", at);
        for (size_t i = 0; i < len; i++)
            fprintf(o->to, "%s%02X", r->frame && i == len - 2 ? " | " : " ", r->raw[at + i]);
        fputc('\n', o->to);
    }
    if (shown < r->raw_len)
        fprintf(o->to, "    ... and %zu more\n", r->raw_len - shown);
}

const char *output_defect_of(const struct report *r, const struct defect *d)
{
    const char *of = defect_types[d->kind].of;
    if (strcmp(of, "stream") != 0 || !r->flow || r->flow->kind == FLOW_TCP)
        return of;
    return r->flow->kind == FLOW_UDP ? "datagram" : "input";
}

/* "stream of 10.0.0.1:1234, octet 7", "fragment octet 4" */
static void put_defect_place(struct output *o, const struct report *r, const struct defect *d)
{
    const char *of = output_defect_of(r, d);
    char end[OUTPUT_ENDPOINT];
    if (r->flow && (strcmp(of, "stream") == 0 || strcmp(of, "datagram") == 0))
        fprintf(o->to, "%s of %s, octet %llu", of, output_endpoint(r->flow, r->side, end), d->offset);
    else
        fprintf(o->to, "%s octet %llu", of, d->offset);
}

static void put_defect(struct output *o, const struct report *r, const struct defect *d)
{
    const struct defect_type *type = &defect_types[d->kind];
    put_place(o, r);
    fprintf(o->to, "%sDEFECT%s %s, ", o->colour ? "\033[1;31m" : "", o->colour ? "\033[0m" : "", type->layer);
    put_defect_place(o, r, d);
    fprintf(o->to, ": %s%s%s [%s]\n", type->text, d->detail[0] ? ": " : "", d->detail, type->rule);
}

static void put_text(struct output *o, const struct report *r)
{
    put_day(o, r);
    put_introduction(o, r);
    if (r->frame || r->fragment)
        put_heading(o, r);
    if (o->style == OUTPUT_TREE && (r->frame || r->fragment))
        put_tree(o, r);
    for (size_t i = 0; i < defects_listed(&r->defects); i++)
        put_defect(o, r, &r->defects.list[i]);
    if (r->defects.count > DEFECTS_MAX) {
        put_place(o, r);
        fprintf(o->to, "DEFECT and %zu more\n", r->defects.count - DEFECTS_MAX);
    }
    if (o->hex)
        put_hex(o, r);
    if (o->fields)
        output_fields(o, r);
}

void output_report(struct output *o, const struct report *r)
{
    if (o->style == OUTPUT_JSON)
        output_json(o, r);
    else if (o->style != OUTPUT_NOTHING)
        put_text(o, r);
}

void output_end(struct output *o)
{
    free(o->text);
    o->text = NULL;
    o->room = 0;
}
