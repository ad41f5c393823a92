// SPDX-License-Identifier: Apache-2.0
/*
 * The recorded run of the IED certification procedures (conformance-procedures.tsv,
 * conformance-exchanges.tsv) again, with our outstation in the place of the recorded one: the same requests,
 * the same events at the same places, and the answers compared in structure: link control, application
 * control with FIR, FIN, CON, UNS and SEQ, function, IIN, object headers with their ranges and indexes,
 * statuses of commands; not values.
 *
 * What comes of it is the table in PROCEDURES.md, which is kept and compared; FEP_UPDATE=1 writes it anew. A
 * procedure that differs without a decision below, or has one and does not differ, fails the test.
 */
#include <stdio.h>

#include "protocol/measure.h"
#include "protocol/outstation.h"
#include "support/cm.h"
#include "support/corpus.h"
#include "support/hex.h"
#include "support/kept.h"
#include "support/procedures.h"

enum {
    PROCEDURES = 84,
    ROWS_MAX = 128,
    POINTS_MAX = 64,
    EVENTS_ROOM = 1024,
    QUEUE_MAX = 1024,
    FRAGMENT_ROOM = 4096,
    HEADERS_MAX = 96,
    WHY_MAX = 256,
    TABLE_MAX = 32768,
    DEVICE = 1024,
    MASTER = 1,
    TX_ROOM = 2048 + 256
};
#define T0 1587000000000

/* One frame of the recording. */
struct row {
    unsigned n;
    bool to_device;
    bool raw;
    uint8_t control;
    uint16_t destination;
    uint8_t octets[512]; /* transport header and data; all of a raw frame */
    size_t len;
    size_t last; /* row of the last segment of the fragment that begins here; 0: none does */
};

/* An event that the recorded device had, and the row at whose answer it must have been there. */
struct recorded {
    struct measurement m;
    uint8_t class_mask;
    size_t due;
    bool out;  /* in the response that waits for its confirm */
    bool gone; /* confirmed */
    bool fed;
};

struct bench {
    struct outstation o;
    struct outstation_config config;
    struct outstation_point points[POINTS_MAX];
    size_t points_len;
    struct outstation_event events[EVENTS_ROOM];
    uint8_t tx[TX_ROOM];
    uint8_t rx[2048];
    struct instant at;
    uint8_t control; /* of the last fragment or frame that it sent */
    uint16_t destination;
    uint8_t sent[FRAGMENT_ROOM];
    size_t sent_len;
    bool is_fragment;
    uint8_t last_control; /* of the last fragment, on the application layer */
    bool restart_due;
};

static struct row rows[ROWS_MAX];
static size_t rows_len;
static struct recorded queue[QUEUE_MAX];
static size_t queue_len;
static struct bench bench;
static const char *procedure;
static char why[WHY_MAX];
static unsigned differences;
static bool narrower; /* 17 for 28, or 00 for 01 */
static char table[TABLE_MAX];
static size_t table_len;

static bool differs(const struct row *row, const char *what, unsigned got, unsigned wanted)
{
    differences++;
    if (!*why)
        snprintf(why, sizeof why, "frame %u: %s %02X, recorded %02X", row->n, what, got, wanted);
    return true;
}

/* The recording. */

static const struct directive *next_directive(size_t *i, unsigned before)
{
    while (*i < sizeof directives / sizeof directives[0]) {
        const struct directive *d = &directives[(*i)++];
        if (strcmp(d->procedure, procedure) == 0 && d->before == before)
            return d;
    }
    return NULL;
}

static bool begins_fragment(const struct row *row)
{
    return !row->raw && row->len > 0 && (row->octets[0] & TRANSPORT_FIR);
}

static void find_fragments(void)
{
    for (size_t i = 0; i < rows_len; i++) {
        if (!begins_fragment(&rows[i]))
            continue;
        size_t last = i;
        while (!(rows[last].octets[0] & TRANSPORT_FIN) && last + 1 < rows_len &&
               rows[last + 1].to_device == rows[i].to_device)
            last++;
        rows[i].last = last;
    }
}

static bool read_rows(FILE *f, const char *wanted)
{
    static char line[4096];
    char *fields[8];
    rewind(f);
    rows_len = 0;
    memset(rows, 0, sizeof rows);
    while (corpus_row(f, line, sizeof line, fields, 8)) {
        if (strcmp(fields[0], wanted) != 0)
            continue;
        assert_true(rows_len < ROWS_MAX);
        struct row *row = &rows[rows_len++];
        row->n = (unsigned)strtoul(fields[1], NULL, 10);
        row->to_device = strcmp(fields[2], "m2o") == 0;
        row->control = (uint8_t)strtoul(fields[3], NULL, 16);
        row->destination = (uint16_t)strtoul(fields[4], NULL, 10);
        row->raw = strncmp(fields[3], "RAW", 3) == 0 || strncmp(fields[6], "RAW", 3) == 0;
        const char *hex = row->raw ? strpbrk(fields[6], "0123456789") : fields[6];
        row->len = hex_parse_n(hex, strlen(hex), row->octets, sizeof row->octets);
        assert_true(row->len != SIZE_MAX);
    }
    find_fragments();
    return rows_len > 0;
}

/* The fragment that begins in that row. */
static size_t fragment_at(size_t i, uint8_t *into)
{
    size_t len = 0;
    for (size_t at = i; at <= rows[i].last; at++) {
        assert_true(len + rows[at].len <= FRAGMENT_ROOM);
        memcpy(into + len, rows[at].octets + 1, rows[at].len - 1);
        len += rows[at].len - 1;
    }
    return len;
}

static uint8_t class_of(uint8_t type)
{
    if (type == POINT_COUNTER)
        return CLASS_2;
    return type == POINT_ANALOG_INPUT ? CLASS_3 : CLASS_1;
}

static bool same_event(const struct measurement *a, const struct measurement *b)
{
    return a->type == b->type && a->index == b->index && a->value == b->value;
}

/* Events of a recorded response that are not among those still buffered, in their order. */
static void queue_events(const struct app_fragment *f, size_t row)
{
    struct measurement_walk walk = measurement_walk_begin(f, false);
    struct measurement m;
    size_t at[CLASS_3 + 1] = {0}; /* by class: behind the last that was found */
    for (size_t i = 0; i < queue_len; i++)
        queue[i].out = false;
    while (measurement_walk_next(&walk, &m)) {
        if (!m.event)
            continue;
        uint8_t class_mask = class_of(m.type);
        size_t i = at[class_mask];
        while (i < queue_len && (queue[i].gone || !same_event(&queue[i].m, &m)))
            i++;
        if (i == queue_len) {
            assert_true(queue_len < QUEUE_MAX);
            queue[queue_len++] = (struct recorded){.m = m, .class_mask = class_mask, .due = row};
        }
        queue[i].out = true;
        at[class_mask] = i + 1;
    }
}

/* The response has been taken: its events have left the buffer. */
static void confirm_events(void)
{
    for (size_t i = 0; i < queue_len; i++)
        queue[i].gone |= queue[i].out;
}

/* A class that the indications show after a response has events that come later: the first of them is there
 * already, and what came before it in the classes shown. */
static void hasten_classes(size_t row, uint16_t iin, size_t first_later)
{
    for (uint8_t class_mask = CLASS_1; class_mask <= CLASS_3; class_mask = (uint8_t)(class_mask << 1)) {
        size_t at = first_later;
        while (at < queue_len && queue[at].class_mask != class_mask)
            at++;
        for (size_t i = 0; (iin & class_mask) && at < queue_len && i <= at; i++)
            if ((queue[i].class_mask & iin) && queue[i].due > row)
                queue[i].due = row;
    }
}

/* It came too late for its response. */
static bool is_late(const struct row *row)
{
    const struct directive *d;
    for (size_t i = 0; (d = next_directive(&i, row->n));)
        if (d->action == WAIT)
            return true;
    return false;
}

static void find_events(void)
{
    static uint8_t octets[FRAGMENT_ROOM];
    uint8_t waits = 0; /* control of the response that waits */
    size_t first = 0;  /* row of the first fragment of the response: its events are selected then */
    queue_len = 0;
    for (size_t i = 0; i < rows_len; i++) {
        struct app_fragment f;
        if (!begins_fragment(&rows[i]) || app_parse(octets, fragment_at(i, octets), &f) != APP_OK)
            continue;
        uint8_t seq = f.control & (APP_UNS | APP_SEQ);
        if (!rows[i].to_device) {
            first = f.control & APP_FIR ? i : first;
            queue_events(&f, first);
            waits = seq;
        } else if (f.function == APP_CONFIRM && seq == waits && !is_late(&rows[i])) {
            confirm_events();
        }
    }
    for (size_t i = rows_len; i-- > 0;) {
        struct app_fragment f;
        if (rows[i].to_device || !begins_fragment(&rows[i]) ||
            app_parse(octets, fragment_at(i, octets), &f) != APP_OK)
            continue;
        size_t later = 0;
        while (later < queue_len && queue[later].due <= i)
            later++;
        hasten_classes(i, f.iin, later);
    }
}

/* The device. */

static void add_points(enum point_type type, const uint32_t *indexes, size_t n, uint8_t static_variation,
                       uint8_t event_variation)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(bench.points_len < POINTS_MAX);
        bool output = type == POINT_BINARY_OUTPUT_STATUS || type == POINT_ANALOG_OUTPUT_STATUS;
        bench.points[bench.points_len++] = (struct outstation_point){
            .index = indexes ? indexes[i] : (uint32_t)i,
            .type = (uint8_t)type,
            .flags = FLAG_ONLINE,
            .class_mask = output ? 0 : class_of((uint8_t)type),
            .static_variation = static_variation,
            .event_variation = event_variation,
            .in_class_0 = type != POINT_DOUBLE_BIT_INPUT,
            .operable = output,
        };
    }
}

static bool is_disabled(enum point_type type)
{
    const struct directive *d;
    for (size_t i = 0; (d = next_directive(&i, 0));)
        if (d->action == WITHOUT && d->argument == type)
            return true;
    return false;
}

/* What the recorded responses to READs show: 4 of each input, 20 of each output. */
static void set_points(void)
{
    static const uint32_t spread[] = {0, 41, 1024, 65535};
    static const struct {
        enum point_type type;
        const uint32_t *indexes;
        size_t n;
        uint8_t static_variation, event_variation;
    } installed[] = {
        {POINT_BINARY_INPUT, spread, 4, 2, 1},        {POINT_DOUBLE_BIT_INPUT, spread, 4, 2, 1},
        {POINT_BINARY_OUTPUT_STATUS, NULL, 20, 2, 0}, {POINT_COUNTER, spread, 4, 2, 1},
        {POINT_FROZEN_COUNTER, spread, 4, 2, 1},      {POINT_ANALOG_INPUT, spread, 4, 2, 1},
        {POINT_ANALOG_OUTPUT_STATUS, NULL, 20, 2, 0},
    };
    bench.points_len = 0;
    for (size_t i = 0; i < sizeof installed / sizeof installed[0]; i++)
        if (!is_disabled(installed[i].type))
            add_points(installed[i].type, installed[i].indexes, installed[i].n, installed[i].static_variation,
                       installed[i].event_variation);
}

static void drain(void)
{
    struct outstation_news news;
    while (outstation_next(&bench.o, &news) != OUTSTATION_QUIET)
        bench.restart_due |= news.kind == OUTSTATION_RESTART;
}

static void power_on(void)
{
    const struct directive *d;
    size_t room = EVENTS_ROOM;
    memset(&bench, 0, sizeof bench);
    bench.at = (struct instant){.now_ms = 1000, .wall_ms = T0, .wall_trusted = true};
    bench.config = outstation_defaults();
    bench.config.address = DEVICE;
    bench.config.master_address = MASTER;
    bench.config.max_controls = 4;
    bench.config.unsolicited = false;
    bench.config.restart_ms = 5000;
    for (size_t i = 0; (d = next_directive(&i, 0));) {
        bench.config.unsolicited |= d->action == SUPPORTS_UNSOLICITED;
        room = d->action == SET_ROOM ? d->argument : room;
        bench.config.time_valid_ms = d->action == TIME_VALID ? d->argument : bench.config.time_valid_ms;
    }
    set_points();
    outstation_init(&bench.o, &bench.config, bench.points, bench.points_len, bench.events, room, bench.tx,
                    sizeof bench.tx);
    outstation_connected(&bench.o, &bench.at);
    drain();
}

static void pass(int64_t ms)
{
    bench.at.now_ms += ms;
    bench.at.wall_ms += ms;
    outstation_tick(&bench.o, &bench.at);
    drain();
}

static void feed(const struct measurement *recorded)
{
    struct measurement m = *recorded;
    if (!time_is_told(m.time_quality)) {
        m.time_quality = TIME_SYNCHRONISED;
        m.time_ms = outstation_time_ms(&bench.o, &bench.at);
    }
    if (outstation_point_find(&bench.o, m.type, m.index))
        outstation_update(&bench.o, &m, UPDATE_FORCE_EVENT, &bench.at);
    drain();
}

static void feed_due(size_t row)
{
    for (size_t i = 0; i < queue_len; i++) {
        if (queue[i].fed || queue[i].due > row)
            continue;
        queue[i].fed = true;
        feed(&queue[i].m);
    }
}

static void switch_to_local(void)
{
    struct measurement m = {.type = POINT_BINARY_OUTPUT_STATUS, .flags = FLAG_ONLINE | FLAG_LOCAL_FORCED};
    outstation_update(&bench.o, &m, UPDATE_STATIC, &bench.at);
    drain();
}

static void direct(unsigned before)
{
    const struct directive *d;
    for (size_t i = 0; (d = next_directive(&i, before));) {
        if (d->action == WAIT)
            pass(d->argument);
        if (d->action == LOCAL)
            switch_to_local();
        if (d->action == RESTART) {
            outstation_disconnected(&bench.o, &bench.at);
            outstation_restart(&bench.o, false, &bench.at);
            outstation_connected(&bench.o, &bench.at);
            drain();
        }
        if (d->action == MORE)
            feed(&(struct measurement){.type = (uint8_t)d->argument, .value = 9999, .flags = FLAG_ONLINE});
    }
}

static void deliver(const uint8_t *octets, size_t len)
{
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t at = 0, used;
    while (link_parse(octets + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        outstation_lend(&bench.o, bench.rx, sizeof bench.rx);
        outstation_receive(&bench.o, &frame, &bench.at);
        outstation_take_back(&bench.o);
        drain();
    }
}

/* A master confirms what it has got: where the recorded confirm belongs to the recorded response before it,
 * ours belongs to ours, whatever its SEQ. */
static void fit_confirm(struct row *row)
{
    static uint8_t recorded[FRAGMENT_ROOM];
    if (!begins_fragment(row) || row->len != 3 || row->octets[2] != APP_CONFIRM)
        return;
    size_t before = (size_t)(row - rows);
    while (before > 0 && (rows[before - 1].to_device || !begins_fragment(&rows[before - 1])))
        before--;
    if (before == 0 || fragment_at(before - 1, recorded) < 2)
        return;
    uint8_t mask = APP_UNS | APP_SEQ;
    if (((recorded[0] ^ row->octets[1]) & mask) == 0)
        row->octets[1] = (uint8_t)((row->octets[1] & ~mask) | (bench.last_control & mask));
}

static void send_row(struct row *row)
{
    uint8_t wire[LINK_FRAME_MAX];
    fit_confirm(row);
    if (row->raw) {
        deliver(row->octets, row->len);
        return;
    }
    size_t len =
        link_encode(row->control, row->destination, MASTER, row->octets, row->len, wire, sizeof wire);
    assert_true(len > 0);
    deliver(wire, len);
}

/* The next fragment, or frame without data. */
static bool receive(void)
{
    static uint8_t wire[FRAGMENT_ROOM];
    size_t len = outstation_write(&bench.o, wire, sizeof wire, &bench.at);
    size_t at = 0, used;
    struct link_frame frame;
    struct link_errors errors = {0};
    bench.sent_len = 0;
    bench.is_fragment = false;
    while (link_parse(wire + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        bench.control = frame.control;
        bench.destination = frame.destination;
        if (!frame.user_len)
            continue;
        bench.is_fragment = true;
        memcpy(bench.sent + bench.sent_len, frame.user + 1, frame.user_len - 1u);
        bench.sent_len += frame.user_len - 1u;
    }
    assert_int_equal(at, len);
    bench.last_control = bench.is_fragment ? bench.sent[0] : bench.last_control;
    drain();
    if (bench.restart_due) {
        bench.restart_due = false;
        outstation_restart(&bench.o, false, &bench.at);
        drain();
    }
    return len > 0;
}

/* The comparison. */

struct shape {
    struct object_header headers[HEADERS_MAX];
    size_t len;
};

static bool is_static(const struct object_header *h)
{
    return h->type && h->type->kind == OBJECT_STATIC;
}

/* Static objects by group and index: class 0 has no order (outstation.md 7). */
static int by_point(const void *a, const void *b)
{
    const struct object_header *x = a, *y = b;
    if (is_static(x) != is_static(y))
        return is_static(x) ? 1 : -1;
    if (!is_static(x))
        return x->offset < y->offset ? -1 : x->offset > y->offset;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static void read_shape(const struct app_fragment *f, struct shape *s)
{
    struct object_walk walk = app_objects(f);
    enum walk_result result;
    s->len = 0;
    while ((result = object_walk_next(&walk, &s->headers[s->len])) == WALK_HEADER) {
        s->len++;
        assert_true(s->len < HEADERS_MAX);
    }
    assert_int_equal(result, WALK_END);
    qsort(s->headers, s->len, sizeof s->headers[0], by_point);
}

/* The outstation takes the shorter form where it suffices; both are allowed (application.md 4). */
static bool qualifier_differs(const struct row *row, const struct object_header *got,
                              const struct object_header *wanted)
{
    if (got->qualifier == wanted->qualifier)
        return false;
    bool shorter = (got->qualifier == 0x00 && wanted->qualifier == 0x01) ||
                   (got->qualifier == 0x17 && wanted->qualifier == 0x28);
    narrower |= shorter;
    return shorter ? false : differs(row, "qualifier", got->qualifier, wanted->qualifier);
}

static bool header_differs(const struct row *row, const struct object_header *got,
                           const struct object_header *wanted)
{
    if (got->group != wanted->group)
        return differs(row, "group", got->group, wanted->group);
    if (got->variation != wanted->variation)
        return differs(row, "variation", got->variation, wanted->variation);
    if (qualifier_differs(row, got, wanted))
        return true;
    if (got->start != wanted->start || got->count != wanted->count)
        return differs(row, "number of objects", got->count, wanted->count);
    for (uint32_t i = 0; i < got->count && got->prefix_len; i++) {
        struct object_at a = object_header_at(got, i), b = object_header_at(wanted, i);
        if (a.index != b.index)
            return differs(row, "index", a.index, b.index);
        bool command = got->type && got->type->kind == OBJECT_COMMAND;
        if (command && memcmp(a.data, b.data, a.len) != 0)
            return differs(row, "status", a.data[a.len - 1], b.data[b.len - 1]);
    }
    return false;
}

static bool fragment_differs(const struct row *row, const uint8_t *wanted, size_t len)
{
    static struct shape ours, theirs;
    struct app_fragment a, b;
    assert_int_equal(app_parse(wanted, len, &b), APP_OK);
    assert_int_equal(app_parse(bench.sent, bench.sent_len, &a), APP_OK);
    if (bench.control != row->control)
        return differs(row, "link control", bench.control, row->control);
    if (a.control != b.control)
        return differs(row, "application control", a.control, b.control);
    if (a.function != b.function)
        return differs(row, "function", a.function, b.function);
    if (a.iin != b.iin)
        return differs(row, "IIN (2, 1)", a.iin, b.iin);
    read_shape(&a, &ours);
    read_shape(&b, &theirs);
    for (size_t i = 0; i < ours.len && i < theirs.len; i++)
        if (header_differs(row, &ours.headers[i], &theirs.headers[i]))
            return true;
    return ours.len == theirs.len ? false
                                  : differs(row, "object headers", (unsigned)ours.len, (unsigned)theirs.len);
}

/* One answer of the recording; time passes where ours has nothing to say yet. */
static bool answer_differs(size_t i)
{
    static uint8_t wanted[FRAGMENT_ROOM];
    const struct row *row = &rows[i];
    direct(row->n);
    feed_due(i);
    bool something = receive();
    for (unsigned turn = 0; !something && turn < 3; turn++) {
        int64_t deadline = outstation_deadline_ms(&bench.o);
        if (deadline == NEVER_MS)
            break;
        pass(deadline > bench.at.now_ms ? deadline - bench.at.now_ms : 0);
        something = receive();
    }
    if (!something)
        return differs(row, "no answer; link control", 0, row->control);
    if (!begins_fragment(row) || !bench.is_fragment)
        return bench.is_fragment != begins_fragment(row) || bench.control != row->control
                   ? differs(row, "link control", bench.control, row->control)
                   : false;
    return fragment_differs(row, wanted, fragment_at(i, wanted));
}

static void replay(void)
{
    for (size_t i = 0; i < rows_len; i++) {
        if (!rows[i].to_device) {
            answer_differs(i);
            if (begins_fragment(&rows[i]))
                i = rows[i].last;
            continue;
        }
        /* What is to be answered must have happened before. */
        size_t next = i + 1;
        direct(rows[i].n);
        if (next < rows_len && !rows[next].to_device) {
            size_t answer = next;
            while (answer + 1 < rows_len && !begins_fragment(&rows[answer]) && !rows[answer + 1].to_device)
                answer++;
            feed_due(answer);
        }
        send_row(&rows[i]);
        if ((next == rows_len || rows[next].to_device) && receive())
            differs(&rows[i], "not recorded: an answer with link control", bench.control, 0);
    }
}

/* The table. */

static const struct decision *decision_of(const char *id)
{
    for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++)
        if (strcmp(decisions[i].procedure, id) == 0)
            return &decisions[i];
    return NULL;
}

static void put(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(table + table_len, sizeof table - table_len, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof table - table_len);
    table_len += (size_t)n;
}

struct counts {
    unsigned passed, differ, undecided;
};

static void judge(const char *id, const char *section, const char *title, struct counts *counts)
{
    const struct decision *d = decision_of(id);
    bool plain = strcmp(title, "Test Procedure") == 0;
    put("| %s | %s%s%s | ", id, strrchr(section, '>') ? strrchr(section, '>') + 2 : section,
        plain ? "" : ": ", plain ? "" : title);
    power_on();
    find_events();
    *why = '\0';
    narrower = false;
    differences = 0;
    replay();
    bool different = differences > 0;
    if (different != (d != NULL)) {
        print_error("%s: %s\n", id, different ? why : "passes, though there is a decision why not");
        counts->undecided++;
    }
    counts->passed += !different;
    counts->differ += different;
    if (!different) {
        put("pass | %s |\n", narrower ? "shorter qualifiers" : "");
        return;
    }
    put("differs | %s", why);
    if (differences > 1)
        put(", and %u more that came of it", differences - 1);
    put(". %s |\n", d ? d->rule : "?");
}

static const char head[] =
    "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
    "# Certification procedures, replayed\n\n"
    "The 84 procedures of a recorded run of the IED certification (subset level 2), with our outstation in "
    "the place "
    "of the recorded device, a point set like its own (inputs and counters 0, 41, 1024 and 65535, 20 outputs "
    "of each "
    "kind), the same requests, and the same events at the same places. Written by "
    "`tests/replay/outstation_procedures_test.c`; `FEP_UPDATE=1` writes it anew.\n\n"
    "- *pass*: the same structure throughout: link control, FIR, FIN, CON, UNS and SEQ, function, IIN, "
    "object headers "
    "with ranges and indexes, statuses of commands, and silence where there was silence.\n"
    "- *shorter qualifiers*: 00 for 01, or 17 for 28, where all indexes fit one octet: both are allowed "
    "(application.md "
    "4, outstation.md 7). The order of static groups is free.\n"
    "- *differs*: the first difference, how many more came of it, and the rule of dnp3-reference that "
    "decides.\n\n";

static void as_the_recorded_device_answered(void **state)
{
    (void)state;
    FILE *list = corpus_open("conformance-procedures.tsv"),
         *exchanges = corpus_open("conformance-exchanges.tsv");
    assert_true(list && exchanges);
    static char line[2048];
    char *fields[8];
    struct counts counts = {0};
    unsigned n = 0;
    table_len = 0;
    put("%s", head);
    put("| procedure | subject | result | why |\n|---|---|---|---|\n");
    assert_true(corpus_row(list, line, sizeof line, fields, 8));
    while (corpus_row(list, line, sizeof line, fields, 8)) {
        procedure = fields[0];
        assert_true(read_rows(exchanges, procedure));
        judge(procedure, fields[2], fields[3], &counts);
        n++;
    }
    fclose(list);
    fclose(exchanges);
    put("\n%u pass, %u differ; none is not applicable.\n", counts.passed, counts.differ);
    print_message("%u pass, %u differ\n", counts.passed, counts.differ);
    assert_int_equal(n, PROCEDURES);
    assert_int_equal(counts.undecided, 0);
    assert_true(kept_is("tests/replay/PROCEDURES.md", table, table_len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_recorded_device_answered)};
    FILE *f = corpus_open("conformance-procedures.tsv");
    if (!f) {
        print_message("no corpora: skipped\n");
        return 77;
    }
    fclose(f);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
