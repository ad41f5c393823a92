// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/stats.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tools/dnp3dump/output.h"

void stats_begin(struct stats *s)
{
    *s = (struct stats){0};
    s->rows = open_memstream(&s->row_text, &s->row_len);
    if (!s->rows)
        abort();
}

void stats_end(struct stats *s)
{
    fclose(s->rows);
    free(s->row_text);
    for (unsigned g = 0; g < 256; g++)
        free(s->objects[g]);
}

static struct object_count *object_count(struct stats *s, uint8_t group, uint8_t variation)
{
    if (!s->objects[group])
        s->objects[group] = calloc(256, sizeof *s->objects[group]);
    if (!s->objects[group])
        abort();
    return &s->objects[group][variation];
}

void stats_fragment(struct stats *s, const uint8_t *octets, size_t len)
{
    struct app_fragment f;
    struct object_header h;
    s->fragments++;
    if (app_parse(octets, len, &f) != APP_OK)
        return;
    s->functions[f.function]++;
    for (unsigned bit = 0; bit < 16; bit++)
        s->iin[bit] += f.iin >> bit & 1;
    struct object_walk walk = app_objects(&f);
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        struct object_count *count = object_count(s, h.group, h.variation);
        count->headers++;
        count->objects += h.has_objects ? h.count : 0;
    }
}

void stats_defects(struct stats *s, const struct defects *d)
{
    s->defect_count += d->count;
    for (size_t i = 0; i < defects_listed(d); i++)
        s->defects[d->list[i].kind]++;
}

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static void put_anomaly(FILE *to, uint64_t count, const char *what, bool *any)
{
    if (count > 0)
        fprintf(to, "%s%s: %" PRIu64, *any ? ", " : "      ", what, count);
    *any = *any || count > 0;
}

static void put_anomalies(FILE *to, const struct exchange *x)
{
    bool any = false;
    put_anomaly(to, x->unanswered, "requests without response", &any);
    put_anomaly(to, x->repeated_requests, "requests repeated", &any);
    put_anomaly(to, x->request_jumps, "jumps of the requests' SEQ", &any);
    put_anomaly(to, x->stray_responses, "responses out of sequence", &any);
    put_anomaly(to, x->repeated_unsolicited, "unsolicited repeated", &any);
    put_anomaly(to, x->unsolicited_jumps, "jumps of the unsolicited SEQ", &any);
    put_anomaly(to, x->unconfirmed, "confirms missing", &any);
    put_anomaly(to, x->stray_confirms, "confirms of nothing", &any);
    if (any)
        fputc('\n', to);
}

static void put_row(FILE *to, const struct flow *f, const struct association *a)
{
    const struct exchange *x = &a->exchange;
    const struct spread *r = &x->response_time;
    char from[OUTPUT_ENDPOINT], other[OUTPUT_ENDPOINT];
    fprintf(to, "%4u %6u %7u %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64, f->id, a->master,
            a->outstation, x->requests, x->responses, x->unsolicited, x->confirms);
    if (r->count > 0)
        fprintf(to, "   %8.3f %8.3f %8.3f %8.3f", ms(r->min_ns), ms(spread_quantile_ns(r, 0.5)),
                ms(spread_quantile_ns(r, 0.99)), ms(r->max_ns));
    else
        fprintf(to, "%38s", "");
    fprintf(to, "   %s - %s\n", output_endpoint(f, 0, from), output_endpoint(f, 1, other));
    put_anomalies(to, x);
}

void stats_flow(struct stats *s, const struct flow *f)
{
    s->other_flows += !f->dnp3 && f->kind != FLOW_HEX;
    for (int i = 0; i < 2; i++)
        s->repeated_octets += f->direction[i].stream.repeated_octets;
    for (const struct association *a = f->associations; a; a = a->next)
        if (s->row_count++ < STATS_ROWS_MAX)
            put_row(s->rows, f, a);
}

static void put_count(FILE *to, uint64_t count, const char *what)
{
    if (count > 0)
        fprintf(to, "%10" PRIu64 "  %s\n", count, what);
}

static void print_totals(const struct stats *s, FILE *to)
{
    fputs("Seen\n", to);
    put_count(to, s->packets, "packets");
    put_count(to, s->other_packets, "of them neither TCP nor UDP, or of other ports");
    put_count(to, s->other_flows, "connections without DNP3");
    put_count(to, s->evicted,
              "connections and associations given up for want of room: figures are too small");
    put_count(to, s->repeated_octets, "octets repeated by TCP");
    put_count(to, s->frames, "link frames");
    put_count(to, s->fragments, "application fragments");
    put_count(to, s->defect_count, "defects");
}

static void print_functions(const struct stats *s, FILE *to)
{
    fputs("\nFunctions\n", to);
    for (unsigned i = 0; i < 256; i++) {
        const char *name = app_function_name((uint8_t)i);
        if (s->functions[i] > 0)
            fprintf(to, "%10" PRIu64 "  %3u %s\n", s->functions[i], i, name ? name : "reserved");
    }
}

static void print_object(FILE *to, uint8_t group, uint8_t variation, const struct object_count *c)
{
    const struct object_type *type = object_type_find(group, variation);
    char name[16];
    snprintf(name, sizeof name, "g%uv%u", group, variation);
    fprintf(to, "%10" PRIu64 " %10" PRIu64 "  %-8s %s\n", c->headers, c->objects, name,
            type ? type->name : "unknown");
}

static void print_objects(const struct stats *s, FILE *to)
{
    fputs("\nObjects\n   headers    objects\n", to);
    for (unsigned g = 0; g < 256; g++)
        for (unsigned v = 0; s->objects[g] && v < 256; v++)
            if (s->objects[g][v].headers > 0)
                print_object(to, (uint8_t)g, (uint8_t)v, &s->objects[g][v]);
}

static void print_iin(const struct stats *s, FILE *to)
{
    bool any = false;
    for (unsigned bit = 0; bit < 16; bit++) {
        const char *name = app_iin_name(bit);
        if (s->iin[bit] == 0)
            continue;
        fputs(any ? "" : "\nIndications\n", to);
        any = true;
        put_count(to, s->iin[bit], name ? name : "reserved");
    }
}

static void print_defects(const struct stats *s, FILE *to)
{
    if (s->defect_count == 0)
        return;
    fputs("\nDefects\n", to);
    for (unsigned i = 0; i < DEFECT_KINDS; i++)
        if (s->defects[i] > 0)
            fprintf(to, "%10" PRIu64 "  %s: %s [%s]\n", s->defects[i], defect_types[i].layer,
                    defect_types[i].text, defect_types[i].rule);
}

void stats_print(struct stats *s, FILE *to)
{
    fflush(s->rows);
    print_totals(s, to);
    print_functions(s, to);
    print_objects(s, to);
    print_iin(s, to);
    print_defects(s, to);
    if (s->row_len == 0)
        return;
    fputs("\nAssociations                                                       response time, ms\n"
          "conn master outst.   requests responses unsolicit. confirms        min   median      p99      max "
          "  ends\n",
          to);
    fwrite(s->row_text, 1, s->row_len, to);
    if (s->row_count > STATS_ROWS_MAX)
        fprintf(to, "... and %" PRIu64 " more\n", s->row_count - STATS_ROWS_MAX);
}
