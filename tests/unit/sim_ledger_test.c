// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/ledger.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add(struct ledger *l, uint64_t id, uint8_t type, uint32_t index, double value, uint64_t time_ms)
{
    const struct measurement m = {.value = value,
                                  .time_ms = time_ms,
                                  .index = index,
                                  .type = type,
                                  .flags = FLAG_ONLINE,
                                  .time_quality = time_ms ? TIME_SYNCHRONISED : TIME_NONE,
                                  .event = true};
    ledger_add(l, id, &m);
}

static void what_is_written_is_what_the_header_promises(void **state)
{
    (void)state;
    struct ledger l = {0};
    add(&l, 1, POINT_ANALOG_INPUT, 3, 100, 1767225600123);
    add(&l, 2, POINT_BINARY_INPUT, 0, 1, 281474976710655);
    add(&l, 4, POINT_ANALOG_INPUT, 3, (double)NAN, 0);
    add(&l, 5, POINT_ANALOG_INPUT, 3, -(double)INFINITY, 1);
    add(&l, 6, POINT_BINARY_INPUT, 0, 0, 5);
    ledger_settle(&l, 1, LEDGER_CONFIRMED);
    ledger_settle(&l, 5, LEDGER_DROPPED_RESTART);
    ledger_settle(&l, 6, LEDGER_DROPPED_OVERFLOW);
    const uint32_t faults[FAULTS] = {[FAULT_CUT] = 9};
    const struct ledger_totals totals = {"S00001", "a \"b\" \\c", 2048, 2, 3, faults};
    const struct ledger_header header = {"demo", 18446744073709551615u, 1, 4.5, 10, 20};

    char *text = NULL;
    size_t len = 0;
    struct ledger_file file = {.to = open_memstream(&text, &len)};
    ledger_write_header(&file, &header);
    ledger_write_station(&file, &totals, &l);
    ledger_write_end(&file);
    fclose(file.to);
    assert_string_equal(
        text, "{\"ledger\":1,\"scenario\":\"demo\",\"seed\":18446744073709551615,\"stations\":1,\"rate\":4.5,"
              "\"started_ms\":10,\"written_ms\":20,\"version\":\"" FEP_VERSION "\"}\n"
              "{\"station\":\"S00001\",\"group\":\"a \\\"b\\\" \\\\c\",\"fragment\":2048,\"generated\":5,"
              "\"confirmed\":1,\"buffered\":2,\"dropped_overflow\":1,\"dropped_restart\":1,\"restarts\":2,"
              "\"connections\":3,\"faults\":{\"no_answer\":0,\"lost_confirm\":0,\"wrong_crc\":0,\"wrong_"
              "sequence\":0,\"duplicate\":0,"
              "\"restart_mid_fragment\":0,\"partial_write\":0,\"restart\":0,\"overflow\":0,\"cut\":9,"
              "\"half_open\":0}}\n"
              "{\"station\":\"S00001\",\"type\":1,\"index\":0,\"ids\":[2,6],"
              "\"values\":[\"0x3ff0000000000000\",\"0x0000000000000000\"],\"flags\":[1,1],"
              "\"times\":[281474976710655,5],\"states\":\"bo\"}\n"
              "{\"station\":\"S00001\",\"type\":6,\"index\":3,\"ids\":[1,4,5],"
              "\"values\":[\"0x4059000000000000\",\"0x7ff8000000000000\",\"0xfff0000000000000\"],"
              "\"flags\":[1,1,1],\"times\":[1767225600123,null,1],\"states\":\"cbr\"}\n"
              "{\"end\":true,\"lines\":4}\n");
    free(text);
    ledger_free(&l);
}

static void the_counts_follow_the_states(void **state)
{
    (void)state;
    struct ledger l = {0};
    for (uint64_t id = 1; id <= 10000; id++)
        add(&l, id, POINT_COUNTER, (uint32_t)(id % 7), (double)id, id);
    assert_int_equal(l.count[LEDGER_BUFFERED], 10000);
    for (uint64_t id = 1; id <= 6000; id++)
        ledger_settle(&l, id, LEDGER_CONFIRMED);
    assert_int_equal(l.count[LEDGER_BUFFERED], 4000);
    assert_int_equal(l.count[LEDGER_CONFIRMED], 6000);
    assert_int_equal(ledger_generated(&l), 10000);
    assert_true(l.room < 20000); /* memory follows what is there */
    ledger_free(&l);
}

static void an_event_is_entered_once(void **state)
{
    (void)state;
    struct ledger l = {0};
    assert_false(ledger_knows(&l, 1));
    add(&l, 3, POINT_COUNTER, 1, 5, 5);
    ledger_settle(&l, 3, LEDGER_CONFIRMED);
    add(&l, 3, POINT_COUNTER, 1, 6, 6);
    assert_int_equal(ledger_generated(&l), 1);
    assert_int_equal(l.count[LEDGER_CONFIRMED], 1);
    assert_true(l.events[2].value == 5);
    assert_false(ledger_knows(&l, 2));
    assert_false(ledger_knows(&l, 4));
    add(&l, 2, POINT_COUNTER, 1, 4, 4); /* made by the outstation, told late */
    assert_int_equal(ledger_generated(&l), 2);
    ledger_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_what_the_header_promises),
        cmocka_unit_test(the_counts_follow_the_states),
        cmocka_unit_test(an_event_is_entered_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
