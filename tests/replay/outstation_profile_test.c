// SPDX-License-Identifier: Apache-2.0
/*
 * The device profile of the simulator's outstation, outstation-sim/DEVICE-PROFILE.md, out of the object
 * table, the defaults, and what an outstation that has everything answers: each row of the table is asked for
 * with each function and qualifier that the row may have. What takes more than one request is named with the
 * test that has shown it. FEP_UPDATE=1 writes the file anew.
 */
#include "protocol/outstation_attributes.h"
#include "protocol/outstation_strings.h"
#include "support/memory_files.h"
#include "support/outstation_facts.h"
#include "support/outstation_rig.h"
#include "support/profile.h"

#define PROBE "outstation_profile_test: what_is_asked_for_is_answered"

enum { ROWS_MAX = 256, FUNCTIONS = 32, FAR = 300 };

/* What was seen of one row of the object table: qualifiers, by function. */
struct seen {
    uint32_t asked[FUNCTIONS];
    uint32_t answered; /* in responses, FC 129 */
    uint32_t told;     /* unsolicited, FC 130 */
    const char *test;
};

static struct rig r;
static struct memory_files disk;
static struct outstation_files files;
static struct outstation_freezes freezes;
static struct outstation_application application;
static struct outstation_text texts[2], waiting[8];
static struct outstation_strings strings;
static struct outstation_attribute attribute[2];
static struct outstation_attributes attributes;
static uint8_t location[16];
static struct seen seen[ROWS_MAX];
static struct profile profile;

static void set_points(void)
{
    r.points_len = 0;
    for (int type = POINT_BINARY_INPUT; type < POINT_TYPES; type++) {
        rig_point(&r, (enum point_type)type, 0, CLASS_1);
        rig_point(&r, (enum point_type)type, FAR, CLASS_1);
        r.points[r.points_len - 1].operable = r.points[r.points_len - 2].operable = true;
    }
}

/* An outstation that has everything. */
static void full(bool unsolicited)
{
    memset(&disk, 0, sizeof disk);
    memory_files_put(&disk, "a", "hello", 5);
    outstation_files_init(&files, &memory_file_system, &disk, 7);
    freezes = (struct outstation_freezes){0};
    application = (struct outstation_application){"calc", APPLICATION_STOPPED};
    memset(texts, 0, sizeof texts);
    memset(waiting, 0, sizeof waiting);
    texts[0] = texts[1] = (struct outstation_text){.len = 1, .octets = {'x'}};
    strings = (struct outstation_strings){texts, 2, waiting, 8};
    attribute[0] = (struct outstation_attribute){.octets = location,
                                                 .store = location,
                                                 .variation = 245,
                                                 .type = ATTRIBUTE_VSTR,
                                                 .len = 4,
                                                 .room = 16};
    attribute[1] = (struct outstation_attribute){
        .octets = (const uint8_t *)"fepd", .variation = 252, .type = ATTRIBUTE_VSTR, .len = 4};
    attributes = (struct outstation_attributes){attribute, 2};
    rig_setup(&r);
    set_points();
    r.config.files = &files;
    r.config.freezes = &freezes;
    r.config.applications = &application;
    r.config.applications_len = 1;
    r.config.strings = &strings;
    r.config.attributes = &attributes;
    r.config.unsolicited = unsolicited;
    rig_connect(&r);
}

static void change(const struct object_type *t, uint32_t index)
{
    if (t->point == POINT_OCTET_STRING)
        outstation_update_string(&r.o, index, "y", 1, UPDATE_FORCE_EVENT, &r.at);
    else
        rig_change(&r, (enum point_type)t->point, index, 1, 1);
}

static size_t row_of(const struct object_type *type)
{
    size_t n;
    return (size_t)(type - object_types(&n));
}

/* Marks what a response holds; whether it accepts the request. */
static bool read_answer(bool unsolicited)
{
    struct app_fragment f;
    struct object_header h;
    if (r.out_len == 0 || app_parse(r.out, r.out_len, &f) != APP_OK)
        return false;
    bool status = true;
    struct object_walk walk = app_objects(&f);
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        struct seen *s = &seen[row_of(h.type)];
        uint32_t bit = 1U << profile_bit(h.qualifier);
        if (unsolicited)
            s->told |= bit;
        else
            s->answered |= bit;
        if (h.type->kind == OBJECT_COMMAND && h.type->size && !(h.group == 12 && h.variation == 2))
            status = status && h.data[h.data_len - 1] == 0;
    }
    return status && !(f.iin & IIN_REQUEST_ERRORS);
}

static size_t object_len(const struct object_type *t)
{
    return t->packed_bits ? 1 : t->self_sized ? 3 : object_size(t, t->variation);
}

static void put_object(struct writer *w, const struct object_type *t)
{
    static const uint8_t crob[11] = {3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0};
    static const uint8_t text[3] = {ATTRIBUTE_VSTR, 1, 'x'};
    static const uint8_t nothing[16] = {0};
    write_octets(w,
                 t->group == 12 && t->variation == 1 ? crob
                 : t->self_sized                     ? text
                                                     : nothing,
                 object_len(t));
}

/* A header for the point with index 0, or the object's own range; `with` its object. */
static void put_header(struct writer *w, const struct object_type *t, uint8_t qualifier, bool with)
{
    static const uint8_t width[] = {1, 2, 4};
    uint8_t variation = t->kind == OBJECT_ATTRIBUTE && t->variation == 1 ? 245 : t->variation;
    uint8_t range = qualifier & 0x0F, prefix = qualifier >> 4;
    uint32_t first = t->group == 80 ? 7 : 0;
    write_octets(w, (const uint8_t[]){t->group, variation, qualifier}, 3);
    if (range < 6) {
        write_uint(w, first, width[range % 3]);
        write_uint(w, first, width[range % 3]);
    } else if (range > 6) {
        write_uint(w, 1, range == 0x0B ? 1 : width[range - 7]);
    }
    if (prefix)
        write_uint(w, 0, width[(prefix - 1) % 3]);
    if (with)
        put_object(w, t);
}

static bool exchange(const struct writer *w)
{
    assert_false(w->failed);
    rig_send_octets(&r, w->begin, writer_len(w));
    if (!rig_receive(&r))
        return r.news_len == 0 || r.news[r.news_len - 1].kind != OUTSTATION_DEFECT;
    return read_answer(false);
}

static uint8_t request[128];

static struct writer begin(uint8_t seq, uint8_t function)
{
    struct writer w = writer_over(request, sizeof request);
    app_write_request(&w, (uint8_t)(0xC0 | seq), function);
    return w;
}

/* Requests that must go before. */
static void prepare(const struct object_type *t, uint8_t function, uint8_t qualifier)
{
    if (t->kind == OBJECT_EVENT && t->point) {
        change(t, 0);
        change(t, FAR);
    }
    struct writer w = begin(1, function == APP_OPERATE ? APP_SELECT : APP_RECORD_CURRENT_TIME);
    if (function == APP_OPERATE)
        put_header(&w, t, qualifier, true);
    else if (t->group != 50 || t->variation != 3)
        return;
    exchange(&w);
}

static bool is_accepted(const struct object_type *t, uint8_t function, uint8_t qualifier)
{
    full(function == APP_ENABLE_UNSOLICITED || function == APP_DISABLE_UNSOLICITED);
    bool with = function >= APP_WRITE && function <= APP_DIRECT_OPERATE_NR && (qualifier & 0x0F) != 6;
    if (r.config.unsolicited && rig_receive(&r))
        rig_send(&r, "D0 00");
    prepare(t, function, qualifier);
    r.news_len = 0;
    struct writer w = begin(2, function);
    if (function == APP_ASSIGN_CLASS && t->kind != OBJECT_CLASS)
        object_write_all(&w, 60, 2);
    put_header(&w, t, qualifier, with);
    if (function == APP_ASSIGN_CLASS && t->kind == OBJECT_CLASS)
        object_write_all(&w, 1, 0);
    return exchange(&w);
}

static bool may_ask(const struct object_type *t, uint8_t function, uint8_t qualifier)
{
    bool none = !object_len(t) && function >= APP_WRITE && function <= APP_DIRECT_OPERATE_NR;
    bool more = (function == APP_ENABLE_UNSOLICITED || function == APP_DISABLE_UNSOLICITED) &&
                t->kind != OBJECT_CLASS;
    return !none && !more && (t->functions & app_function_mask(function)) && qualifier < 0x40 &&
           function != APP_FREEZE_AT_TIME && function != APP_FREEZE_AT_TIME_NR;
}

static void ask_for_all(void)
{
    size_t n;
    const struct object_type *types = object_types(&n);
    assert_true(n <= ROWS_MAX);
    for (size_t i = 0; i < n; i++)
        for (uint8_t function = APP_READ; function <= APP_ASSIGN_CLASS; function++)
            for (unsigned q = 0; q < PROFILE_QUALIFIERS; q++)
                if (may_ask(&types[i], function, profile_qualifiers[q]) &&
                    is_accepted(&types[i], function, profile_qualifiers[q]))
                    seen[i].asked[function] |= 1U << q;
}

/* All static data with both widths of indexes, and all variations of events without being asked. */
static void hear_all(void)
{
    size_t n;
    const struct object_type *types = object_types(&n);
    for (size_t i = 0; i < n; i++) {
        if (types[i].kind != OBJECT_EVENT || !types[i].variation || !seen[i].asked[APP_READ])
            continue;
        for (uint32_t index = 0; index <= FAR; index += FAR) {
            full(true);
            if (rig_receive(&r))
                rig_send(&r, "D0 00");
            rig_send(&r, "C1 14 3C 02 06");
            rig_receive(&r);
            rig_find(&r, (enum point_type)types[i].point, index)->event_variation =
                types[i].is_string ? 0 : types[i].variation;
            change(&types[i], index);
            if (rig_receive(&r))
                read_answer(true);
        }
    }
}

/* Bits of profile_qualifiers. */
enum { Q00 = 1, Q06 = 1 << 6, Q07 = 1 << 7, Q5B = 1 << 20 };

/* What takes more than one request, or has no place in a probe. */
static const struct {
    uint8_t group, variation, function;
    uint32_t asked;
    uint32_t answered;
    const char *test;
} named[] = {
    {12, 2, APP_SELECT, Q07, Q07, "outstation_pattern_test: c10_select_and_operate"},
    {12, 2, APP_OPERATE, Q07, Q07, "outstation_pattern_test: c10_select_and_operate"},
    {12, 2, APP_DIRECT_OPERATE, Q07, Q07, "outstation_pattern_test: several_masks_and_blocks"},
    {12, 2, APP_DIRECT_OPERATE_NR, Q07, 0, "outstation_pattern_test: no_acknowledge_operates_in_silence"},
    {12, 3, APP_SELECT, Q00, Q00, "outstation_pattern_test: c10_select_and_operate"},
    {12, 3, APP_OPERATE, Q00, Q00, "outstation_pattern_test: c10_select_and_operate"},
    {12, 3, APP_DIRECT_OPERATE, Q00, Q00, "outstation_pattern_test: several_masks_and_blocks"},
    {12, 3, APP_DIRECT_OPERATE_NR, Q00, 0, "outstation_pattern_test: no_acknowledge_operates_in_silence"},
    {50, 2, APP_FREEZE_AT_TIME, Q07, 0, "outstation_freeze_test: at_a_time_and_then_every_interval"},
    {50, 2, APP_FREEZE_AT_TIME_NR, Q07, 0, EACH},
    {51, 1, 0, 0, Q07, "outstation_events_test: conformance_8_14_2_12_relative_times_follow_a_common_time"},
    {51, 2, 0, 0, Q07, "outstation_events_test: conformance_8_15_2_unsynchronised_events_follow_g51v2"},
    {52, 1, 0, 0, Q07, EACH},
    {52, 2, 0, 0, Q07, EACH},
    {70, 2, APP_AUTHENTICATE_FILE, Q5B, Q5B, "outstation_files_test: files_3_a_key_opens_once"},
    {70, 3, APP_OPEN_FILE, Q5B, 0, "outstation_files_test: files_3_write_and_append"},
    {70, 3, APP_DELETE_FILE, Q5B, 0, "outstation_files_test: files_3_info_and_delete"},
    {70, 4, APP_CLOSE_FILE, Q5B, Q5B, "outstation_files_test: files_3_read_in_blocks"},
    {70, 4, APP_ABORT_FILE, Q5B, Q5B,
     "outstation_files_test: files_3_abort_and_loss_leave_the_file_as_it_was"},
    {70, 5, APP_READ, Q5B, Q5B, "outstation_files_test: files_3_read_in_blocks"},
    {70, 5, APP_WRITE, Q5B, 0, "outstation_files_test: files_3_write_and_append"},
    {70, 6, 0, 0, Q5B, "outstation_files_test: files_3_write_and_append"},
    {70, 7, APP_GET_FILE_INFO, Q5B, Q5B, "outstation_files_test: files_3_info_and_delete"},
    {70, 8, APP_ACTIVATE_CONFIG, Q5B, 0, "outstation_files_test: files_3_activate"},
    {90, 1, APP_INITIALIZE_APPL, Q06 | Q5B, 0,
     "outstation_functions_test: applications_are_started_and_stopped"},
    {90, 1, APP_START_APPL, Q06 | Q5B, 0, "outstation_functions_test: applications_are_started_and_stopped"},
    {90, 1, APP_STOP_APPL, Q06 | Q5B, 0, "outstation_functions_test: applications_are_started_and_stopped"},
    {91, 1, 0, 0, Q5B, "outstation_files_test: files_3_activate"},
};

static void add_named(void)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        struct seen *s = &seen[row_of(object_type_find(named[i].group, named[i].variation))];
        assert_true(profile_test_exists(named[i].test));
        s->asked[named[i].function] |= named[i].asked;
        s->answered |= named[i].answered;
        s->test = named[i].test;
    }
}

static uint32_t all_asked(const struct seen *s)
{
    uint32_t asked = 0;
    for (unsigned function = 1; function < FUNCTIONS; function++)
        asked |= s->asked[function];
    return asked;
}

/* Functions with the same qualifiers share an entry: "3 4 5 6: 17 28". */
static void put_asked(const struct seen *s)
{
    const char *semicolon = "";
    bool done[FUNCTIONS] = {false};
    for (unsigned function = 1; function < FUNCTIONS; function++) {
        if (!s->asked[function] || done[function])
            continue;
        profile_put(&profile, "%s", semicolon);
        for (unsigned other = function; other < FUNCTIONS; other++) {
            if (s->asked[other] != s->asked[function])
                continue;
            done[other] = true;
            profile_put(&profile, "%s%u", other == function ? "" : " ", other);
        }
        profile_put(&profile, ": ");
        profile_put_qualifiers(&profile, s->asked[function]);
        semicolon = "; ";
    }
}

static void put_row(const struct object_type *t, const struct seen *s)
{
    if (t->is_string && t->variation)
        profile_put(&profile, "| %u | 1..255 | %s | ", t->group, t->name);
    else if (t->self_sized && t->variation == 1)
        profile_put(&profile, "| %u | 1..253 | %s | ", t->group, t->name);
    else
        profile_put(&profile, "| %u | %u | %s | ", t->group, t->variation, t->name);
    put_asked(s);
    profile_put(&profile, " | ");
    if (s->answered) {
        profile_put(&profile, "129: ");
        profile_put_qualifiers(&profile, s->answered);
    }
    if (s->told) {
        profile_put(&profile, "%s130: ", s->answered ? "; " : "");
        profile_put_qualifiers(&profile, s->told);
    }
    profile_put(&profile, " | %s |\n", s->test ? s->test : PROBE);
}

static unsigned put_objects(void)
{
    size_t n;
    unsigned rows = 0;
    const struct object_type *types = object_types(&n);
    profile_put(&profile,
                "## Implementation table\n\n"
                "| group | variation | description | request: functions: qualifiers | response | shown by |\n"
                "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        if (!all_asked(&seen[i]) && !seen[i].answered && !seen[i].told)
            continue;
        put_row(&types[i], &seen[i]);
        rows++;
    }
    profile_put(&profile, "\n");
    return rows;
}

static void put_head(void)
{
    const struct outstation_config d = outstation_defaults();
    profile_put(
        &profile,
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n# Device profile: outstation of the simulator\n\n"
        "Written by `tests/replay/outstation_profile_test.c` out of the object table, the defaults and "
        "what the outstation answers; `FEP_UPDATE=1` writes it anew. The last column names the test that "
        "has shown the row: program and test.\n\n## Identification and defaults\n\n| item | value "
        "|\n|---|---|\n");
    profile_put(&profile,
                "| device function | outstation |\n| name | outstation-sim |\n"
                "| request level | 4, without data sets; files, attributes, strings and freezes by the "
                "clock besides |\n| connections | TCP, as the end that listens |\n");
    profile_put(&profile, "| fragment sent, octets | %u; 249 and more configurable |\n", d.tx_fragment_max);
    profile_put(&profile, "| fragment received, octets | %u |\n", APP_FRAGMENT_MAX);
    profile_put(&profile, "| solicited confirm timeout | %u ms |\n", d.solicited_confirm_ms);
    profile_put(&profile, "| unsolicited confirm timeout | %u ms |\n", d.unsolicited_confirm_ms);
    profile_put(&profile, "| unsolicited retries | %s |\n",
                d.unsolicited_retries == 0xFFFF ? "without end" : "limited");
    profile_put(&profile, "| unsolicited retries, off line | every %u ms |\n",
                d.unsolicited_offline_retry_ms);
    profile_put(&profile, "| select timeout | %u ms |\n", d.select_timeout_ms);
    profile_put(&profile, "| commands in one request | %u; up to %u configurable |\n", d.max_controls,
                OUTSTATION_CONTROLS_MAX);
    profile_put(&profile, "| restart takes | %u ms |\n", d.restart_ms);
    profile_put(&profile, "| confirm of fragments without events | %s |\n\n",
                d.confirm_multi_static ? "of those that are not the last" : "never");
}

static void what_is_asked_for_is_answered(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    ask_for_all();
    hear_all();
    add_named();
    put_head();
    bool sound =
        profile_put_facts(&profile, "## Functions\n\n| function | request | shown by |\n|---|---|---|\n",
                          functions, sizeof functions / sizeof functions[0]);
    sound = profile_put_facts(&profile, "## Link layer\n\n| item | behaviour | shown by |\n|---|---|---|\n",
                              link, sizeof link / sizeof link[0]) &&
            sound;
    sound = profile_put_facts(&profile,
                              "## Application layer and outstation\n\n| item | behaviour | shown by "
                              "|\n|---|---|---|\n",
                              behaviours, sizeof behaviours / sizeof behaviours[0]) &&
            sound;
    unsigned rows = put_objects();
    print_message("%u rows\n", rows);
    assert_true(sound);
    assert_true(rows > 120);
    assert_true(kept_is("outstation-sim/DEVICE-PROFILE.md", profile.text, profile.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_asked_for_is_answered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
