// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/field.h"
#include "tools/dnp3dump/output.h"

enum { OCTETS_SHOWN = 8 };

/* Whose fields are told. */
struct rows {
    FILE *to;
    const uint8_t *octets;
};

static void put_octets(FILE *to, const uint8_t *octets, const struct field *f)
{
    size_t shown = f->secret ? 0 : f->len < OCTETS_SHOWN ? f->len : OCTETS_SHOWN;
    for (size_t i = 0; i < OCTETS_SHOWN; i++) {
        if (i < shown)
            fprintf(to, "%02X ", octets[f->offset + i]);
        else
            fputs("   ", to);
    }
    if (f->len > shown)
        fprintf(to, "+%-4zu", f->len - shown);
    else
        fputs("     ", to);
}

static void put_row(void *context, const struct field *f)
{
    const struct rows *rows = context;
    fprintf(rows->to, "    %6zu  ", f->offset);
    put_octets(rows->to, rows->octets, f);
    fprintf(rows->to, f->value[0] || f->defect != DEFECT_KINDS ? " %-14s" : " %s", f->name);
    if (f->value[0])
        fprintf(rows->to, " %s", f->value);
    if (f->defect != DEFECT_KINDS)
        fprintf(rows->to, "%s DEFECT %s [%s]", f->value[0] ? "," : "", defect_types[f->defect].text,
                defect_types[f->defect].rule);
    fputc('\n', rows->to);
}

void output_fields(struct output *o, const struct report *r)
{
    struct rows rows = {o->to, r->raw};
    if (r->frame) {
        fputs("    frame\n", o->to);
        fields_frame(r->raw, r->raw_len, put_row, &rows);
    }
    if (!r->fragment)
        return;
    rows.octets = r->fragment;
    fprintf(o->to, "    fragment, %zu octets in %u segment%s\n", r->fragment_len, r->segments,
            r->segments == 1 ? "" : "s");
    fields_fragment(r->fragment, r->fragment_len, put_row, &rows);
}
