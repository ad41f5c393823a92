// SPDX-License-Identifier: Apache-2.0
/* A station without a connection: what its ledger says after polls, confirms, overflows and restarts. */
#include "outstation-sim/station.h"
#include "protocol/app.h"
#include "protocol/measure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct scenario_point points[] = {
    {.type = POINT_BINARY_INPUT, .count = 4, .class = 1, .max = 1, .step = 1, .period_ms = 1000},
    {.type = POINT_ANALOG_INPUT,
     .count = 4,
     .class = 2,
     .max = 100,
     .step = 3,
     .encoding = ENCODING_FLOAT,
     .period_ms = 1000},
};

static struct scenario_group polled_group(void)
{
    return (struct scenario_group){
        .name = "polled",
        .points = points,
        .points_len = 2,
        .rate = 100,
        .arrival = ARRIVAL_REGULAR,
        .timed = 0.5,
        .stations = 1,
        .buffer = 500,
        .confirm_ms = 1000,
        .unsolicited_count = 1,
        .master_address = 1,
        .outstation_address = 10,
        .fragment = 2048,
    };
}

struct rig {
    struct plan plan;
    struct station station;
    struct instant at;
    uint8_t transport_seq;
    uint8_t buffer[2304];
    uint8_t reply[2048];
    size_t reply_len;
};

static void rig_open(struct rig *rig, const struct scenario_group *group)
{
    *rig = (struct rig){.at = {1000, 1767225600000, true}};
    plan_init(&rig->plan, group, 0);
    station_init(&rig->station, &rig->plan, 0, 5, &rig->at);
    station_connected(&rig->station, &rig->at);
}

static void rig_close(struct rig *rig)
{
    station_free(&rig->station);
    plan_free(&rig->plan);
}

static void pass(struct rig *rig, int64_t ms)
{
    for (int64_t end = rig->at.now_ms + ms; rig->at.now_ms < end;) {
        rig->at.now_ms += 5;
        rig->at.wall_ms += 5;
        if (station_due_ms(&rig->station) <= rig->at.now_ms)
            station_advance(&rig->station, &rig->at);
    }
}

static void collect(struct rig *rig)
{
    uint8_t wire[8192], reassembly[2304];
    struct transport_rx rx = {0};
    struct link_errors errors = {0};
    struct link_frame frame;
    size_t from = 0, used, len = station_write(&rig->station, wire, sizeof(wire), &rig->at);
    transport_lend(&rx, reassembly, sizeof(reassembly));
    rig->reply_len = 0;
    while (link_parse(wire + from, len - from, &used, &frame, &errors) == LINK_FRAME) {
        const uint8_t *fragment;
        size_t fragment_len;
        from += used;
        if (transport_receive(&rx, frame.user, frame.user_len, &fragment, &fragment_len) !=
            TRANSPORT_FRAGMENT)
            continue;
        memcpy(rig->reply, fragment, fragment_len);
        rig->reply_len = fragment_len;
    }
}

static void ask(struct rig *rig, const uint8_t *request, size_t len)
{
    uint8_t wire[LINK_FRAME_MAX];
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t used, wire_len = transport_write(&rig->transport_seq, LINK_DIR | LINK_PRM | 4, 10, 1, request, len,
                                            wire, sizeof(wire));
    assert_int_equal(link_parse(wire, wire_len, &used, &frame, &errors), LINK_FRAME);
    outstation_lend(&rig->station.outstation, rig->buffer, sizeof(rig->buffer));
    station_receive(&rig->station, &frame, &rig->at);
    outstation_take_back(&rig->station.outstation);
    collect(rig);
}

static void read_events(struct rig *rig, uint8_t seq)
{
    const uint8_t request[] = {(uint8_t)(APP_FIR | APP_FIN | seq), APP_READ, 60, 2, 6, 60, 3, 6, 60, 4, 6};
    ask(rig, request, sizeof(request));
}

static void confirm(struct rig *rig)
{
    const uint8_t request[] = {(uint8_t)(APP_FIR | APP_FIN | (rig->reply[0] & APP_SEQ)), APP_CONFIRM};
    ask(rig, request, sizeof(request));
}

static uint64_t count(const struct rig *rig, enum ledger_state state)
{
    return rig->station.ledger.count[state];
}

static void only_a_confirm_settles_events(void **state)
{
    (void)state;
    struct scenario_group group = polled_group();
    struct rig rig;
    rig_open(&rig, &group);
    pass(&rig, 500);
    uint64_t made = count(&rig, LEDGER_BUFFERED);
    assert_in_range(made, 48, 51);
    read_events(&rig, 1);
    assert_true(rig.reply_len > 4 && (rig.reply[0] & APP_CON));
    assert_int_equal(count(&rig, LEDGER_CONFIRMED), 0);
    confirm(&rig);
    assert_int_equal(count(&rig, LEDGER_CONFIRMED), made);
    assert_int_equal(count(&rig, LEDGER_BUFFERED), 0);
    rig_close(&rig);
}

/* The walk over what a master gets finds the very values, flags and times that the ledger has. */
static void what_is_sent_is_what_the_ledger_says(void **state)
{
    (void)state;
    struct scenario_group group = polled_group();
    group.twins = 0.2;
    struct rig rig;
    rig_open(&rig, &group);
    pass(&rig, 400);
    read_events(&rig, 1);
    struct app_fragment f;
    assert_int_equal(app_parse(rig.reply, rig.reply_len, &f), APP_OK);
    struct measurement_walk walk = measurement_walk_begin(&f, false);
    struct measurement m;
    size_t i = 0;
    for (; measurement_walk_next(&walk, &m); i++) {
        const struct ledger_event *e = &rig.station.ledger.events[i];
        assert_memory_equal(&m.value, &e->value, sizeof(m.value));
        assert_int_equal(m.flags, e->flags);
        assert_int_equal(m.type, e->type);
        assert_int_equal(m.index, e->index);
        assert_int_equal(m.time_quality != TIME_NONE, e->timed);
        assert_true(m.time_ms == ((uint64_t)e->time_high << 32 | e->time_low));
    }
    assert_int_equal(walk.defect, WALK_END);
    assert_int_equal(i, rig.station.ledger.len);
    rig_close(&rig);
}

static void a_long_burst_takes_several_fragments(void **state)
{
    (void)state;
    struct scenario_group group = polled_group();
    group.fragment = 249;
    group.rate = 0;
    struct rig rig;
    rig_open(&rig, &group);
    station_burst(&rig.station, 200, &rig.at);
    pass(&rig, 100);
    assert_int_equal(count(&rig, LEDGER_BUFFERED), 200);
    int fragments = 0;
    read_events(&rig, 1);
    for (; rig.reply_len && (rig.reply[0] & APP_CON); fragments++) {
        assert_true(rig.reply_len <= 249);
        confirm(&rig);
    }
    assert_true(fragments > 5);
    assert_int_equal(count(&rig, LEDGER_CONFIRMED), 200);
    rig_close(&rig);
}

static void an_overflow_drops_the_oldest_or_the_newest(void **state)
{
    (void)state;
    for (int newest = 0; newest < 2; newest++) {
        struct scenario_group group = polled_group();
        group.buffer = 20;
        group.rate = 0;
        group.drop_newest = newest;
        struct rig rig;
        rig_open(&rig, &group);
        station_burst(&rig.station, 50, &rig.at);
        pass(&rig, 50);
        assert_int_equal(count(&rig, LEDGER_DROPPED_OVERFLOW), 30);
        assert_int_equal(count(&rig, LEDGER_BUFFERED), 20);
        assert_int_equal(rig.station.ledger.events[newest ? 49 : 0].state, LEDGER_DROPPED_OVERFLOW);
        assert_int_equal(rig.station.ledger.events[newest ? 0 : 49].state, LEDGER_BUFFERED);
        read_events(&rig, 1);
        assert_true(rig.reply[3] & (IIN_EVENT_BUFFER_OVERFLOW >> 8));
        rig_close(&rig);
    }
}

static void a_restart_keeps_events_or_drops_them(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct scenario_group group = polled_group();
        group.keep_events = keep;
        struct rig rig;
        rig_open(&rig, &group);
        pass(&rig, 200);
        uint64_t made = count(&rig, LEDGER_BUFFERED);
        read_events(&rig, 1);
        station_restart(&rig.station, &rig.at);
        assert_int_equal(count(&rig, LEDGER_DROPPED_RESTART), keep ? 0 : made);
        assert_int_equal(count(&rig, LEDGER_BUFFERED), keep ? made : 0);
        assert_int_equal(rig.station.restarts, 1);
        confirm(&rig); /* of a fragment from before: too late */
        assert_int_equal(count(&rig, LEDGER_CONFIRMED), 0);
        rig_close(&rig);
    }
}

static void a_restart_that_the_master_asks_for_happens(void **state)
{
    (void)state;
    struct scenario_group group = polled_group();
    struct rig rig;
    rig_open(&rig, &group);
    pass(&rig, 100);
    const uint8_t request[] = {APP_FIR | APP_FIN | 3, APP_COLD_RESTART};
    ask(&rig, request, sizeof(request));
    assert_true(rig.reply_len > 4);
    collect(&rig);
    assert_int_equal(rig.station.restarts, 1);
    assert_int_equal(count(&rig, LEDGER_DROPPED_RESTART), ledger_generated(&rig.station.ledger));
    assert_true(ledger_generated(&rig.station.ledger) > 5);
    rig_close(&rig);
}

static void a_quiet_station_drains(void **state)
{
    (void)state;
    struct scenario_group group = polled_group();
    struct rig rig;
    rig_open(&rig, &group);
    pass(&rig, 100);
    rig.station.quiet = true;
    uint64_t made = ledger_generated(&rig.station.ledger);
    pass(&rig, 1000);
    assert_int_equal(ledger_generated(&rig.station.ledger), made);
    read_events(&rig, 1);
    confirm(&rig);
    assert_int_equal(count(&rig, LEDGER_CONFIRMED), made);
    rig_close(&rig);
}

/* Feedback of a command is an event that the outstation makes by itself: it is in the ledger too. */
static void events_of_the_outstation_itself_enter_the_ledger(void **state)
{
    (void)state;
    static const struct scenario_point outputs[] = {
        {.type = POINT_BINARY_OUTPUT_STATUS, .count = 1, .class = 1, .max = 1, .step = 1, .period_ms = 1000}};
    struct scenario_group group = polled_group();
    group.points = outputs;
    group.points_len = 1;
    group.rate = 0;
    struct rig rig;
    rig_open(&rig, &group);
    uint8_t code = rig.station.points[0].value == 0 ? 3 : 4; /* LATCH_ON, LATCH_OFF */
    const uint8_t request[] = {
        APP_FIR | APP_FIN | 2, APP_DIRECT_OPERATE, 12, 1, 0x17, 1, 0, code, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    ask(&rig, request, sizeof(request));
    assert_int_equal(rig.station.controls, 1);
    station_record_own(&rig.station);
    assert_int_equal(count(&rig, LEDGER_BUFFERED), 1);
    assert_int_equal(rig.station.ledger.events[0].type, POINT_BINARY_OUTPUT_STATUS);
    read_events(&rig, 3);
    confirm(&rig);
    assert_int_equal(count(&rig, LEDGER_CONFIRMED), 1);
    rig_close(&rig);
}

/* Events from before the clock was set follow g51v2, later ones g51v1 (objects.md 3.1, conformance.md 8.15).
 */
static void times_of_a_clock_that_was_never_set_are_told_apart(void **state)
{
    (void)state;
    static const uint8_t read_relative[] = {0xC0, APP_READ, 2, 3, 6};
    static const uint8_t write_clock[] = {0xC2, APP_WRITE, 50, 1, 7, 1, 0x00, 0x7C, 0x29, 0x1F, 0x94, 0x01};
    struct scenario_group group = polled_group();
    group.timed = 1;
    group.need_time = true;
    struct rig rig;
    rig_open(&rig, &group);
    pass(&rig, 100);
    ask(&rig, read_relative, sizeof(read_relative));
    assert_true(rig.reply_len > 10 && rig.reply[4] == 51);
    assert_int_equal(rig.reply[5], 2);
    confirm(&rig);
    ask(&rig, write_clock, sizeof(write_clock));
    pass(&rig, 100);
    ask(&rig, read_relative, sizeof(read_relative));
    assert_true(rig.reply_len > 10 && rig.reply[4] == 51);
    assert_int_equal(rig.reply[5], 1);
    rig_close(&rig);
}

static void names_and_addresses(void **state)
{
    (void)state;
    char name[STATION_NAME_ROOM];
    station_name(0, name);
    assert_string_equal(name, "S00001");
    station_name(99999, name);
    assert_string_equal(name, "S100000");
    const struct scenario_group group = {
        .outstation_address = 65510, .outstation_address_step = 2, .master_address = 1};
    assert_int_equal(station_address(&group, 4), 65518);
    assert_int_equal(station_address(&group, 5), 0);
    const struct scenario_group near = {.outstation_address = 1, .master_address = 1};
    assert_int_equal(station_address(&near, 0), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_confirm_settles_events),
        cmocka_unit_test(what_is_sent_is_what_the_ledger_says),
        cmocka_unit_test(a_long_burst_takes_several_fragments),
        cmocka_unit_test(an_overflow_drops_the_oldest_or_the_newest),
        cmocka_unit_test(a_restart_keeps_events_or_drops_them),
        cmocka_unit_test(a_restart_that_the_master_asks_for_happens),
        cmocka_unit_test(a_quiet_station_drains),
        cmocka_unit_test(events_of_the_outstation_itself_enter_the_ledger),
        cmocka_unit_test(times_of_a_clock_that_was_never_set_are_told_apart),
        cmocka_unit_test(names_and_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
