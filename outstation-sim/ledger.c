// SPDX-License-Identifier: Apache-2.0
/* Events are kept in order of id and brought into order of points only when they are written. */
#include "outstation-sim/ledger.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct ledger_event) == 24, "millions of these are kept");

static const char state_letters[] = "?bcor";

static void make_room(struct ledger *l, size_t len)
{
    if (len <= l->room)
        return;
    size_t room = l->room ? l->room : 16;
    while (room < len)
        room += room / 2;
    struct ledger_event *events = realloc(l->events, room * sizeof(*events));
    if (!events)
        abort();
    l->events = events;
    l->room = room;
}

bool ledger_knows(const struct ledger *l, uint64_t id)
{
    return id >= 1 && id <= l->len && l->events[id - 1].state != LEDGER_NONE;
}

void ledger_add(struct ledger *l, uint64_t id, const struct measurement *m)
{
    assert(id >= 1);
    if (ledger_knows(l, id))
        return;
    if (id > l->len) {
        make_room(l, id);
        memset(&l->events[l->len], 0, (id - l->len) * sizeof(*l->events));
        l->len = id;
    }
    l->events[id - 1] = (struct ledger_event){
        .value = m->value,
        .index = m->index,
        .time_low = (uint32_t)m->time_ms,
        .time_high = (uint16_t)(m->time_ms >> 32),
        .type = m->type,
        .flags = m->flags,
        .state = LEDGER_BUFFERED,
        .timed = m->time_quality != TIME_NONE,
    };
    l->count[LEDGER_BUFFERED]++;
}

void ledger_settle(struct ledger *l, uint64_t id, enum ledger_state state)
{
    assert(ledger_knows(l, id));
    struct ledger_event *e = &l->events[id - 1];
    l->count[e->state]--;
    l->count[state]++;
    e->state = (uint8_t)state;
}

uint64_t ledger_generated(const struct ledger *l)
{
    return l->count[LEDGER_BUFFERED] + l->count[LEDGER_CONFIRMED] + l->count[LEDGER_DROPPED_OVERFLOW] +
           l->count[LEDGER_DROPPED_RESTART];
}

void ledger_free(struct ledger *l)
{
    free(l->events);
    *l = (struct ledger){0};
}

/* Names come from scenarios, where quotes and backslashes are legal. */
static void write_string(FILE *to, const char *text)
{
    putc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', to);
        putc(*text, to);
    }
    putc('"', to);
}

void ledger_write_header(struct ledger_file *file, const struct ledger_header *h)
{
    fputs("{\"ledger\":1,\"scenario\":", file->to);
    write_string(file->to, h->scenario);
    fprintf(file->to,
            ",\"seed\":%" PRIu64 ",\"stations\":%" PRIu32 ",\"rate\":%.10g,\"started_ms\":%" PRId64
            ",\"written_ms\":%" PRId64 ",\"version\":\"" FEP_VERSION "\"}\n",
            h->seed, h->stations, h->rate, h->started_ms, h->written_ms);
    file->lines++;
}

static void write_totals(struct ledger_file *file, const struct ledger_totals *t, const struct ledger *l)
{
    fputs("{\"station\":", file->to);
    write_string(file->to, t->station);
    fputs(",\"group\":", file->to);
    write_string(file->to, t->group);
    fprintf(file->to,
            ",\"fragment\":%u,\"generated\":%" PRIu64 ",\"confirmed\":%" PRIu64 ",\"buffered\":%" PRIu64
            ",\"dropped_overflow\":%" PRIu64 ",\"dropped_restart\":%" PRIu64 ",\"restarts\":%" PRIu32
            ",\"connections\":%" PRIu32 ",\"faults\":{",
            t->fragment, ledger_generated(l), l->count[LEDGER_CONFIRMED], l->count[LEDGER_BUFFERED],
            l->count[LEDGER_DROPPED_OVERFLOW], l->count[LEDGER_DROPPED_RESTART], t->restarts, t->connections);
    for (unsigned i = 0; i < FAULTS; i++)
        fprintf(file->to, "%s\"%s\":%" PRIu32, i ? "," : "", fault_name((enum fault)i), t->faults[i]);
    fputs("}}\n", file->to);
    file->lines++;
}

static int by_point(const struct ledger_event *a, const struct ledger_event *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* The array lies in order of id, so that the address decides among events of a point. */
static int by_point_then_id(const void *x, const void *y)
{
    const struct ledger_event *a = *(const struct ledger_event *const *)x;
    const struct ledger_event *b = *(const struct ledger_event *const *)y;
    int order = by_point(a, b);
    return order ? order : (a < b ? -1 : a > b);
}

typedef void write_field(FILE *to, const struct ledger *l, const struct ledger_event *e);

static void write_id(FILE *to, const struct ledger *l, const struct ledger_event *e)
{
    fprintf(to, "%zu", (size_t)(e - l->events) + 1);
}

static void write_value(FILE *to, const struct ledger *l, const struct ledger_event *e)
{
    (void)l;
    uint64_t bits;
    memcpy(&bits, &e->value, sizeof(bits));
    fprintf(to, "\"0x%016" PRIx64 "\"", bits);
}

static void write_flags(FILE *to, const struct ledger *l, const struct ledger_event *e)
{
    (void)l;
    fprintf(to, "%u", e->flags);
}

static void write_time(FILE *to, const struct ledger *l, const struct ledger_event *e)
{
    (void)l;
    if (e->timed)
        fprintf(to, "%" PRIu64, (uint64_t)e->time_high << 32 | e->time_low);
    else
        fputs("null", to);
}

static void write_array(struct ledger_file *file, const char *name, write_field *field,
                        const struct ledger *l, const struct ledger_event *const *events, size_t len)
{
    fprintf(file->to, ",\"%s\":[", name);
    for (size_t i = 0; i < len; i++) {
        if (i)
            putc(',', file->to);
        field(file->to, l, events[i]);
    }
    putc(']', file->to);
}

static void write_point(struct ledger_file *file, const char *station, const struct ledger *l,
                        const struct ledger_event *const *events, size_t len)
{
    fputs("{\"station\":", file->to);
    write_string(file->to, station);
    fprintf(file->to, ",\"type\":%u,\"index\":%" PRIu32, events[0]->type, events[0]->index);
    write_array(file, "ids", write_id, l, events, len);
    write_array(file, "values", write_value, l, events, len);
    write_array(file, "flags", write_flags, l, events, len);
    write_array(file, "times", write_time, l, events, len);
    fputs(",\"states\":\"", file->to);
    for (size_t i = 0; i < len; i++)
        putc(state_letters[events[i]->state], file->to);
    fputs("\"}\n", file->to);
    file->lines++;
}

void ledger_write_station(struct ledger_file *file, const struct ledger_totals *totals,
                          const struct ledger *l)
{
    write_totals(file, totals, l);
    const struct ledger_event **sorted = calloc(l->len + 1, sizeof(const struct ledger_event *));
    if (!sorted)
        abort();
    size_t len = 0;
    for (size_t i = 0; i < l->len; i++)
        if (l->events[i].state != LEDGER_NONE)
            sorted[len++] = &l->events[i];
    qsort(sorted, len, sizeof(const struct ledger_event *), by_point_then_id);
    for (size_t at = 0, end; at < len; at = end) {
        for (end = at + 1; end < len && !by_point(sorted[at], sorted[end]);)
            end++;
        write_point(file, totals->station, l, &sorted[at], end - at);
    }
    free(sorted);
}

void ledger_write_end(struct ledger_file *file)
{
    fprintf(file->to, "{\"end\":true,\"lines\":%" PRIu64 "}\n", file->lines);
}
