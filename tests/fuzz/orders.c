// SPDX-License-Identifier: Apache-2.0
#include "orders.h"

#include <assert.h>

enum { FILE_LIMIT = 4000 };

static const uint8_t octets[64] = {1, 2, 3};
static const uint32_t indexes[] = {0, 7, 300};
static const double values[] = {0, -5, 100};

static bool begin_file(void *context)
{
    struct order_slot *s = context;
    s->file_at = 0;
    return true;
}

static bool keep(void *context, uint64_t offset, const uint8_t *data, size_t len)
{
    struct order_slot *s = context;
    assert(offset == s->file_at && len > 0 && data);
    s->file_at += len;
    assert(s->file_at <= FILE_LIMIT);
    return s->file_at != 77;
}

static bool give(void *context, uint64_t offset, uint8_t *into, size_t len)
{
    const struct order_slot *s = context;
    assert(offset + len <= s->file_job.size && len <= APP_FRAGMENT_MAX);
    memset(into, (int)offset, len);
    return true;
}

static bool entry(void *context, const struct file_descriptor *e)
{
    (void)context;
    assert(e->name.len <= FILE_LIST_NAME_MAX && (e->name.octets || !e->name.len));
    return e->size != 77;
}

static void value(void *context, const struct attribute *a)
{
    (void)context;
    assert(a->variation && (a->octets || !a->len));
}

static void make_control(struct order_slot *s, struct reader *steps)
{
    uint8_t how = read_u8(steps);
    size_t n = 1U + (how >> 2) % ORDER_POINTS;
    for (size_t i = 0; i < n; i++) {
        uint8_t what = read_u8(steps);
        s->points[i] = (struct control_point){
            .group = what & 1 ? 41 : 12,
            .variation = (uint8_t)(what & 1 ? 1 + (what >> 1) % 4 : 1),
            .index = what >> 4 & 7 ? what >> 4 : 300,
            .crob = {.code = (uint8_t)(what & 0x40 ? what : CROB_LATCH_ON), .count = 1, .on_ms = what},
            .value = what};
    }
    control_order_init(&s->as.control, (enum control_mode)(how % 3), s->points, n);
    s->as.control.narrow = how & 0x80;
}

static struct request_item make_item(struct reader *steps)
{
    static const uint8_t groups[] = {60, 30, 20, 34, 80, 50, 90, 110, 70, 1};
    uint8_t what = read_u8(steps), form = read_u8(steps);
    struct request_item item = {.group = groups[what % sizeof groups],
                                .variation = (uint8_t)(form >> 3 & 7),
                                .form = (uint8_t)((form & 7) % (ITEM_STRING + 1)),
                                .first = what & 1 ? 7 : 0,
                                .last = 7,
                                .count = 1U + (what >> 6),
                                .indexes = indexes,
                                .indexes_len = 1U + what % 3U,
                                .octets = octets,
                                .octets_len = form & 0x40 ? what % sizeof octets : 0,
                                .values = what & 0x20 ? values : NULL};
    return item;
}

static void make_request(struct order_slot *s, struct reader *steps)
{
    uint8_t kind = read_u8(steps), how = read_u8(steps);
    size_t n = how % (ORDER_ITEMS + 1U);
    for (size_t i = 0; i < n; i++)
        s->items[i] = make_item(steps);
    request_init(&s->as.request, (enum request_kind)(kind % REQUEST_KINDS), s->items, n);
    s->as.request.no_ack = how & 0x10;
    s->as.request.freeze_ms = how & 0x20 ? 1735689700000 : 0;
    s->as.request.freeze_interval_ms = how & 0x40 ? 60000 : 0;
    s->as.request.longest_wait_ms = how & 0x80 ? 5000 : 600000;
}

static void make_file(struct order_slot *s, struct reader *steps)
{
    uint8_t kind = read_u8(steps), how = read_u8(steps);
    s->file_job = (struct master_file_job){.kind = (enum master_file_kind)(kind % MASTER_FILE_KINDS),
                                           .name = {(const uint8_t *)"a.txt", 5},
                                           .user = {(const uint8_t *)"me", how & 1 ? 2 : 0},
                                           .password = {(const uint8_t *)"secret", how & 1 ? 6 : 0},
                                           .size = how & 2   ? 200
                                                   : how & 4 ? 3000
                                                             : 0,
                                           .limit = FILE_LIMIT,
                                           .block_size = how & 8 ? 64 : 0,
                                           .tries = how & 0x10 ? 1 : 0,
                                           .restarts = how & 0x20 ? UINT8_MAX : 0,
                                           .context = s,
                                           .begin = begin_file,
                                           .sink = keep,
                                           .source = give,
                                           .entry = entry};
    s->file_at = 0;
    master_file_init(&s->as.file, &s->file_job, s->octets, how & 0x40 ? 300 : sizeof s->octets);
}

static void make_attributes(struct order_slot *s, struct reader *steps)
{
    uint8_t kind = read_u8(steps);
    s->attributes_job =
        (struct master_attributes_job){.kind = (enum master_attributes_kind)(kind % MASTER_ATTRIBUTES_KINDS),
                                       .attribute = {.variation = (uint8_t)(kind & 0x10 ? 240 : 252),
                                                     .set = kind & 0x20,
                                                     .type = kind & 0x40 ? ATTRIBUTE_OSTR : ATTRIBUTE_VSTR,
                                                     .len = kind >> 2 & 3,
                                                     .octets = octets},
                                       .value = value};
    master_attributes_init(&s->as.attributes, &s->attributes_job, s->octets, sizeof s->octets);
}

bool orders_submit(struct orders *o, struct master *m, struct reader *steps, const struct instant *at)
{
    static void (*const make[])(struct order_slot * s, struct reader * steps) = {make_control, make_request,
                                                                                 make_file, make_attributes};
    uint8_t how = read_u8(steps);
    struct order_slot *s = o->slot;
    while (s < o->slot + ORDERS && s->busy)
        s++;
    if (s == o->slot + ORDERS)
        return false;
    memset(&s->as, 0, sizeof s->as);
    make[how & 3](s, steps);
    struct master_order *order = &s->as.order;
    order->request = s->octets;
    order->request_room = order->request_room ? order->request_room : sizeof s->octets;
    order->deadline_ms = how & 4 ? NEVER_MS : at->now_ms + 20 * read_u8(steps);
    if (how & 8)
        order->background = true;
    if (how & 0x10)
        order->turnaround_ms = 500;
    if ((how & 0xE0) == 0xE0)
        order->address = LINK_BROADCAST_CONFIRM;
    s->busy = o->any = true;
    master_submit(m, order, at);
    return true;
}

void orders_cancel(struct orders *o, struct master *m, struct reader *steps, const struct instant *at)
{
    struct order_slot *s = &o->slot[read_u8(steps) % ORDERS];
    if (s->busy)
        master_cancel(m, &s->as.order, at);
}

void orders_done(struct orders *o, const struct master_order *order)
{
    size_t i = 0;
    while (i < ORDERS && &o->slot[i].as.order != order)
        i++;
    assert(i < ORDERS && o->slot[i].busy);
    assert(order->outcome > ORDER_PENDING && order->outcome < ORDER_OUTCOMES);
    o->slot[i].busy = false;
}

void orders_saw(struct orders *o, const uint8_t *fragment, size_t len)
{
    o->request_len = len < sizeof o->request ? len : 0;
    memcpy(o->request, fragment, o->request_len);
}

/* What a station with one file, handle 1, says to that request. */
static void answer_file(struct writer *w, const struct orders *o, uint8_t how)
{
    struct file_block block = {.handle = 1};
    struct file_command command = {0};
    struct app_fragment f;
    struct object_header h;
    (void)app_parse(o->request, o->request_len, &f);
    struct object_walk walk = app_objects(&f);
    if (object_walk_next(&walk, &h) == WALK_HEADER && h.has_objects && h.count) {
        struct object_at at = object_header_at(&h, 0);
        if (h.variation == 5)
            (void)file_block_parse(at.data, at.len, &block);
        else if (h.variation == 3)
            (void)file_command_parse(at.data, at.len, &command);
    }
    if (f.function == APP_READ) {
        block.data = (struct file_text){octets, how & 0x3F};
        block.last = how & 0x40;
        file_block_write(w, &block);
    } else if (f.function == APP_WRITE) {
        file_block_status_write(
            w, &(struct file_block_status){
                   .handle = 1, .block = block.block, .last = block.last, .status = how & 0x11});
    } else {
        file_status_write(w, &(struct file_status){.handle = how & 0x20 ? 0 : 1,
                                                   .size = how & 0x10 ? 0 : 100,
                                                   .block_size = command.block_size,
                                                   .request = command.request,
                                                   .status = how & 0x0F});
    }
}

size_t orders_answer(struct orders *o, struct reader *steps, uint8_t *into, size_t room)
{
    uint8_t how = read_u8(steps), flags = read_u8(steps), harm = read_u8(steps);
    struct writer w = writer_over(into, room);
    if (o->request_len < 2)
        return 0;
    write_u8(&w, (uint8_t)(APP_FIR | APP_FIN | (flags & APP_CON) | (o->request[0] & APP_SEQ)));
    write_u8(&w, APP_RESPONSE);
    write_u16(&w, (uint16_t)(flags & 1 ? 1U << harm % 14 : 0));
    bool of_files = o->request_len > 2 && o->request[2] == 70;
    if (of_files && !(flags & 2))
        answer_file(&w, o, how);
    else if (!(flags & 4))
        write_octets(&w, o->request + 2, o->request_len - 2);
    if (w.failed)
        return 0;
    if (flags & 8 && writer_len(&w) > 4)
        into[4 + harm % (writer_len(&w) - 4)] ^= how;
    return writer_len(&w);
}
