// SPDX-License-Identifier: Apache-2.0
/*
 * The device profile of the master, protocol/DEVICE-PROFILE.md, out of the object table, the defaults, the
 * requests that it writes when they are ordered, and the responses that it can read. FEP_UPDATE=1 writes the
 * file anew.
 */
#include "support/cm.h"

#include "support/master_facts.h"
#include "support/orders.h"

#define PROBE "master_profile_test: what_is_ordered_is_sent_and_what_comes_is_read"

enum { ROWS_MAX = 256, FUNCTIONS = 32, FORMS = 4, WIDTHS = 3 };

struct seen {
    uint32_t sent[FUNCTIONS]; /* qualifiers, by function */
    uint32_t read[2];         /* in FC 129, 130 */
    const char *goes_to;
    const char *test;
};

static struct seen seen[ROWS_MAX];
static struct profile profile;

/* What the order made of it: the qualifier of the header of that group, if the request left. */
static void note_sent(const struct script *s, const struct object_type *t, struct seen *row)
{
    uint8_t octets[512];
    if (s->sent_head == s->sent_tail)
        return;
    size_t len = hex_parse_n(s->sent[s->sent_head % SCRIPT_SENT], strlen(s->sent[s->sent_head % SCRIPT_SENT]),
                             octets, sizeof octets);
    struct app_fragment f;
    if (len == SIZE_MAX || app_parse(octets, len, &f) != APP_OK)
        return;
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        if (h.type == t)
            row->sent[f.function] |= 1U << profile_bit(h.qualifier);
}

static void order(const struct object_type *t, enum request_kind kind, struct request_item *item, bool no_ack,
                  struct seen *row)
{
    static struct script s;
    static struct request_order request;
    struct request_item items[2] = {{.group = 60, .variation = 2, .form = ITEM_ALL}, *item};
    bool with_class = kind == REQUEST_ASSIGN_CLASS && t->kind != OBJECT_CLASS;
    orders_online(&s);
    request_init(&request, kind, with_class ? items : &items[1], with_class ? 2 : 1);
    request.no_ack = no_ack;
    request.freeze_ms = 1;
    orders(&s, &request.order);
    note_sent(&s, t, row);
}

/* Octets of one object, zeros all. */
static size_t object_len(const struct object_type *t)
{
    return t->packed_bits ? 1 : t->self_sized ? 0 : object_size(t, t->variation);
}

/* The form of an item with numbers of that width; false where the row has no such qualifier. */
static bool make_item(const struct object_type *t, unsigned form, unsigned width, bool with,
                      struct request_item *item)
{
    static const uint32_t edge[WIDTHS] = {1, 256, 70000};
    static const uint16_t use[FORMS] = {OBJECT_Q_ALL, OBJECT_Q_RANGE, OBJECT_Q_COUNT, OBJECT_Q_PREFIX};
    static uint8_t zeros[1024];
    *item = (struct request_item){.group = t->group, .variation = t->variation, .form = (uint8_t)form};
    if (!(t->qualifiers & use[form]))
        return false;
    if (form == ITEM_ALL)
        return width == 0 && !with;
    item->first = item->last = edge[width];
    item->count = with ? 1 : edge[width];
    item->indexes = &edge[width];
    item->indexes_len = 1;
    item->octets = with ? zeros : NULL;
    item->octets_len = with ? object_len(t) : 0;
    return !with || (item->octets_len && (form != ITEM_COUNT || width == 0));
}

static void order_forms(const struct object_type *t, enum request_kind kind, bool with, bool no_ack,
                        struct seen *row)
{
    struct request_item item;
    for (unsigned form = 0; form < FORMS; form++)
        for (unsigned width = 0; width < WIDTHS; width++)
            if (make_item(t, form, width, with, &item))
                order(t, kind, &item, no_ack, row);
}

static void order_controls(const struct object_type *t, struct seen *row)
{
    for (unsigned i = 0; i < 9; i++) {
        static struct script s;
        static struct control_order control;
        static struct control_point point;
        enum control_mode mode = (enum control_mode)(i % 3);
        static const uint32_t index[] = {1, 1, 256};
        point = close_relay();
        point.group = t->group;
        point.variation = t->variation;
        point.index = index[i / 3];
        orders_online(&s);
        control_order_init(&control, mode, &point, 1);
        control.narrow = i < 3;
        orders(&s, &control.order);
        note_sent(&s, t, row);
    }
    row->sent[APP_OPERATE] |= row->sent[APP_SELECT]; /* select_before_operate: the same octets */
}

static void order_all(const struct object_type *t, struct seen *row)
{
    static const enum request_kind freezes[] = {REQUEST_FREEZE, REQUEST_FREEZE_CLEAR, REQUEST_FREEZE_AT_TIME};
    if (t->functions & OBJECT_IN_READ)
        order_forms(t, REQUEST_READ, false, false, row);
    if (t->functions & OBJECT_IN_WRITE)
        order_forms(t, REQUEST_WRITE, true, false, row);
    if ((t->functions & OBJECT_IN_OPERATE) && t->kind == OBJECT_COMMAND && t->size &&
        !(t->group == 12 && t->variation > 1))
        order_controls(t, row);
    for (size_t i = 0; (t->functions & OBJECT_IN_FREEZE) && t->kind == OBJECT_STATIC && i < 6; i++)
        if (freezes[i % 3] != REQUEST_FREEZE_CLEAR || t->group == 20) /* application.md 4.1 */
            order_forms(t, freezes[i % 3], false, i >= 3, row);
    if ((t->functions & OBJECT_IN_CLASS) && t->kind == OBJECT_CLASS && t->variation > 1) {
        struct request_item all = {.group = t->group, .variation = t->variation, .form = ITEM_ALL};
        order(t, REQUEST_ENABLE_UNSOLICITED, &all, false, row);
        order(t, REQUEST_DISABLE_UNSOLICITED, &all, false, row);
    } else if ((t->functions & OBJECT_IN_CLASS) && t->kind != OBJECT_CLASS) {
        order_forms(t, REQUEST_ASSIGN_CLASS, false, false, row);
    }
}

static const char *destination(const struct object_type *t, const struct measure_summary *sum)
{
    if (sum->events || sum->statics)
        return "points";
    if (sum->strings)
        return "strings";
    if (object_is_delta(t))
        return sum->unstorable ? "quarantine" : "passed over";
    switch ((enum object_kind)t->kind) {
    case OBJECT_ATTRIBUTE:
    case OBJECT_FILE:
    case OBJECT_COMMAND:
    case OBJECT_DEADBAND:
        return "the order that asked";
    case OBJECT_TIME:
        return t->group == 51 ? "times of events" : "the clock, or the order that asked";
    default:
        return "the order that asked; else passed over";
    }
}

/* A response with one object of zeros behind that qualifier. */
static void read_one(const struct object_type *t, unsigned q, unsigned which, struct seen *row)
{
    static const uint8_t width[] = {1, 2, 4};
    uint8_t octets[512], code = profile_qualifiers[q], range = code & 0x0F, prefix = code >> 4;
    struct writer w = writer_over(octets, sizeof octets);
    app_write_response(&w, which ? 0xF0 : 0xC0, which ? APP_UNSOLICITED_RESPONSE : APP_RESPONSE, 0);
    write_octets(&w, (const uint8_t[]){t->group, t->variation, code}, 3);
    if (range < 6) {
        write_uint(&w, 0, 2U * width[range % 3]);
    } else if (range > 6) {
        write_uint(&w, 1, range == 0x0B ? 1 : width[range - 7]);
    }
    size_t len = t->self_sized ? 2 : object_len(t);
    if (prefix)
        write_uint(&w, range == 0x0B ? 3 : 0, width[(prefix - 1) % 3]);
    write_octets(&w, (const uint8_t[260]){t->self_sized ? 1 : 0}, range == 0x0B ? 3 : len);
    struct app_fragment f;
    struct object_header h;
    assert_int_equal(app_parse(octets, writer_len(&w), &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    if (object_walk_next(&walk, &h) != WALK_HEADER || !h.has_objects || h.type != t)
        return;
    struct measure_summary sum = measure_summarise(&f);
    assert_int_equal(sum.defect, WALK_END);
    row->read[which] |= 1U << q;
    row->goes_to = destination(t, &sum);
}

static void read_all(const struct object_type *t, struct seen *row)
{
    bool echo = t->functions & OBJECT_IN_OPERATE;
    for (unsigned q = 0; q < PROFILE_QUALIFIERS; q++) {
        if (profile_qualifiers[q] == 0x06)
            continue;
        if (echo || (t->functions & OBJECT_IN_RESPONSE))
            read_one(t, q, 0, row);
        if (t->functions & OBJECT_IN_UNSOLICITED)
            read_one(t, q, 1, row);
    }
}

/* Bits of profile_qualifiers. */
enum { Q00 = 1, Q06 = 1 << 6, Q07 = 1 << 7, Q5B = 1 << 20 };

/* Requests of procedures with tests of their own. */
static const struct {
    uint8_t group, variation, function;
    uint32_t sent;
    const char *test;
} named[] = {
    {0, 1, APP_READ, Q00, "master_attributes_test: one"},
    {0, 1, APP_WRITE, Q00, "master_attributes_test: written"},
    {0, 254, APP_READ, Q00, "master_attributes_test: all"},
    {0, 255, APP_READ, Q00, "master_attributes_test: list"},
    {12, 2, APP_SELECT, Q07, "master_order_control_test: pattern_control"},
    {12, 2, APP_OPERATE, Q07, "master_order_control_test: pattern_control"},
    {12, 3, APP_SELECT, Q00, "master_order_control_test: pattern_control"},
    {12, 3, APP_OPERATE, Q00, "master_order_control_test: pattern_control"},
    {50, 1, APP_WRITE, Q07, "master_iin_test: non_lan_time"},
    {50, 2, APP_FREEZE_AT_TIME, Q07, "master_order_services_test: freezes"},
    {50, 3, APP_WRITE, Q07, "master_iin_test: lan_time"},
    {60, 1, APP_ASSIGN_CLASS, Q06, "master_order_services_test: assign_class"},
    {60, 2, APP_ASSIGN_CLASS, Q06, "master_order_services_test: assign_class"},
    {60, 3, APP_ASSIGN_CLASS, Q06, "master_order_services_test: assign_class"},
    {60, 4, APP_ASSIGN_CLASS, Q06, "master_order_services_test: assign_class"},
    {70, 2, APP_AUTHENTICATE_FILE, Q5B, "master_file_write_test: a_key_for_each_command"},
    {70, 3, APP_OPEN_FILE, Q5B, "master_file_write_test: a_file_block_by_block"},
    {70, 3, APP_DELETE_FILE, Q5B, "master_file_write_test: deleted"},
    {70, 4, APP_CLOSE_FILE, Q5B, "master_file_read_test: a_file_block_by_block"},
    {70, 4, APP_ABORT_FILE, Q5B, "master_file_write_test: aborting"},
    {70, 5, APP_READ, Q5B, "master_file_read_test: a_file_block_by_block"},
    {70, 5, APP_WRITE, Q5B, "master_file_write_test: a_file_block_by_block"},
    {70, 7, APP_GET_FILE_INFO, Q5B, "master_file_list_test: described"},
    {70, 8, APP_ACTIVATE_CONFIG, Q5B, "master_order_services_test: configuration"},
    {80, 1, APP_WRITE, Q00, "master_startup_test: start_up_in_order"},
    {90, 1, APP_INITIALIZE_APPL, Q06 | Q5B, "master_order_services_test: applications"},
    {90, 1, APP_START_APPL, Q06 | Q5B, "master_order_services_test: applications"},
    {90, 1, APP_STOP_APPL, Q06 | Q5B, "master_order_services_test: applications"},
};

static bool add_named(void)
{
    size_t n;
    const struct object_type *types = object_types(&n);
    bool sound = true;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        struct seen *s = &seen[object_type_find(named[i].group, named[i].variation) - types];
        sound = profile_test_exists(named[i].test) && sound;
        s->sent[named[i].function] |= named[i].sent;
        s->test = named[i].test;
    }
    return sound;
}

static void put_sent(const struct seen *s)
{
    const char *semicolon = "";
    bool done[FUNCTIONS] = {false};
    for (unsigned function = 1; function < FUNCTIONS; function++) {
        if (!s->sent[function] || done[function])
            continue;
        profile_put(&profile, "%s", semicolon);
        for (unsigned other = function; other < FUNCTIONS; other++) {
            if (s->sent[other] != s->sent[function])
                continue;
            done[other] = true;
            profile_put(&profile, "%s%u", other == function ? "" : " ", other);
        }
        profile_put(&profile, ": ");
        profile_put_qualifiers(&profile, s->sent[function]);
        semicolon = "; ";
    }
}

static bool is_used(const struct seen *s)
{
    bool used = s->read[0] || s->read[1];
    for (unsigned function = 1; function < FUNCTIONS; function++)
        used = used || s->sent[function];
    return used;
}

static void put_row(const struct object_type *t, const struct seen *s)
{
    const char *variations = t->is_string && t->variation         ? "1..255"
                             : t->group == 0 && t->variation == 1 ? "1..253"
                                                                  : NULL;
    if (variations)
        profile_put(&profile, "| %u | %s | %s | ", t->group, variations, t->name);
    else
        profile_put(&profile, "| %u | %u | %s | ", t->group, t->variation, t->name);
    put_sent(s);
    profile_put(&profile, " | ");
    for (unsigned which = 0; which < 2; which++) {
        if (!s->read[which])
            continue;
        profile_put(&profile, "%s%s: ", which && s->read[0] ? "; " : "", which ? "130" : "129");
        profile_put_qualifiers(&profile, s->read[which]);
    }
    profile_put(&profile, " | %s | %s%s%s |\n", s->goes_to ? s->goes_to : "", PROBE, s->test ? "; " : "",
                s->test ? s->test : "");
}

static void put_head(void)
{
    const struct master_config d = master_defaults();
    profile_put(
        &profile,
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n# Device profile: master\n\n"
        "Written by `tests/replay/master_profile_test.c` out of the object table, the defaults, the requests "
        "that the master writes and the responses that it reads; `FEP_UPDATE=1` writes it anew. The last "
        "column names the test that has shown the row: program and test.\n\n## Identification and "
        "defaults\n\n| item | value |\n|---|---|\n| device function | master |\n| name | fepd |\n"
        "| request level | 4, without data sets; files, attributes, strings and freezes by the clock "
        "besides |\n| connections | TCP, as the end that connects |\n");
    profile_put(&profile, "| fragment sent and received, octets | %u |\n", APP_FRAGMENT_MAX);
    profile_put(&profile, "| response timeout | %u ms |\n", d.response_timeout_ms);
    profile_put(&profile, "| keep-alive after | %u ms |\n", d.link_idle_ms);
    profile_put(&profile, "| link status timeout | %u ms |\n", d.link_timeout_ms);
    profile_put(&profile, "| retries of requests | %u |\n", d.request_retries);
    profile_put(&profile, "| back-off of failed tasks | %u to %u ms |\n", d.task_retry_min_ms,
                d.task_retry_max_ms);
    profile_put(&profile, "| off line after | %u timeouts in a row; then every %u ms |\n", d.offline_after,
                d.offline_poll_ms);
    profile_put(&profile, "| unsolicited at start-up | %s, then %s |\n\n",
                d.disable_unsolicited_first ? "disabled" : "left alone",
                d.unsolicited_classes == CLASS_EVENTS ? "enabled for classes 1, 2, 3" : "as configured");
}

static void what_is_ordered_is_sent_and_what_comes_is_read(void **state)
{
    (void)state;
    size_t n;
    unsigned rows = 0;
    const struct object_type *types = object_types(&n);
    assert_true(n <= ROWS_MAX);
    for (size_t i = 0; i < n; i++) {
        order_all(&types[i], &seen[i]);
        read_all(&types[i], &seen[i]);
    }
    put_head();
    bool sound = add_named();
    sound = profile_put_facts(&profile, "## Functions\n\n| function | use | shown by |\n|---|---|---|\n",
                              functions, sizeof functions / sizeof functions[0]) &&
            sound;
    sound = profile_put_facts(&profile, "## Link layer\n\n| item | behaviour | shown by |\n|---|---|---|\n",
                              link, sizeof link / sizeof link[0]) &&
            sound;
    sound = profile_put_facts(&profile,
                              "## Application layer\n\n| item | behaviour | shown by |\n|---|---|---|\n",
                              behaviours, sizeof behaviours / sizeof behaviours[0]) &&
            sound;
    profile_put(&profile,
                "## Implementation table\n\n| group | variation | description | request sent: functions: "
                "qualifiers | response read | goes to | shown by |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        if (!is_used(&seen[i]))
            continue;
        put_row(&types[i], &seen[i]);
        rows++;
    }
    print_message("%u rows\n", rows);
    assert_true(sound);
    assert_true(rows > 150);
    assert_true(kept_is("protocol/DEVICE-PROFILE.md", profile.text, profile.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_ordered_is_sent_and_what_comes_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
