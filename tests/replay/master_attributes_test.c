// SPDX-License-Identifier: Apache-2.0
/* Device attributes that a master reads and writes: dnp3-reference/attributes.md. */
#include "support/cm.h"

#include "protocol/master_attributes.h"
#include "support/script.h"

struct rig {
    struct script s;
    struct master_attributes a;
    struct master_attributes_job job;
    uint8_t request[512];
    char values[512];
};

static void show(void *context, const struct attribute *a)
{
    struct rig *r = context;
    size_t len = strlen(r->values);
    uint32_t number = 0;
    if (attribute_uint(a, &number))
        snprintf(r->values + len, sizeof r->values - len, "%u=%u; ", a->variation, number);
    else if (a->type == ATTRIBUTE_VSTR)
        snprintf(r->values + len, sizeof r->values - len, "%u=%.*s; ", a->variation, a->len,
                 (const char *)a->octets);
    for (size_t i = 0; i < attribute_entries(a); i++) {
        len = strlen(r->values);
        snprintf(r->values + len, sizeof r->values - len, "%u%s ", attribute_entry_at(a, i).variation,
                 attribute_entry_at(a, i).properties & 1 ? "w" : "");
    }
}

static void connected(struct rig *r)
{
    struct master_config config = master_defaults();
    memset(r, 0, sizeof *r);
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    config.link_idle_ms = 0;
    script_connect(&r->s, config);
    sends(&r->s, "C0 " INTEGRITY);
    gets(&r->s, "C0 81 00 00");
}

static void begin(struct rig *r, enum master_attributes_kind kind, struct attribute attribute)
{
    connected(r);
    r->job = (struct master_attributes_job){kind, attribute, r, show};
    master_attributes_init(&r->a, &r->job, r->request, sizeof r->request);
    master_submit(&r->s.m, &r->a.order, &r->s.at);
    script_drain(&r->s);
}

static void one(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, MASTER_ATTRIBUTES_READ, (struct attribute){.variation = 252});
    sends(&r.s, "C1 01 00 FC 00 00 00");
    gets(&r.s, "C1 81 00 00 00 FC 00 00 00 01 04 41 63 6D 65");
    assert_int_equal(r.a.order.outcome, ORDER_SUCCESS);
    assert_string_equal(r.values, "252=Acme; ");

    /* The longest legal number is as good (attributes.md 2), and so is an index for the set. */
    begin(&r, MASTER_ATTRIBUTES_READ, (struct attribute){.variation = 213, .set = 7});
    sends(&r.s, "C1 01 00 D5 00 07 07");
    gets(&r.s, "C1 81 00 00 00 D5 17 01 07 02 04 01 00 00 00");
    assert_int_equal(r.a.order.outcome, ORDER_SUCCESS);
    assert_string_equal(r.values, "213=1; ");
}

/* A header each, in several fragments; other sets, and what is no attribute, are not handed over. */
static void all(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, MASTER_ATTRIBUTES_READ_ALL, (struct attribute){0});
    sends(&r.s, "C1 01 00 FE 00 00 00");
    gets(&r.s, "A1 81 00 00 00 F2 00 00 00 01 03 31 2E 30 00 F0 00 00 00 02 02 00 08");
    sends(&r.s, "C1 00");
    gets(&r.s, "42 81 00 00 00 F1 00 00 00 02 01 F9 00 F1 00 03 03 02 01 07 00 EF 00 00 00 02 03 01 02 03 "
               "00 EE 00 00 00 2A 01 01");
    assert_int_equal(r.a.order.outcome, ORDER_SUCCESS);
    assert_string_equal(r.values, "242=1.0; 240=2048; 241=249; ");
    assert_int_equal(r.a.values, 3);
    assert_int_equal(r.a.foreign, 1);
    assert_int_equal(r.a.defects, 2);
}

static void list(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, MASTER_ATTRIBUTES_LIST, (struct attribute){0});
    sends(&r.s, "C1 01 00 FF 00 00 00");
    gets(&r.s, "C1 81 00 00 00 FF 00 00 00 FE 06 F0 01 F2 00 FC 00");
    assert_int_equal(r.a.order.outcome, ORDER_SUCCESS);
    assert_string_equal(r.values, "240w 242 252 ");
}

static void refused_and_empty(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum order_outcome outcome;
        unsigned defects;
    } rows[] = {{"C1 81 00 01", ORDER_REFUSED_IIN, 0},
                {"C1 81 00 02", ORDER_REFUSED_IIN, 0},
                {"C1 81 00 00", ORDER_BAD_ANSWER, 0},
                {"C1 81 00 00 00 FC 00 00 00 01 04 41", ORDER_BAD_ANSWER, 1},
                {"C1 81 00 00 00 FC 01 00 00 FF FF 01 00", ORDER_BAD_ANSWER, 1},
                {"C1 81 00 00 01 02 00 00 00 81", ORDER_BAD_ANSWER, 0},
                /* Some of all is an answer. */
                {"C1 81 00 02 00 FC 00 00 00 01 01 41", ORDER_SUCCESS, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        begin(&r, MASTER_ATTRIBUTES_READ, (struct attribute){.variation = 252});
        sends(&r.s, "C1 01 00 FC 00 00 00");
        gets(&r.s, rows[i].answer);
        assert_int_equal(r.a.order.outcome, rows[i].outcome);
        assert_int_equal(r.a.defects, rows[i].defects);
    }
}

static void written(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum order_outcome outcome;
    } rows[] = {{"C1 81 00 00", ORDER_SUCCESS}, {"C1 81 00 04", ORDER_REFUSED_IIN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        begin(&r, MASTER_ATTRIBUTES_WRITE,
              (struct attribute){245, 0, ATTRIBUTE_VSTR, 4, (const uint8_t *)"Bern"});
        sends(&r.s, "C1 02 00 F5 00 00 00 01 04 42 65 72 6E");
        gets(&r.s, rows[i].answer);
        assert_int_equal(r.a.order.outcome, rows[i].outcome);
    }
    struct rig r;
    begin(&r, MASTER_ATTRIBUTES_WRITE,
          (struct attribute){240, 0, ATTRIBUTE_UINT, 2, (const uint8_t *)"\0\4"});
    sends(&r.s, "C1 02 00 F0 00 00 00 02 02 00 04");
    waits(&r.s, 5000);
    assert_int_equal(r.a.order.outcome, ORDER_UNKNOWN);
}

/* What can't be said is not sent. */
static void invalid(void **state)
{
    (void)state;
    static uint8_t long_text[300];
    static const struct {
        enum master_attributes_kind kind;
        struct attribute attribute;
    } rows[] = {
        {MASTER_ATTRIBUTES_READ, {.variation = 0}},
        {MASTER_ATTRIBUTES_READ, {.variation = 254}},
        {MASTER_ATTRIBUTES_WRITE, {254, 0, ATTRIBUTE_VSTR, 1, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {245, 0, ATTRIBUTE_VSTR, 256, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {245, 0, ATTRIBUTE_LIST, 2, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {240, 0, ATTRIBUTE_UINT, 3, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {227, 0, ATTRIBUTE_INT, 0, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {203, 0, ATTRIBUTE_FLT, 5, long_text}},
        {MASTER_ATTRIBUTES_WRITE, {198, 0, ATTRIBUTE_TIME, 7, long_text}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        begin(&r, rows[i].kind, rows[i].attribute);
        waits(&r.s, 10);
        sends_nothing(&r.s);
        assert_int_equal(r.a.order.outcome, ORDER_INVALID);
    }
}

/* By broadcast there is no answer: what is written leaves, what would be read does not. */
static void broadcast(void **state)
{
    (void)state;
    for (int writes = 0; writes < 2; writes++) {
        struct rig r;
        connected(&r);
        r.job = (struct master_attributes_job){writes ? MASTER_ATTRIBUTES_WRITE : MASTER_ATTRIBUTES_READ,
                                               {245, 0, ATTRIBUTE_VSTR, 4, (const uint8_t *)"Bern"},
                                               &r,
                                               show};
        master_attributes_init(&r.a, &r.job, r.request, sizeof r.request);
        r.a.order.address = 0xFFFF;
        uint8_t wire[LINK_FRAME_MAX];
        r.s.blocked = true; /* its destination is another: looked at here */
        master_submit(&r.s.m, &r.a.order, &r.s.at);
        size_t len = master_write(&r.s.m, wire, sizeof wire, &r.s.at);
        assert_int_equal(len > 0, writes);
        waits(&r.s, 10);
        assert_int_equal(r.a.order.outcome, writes ? ORDER_SENT : ORDER_INVALID);
    }
}

/* An answer whose fragments never end. */
static void without_end(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, MASTER_ATTRIBUTES_READ_ALL, (struct attribute){0});
    sends(&r.s, "C1 01 00 FE 00 00 00");
    for (unsigned n = 1; n < 300; n++) {
        char hex[32];
        snprintf(hex, sizeof hex, "%02X 81 00 00", (n == 1 ? 0x80u : n == 299 ? 0x40u : 0u) | (n & APP_SEQ));
        gets(&r.s, hex);
        assert_true(n == 299 || r.a.order.outcome != ORDER_SUCCESS);
    }
    assert_int_equal(r.a.order.outcome, ORDER_BAD_ANSWER);
    assert_true(r.a.fragments < 299);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one),       cmocka_unit_test(all),
        cmocka_unit_test(list),      cmocka_unit_test(refused_and_empty),
        cmocka_unit_test(written),   cmocka_unit_test(invalid),
        cmocka_unit_test(broadcast), cmocka_unit_test(without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
