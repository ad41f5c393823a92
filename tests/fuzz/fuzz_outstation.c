// SPDX-License-Identifier: Apache-2.0
/*
 * A session of an outstation with a hostile master: the first octet configures it, the rest is a list of
 * steps (fragments, link frames, right confirms, changes, time, lost connections, restarts).
 *
 * Never: an event that is not accounted for (made = buffered + confirmed + lost), a confirmed event without a
 * confirm, events or an unsolicited response without CON, a fragment that is too long or can't be decoded, an
 * answer to a broadcast, octets or deadlines without end.
 */
#include "grammar.h"
#include "tiny_files.h"

#include <assert.h>

#include "protocol/app.h"
#include "protocol/files.h"
#include "protocol/outstation.h"
#include "protocol/outstation_attributes.h"

enum { STATION = 10, MASTER = 1, POINTS = 45, EVENTS = 24, WRITES_MAX = 64, STEP_FILE = 0xF0 };

/* A request about files that may well be granted: handles are guessed from the last answer (step_file). */
static size_t write_file_step(struct dice *d, uint8_t *into)
{
    into[0] = STEP_FILE;
    for (size_t i = 1; i < 4; i++)
        into[i] = (uint8_t)dice_roll(d, 256);
    into[2] &= (uint8_t)(dice_roll(d, 4) ? 0x07 : 0xFF);
    return 4;
}

/* A request in the step that carries one. */
static size_t write_step(struct dice *d, uint8_t *into, size_t room)
{
    if (dice_roll(d, 3) == 0)
        return write_file_step(d, into);
    into[0] = 0;
    into[1] = (uint8_t)dice_roll(d, 8);
    size_t len = grammar_fragment(d, false, into + 3, room - 3);
    into[2] = (uint8_t)len;
    return len + 3;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_steps(data, size, max_size, seed, write_step);
}

struct session {
    struct outstation o;
    struct outstation_config config;
    struct outstation_point points[POINTS];
    struct outstation_event events[EVENTS];
    uint8_t tx[2048 + 64];
    uint8_t rx[2048];
    uint8_t out[4096];
    struct instant at;
    struct reader steps;
    struct outstation_files files;
    struct tiny_files disk;
    struct outstation_attribute attribute[2];
    struct outstation_attributes attributes;
    struct outstation_application application;
    uint8_t room[8];     /* of the attribute that may be written */
    uint32_t handle;     /* of the last file that was opened */
    uint32_t key;        /* of the last authentication */
    uint32_t next_block; /* of the last answer */
    uint8_t seq;
    uint64_t confirmed, lost;
    unsigned flushes;
    uint8_t last_control[2]; /* of the last fragment, solicited and unsolicited */
    bool confirming;
    bool broadcasting;
    bool connected;
};

static const uint8_t types[9] = {
    POINT_BINARY_INPUT,   POINT_DOUBLE_BIT_INPUT, POINT_BINARY_OUTPUT_STATUS, POINT_COUNTER,
    POINT_FROZEN_COUNTER, POINT_ANALOG_INPUT,     POINT_ANALOG_OUTPUT_STATUS, POINT_BINARY_COMMAND,
    POINT_ANALOG_COMMAND};

static void count(struct session *s, const struct outstation_news *n)
{
    if (n->kind == OUTSTATION_CONFIRMED) {
        assert(s->confirming);
        s->confirmed++;
    }
    s->lost += n->kind == OUTSTATION_LOST;
    assert(!n->replaced || s->points[n->event.point].most_recent);
    assert(n->kind != OUTSTATION_CONTROL || n->status == 0);
    assert(n->kind != OUTSTATION_DEFECT || n->defect);
}

/* Some events are made by the outstation itself: their ids count them. It costs more than what it checks, and
 * what is missing once stays missing: a check of now and then finds it. */
static void check_ring(struct session *s)
{
    size_t buffered = 0;
    uint64_t last = 0;
    const struct outstation_event *e;
    while ((e = outstation_buffered(&s->o, buffered))) {
        assert(e->id > last);
        last = e->id;
        buffered++;
    }
    assert(buffered <= EVENTS);
    assert(s->o.ring.last_id == buffered + s->confirmed + s->lost);
}

static void drain(struct session *s)
{
    struct outstation_news news;
    while (outstation_next(&s->o, &news) != OUTSTATION_QUIET)
        count(s, &news);
}

/* What the next requests about files need to know. */
static void learn_files(struct session *s, const struct object_header *h)
{
    struct object_at at = object_header_at(h, 0);
    struct file_status status;
    struct file_block block;
    struct file_block_status written;
    struct file_authentication key;
    if (h->variation == 4 && file_status_parse(at.data, at.len, &status) == LAYOUT_OK && status.handle) {
        s->handle = status.handle;
        s->next_block = 0;
    }
    if (h->variation == 5 && file_block_parse(at.data, at.len, &block) == LAYOUT_OK)
        s->next_block = block.block + 1;
    if (h->variation == 6 && file_block_status_parse(at.data, at.len, &written) == LAYOUT_OK)
        s->next_block = written.block + 1;
    if (h->variation == 2 && file_authentication_parse(at.data, at.len, &key) == LAYOUT_OK)
        s->key = key.key;
}

static void check_fragment(struct session *s, const uint8_t *octets, size_t len)
{
    struct app_fragment f;
    assert(len <= s->config.tx_fragment_max);
    assert(app_parse(octets, len, &f) == APP_OK);
    assert(f.function == APP_RESPONSE || f.function == APP_UNSOLICITED_RESPONSE);
    bool unsolicited = f.function == APP_UNSOLICITED_RESPONSE;
    assert(unsolicited || !s->broadcasting);
    assert(unsolicited == !!(f.control & APP_UNS));
    assert(!unsolicited || (f.control & (APP_FIR | APP_FIN | APP_CON)) == (APP_FIR | APP_FIN | APP_CON));
    assert(!unsolicited || !(f.iin & IIN_REQUEST_ERRORS));
    assert(!(f.iin & 0xC000));
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        assert(!h.type || h.type->kind != OBJECT_EVENT || (f.control & APP_CON));
        if (h.group == 70 && h.has_objects && h.count)
            learn_files(s, &h);
    }
    assert(result == WALK_END);
    s->last_control[unsolicited] = f.control;
}

static void check_wire(struct session *s, const uint8_t *wire, size_t len)
{
    size_t at = 0, used, out_len = 0;
    struct link_frame frame;
    struct link_errors errors = {0};
    while (link_parse(wire + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        assert(frame.source == STATION && !(frame.control & LINK_DIR));
        if (frame.user_len) {
            memcpy(s->out + out_len, frame.user + 1, frame.user_len - 1u);
            out_len += frame.user_len - 1u;
        }
    }
    assert(at == len && !errors.header_crc && !errors.body_crc && !errors.noise_octets);
    if (out_len)
        check_fragment(s, s->out, out_len);
}

static void flush(struct session *s)
{
    static uint8_t wire[8192];
    size_t n, writes = 0;
    drain(s);
    while ((n = outstation_write(&s->o, wire, sizeof wire, &s->at)) > 0) {
        assert(s->connected && ++writes < WRITES_MAX);
        check_wire(s, wire, n);
        drain(s);
    }
    if (s->flushes++ % 16 == 0)
        check_ring(s);
    assert(outstation_deadline_ms(&s->o) > s->at.now_ms);
}

static void feed(struct session *s, uint8_t control, uint16_t to, const uint8_t *user, size_t len)
{
    struct link_frame frame = {
        .control = control, .user_len = (uint8_t)len, .destination = to, .source = MASTER};
    if (len)
        memcpy(frame.user, user, len);
    outstation_lend(&s->o, s->rx, sizeof s->rx);
    outstation_receive(&s->o, &frame, &s->at);
    outstation_take_back(&s->o);
    flush(s);
}

static void feed_fragment(struct session *s, uint16_t to, const uint8_t *octets, size_t len)
{
    uint8_t user[LINK_USER_MAX] = {TRANSPORT_FIR | TRANSPORT_FIN};
    if (len > TRANSPORT_PAYLOAD_MAX)
        len = TRANSPORT_PAYLOAD_MAX;
    memcpy(user + 1, octets, len);
    s->confirming = len >= 2 && octets[1] == APP_CONFIRM;
    s->broadcasting = to >= LINK_BROADCAST_NO_CONFIRM;
    feed(s, 0xC4, to, user, len + 1);
    s->confirming = s->broadcasting = false;
}

static void step_fragment(struct session *s)
{
    static const uint16_t to[8] = {STATION, STATION, STATION, STATION, STATION, 0xFFFC, 0xFFFE, 0xFFFF};
    uint8_t where = read_u8(&s->steps) & 7;
    size_t len = read_u8(&s->steps);
    if (len > reader_left(&s->steps))
        len = reader_left(&s->steps);
    const uint8_t *octets = read_octets(&s->steps, len);
    if (len)
        feed_fragment(s, to[where], octets, len);
}

/* A series of segments, or a link service: as the input says. */
static void step_frame(struct session *s)
{
    uint8_t control = read_u8(&s->steps);
    size_t len = read_u8(&s->steps);
    if (len > LINK_USER_MAX)
        len = LINK_USER_MAX;
    if (len > reader_left(&s->steps))
        len = reader_left(&s->steps);
    const uint8_t *user = read_octets(&s->steps, len);
    s->confirming = true; /* a confirm may be completed by any segment */
    feed(s, control, STATION, user, len);
    s->confirming = false;
}

/* Open, read, write, close, list and so on: one request that fits what was answered last, or nearly. */
static void step_file(struct session *s)
{
    static const uint8_t functions[8] = {
        APP_OPEN_FILE, APP_READ,       APP_READ,        APP_WRITE,
        APP_WRITE,     APP_CLOSE_FILE, APP_DELETE_FILE, APP_AUTHENTICATE_FILE};
    static const uint8_t text[64] = "secret";
    uint8_t what = read_u8(&s->steps), odd = read_u8(&s->steps), how = read_u8(&s->steps);
    uint8_t request[200], function = functions[what & 7];
    struct writer w = writer_over(request, sizeof request);
    struct file_text name = {(const uint8_t *)(odd & 1   ? "."
                                               : odd & 2 ? "other"
                                                         : "a"),
                             odd & 2 && !(odd & 1) ? 5 : 1};
    uint32_t handle = s->handle + (odd & 0x10 ? 1U : 0),
             block = s->next_block + (odd >> 5) - (odd & 4 ? 1U : 0);
    app_write_request(&w, (uint8_t)(APP_FIR | APP_FIN | (s->seq++ & APP_SEQ)), function);
    if (function == APP_READ || function == APP_WRITE)
        file_block_write(&w, &(struct file_block){.handle = handle,
                                                  .block = block & FILE_BLOCK_MAX,
                                                  .last = how & 0x80,
                                                  .data = {text, function == APP_READ ? 0 : how & 63}});
    else if (function == APP_CLOSE_FILE)
        file_status_write(&w, &(struct file_status){.handle = handle});
    else if (function == APP_AUTHENTICATE_FILE)
        file_authentication_write(&w, &(struct file_authentication){.user = {(const uint8_t *)"me", 2},
                                                                    .password = {text, odd & 8 ? 3 : 6}});
    else
        file_command_write(&w, &(struct file_command){.name = name,
                                                      .key = s->key,
                                                      .mode = 1 + how % 3U,
                                                      .size = how,
                                                      .block_size = odd & 8 ? 0 : 32U + how,
                                                      .request = what});
    if (!w.failed)
        feed_fragment(s, STATION, request, writer_len(&w));
}

static void step_confirm(struct session *s)
{
    uint8_t control = s->last_control[read_u8(&s->steps) & 1];
    const uint8_t confirm[] = {(uint8_t)(APP_FIR | APP_FIN | (control & (APP_UNS | APP_SEQ))), APP_CONFIRM};
    feed_fragment(s, STATION, confirm, sizeof confirm);
}

static void step_update(struct session *s)
{
    uint8_t which = read_u8(&s->steps);
    uint8_t how = read_u8(&s->steps);
    const struct outstation_point *p = &s->points[which % POINTS];
    double limit = p->type == POINT_DOUBLE_BIT_INPUT ? 4 : p->type <= POINT_BINARY_OUTPUT_STATUS ? 2 : 256;
    bool analog = p->type == POINT_ANALOG_INPUT || p->type == POINT_ANALOG_OUTPUT_STATUS;
    struct measurement m = {.value = (double)(how % (int)limit) * (analog ? 1e30 : 1),
                            .time_ms = (uint64_t)s->at.wall_ms - (how & 0x0F) * 9000u,
                            .index = p->index,
                            .type = p->type,
                            .flags = how & 0x10 ? FLAG_ONLINE : FLAG_COMM_LOST,
                            .time_quality = (uint8_t)(how & 3)};
    if (p->type == POINT_BINARY_COMMAND)
        m.value = how & 1;
    if (m.time_quality == TIME_NONE || m.time_quality == TIME_INVALID)
        m.time_ms = 0;
    outstation_update(&s->o, &m, (enum outstation_update_mode)(how >> 5 & 1), &s->at);
    flush(s);
}

static void step_time(struct session *s)
{
    int64_t ms = read_u16(&s->steps);
    s->at.now_ms += ms;
    s->at.wall_ms += ms;
    outstation_tick(&s->o, &s->at);
    flush(s);
}

static void step_connection(struct session *s)
{
    outstation_disconnected(&s->o, &s->at);
    s->connected = false;
    flush(s);
    outstation_connected(&s->o, &s->at);
    s->connected = true;
    flush(s);
}

static void step_restart(struct session *s)
{
    outstation_restart(&s->o, read_u8(&s->steps) & 1, &s->at);
    flush(s);
}

static void setup(struct session *s, uint8_t bits)
{
    *s = (struct session){.at = {.now_ms = 5, .wall_ms = 1735689600000}, .connected = true};
    s->config = outstation_defaults();
    s->config.tx_fragment_max = bits & 0x01 ? 249 : 2048;
    s->config.repeat = bits & 0x02 ? REPEAT_REGENERATED : REPEAT_IDENTICAL;
    s->config.unsolicited = !(bits & 0x04);
    s->config.unsolicited_retries = bits & 0x08 ? 2 : 0xFFFF;
    s->config.unsolicited_hold_ms = bits & 0x10 ? 700 : 0;
    s->config.unsolicited_count = bits & 0x10 ? 4 : 1;
    s->config.drop_newest = bits & 0x20;
    s->config.confirm_multi_static = !(bits & 0x40);
    s->config.self_address = s->config.null_on_connect = bits & 0x80;
    s->config.time_valid_ms = 30000;
    for (size_t i = 0; i < POINTS; i++) {
        uint8_t type = types[i / 5];
        bool binary_input = type == POINT_BINARY_INPUT;
        s->points[i] = (struct outstation_point){
            .index = (uint32_t)(i % 5) * 100, /* some beyond 255 */
            .type = type,
            .flags = FLAG_ONLINE,
            .class_mask = (uint8_t)(CLASS_1 << i % 3),
            .event_variation = binary_input && i % 2 ? 3 : 0,
            .static_variation = binary_input ? 1 : 0,
            .in_class_0 = i % 7 != 0,
            .operable = i % 5 != 0,
            .most_recent = i % 4 == 3,
        };
    }
    s->attribute[0] =
        (struct outstation_attribute){(const uint8_t *)"Ohm", NULL, 0, 252, ATTRIBUTE_VSTR, 3, 0};
    s->attribute[1] =
        (struct outstation_attribute){s->room, s->room, 1, 7, ATTRIBUTE_OSTR, 2, (uint8_t)sizeof s->room};
    s->attributes = (struct outstation_attributes){s->attribute, 2};
    s->application = (struct outstation_application){.name = "a"};
    s->disk.len = 500;
    outstation_files_init(&s->files, &tiny_file_system, &s->disk, 1);
    s->config.files = &s->files;
    s->config.attributes = &s->attributes;
    s->config.applications = &s->application;
    s->config.applications_len = 1;
    outstation_init(&s->o, &s->config, s->points, POINTS, s->events, EVENTS, s->tx, sizeof s->tx);
    outstation_connected(&s->o, &s->at);
    flush(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[8])(struct session * s) = {
        step_fragment, step_fragment, step_update, step_confirm, step_time, step_frame, step_update, NULL};
    static struct session s;
    if (size == 0)
        return 0;
    setup(&s, data[0]);
    s.steps = reader_over(data + 1, size - 1);
    while (!s.steps.failed && reader_left(&s.steps) > 0) {
        uint8_t step = read_u8(&s.steps);
        if (step >= STEP_FILE)
            step_file(&s);
        else if ((step & 7) != 7)
            steps[step & 7](&s);
        else if (step & 8)
            step_connection(&s);
        else
            step_restart(&s);
    }
    check_ring(&s);
    return 0;
}
