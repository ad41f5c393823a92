// SPDX-License-Identifier: Apache-2.0
/* The scenario that shows everything: each object that the simulator knows comes out of its stations. */
#include "outstation-sim/scenario.h"
#include "outstation-sim/station.h"
#include "protocol/app.h"
#include "protocol/files.h"
#include <stdio.h>
#include <unistd.h>

#include "support/cm.h"
#include "support/hex.h"

enum { GROUP_EVERYTHING, GROUP_QUIRKS, SEEN = 256 };

struct rig {
    struct scenario scenario;
    struct plan plan;
    struct station station;
    struct instant at;
    char directory[64];
    uint8_t transport_seq;
    uint8_t seq;
    uint8_t buffer[2304];
    uint8_t reply[2304]; /* the last fragment */
    size_t reply_len;
    bool seen[SEEN]; /* groups in answers */
    unsigned seen_texts;
};

static void rig_open(struct rig *r, size_t group, uint32_t number)
{
    struct config_errors errors = {0};
    *r = (struct rig){.at = {1000, 1767225600000, true}};
    strcpy(r->directory, "/tmp/sim-full-XXXXXX");
    assert_non_null(mkdtemp(r->directory));
    assert_true(scenario_load(&r->scenario, "outstation-sim/scenarios/full.yaml", &errors));
    struct scenario_group *g = &r->scenario.groups[group];
    if (g->files.directory[0])
        g->files.directory = r->directory;
    plan_init(&r->plan, g, 0);
    station_init(&r->station, &r->plan, number, 5, &r->at);
    station_connected(&r->station, &r->at);
}

static void rig_close(struct rig *r)
{
    station_free(&r->station);
    plan_free(&r->plan);
    scenario_free(&r->scenario);
    assert_int_equal(rmdir(r->directory), 0);
}

static void pass(struct rig *r, int64_t ms)
{
    for (int64_t end = r->at.now_ms + ms; r->at.now_ms < end;) {
        r->at.now_ms += 5;
        r->at.wall_ms += 5;
        if (station_due_ms(&r->station) <= r->at.now_ms)
            station_advance(&r->station, &r->at);
    }
}

static void look(struct rig *r)
{
    struct app_fragment f;
    struct object_header h;
    assert_int_equal(app_parse(r->reply, r->reply_len, &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        r->seen[h.group] = true;
        r->seen_texts += h.group == 111 ? h.count : 0;
    }
}

/* False where the station has nothing to say. */
static bool collect(struct rig *r)
{
    uint8_t wire[8192];
    struct transport_rx rx = {0};
    struct link_errors errors = {0};
    struct link_frame frame;
    size_t from = 0, used, len = station_write(&r->station, wire, sizeof(wire), &r->at);
    const uint8_t *fragment;
    uint8_t reassembly[2304];
    transport_lend(&rx, reassembly, sizeof(reassembly));
    while (link_parse(wire + from, len - from, &used, &frame, &errors) == LINK_FRAME) {
        from += used;
        if (transport_receive(&rx, frame.user, frame.user_len, &fragment, &r->reply_len) ==
            TRANSPORT_FRAGMENT)
            memcpy(r->reply, fragment, r->reply_len);
    }
    if (len)
        look(r);
    return len > 0;
}

static void say(struct rig *r, const uint8_t *request, size_t len)
{
    uint8_t wire[4096];
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t from = 0, used;
    size_t wire_len = transport_write(&r->transport_seq, LINK_DIR | LINK_PRM | 4, r->station.config.address,
                                      1, request, len, wire, sizeof(wire));
    outstation_lend(&r->station.outstation, r->buffer, sizeof(r->buffer));
    while (link_parse(wire + from, wire_len - from, &used, &frame, &errors) == LINK_FRAME) {
        from += used;
        station_receive(&r->station, &frame, &r->at);
    }
    outstation_take_back(&r->station.outstation);
}

/* All fragments that come, confirmed; the last one that answers stays in r->reply. */
static void take_all(struct rig *r)
{
    while (collect(r)) {
        if (!(r->reply[0] & APP_CON))
            break;
        const uint8_t confirm[] = {(uint8_t)((r->reply[0] & (APP_SEQ | APP_UNS)) | APP_FIR | APP_FIN),
                                   APP_CONFIRM};
        say(r, confirm, sizeof(confirm));
    }
}

static void ask_octets(struct rig *r, const uint8_t *rest, size_t len)
{
    uint8_t request[2048] = {(uint8_t)(APP_FIR | APP_FIN | r->seq)};
    r->seq = (r->seq + 1) & APP_SEQ;
    memcpy(request + 1, rest, len);
    say(r, request, len + 1);
    take_all(r);
}

/* From the function code on. */
static void ask(struct rig *r, const char *hex)
{
    uint8_t octets[512];
    ask_octets(r, octets, hex_parse(hex, octets, sizeof(octets)));
}

static unsigned errors_of(const struct rig *r)
{
    return r->reply[3] & 7;
}

static void assert_seen(const struct rig *r, const uint8_t *groups, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!r->seen[groups[i]])
            fail_msg("no g%u was seen", groups[i]);
}

static void every_point_and_event_comes_out(void **state)
{
    (void)state;
    static const uint8_t groups[] = {1,  2,  3,  4,  10, 11, 13, 20, 21,  22, 23,
                                     30, 31, 32, 33, 34, 40, 42, 43, 110, 111};
    struct rig r;
    rig_open(&r, GROUP_EVERYTHING, 0);
    take_all(&r);
    ask(&r, "15 3C 02 06 3C 03 06 3C 04 06");
    pass(&r, 60000);
    ask(&r, "05 0C 01 17 01 00 03 01 64 00 00 00 64 00 00 00 00 29 02 17 01 00 05 00 00");
    assert_int_equal(errors_of(&r), 0);
    ask(&r, "07 14 00 06 1E 00 06");
    assert_int_equal(errors_of(&r), 0);
    ask(&r, "01 3C 02 06 3C 03 06 3C 04 06 3C 01 06");
    assert_int_equal(errors_of(&r), 0);
    ask(&r, "01 22 00 06 1F 00 06");
    assert_int_equal(errors_of(&r), 0);
    assert_seen(&r, groups, sizeof(groups));
    assert_true(r.seen_texts > 10);
    rig_close(&r);
}

static void strings_stay_out_of_the_ledger(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, GROUP_EVERYTHING, 0);
    pass(&r, 20000);
    station_record_own(&r.station);
    assert_true(r.station.ledger.len > 0);
    for (size_t i = 0; i < r.station.ledger.len; i++)
        if (r.station.ledger.events[i].state != LEDGER_NONE)
            assert_int_not_equal(r.station.ledger.events[i].type, POINT_OCTET_STRING);
    rig_close(&r);
}

static void attributes_tell_what_the_station_is(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, GROUP_EVERYTHING, 1);
    ask(&r, "01 00 F8 00 00 00");
    static const char serial[] = "SIM-S00002";
    assert_int_equal(r.reply_len, 4 + 5 + 2 + strlen(serial));
    assert_memory_equal(r.reply + 11, serial, strlen(serial));
    ask(&r, "01 00 F0 00 00 00 00 EF 00 00 00 00 EE 00 00 00"); /* 2048 octets, 4 binary inputs, 0 to 3 */
    static const uint8_t numbers[] = {0, 0xF0, 0, 0, 0, 2, 4,    0, 8, 0, 0, 0, 0xEF, 0, 0, 0, 2,
                                      4, 4,    0, 0, 0, 0, 0xEE, 0, 0, 0, 2, 4, 3,    0, 0, 0};
    assert_int_equal(r.reply_len, 4 + sizeof(numbers));
    assert_memory_equal(r.reply + 4, numbers, sizeof(numbers));
    ask(&r, "02 00 F5 00 00 00 01 02 61 62");
    assert_int_equal(errors_of(&r), 0);
    ask(&r, "02 00 FC 00 00 00 01 02 61 62");
    assert_int_equal(errors_of(&r), IIN_PARAMETER_ERROR >> 8);
    ask(&r, "01 00 FE 00 00 00");
    assert_int_equal(errors_of(&r), 0);
    ask(&r, "01 00 FF 00 00 00");
    assert_int_equal(errors_of(&r), 0);
    assert_true(r.seen[0]);
    rig_close(&r);
}

static uint32_t handle_in(const struct rig *r)
{
    struct reader handle = reader_over(r->reply + 10, 4);
    assert_int_equal(r->reply[4], 70);
    return read_u32(&handle);
}

static void put_command(struct writer *w, uint8_t function, uint16_t mode)
{
    write_u8(w, function);
    file_command_write(w, &(struct file_command){.name = {(const uint8_t *)"/note.txt", 9},
                                                 .mode = mode,
                                                 .block_size = 1024,
                                                 .permissions = 0x01A4,
                                                 .size = 5});
}

static void files_are_written_read_and_deleted(void **state)
{
    (void)state;
    struct rig r;
    uint8_t octets[256];
    rig_open(&r, GROUP_EVERYTHING, 0);
    take_all(&r);
    for (uint16_t mode = FILE_MODE_WRITE; mode >= FILE_MODE_READ; mode--) {
        struct writer w = writer_over(octets, sizeof(octets));
        put_command(&w, APP_OPEN_FILE, mode);
        ask_octets(&r, octets, writer_len(&w));
        uint32_t handle = handle_in(&r);
        struct file_block block = {.handle = handle, .last = mode == FILE_MODE_WRITE};
        if (mode == FILE_MODE_WRITE)
            block.data = (struct file_text){(const uint8_t *)"hello", 5};
        w = writer_over(octets, sizeof(octets));
        write_u8(&w, mode == FILE_MODE_WRITE ? APP_WRITE : APP_READ);
        file_block_write(&w, &block);
        ask_octets(&r, octets, writer_len(&w));
        assert_int_equal(r.reply[5], mode == FILE_MODE_WRITE ? 6 : 5);
        w = writer_over(octets, sizeof(octets));
        if (mode == FILE_MODE_READ)
            assert_memory_equal(r.reply + 18, "hello", 5);
        write_u8(&w, APP_CLOSE_FILE);
        file_status_write(&w, &(struct file_status){.handle = handle});
        ask_octets(&r, octets, writer_len(&w));
        assert_int_equal(r.reply[r.reply_len - 1], FILE_SUCCESS);
    }
    struct writer w = writer_over(octets, sizeof(octets));
    put_command(&w, APP_DELETE_FILE, FILE_MODE_NULL);
    ask_octets(&r, octets, writer_len(&w));
    assert_int_equal(r.reply[r.reply_len - 1], FILE_SUCCESS);
    rig_close(&r); /* removes the directory, which must be empty */
}

static void handles_differ_from_run_to_run(void **state)
{
    (void)state;
    uint32_t handle[2];
    for (int i = 0; i < 2; i++) {
        struct rig r;
        rig_open(&r, GROUP_EVERYTHING, (uint32_t)i);
        ask(&r, "19 46 03 5B 01 1B 00 1A 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 "
                "04 04 00"
                " 2E");
        handle[i] = handle_in(&r);
        rig_close(&r);
    }
    assert_int_not_equal(handle[0], handle[1]);
}

static void applications_and_freezes_by_the_clock(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, GROUP_EVERYTHING, 0);
    ask(&r, "12 5A 01 5B 01 07 00 6C 6F 67 67 69 6E 67");
    assert_int_equal(errors_of(&r), 0);
    assert_int_equal(r.station.device.applications[1].state, APPLICATION_STOPPED);
    ask(&r, "0B 32 02 07 01 00 00 00 00 00 00 E8 03 00 00 14 00 06"); /* each second */
    assert_int_equal(errors_of(&r), 0);
    station_restart(&r.station, &r.at);
    assert_int_equal(r.station.device.freezes->len, 0);
    rig_close(&r);
}

static void quirks_are_seen(void **state)
{
    (void)state;
    static const uint8_t forms[] = {0x08, 0x09, 0x00};
    for (uint32_t number = 0; number < 3; number++) {
        struct rig r;
        rig_open(&r, GROUP_QUIRKS, number);
        assert_false(collect(&r)); /* no unsolicited null */
        ask(&r, "02 50 01 00 07 07 00");
        assert_int_equal(r.reply[2] & IIN_DEVICE_RESTART, IIN_DEVICE_RESTART);
        ask(&r, "17");
        assert_int_equal(errors_of(&r), 1);
        ask(&r, "18");
        assert_int_equal(errors_of(&r), 1);
        ask(&r, "14 3C 02 06");
        assert_int_equal(errors_of(&r), 1);
        ask(&r, "02 32 01 07 01 88 80 29 1F 94 01");
        assert_int_equal(r.reply[2] & IIN_NEED_TIME, 0);
        ask(&r, "01 6E 00 00 00 00");
        assert_int_equal(r.reply_len, 9);
        assert_int_equal(r.reply[5], 0); /* g110v0 */
        ask(&r, "05 0C 01 17 01 00 81 01 64 00 00 00 00 00 00 00 00");
        assert_true(outstation_point_find(&r.station.outstation, POINT_BINARY_OUTPUT_STATUS, 0)->value == 1);
        ask(&r, "0D");
        assert_int_equal(r.reply[4], 52);
        assert_int_equal(r.reply[6], forms[number]);
        rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_and_event_comes_out),
        cmocka_unit_test(strings_stay_out_of_the_ledger),
        cmocka_unit_test(attributes_tell_what_the_station_is),
        cmocka_unit_test(files_are_written_read_and_deleted),
        cmocka_unit_test(handles_differ_from_run_to_run),
        cmocka_unit_test(applications_and_freezes_by_the_clock),
        cmocka_unit_test(quirks_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
