// SPDX-License-Identifier: Apache-2.0
/* The fleet on real sockets of the loopback interface: who is meant, what comes back, what the ledger says.
 */
#include "fep/io/clock.h"
#include "outstation-sim/fleet.h"
#include "protocol/app.h"
#include "protocol/link.h"
#include "protocol/transport.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* PATIENCE_MS is for what must come, however slow the machine; SILENCE_MS is long enough for what must not.
 */
enum { FIRST_PORT = 27300, LAST_PORT = 27400, PATIENCE_MS = 60000, SILENCE_MS = 300 };

struct rig {
    struct scenario scenario;
    struct loop *loop;
    struct fleet *fleet;
};

static const char plain[] = "first_address: 127.0.9.1\nports: 2\ngroups:\n"
                            "  - name: a\n    stations: 6\n    rate: 50\n    outstation_address: 100\n"
                            "    unsolicited: polled_only\n    confirm_timeout: 500ms\n%s"
                            "    points: [{type: analog_input, count: 3}, {type: binary_input, count: 3}]\n";

static void rig_open(struct rig *rig, const char *more)
{
    char text[1000];
    snprintf(text, sizeof(text), plain, more);
    struct config_errors errors = {0};
    bool good = scenario_load_memory(&rig->scenario, "test.yaml", text, strlen(text), &errors);
    config_errors_print(&errors, stderr);
    assert_true(good);
    rig->loop = loop_open();
    assert_non_null(rig->loop);
    /* Another test may run at the same time: the first free pair of ports. */
    rig->fleet = NULL;
    for (uint16_t port = FIRST_PORT; !rig->fleet && port < LAST_PORT; port = (uint16_t)(port + 2)) {
        rig->scenario.port = port;
        rig->fleet = fleet_open(&rig->scenario, rig->loop);
    }
    assert_non_null(rig->fleet);
}

static void rig_close(struct rig *rig)
{
    fleet_close(rig->fleet);
    loop_close(rig->loop);
    scenario_free(&rig->scenario);
}

static void run_for(struct rig *rig, int64_t ms)
{
    int64_t end_ms = clock_now_ms() + ms;
    do {
        fleet_turn(rig->fleet, 5);
    } while (clock_now_ms() < end_ms);
}

static int dial(struct rig *rig, uint32_t address, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(address)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    run_for(rig, 20);
    return fd;
}

static void say(int fd, uint16_t to, const uint8_t *request, size_t len)
{
    uint8_t wire[LINK_FRAME_MAX], seq = 0;
    size_t wire_len = transport_write(&seq, LINK_DIR | LINK_PRM | LINK_UNCONFIRMED_USER_DATA, to, 1, request,
                                      len, wire, sizeof(wire));
    assert_int_equal(send(fd, wire, wire_len, MSG_NOSIGNAL), wire_len);
}

/* The first frame that comes within a time; false where none does, or the connection ends. */
static bool hear_within(struct rig *rig, int fd, struct link_frame *frame, int64_t ms)
{
    static uint8_t octets[4096]; /* the frame's user data lie in it */
    size_t len = 0, used;
    struct link_errors errors = {0};
    int64_t end_ms = clock_now_ms() + ms;
    do {
        fleet_turn(rig->fleet, 5);
        ssize_t got = recv(fd, octets + len, sizeof(octets) - len, MSG_DONTWAIT);
        if (got == 0)
            return false;
        len += got > 0 ? (size_t)got : 0;
        if (got > 0 && link_parse(octets, len, &used, frame, &errors) == LINK_FRAME)
            return true;
    } while (clock_now_ms() < end_ms);
    return false;
}

static bool hear(struct rig *rig, int fd, struct link_frame *frame)
{
    return hear_within(rig, fd, frame, PATIENCE_MS);
}

static bool is_silent(struct rig *rig, int fd)
{
    struct link_frame frame;
    return !hear_within(rig, fd, &frame, SILENCE_MS);
}

static bool has_ended(struct rig *rig, int fd)
{
    uint8_t octet;
    run_for(rig, 20);
    return recv(fd, &octet, 1, MSG_DONTWAIT) == 0;
}

static bool ends(struct rig *rig, int fd)
{
    int64_t end_ms = clock_now_ms() + PATIENCE_MS;
    while (!has_ended(rig, fd) && clock_now_ms() < end_ms)
        ;
    return has_ended(rig, fd);
}

static void await_online(struct rig *rig, uint32_t count)
{
    for (int64_t end_ms = clock_now_ms() + PATIENCE_MS; clock_now_ms() < end_ms;) {
        if (fleet_count(rig->fleet).online == count)
            break;
        run_for(rig, 5);
    }
    assert_int_equal(fleet_count(rig->fleet).online, count);
}

static const uint8_t read_class_1[] = {APP_FIR | APP_FIN | 1, APP_READ, 60, 2, 6};

static void the_local_address_and_port_tell_the_station(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "");
    for (uint16_t i = 0; i < 6; i++) {
        int fd = dial(&rig, rig.scenario.address + i / 2, (uint16_t)(rig.scenario.port + i % 2));
        struct link_frame frame;
        say(fd, (uint16_t)(100 + i), read_class_1, sizeof(read_class_1));
        assert_true(hear(&rig, fd, &frame));
        assert_int_equal(frame.source, 100 + i);
        assert_int_equal(frame.user[2], APP_RESPONSE);
        close(fd);
    }
    await_online(&rig, 0);
    rig_close(&rig);
}

static void others_are_turned_away(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "");
    int before = dial(&rig, rig.scenario.address - 1, rig.scenario.port);
    int behind = dial(&rig, rig.scenario.address + 3, rig.scenario.port);
    assert_true(ends(&rig, before));
    assert_true(ends(&rig, behind));
    assert_int_equal(fleet_count(rig.fleet).strangers, 2);
    assert_int_equal(fleet_count(rig.fleet).online, 0);
    close(before);
    close(behind);
    rig_close(&rig);
}

static void a_new_connection_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "");
    int old = dial(&rig, rig.scenario.address, rig.scenario.port);
    int new = dial(&rig, rig.scenario.address, rig.scenario.port);
    assert_true(ends(&rig, old));
    assert_int_equal(fleet_count(rig.fleet).online, 1);
    struct link_frame frame;
    say(new, 100, read_class_1, sizeof(read_class_1));
    assert_true(hear(&rig, new, &frame));
    close(old);
    close(new);
    rig_close(&rig);
}

static void a_deaf_station_answers_nothing(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "    faults: {no_answer: 1}\n");
    int fd = dial(&rig, rig.scenario.address, rig.scenario.port);
    say(fd, 100, read_class_1, sizeof(read_class_1));
    assert_true(is_silent(&rig, fd));
    await_online(&rig, 1);
    close(fd);
    rig_close(&rig);
}

static int64_t answer_takes_ms(struct rig *rig)
{
    int fd = dial(rig, rig->scenario.address, rig->scenario.port);
    struct link_frame frame;
    int64_t asked_ms = clock_now_ms();
    say(fd, 100, read_class_1, sizeof(read_class_1));
    assert_true(hear(rig, fd, &frame));
    int64_t took_ms = clock_now_ms() - asked_ms;
    close(fd);
    return took_ms;
}

/* Never too soon; and not later than it should, but for a machine that stood still meanwhile. */
static void latency_delays_an_answer(void **state)
{
    (void)state;
    struct rig rig;
    int64_t took_ms, least_ms = INT64_MAX;
    rig_open(&rig, "    latency: {min: 100ms, max: 120ms}\n");
    for (int i = 0; i < 20 && least_ms > 400; i++) {
        took_ms = answer_takes_ms(&rig);
        least_ms = took_ms < least_ms ? took_ms : least_ms;
    }
    assert_in_range(least_ms, 99, 400);
    rig_close(&rig);
}

static void pieces_arrive_whole(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "    faults: {partial_write: 1}\n");
    int fd = dial(&rig, rig.scenario.address, rig.scenario.port);
    say(fd, 100, read_class_1, sizeof(read_class_1));
    struct link_frame frame;
    assert_true(hear(&rig, fd, &frame));
    assert_int_equal(frame.user[2], APP_RESPONSE);
    close(fd);
    rig_close(&rig);
}

static void a_station_is_cut_and_comes_back(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "    faults: {cut_every: 50ms}\n");
    int fd = dial(&rig, rig.scenario.address, rig.scenario.port);
    assert_true(ends(&rig, fd));
    close(fd);
    fd = dial(&rig, rig.scenario.address, rig.scenario.port);
    close(fd);
    rig_close(&rig);
}

static void a_half_open_station_is_silent_for_a_while(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, "    faults: {half_open_every: 1ms, half_open_for: {min: 3s, max: 3s}}\n");
    int fd = dial(&rig, rig.scenario.address, rig.scenario.port);
    run_for(&rig, 50);
    struct link_frame frame;
    say(fd, 100, read_class_1, sizeof(read_class_1));
    assert_true(is_silent(&rig, fd));
    assert_false(has_ended(&rig, fd));
    assert_true(hear(&rig, fd, &frame));
    close(fd);
    rig_close(&rig);
}

static uint64_t number_behind(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    assert_non_null(at);
    return strtoull(at + strlen(key), NULL, 10);
}

static void the_ledger_file_replaces_the_old_one(void **state)
{
    (void)state;
    struct rig rig;
    char path[] = "/tmp/sim_fleet_test.XXXXXX";
    close(mkstemp(path));
    rig_open(&rig, "");
    run_for(&rig, 200);
    fleet_quiet(rig.fleet);
    struct fleet_counts counts = fleet_count(rig.fleet);
    uint64_t made = 0;
    for (int i = LEDGER_BUFFERED; i < LEDGER_STATES; i++)
        made += counts.events[i];
    assert_true(made > 20);
    assert_true(fleet_write_ledger(rig.fleet, path));
    assert_true(fleet_may_write_ledger(path));
    assert_false(fleet_write_ledger(rig.fleet, "/nonexistent/ledger"));
    assert_false(fleet_may_write_ledger("/nonexistent/ledger"));
    char line[65536];
    FILE *from = fopen(path, "r");
    uint64_t lines = 0, stations = 0, sum = 0, said = 0;
    while (fgets(line, sizeof(line), from)) {
        if (strstr(line, "\"generated\":")) {
            stations++;
            sum += number_behind(line, "\"generated\":");
        }
        if (strstr(line, "\"end\":true"))
            said = number_behind(line, "\"lines\":");
        else
            lines++;
    }
    fclose(from);
    assert_int_equal(stations, 6);
    assert_int_equal(sum, made);
    assert_int_equal(said, lines);
    unlink(path);
    rig_close(&rig);
}

/* As /dev/null is none. */
static void what_is_no_file_is_not_replaced_by_one(void **state)
{
    (void)state;
    struct rig rig;
    struct stat about;
    char folder[] = "/tmp/sim_fleet_test.XXXXXX", link[64], file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof(link), "%s/link", folder);
    snprintf(file, sizeof(file), "%s/file", folder);
    assert_int_equal(symlink(file, link), 0);
    rig_open(&rig, "");
    assert_true(fleet_may_write_ledger(link));
    assert_true(fleet_write_ledger(rig.fleet, link));
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(stat(file, &about), 0);
    assert_true(about.st_size > 100);
    assert_false(fleet_write_ledger(rig.fleet, folder));
    rig_close(&rig);
    unlink(file);
    unlink(link);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_local_address_and_port_tell_the_station),
        cmocka_unit_test(others_are_turned_away),
        cmocka_unit_test(a_new_connection_takes_the_place_of_the_old_one),
        cmocka_unit_test(a_deaf_station_answers_nothing),
        cmocka_unit_test(latency_delays_an_answer),
        cmocka_unit_test(pieces_arrive_whole),
        cmocka_unit_test(a_station_is_cut_and_comes_back),
        cmocka_unit_test(a_half_open_station_is_silent_for_a_while),
        cmocka_unit_test(the_ledger_file_replaces_the_old_one),
        cmocka_unit_test(what_is_no_file_is_not_replaced_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
