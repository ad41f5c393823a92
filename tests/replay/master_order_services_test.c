// SPDX-License-Identifier: Apache-2.0
/* Requests other than controls: dnp3-reference/application.md 2, 4.1, master.md 6, time.md, outstation.md
 * 8, 9. */
#include "support/cm.h"

#include "support/orders.h"

#include <math.h>

static struct request_order request;
static const uint8_t zero[] = {0}, five[] = {5};

static struct request_order *order_items(struct script *s, enum request_kind kind,
                                         const struct request_item *items, size_t n)
{
    request_init(&request, kind, items, n);
    orders(s, &request.order);
    return &request;
}

static struct request_order *order_bare(struct script *s, enum request_kind kind)
{
    return order_items(s, kind, NULL, 0);
}

/* application.md 4: ranges, counts, index lists, and all of them at once. */
static void read_in_all_forms(void **state)
{
    (void)state;
    struct script s;
    static const uint32_t near[] = {3, 5}, far[] = {3, 256}, farther[] = {70000};
    static const struct request_item items[] = {
        {.group = 60, .variation = 2, .form = ITEM_COUNT, .count = 5},
        {.group = 30, .form = ITEM_ALL},
        {.group = 1, .variation = 2, .form = ITEM_RANGE, .first = 0, .last = 7},
        {.group = 20, .form = ITEM_RANGE, .first = 0, .last = 256},
        {.group = 30, .variation = 5, .form = ITEM_INDEXES, .indexes = near, .indexes_len = 2},
        {.group = 30, .variation = 5, .form = ITEM_INDEXES, .indexes = far, .indexes_len = 2},
        {.group = 30, .variation = 5, .form = ITEM_INDEXES, .indexes = farther, .indexes_len = 1},
    };
    orders_online(&s);
    order_items(&s, REQUEST_READ, items, 7);
    sends(&s, "C3 01 3C 02 07 05 1E 00 06 01 02 00 00 07 14 00 01 00 00 00 01 1E 05 17 02 03 05 "
              "1E 05 28 02 00 03 00 00 01 1E 05 39 01 00 00 00 70 11 01 00");
    gets(&s, "A3 81 00 00 " EVENT);
    tells(&s, "fragment #1 events 1; answer");
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "C3 00");
    gets(&s, "44 81 00 04 " STATIC);
    tells(&s, "proof 1; fragment #0 statics 1 nocon; answer; order refused_iin");
}

/* What is read is a poll: it waits for the integrity poll, and where the store is stalled. */
static void reading_waits(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item item = {.group = 30, .form = ITEM_ALL};
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    config.link_idle_ms = 0;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    order_items(&s, REQUEST_READ, &item, 1);
    sends_nothing(&s);
    holds_polls(&s, true);
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
    sends_nothing(&s);
    holds_polls(&s, false);
    sends(&s, "C1 01 1E 00 06");
    gets(&s, "C1 81 00 00");
    tells(&s, "answer; order success");
}

/* master.md 6: null and IIN2 = 0; every variation of a deadband. */
static void write_deadbands(void **state)
{
    (void)state;
    static const uint32_t index[] = {1, 9};
    static const double values[] = {1, 2.5};
    static const char *const requests[] = {
        "C3 02 22 01 17 02 01 01 00 09 03 00",
        "C3 02 22 02 17 02 01 01 00 00 00 09 03 00 00 00",
        "C3 02 22 03 17 02 01 00 00 80 3F 09 00 00 20 40",
    };
    for (uint8_t variation = 1; variation <= 3; variation++) {
        struct script s;
        struct request_item item = {.group = 34,
                                    .variation = variation,
                                    .form = ITEM_INDEXES,
                                    .indexes = index,
                                    .indexes_len = 2,
                                    .values = values};
        orders_online(&s);
        order_items(&s, REQUEST_WRITE, &item, 1);
        sends(&s, requests[variation - 1]);
        gets(&s, variation == 3 ? "C3 81 00 04" : "C3 81 00 00");
        tells(&s, variation == 3 ? "answer; order refused_iin" : "answer; order success");
    }
}

static void write_objects(void **state)
{
    (void)state;
    struct script s;
    static const uint32_t index[] = {2};
    static const uint8_t schedule[] = {0, 0x7C, 0x29, 0x1F, 0x94, 1, 3, 0, 0, 0, 4};
    static const struct request_item items[] = {
        {.group = 110, .form = ITEM_STRING, .first = 4, .octets = (const uint8_t *)"ab", .octets_len = 2},
        {.group = 110, .form = ITEM_STRING, .first = 4},
        {.group = 112, .form = ITEM_STRING, .first = 1, .octets = (const uint8_t *)"x", .octets_len = 1},
        {.group = 50,
         .variation = 4,
         .form = ITEM_INDEXES,
         .indexes = index,
         .indexes_len = 1,
         .octets = schedule,
         .octets_len = sizeof schedule},
        {.group = 10,
         .variation = 1,
         .form = ITEM_RANGE,
         .first = 0,
         .last = 2,
         .octets = five,
         .octets_len = 1},
    };
    static const char *const requests[] = {
        "C3 02 6E 02 00 04 04 61 62", "C4 02 6E 01 00 04 04 00", "C5 02 70 01 17 01 01 78",
        "C6 02 32 04 17 01 02 00 7C 29 1F 94 01 03 00 00 00 04", "C7 02 0A 01 00 00 02 05"};
    static const char *const answers[] = {"C3 81 00 00", "C4 81 00 00", "C5 81 00 00", "C6 81 00 00",
                                          "C7 81 00 02"};
    orders_online(&s);
    for (size_t i = 0; i < 5; i++) {
        order_items(&s, REQUEST_WRITE, &items[i], 1);
        sends(&s, requests[i]);
        gets(&s, answers[i]);
        tells(&s, i < 4 ? "answer; order success" : "answer; order refused_iin");
    }
}

/* IIN1.7 is cleared only when its record is durable, whoever asks for it; an order waits for the start-up,
 * too. */
static void clearing_waits_for_the_record(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item item = {.group = 80,
                                             .variation = 1,
                                             .form = ITEM_RANGE,
                                             .first = 7,
                                             .last = 7,
                                             .octets = zero,
                                             .octets_len = 1};
    orders_online(&s);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    order_items(&s, REQUEST_WRITE, &item, 1);
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C3 " CLEAR); /* the start-up's own */
    gets(&s, "C3 81 00 00");
    tells(&s, "done clear_restart ok; iin 0000");
    sends(&s, "C4 " INTEGRITY);
    gets(&s, "C4 81 00 00");
    tells(&s, "done integrity ok");
    sends(&s, "C5 " CLEAR);
    gets(&s, "C5 81 00 00");
    tells(&s, "answer; order success");
}

/* A restart that shows while such an order is about to leave sends it back to wait for the record. */
static void clearing_steps_back(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item item = {.group = 80,
                                             .variation = 1,
                                             .form = ITEM_RANGE,
                                             .first = 7,
                                             .last = 7,
                                             .octets = zero,
                                             .octets_len = 1};
    orders_online(&s);
    s.blocked = true;
    order_items(&s, REQUEST_WRITE, &item, 1);
    gets(&s, "F0 82 80 00");
    s.blocked = false;
    waits(&s, 1);
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C4 " CLEAR);
    request.order.address = 0;
    struct request_order everyone;
    request_init(&everyone, REQUEST_WRITE, &item, 1);
    everyone.order.address = LINK_BROADCAST_CONFIRM; /* other stations' restarts are not recorded by us */
    orders(&s, &everyone.order);
    tells(&s, "order invalid");
}

/* Freezes: immediate, with clearing, at a time; each with and without an answer; counters and analogs. */
static void freezes(void **state)
{
    (void)state;
    static const enum request_kind kinds[] = {REQUEST_FREEZE, REQUEST_FREEZE_CLEAR, REQUEST_FREEZE_AT_TIME};
    static const struct request_item items[] = {{.group = 20, .form = ITEM_ALL},
                                                {.group = 30, .form = ITEM_RANGE, .first = 1, .last = 2}};
    static const char *const requests[] = {
        "C3 07 14 00 06 1E 00 00 01 02",
        "C3 08 14 00 06 1E 00 00 01 02",
        "C3 09 14 00 06 1E 00 00 01 02",
        "C3 0A 14 00 06 1E 00 00 01 02",
        "C3 0B 32 02 07 01 00 7C 29 1F 94 01 E8 03 00 00 14 00 06 1E 00 00 01 02",
        "C3 0C 32 02 07 01 00 7C 29 1F 94 01 E8 03 00 00 14 00 06 1E 00 00 01 02"};
    for (size_t i = 0; i < 6; i++) {
        struct script s;
        orders_online(&s);
        request_init(&request, kinds[i / 2], items, 2);
        request.no_ack = i % 2;
        request.freeze_ms = SCRIPT_WALL_MS;
        request.freeze_interval_ms = 1000;
        orders(&s, &request.order);
        sends(&s, requests[i]);
        if (i % 2)
            waits(&s, 1);
        else
            gets(&s, "C3 81 00 00");
        tells(&s, i % 2 ? "order sent" : "answer; order success");
    }
}

static void assign_class(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item items[] = {
        {.group = 60, .variation = 2, .form = ITEM_ALL},
        {.group = 1, .form = ITEM_RANGE, .first = 0, .last = 3},
        {.group = 60, .variation = 1, .form = ITEM_ALL},
        {.group = 30, .form = ITEM_ALL},
    };
    orders_online(&s);
    order_items(&s, REQUEST_ASSIGN_CLASS, items, 4);
    sends(&s, "C3 16 3C 02 06 01 00 00 00 03 3C 01 06 1E 00 06");
    gets(&s, "C3 81 00 00");
    tells(&s, "answer; order success");
}

static void unsolicited_by_order(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item item = {.group = 60, .variation = 3, .form = ITEM_ALL};
    orders_online(&s);
    order_items(&s, REQUEST_DISABLE_UNSOLICITED, &item, 1);
    sends(&s, "C3 15 3C 03 06");
    gets(&s, "C3 81 00 00");
    order_items(&s, REQUEST_ENABLE_UNSOLICITED, &item, 1);
    sends(&s, "C4 14 3C 03 06");
    gets(&s, "C4 81 00 01");
    tells(&s, "answer; order refused_iin");
}

/* time.md 4: half of the journey, less what the station took itself; in seconds (g52v1) or ms (g52v2). */
static void delay_measured(void **state)
{
    (void)state;
    static const char *const answers[] = {"C3 81 00 00 34 02 07 01 0C 00", "C3 81 00 00 34 01 07 01 01 00",
                                          "C3 81 00 00 34 01 07 01 02 00", "C3 81 00 00"};
    static const char *const ends[] = {"answer; order success", "answer; order success",
                                       "answer; order bad_answer", "answer; order bad_answer"};
    static const int64_t delays_ms[] = {744, 250};
    for (size_t i = 0; i < 4; i++) {
        struct script s;
        orders_online(&s);
        order_bare(&s, REQUEST_DELAY_MEASURE);
        sends(&s, "C3 17");
        waits(&s, 1500);
        gets(&s, answers[i]);
        tells(&s, ends[i]);
        if (i < 2)
            assert_int_equal(request.delay_ms, delays_ms[i]);
    }
}

/* time.md 3: the time of the first request's leaving goes with the second; the clock must be right. */
static void time_is_set(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_bare(&s, REQUEST_SYNC_TIME);
    sends(&s, "C3 18");
    waits(&s, 700);
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 02 32 03 07 01 00 7C 29 1F 94 01");
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order success");
    order_bare(&s, REQUEST_WRITE_TIME);
    sends(&s, "C5 02 32 01 07 01 BC 7E 29 1F 94 01");
    gets(&s, "C5 81 00 00");
    order_bare(&s, REQUEST_RECORD_TIME);
    sends(&s, "C6 18");
    gets(&s, "C6 81 00 01");
    tells(&s, "answer; order refused_iin");
    s.at.wall_trusted = false;
    order_bare(&s, REQUEST_WRITE_TIME);
    waits(&s, 1);
    tells(&s, "order no_time");
    sends_nothing(&s);
}

/* outstation.md 5: silence for as long as g52 says, so that the polls do not fail meanwhile. */
static void restart_with_its_wait(void **state)
{
    (void)state;
    static const char *const answers[] = {"C3 81 00 00 34 01 07 01 1E 00", "C3 81 00 00 34 02 07 01 30 75"};
    for (size_t i = 0; i < 2; i++) {
        struct script s;
        orders_online(&s);
        order_bare(&s, i ? REQUEST_WARM_RESTART : REQUEST_COLD_RESTART);
        sends(&s, i ? "C3 0E" : "C3 0D");
        gets(&s, answers[i]);
        tells(&s, "answer");
        assert_int_equal(request.told_ms, 30000);
        master_demand_integrity(&s.m, &s.at);
        waits(&s, 29999);
        tells(&s, "");
        sends_nothing(&s);
        waits(&s, 1);
        tells(&s, "order success");
        sends(&s, "C4 " INTEGRITY);
    }
}

/* The station is back when it says so; a connection that ends is what was asked for. */
static void restart_is_over_early(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_bare(&s, REQUEST_COLD_RESTART);
    sends(&s, "C3 0D");
    gets(&s, "C3 81 00 00 34 01 07 01 1E 00");
    waits(&s, 3000);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080; order success");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C4 " CLEAR);
    gets(&s, "C4 81 00 00");
    sends(&s, "C5 " INTEGRITY);
    gets(&s, "C5 81 00 00");
    sends(&s, "C6 " ENABLE);
    gets(&s, "C6 81 00 00");
    order_bare(&s, REQUEST_COLD_RESTART);
    sends(&s, "C7 0D");
    gets(&s, "C7 81 00 00 34 01 07 01 FF FF");
    reconnects(&s);
    tells(&s, "offline; order success");
    sends(&s, "C0 " DISABLE);
}

/* 18 hours of silence are more than a station may ask for; without g52 it is not known what it does. */
static void restart_that_is_odd(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_bare(&s, REQUEST_COLD_RESTART);
    sends(&s, "C3 0D");
    gets(&s, "C3 81 00 00 34 01 07 01 FF FF");
    waits(&s, 599999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "order success");
    order_bare(&s, REQUEST_COLD_RESTART);
    sends(&s, "C4 0D");
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order bad_answer");
    order_bare(&s, REQUEST_WARM_RESTART);
    sends(&s, "C5 0E");
    gets(&s, "C5 81 00 01");
    tells(&s, "answer; order refused_iin");
    order_bare(&s, REQUEST_COLD_RESTART);
    sends(&s, "C6 0D");
    waits(&s, 5000);
    tells(&s, "order unknown");
}

static void applications(void **state)
{
    (void)state;
    static const enum request_kind kinds[] = {REQUEST_INITIALIZE_APPLICATION, REQUEST_START_APPLICATION,
                                              REQUEST_STOP_APPLICATION};
    static const struct request_item one = {
        .group = 90, .variation = 1, .form = ITEM_SIZED, .octets = (const uint8_t *)"plc", .octets_len = 3};
    static const struct request_item all = {.group = 90, .variation = 1, .form = ITEM_ALL};
    static const struct request_item data = {.group = 30, .form = ITEM_ALL};
    static const char *const ones[] = {"C3 10 5A 01 5B 01 03 00 70 6C 63", "C3 11 5A 01 5B 01 03 00 70 6C 63",
                                       "C3 12 5A 01 5B 01 03 00 70 6C 63"};
    static const char *const alls[] = {"C4 10 5A 01 06", "C4 11 5A 01 06", "C4 12 5A 01 06"};
    for (size_t i = 0; i < 3; i++) {
        struct script s;
        orders_online(&s);
        order_items(&s, kinds[i], &one, 1);
        sends(&s, ones[i]);
        gets(&s, "C3 81 00 10"); /* IIN2.4: it runs already */
        tells(&s, "answer; order refused_iin");
        order_items(&s, kinds[i], &all, 1);
        sends(&s, alls[i]);
        gets(&s, "C4 81 00 00");
        order_items(&s, REQUEST_INITIALIZE_DATA, &data, 1);
        sends(&s, "C5 0F 1E 00 06");
        gets(&s, "C5 81 00 01");
        tells(&s, "answer; order refused_iin");
    }
}

/* objects.md 3, g91v1: a status for each object; then silence until it takes effect. */
static void configuration(void **state)
{
    (void)state;
    struct script s;
    static const struct request_item file = {
        .group = 70, .variation = 8, .form = ITEM_SIZED, .octets = (const uint8_t *)"c.xml", .octets_len = 5};
    orders_online(&s);
    order_items(&s, REQUEST_ACTIVATE_CONFIG, &file, 1);
    sends(&s, "C3 1F 46 08 5B 01 05 00 63 2E 78 6D 6C");
    gets(&s, "C3 81 00 00 5B 01 5B 01 07 00 D0 07 00 00 01 01 00");
    tells(&s, "answer");
    waits(&s, 1999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "order success");
    order_items(&s, REQUEST_ACTIVATE_CONFIG, &file, 1);
    sends(&s, "C4 1F 46 08 5B 01 05 00 63 2E 78 6D 6C");
    gets(&s, "C4 81 00 00 5B 01 5B 01 09 00 D0 07 00 00 02 03 00 01 02");
    tells(&s, "answer; order bad_answer"); /* the second status is cut off */
    order_items(&s, REQUEST_ACTIVATE_CONFIG, &file, 1);
    sends(&s, "C5 1F 46 08 5B 01 05 00 63 2E 78 6D 6C");
    gets(&s, "C5 81 00 00 5B 01 5B 01 09 00 D0 07 00 00 02 01 00 01 09");
    tells(&s, "answer; order refused_status");
    assert_int_equal(request.order.status, 9);
    order_bare(&s, REQUEST_SAVE_CONFIG);
    sends(&s, "C6 13");
    gets(&s, "C6 81 00 00 34 02 07 01 64 00");
    waits(&s, 100);
    tells(&s, "order success");
}

static void answers_to_an_activation(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum order_outcome outcome;
    } rows[] = {
        {"C3 81 00 01", ORDER_REFUSED_IIN},
        {"C3 81 00 00", ORDER_BAD_ANSWER},
        {"C3 81 00 00 34 02 07 01 00 00", ORDER_BAD_ANSWER},
        {"C3 81 00 00 5B 02 5B 01 05 00 00 00 00 00 00", ORDER_BAD_ANSWER},
        {"C3 81 00 00 5B 01 5B 00", ORDER_BAD_ANSWER},
        {"C3 81 00 00 5B 01 5B 01 04 00 00 00 00 00", ORDER_BAD_ANSWER}, /* no number of statuses */
        {"C3 81 00 00 5B 01 5B 01 05 00 00 00 00 00 00", ORDER_SUCCESS},
        {"C3 81 00 00 5B 01 5B 01 07 00 00 00 00 00 01 00 07", ORDER_REFUSED_STATUS},
    };
    static const struct request_item all = {.group = 110, .form = ITEM_RANGE};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script s;
        orders_online(&s);
        order_items(&s, REQUEST_ACTIVATE_CONFIG, &all, 1);
        sends(&s, "C3 1F 6E 00 00 00 00");
        gets(&s, rows[i].answer);
        assert_int_equal(request.order.outcome, rows[i].outcome);
    }
}

/* link.md 4: no answer to a broadcast. FC 24 and g50v3 are two of them (time.md 3). */
static void broadcasts(void **state)
{
    (void)state;
    struct script s;
    static const uint16_t addresses[] = {LINK_BROADCAST_NO_CONFIRM, LINK_BROADCAST_CONFIRM,
                                         LINK_BROADCAST_OPTIONAL};
    static const char *const requests[] = {"to FFFD: C3 15 3C 02 06", "to FFFE: C4 15 3C 02 06",
                                           "to FFFF: C5 15 3C 02 06"};
    static const struct request_item item = {.group = 60, .variation = 2, .form = ITEM_ALL};
    orders_online(&s);
    for (size_t i = 0; i < 3; i++) {
        request_init(&request, REQUEST_DISABLE_UNSOLICITED, &item, 1);
        request.order.address = addresses[i];
        orders(&s, &request.order);
        sends(&s, requests[i]);
        waits(&s, 1);
        tells(&s, "order sent");
    }
    request_init(&request, REQUEST_SYNC_TIME, NULL, 0);
    request.order.address = LINK_BROADCAST_OPTIONAL;
    request.order.turnaround_ms = 50;
    orders(&s, &request.order);
    sends(&s, "to FFFF: C6 18");
    waits(&s, 50);
    tells(&s, "");
    sends(&s, "to FFFF: C7 02 32 03 07 01 03 7C 29 1F 94 01");
    waits(&s, 50);
    tells(&s, "order sent");
    request_init(&request, REQUEST_DISABLE_UNSOLICITED, &item, 1);
    request.order.address = 77; /* another station: that is for its own association */
    orders(&s, &request.order);
    tells(&s, "order invalid");
}

/* What can't be said is not sent. */
static void impossible_requests(void **state)
{
    (void)state;
    static const uint32_t index[] = {1};
    static const double minus[] = {-1}, much[] = {65536}, none[] = {NAN};
    static uint8_t many[APP_FRAGMENT_MAX];
    const struct request_item items[] = {
        {.group = 30, .form = ITEM_RANGE, .first = 2, .last = 1},
        {.group = 60, .variation = 2, .form = ITEM_COUNT},
        {.group = 30, .form = ITEM_INDEXES},
        {.group = 34,
         .variation = 1,
         .form = ITEM_INDEXES,
         .indexes = index,
         .indexes_len = 1,
         .values = minus},
        {.group = 34,
         .variation = 1,
         .form = ITEM_INDEXES,
         .indexes = index,
         .indexes_len = 1,
         .values = much},
        {.group = 34,
         .variation = 3,
         .form = ITEM_INDEXES,
         .indexes = index,
         .indexes_len = 1,
         .values = none},
        {.group = 34, .form = ITEM_INDEXES, .indexes = index, .indexes_len = 1, .values = much},
        {.group = 111, .form = ITEM_STRING, .octets = many, .octets_len = 3},
        {.group = 110, .form = ITEM_STRING, .octets = many, .octets_len = 256},
        {.group = 90, .variation = 1, .form = ITEM_SIZED, .octets = many, .octets_len = sizeof many},
        {.group = 90, .variation = 1, .form = ITEM_SIZED, .octets = many, .octets_len = 65536},
        {.group = 41, .form = ITEM_INDEXES, .indexes = index, .indexes_len = 65536},
        {.group = 41, .form = ITEM_INDEXES, .indexes = index, .indexes_len = 1, .values = much},
        {.group = 77, .form = ITEM_INDEXES, .indexes = index, .indexes_len = 1, .values = much},
        {.group = 90, .variation = 1, .form = 77},
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct script s;
        orders_online(&s);
        order_items(&s, REQUEST_WRITE, &items[i], 1);
        waits(&s, 1);
        tells(&s, "order invalid");
        sends_nothing(&s);
    }
    struct script s;
    orders_online(&s);
    order_bare(&s, REQUEST_FREEZE);
    waits(&s, 1);
    tells(&s, "order invalid");
    order_items(&s, REQUEST_COLD_RESTART, items, 1);
    waits(&s, 1);
    tells(&s, "order invalid");
    request_init(&request, REQUEST_WRITE_TIME, NULL, 0);
    request.order.retries = 1; /* the time in it would be wrong */
    orders(&s, &request.order);
    waits(&s, 1);
    tells(&s, "order invalid");
    sends_nothing(&s);
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (enum request_kind kind = 0; kind < REQUEST_KINDS; kind++) {
        request_init(&request, kind, NULL, 0);
        assert_true(strlen(request_kind_name(kind)) > 3);
        assert_string_equal(request.order.procedure->name, request_kind_name(kind));
    }
    assert_string_equal(request_kind_name(REQUEST_KINDS), "?");
    for (enum order_outcome outcome = 0; outcome < ORDER_OUTCOMES; outcome++)
        assert_true(strlen(order_outcome_name(outcome)) > 3);
    assert_string_equal(order_outcome_name(ORDER_OUTCOMES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_in_all_forms),
        cmocka_unit_test(reading_waits),
        cmocka_unit_test(write_deadbands),
        cmocka_unit_test(write_objects),
        cmocka_unit_test(clearing_waits_for_the_record),
        cmocka_unit_test(clearing_steps_back),
        cmocka_unit_test(freezes),
        cmocka_unit_test(assign_class),
        cmocka_unit_test(unsolicited_by_order),
        cmocka_unit_test(delay_measured),
        cmocka_unit_test(time_is_set),
        cmocka_unit_test(restart_with_its_wait),
        cmocka_unit_test(restart_is_over_early),
        cmocka_unit_test(restart_that_is_odd),
        cmocka_unit_test(applications),
        cmocka_unit_test(configuration),
        cmocka_unit_test(answers_to_an_activation),
        cmocka_unit_test(broadcasts),
        cmocka_unit_test(impossible_requests),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
