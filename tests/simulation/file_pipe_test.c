// SPDX-License-Identifier: Apache-2.0
/*
 * Files between a master and an outstation over a seeded pipe that loses, cuts and repeats what it carries,
 * and breaks now and then, on simulated time; both ways, while events flow.
 *
 * What was moved has the same SHA-256 on both sides, however often it began again; then it is listed,
 * described and deleted. No file is left open in the end, and no event is missing.
 */
#include "support/cm.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "protocol/app.h"
#include "protocol/master_file.h"
#include "protocol/outstation_files.h"
#include "simulation/network.h"

enum {
    POINTS = 3,
    ROOM = 6000,
    EVENTS_MAX = 40000,
    COMMITS_MAX = 64,
    WIRE_MAX = 16384,
    SIZE_MAX_MOVED = 1 << 20,
    DISK_FILES = 4,
    HANDLES_MS = 61000, /* a handle that is not used is closed by then */
    LIMIT_MS = 3600000  /* by then any file should have got through */
};
#define WALL_0 1735689600000

/* The station's disk. */
struct disk_file {
    char name[16];
    uint8_t *octets;
    size_t len;
};

struct disk_draft {
    bool open;
    bool written;
    size_t file;
    struct disk_file draft;
};

struct disk {
    struct disk_file files[DISK_FILES];
    struct disk_draft drafts[OUTSTATION_FILES_OPEN];
};

static size_t disk_find(const struct disk *d, const struct file_text *name)
{
    size_t i = 0;
    while (i < DISK_FILES &&
           (strlen(d->files[i].name) != name->len || memcmp(d->files[i].name, name->octets, name->len) != 0))
        i++;
    return i;
}

static void disk_forget(struct disk_file *f)
{
    free(f->octets);
    *f = (struct disk_file){0};
}

static uint8_t disk_open(void *context, const struct file_command *how, struct file_opened *opened)
{
    struct disk *d = context;
    size_t file = disk_find(d, &how->name), i = 0;
    *opened = (struct file_opened){.directory = how->name.len == 1 && how->name.octets[0] == '.'};
    if (how->mode == FILE_MODE_READ && !opened->directory && file == DISK_FILES)
        return FILE_NOT_FOUND;
    while (d->drafts[i].open)
        i++;
    assert_true(i < OUTSTATION_FILES_OPEN && how->name.len < sizeof d->drafts[i].draft.name);
    struct disk_draft *draft = &d->drafts[i];
    *draft = (struct disk_draft){.open = true, .written = how->mode != FILE_MODE_READ, .file = file};
    opened->file = (uint32_t)i;
    opened->size = file < DISK_FILES ? (uint32_t)d->files[file].len : 0;
    if (!draft->written)
        return FILE_SUCCESS;
    memcpy(draft->draft.name, how->name.octets, how->name.len);
    draft->draft.octets = malloc(SIZE_MAX_MOVED);
    assert_non_null(draft->draft.octets);
    if (how->mode == FILE_MODE_APPEND && file < DISK_FILES) {
        draft->draft.len = d->files[file].len;
        memcpy(draft->draft.octets, d->files[file].octets, draft->draft.len);
    }
    return FILE_SUCCESS;
}

static uint8_t disk_read(void *context, uint32_t file, uint32_t offset, uint8_t *into, size_t room,
                         size_t *len, bool *end)
{
    struct disk *d = context;
    const struct disk_file *f = &d->files[d->drafts[file].file];
    assert_true(d->drafts[file].open && offset <= f->len);
    *len = f->len - offset < room ? f->len - offset : room;
    *end = offset + *len == f->len;
    if (*len)
        memcpy(into, f->octets + offset, *len);
    return FILE_SUCCESS;
}

static uint8_t disk_write(void *context, uint32_t file, const uint8_t *octets, size_t len)
{
    struct disk *d = context;
    struct disk_file *f = &d->drafts[file].draft;
    assert_true(d->drafts[file].open && f->len + len <= SIZE_MAX_MOVED);
    memcpy(f->octets + f->len, octets, len);
    f->len += len;
    return FILE_SUCCESS;
}

static bool disk_entry(void *context, uint32_t file, uint32_t i, struct file_descriptor *entry)
{
    struct disk *d = context;
    (void)file;
    for (size_t k = 0; k < DISK_FILES; k++) {
        const struct disk_file *f = &d->files[k];
        if (!f->name[0] || i-- > 0)
            continue;
        *entry = (struct file_descriptor){.name = {(const uint8_t *)f->name, strlen(f->name)},
                                          .type = FILE_TYPE_FILE,
                                          .size = (uint32_t)f->len};
        return true;
    }
    return false;
}

static uint8_t disk_close(void *context, uint32_t file, bool keep)
{
    struct disk *d = context;
    struct disk_draft *draft = &d->drafts[file];
    assert_true(draft->open);
    draft->open = false;
    if (!draft->written || !keep) {
        disk_forget(&draft->draft);
        return FILE_SUCCESS;
    }
    size_t i = draft->file;
    for (size_t k = 0; i == DISK_FILES; k++)
        i = d->files[k].name[0] ? i : k;
    disk_forget(&d->files[i]);
    d->files[i] = draft->draft;
    return FILE_SUCCESS;
}

static uint8_t disk_remove(void *context, const struct file_text *name)
{
    struct disk *d = context;
    size_t i = disk_find(d, name);
    if (i == DISK_FILES)
        return FILE_NOT_FOUND;
    disk_forget(&d->files[i]);
    return FILE_SUCCESS;
}

static uint8_t disk_info(void *context, const struct file_text *name, struct file_descriptor *about)
{
    struct disk *d = context;
    size_t i = disk_find(d, name);
    if (i == DISK_FILES)
        return FILE_NOT_FOUND;
    *about = (struct file_descriptor){.type = FILE_TYPE_FILE, .size = (uint32_t)d->files[i].len};
    return FILE_SUCCESS;
}

static const struct file_system disk_system = {
    .open = disk_open,
    .read = disk_read,
    .write = disk_write,
    .entry = disk_entry,
    .close = disk_close,
    .remove = disk_remove,
    .info = disk_info,
};

struct commit {
    int64_t done_ms;
    uint64_t ticket;
};

struct end {
    uint8_t buf[WIRE_MAX];
    size_t len;
    struct pipe out;
    uint8_t rx[APP_FRAGMENT_MAX];
};

/* What is done one after the other: the transfer, then the rest. */
struct errand {
    struct master_file f;
    struct master_file_job job;
    uint8_t request[APP_FRAGMENT_MAX];
    int64_t submit_ms;
    size_t at;
    bool done;
    EVP_MD_CTX *digest;
    uint64_t taken;
    char entries[256];
    const uint8_t *source;
};

struct world {
    uint64_t seed;
    struct instant at;
    bool connected, faults, cuts_wanted;
    unsigned permille; /* of writes that do not arrive as they were */
    int64_t reconnect_ms, cut_ms, update_ms;
    uint64_t cut_every_ms;
    struct master m;
    struct master_config master_config;
    struct master_poll polls[1];
    int64_t poll_due_ms[1];
    struct outstation o;
    struct outstation_config config;
    struct outstation_files files;
    struct outstation_point points[POINTS];
    struct outstation_event events[ROOM];
    uint8_t tx[APP_FRAGMENT_MAX];
    struct disk disk;
    struct end master_end, outstation_end;
    struct commit commits[COMMITS_MAX];
    size_t commits_len;
    bool stored[EVENTS_MAX], confirmed[EVENTS_MAX];
    uint64_t made;
    struct errand errand;
};

struct tally {
    unsigned lost, cut, repeated, reconnections, beginnings, outcomes[ORDER_OUTCOMES];
    uint64_t events;
};
static struct tally tally;

static int64_t soon(struct world *w, uint64_t ms)
{
    return w->at.now_ms + 1 + (int64_t)random_below(&w->seed, ms);
}

/* The octets of a file of that size. */
static void fill(uint8_t *octets, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)random_next(&seed);
}

static void sha256(const uint8_t *octets, size_t len, uint8_t digest[32])
{
    assert_int_equal(EVP_Digest(len ? octets : (const uint8_t *)"", len, digest, NULL, EVP_sha256(), NULL),
                     1);
}

/*
 * A READ of events that comes twice is answered twice, the second time with newer events, and the confirm of
 * the first answer would then stand for the second (application.md 5.4): DNP3 needs a channel that does not
 * do that, as TCP is.
 */
static bool may_come_twice(const uint8_t *octets, size_t len)
{
    enum { FUNCTION_AT = 12, GROUP_AT = 13, GROUP_CLASS = 60 };
    return len <= GROUP_AT || octets[FUNCTION_AT] != APP_READ || octets[GROUP_AT] != GROUP_CLASS;
}

/*
 * Not exactly between two blocks of a frame: the header of the next one, 8 octets and their CRC, would pass
 * for a block of its data, and no checksum tells (link.md 2).
 */
static size_t cut_at(struct world *w, size_t len)
{
    enum { HEADER_LEN = 10, BLOCK_LEN = 18 };
    size_t at = 1 + random_below(&w->seed, len);
    bool between = at % LINK_FRAME_MAX % BLOCK_LEN == HEADER_LEN;
    return between ? at - 1 : at;
}

/* The channel: as it left, not at all, in part, or twice. */

static void carry(struct world *w, struct end *from, const uint8_t *octets, size_t len)
{
    bool wrong = w->faults && random_below(&w->seed, 1000) < w->permille;
    unsigned times = 1;
    switch (wrong ? random_below(&w->seed, 3) : 3) {
    case 0:
        tally.lost++;
        return;
    case 1:
        tally.cut++;
        len = cut_at(w, len);
        break;
    case 2:
        times = may_come_twice(octets, len) ? 2 : 1;
        tally.repeated += times == 2;
        break;
    default:
        break;
    }
    while (times--)
        pipe_send(&from->out, octets, len, w->at.now_ms, 40, &w->seed);
}

static void outstation_speaks(struct world *w)
{
    static uint8_t wire[WIRE_MAX];
    struct outstation_news news;
    size_t n;
    do {
        while (outstation_next(&w->o, &news) != OUTSTATION_QUIET) {
            assert_true(news.kind != OUTSTATION_LOST);
            if (news.kind != OUTSTATION_CONFIRMED)
                continue;
            assert_true(w->stored[news.event.id] && !w->confirmed[news.event.id]);
            w->confirmed[news.event.id] = true;
        }
        n = outstation_write(&w->o, wire, sizeof wire, &w->at);
        if (n)
            carry(w, &w->outstation_end, wire, n);
    } while (n);
}

static void change(struct world *w)
{
    const struct outstation_point *p = &w->points[random_below(&w->seed, POINTS)];
    uint64_t id = ++w->made;
    assert_true(id < EVENTS_MAX);
    struct measurement m = {.value = (double)id,
                            .time_ms = WALL_0 + id,
                            .index = p->index,
                            .type = p->type,
                            .flags = FLAG_ONLINE,
                            .time_quality = TIME_SYNCHRONISED};
    assert_int_equal(outstation_update(&w->o, &m, UPDATE_FORCE_EVENT, &w->at), id);
    outstation_speaks(w);
}

/* The store takes a while; the fragment's events count from then on. */
static void take_fragment(struct world *w, const struct master_news *n)
{
    struct measurement_walk walk = measurement_walk_begin(&n->fragment, n->clock_unsynchronised);
    struct measurement m;
    while (measurement_walk_next(&walk, &m))
        if (m.event) {
            assert_true(n->ticket && m.time_ms > WALL_0 && m.time_ms - WALL_0 <= w->made);
            w->stored[m.time_ms - WALL_0] = true;
        }
    if (!n->ticket)
        return;
    assert_true(w->commits_len < COMMITS_MAX);
    w->commits[w->commits_len++] = (struct commit){soon(w, 30), n->ticket};
}

static void errand_done(struct world *w)
{
    struct errand *e = &w->errand;
    enum order_outcome outcome = e->f.order.outcome;
    tally.outcomes[outcome]++;
    e->done = outcome == ORDER_SUCCESS;
    if (!e->done)
        e->submit_ms = soon(w, 2000);
}

static void cut(struct world *w);

static void master_speaks(struct world *w)
{
    static uint8_t wire[WIRE_MAX];
    struct master_news news;
    bool dead = false;
    size_t n;
    do {
        while (master_next(&w->m, &news) != MASTER_QUIET) {
            if (news.kind == MASTER_FRAGMENT)
                take_fragment(w, &news);
            if (news.kind == MASTER_ORDER_DONE)
                errand_done(w);
            dead |= news.kind == MASTER_LINK_DEAD;
        }
        n = master_write(&w->m, wire, sizeof wire, &w->at);
        if (n)
            carry(w, &w->master_end, wire, n);
    } while (n);
    if (dead && w->connected)
        cut(w);
}

static void frame_to_master(struct world *w, const struct link_frame *frame)
{
    master_lend(&w->m, w->master_end.rx, sizeof w->master_end.rx);
    master_receive(&w->m, frame, &w->at);
    master_speaks(w);
    master_take_back(&w->m);
}

static void frame_to_outstation(struct world *w, const struct link_frame *frame)
{
    outstation_lend(&w->o, w->outstation_end.rx, sizeof w->outstation_end.rx);
    outstation_receive(&w->o, frame, &w->at);
    outstation_take_back(&w->o);
    outstation_speaks(w);
}

static void arrive(struct world *w, struct end *to, struct pipe *from,
                   void (*deliver)(struct world *w, const struct link_frame *frame))
{
    struct chunk *chunk;
    while ((chunk = pipe_take(from, w->at.now_ms))) {
        assert_true(to->len + chunk->len <= sizeof to->buf);
        memcpy(to->buf + to->len, chunk->octets, chunk->len);
        to->len += chunk->len;
        free(chunk);
        size_t at = 0, used;
        struct link_frame frame;
        struct link_errors errors = {0};
        while (link_parse(to->buf + at, to->len - at, &used, &frame, &errors) == LINK_FRAME) {
            at += used;
            deliver(w, &frame);
            if (!to->len)
                return; /* disconnected meanwhile */
        }
        at += used;
        memmove(to->buf, to->buf + at, to->len - at);
        to->len -= at;
    }
}

static void cut(struct world *w)
{
    tally.reconnections++;
    pipe_drop(&w->master_end.out);
    pipe_drop(&w->outstation_end.out);
    w->master_end.len = w->outstation_end.len = 0;
    w->connected = false;
    w->reconnect_ms = soon(w, 3000);
    w->cut_ms = w->reconnect_ms + (int64_t)random_below(&w->seed, 2 * w->cut_every_ms);
    master_disconnected(&w->m, &w->at);
    outstation_disconnected(&w->o, &w->at);
    master_speaks(w);
    outstation_speaks(w);
}

static void join(struct world *w)
{
    w->connected = true;
    w->reconnect_ms = NEVER_MS;
    master_connected(&w->m, &w->at);
    outstation_connected(&w->o, &w->at);
    master_speaks(w);
    outstation_speaks(w);
}

static void commit_due(struct world *w)
{
    while (w->commits_len && w->commits[0].done_ms <= w->at.now_ms) {
        uint64_t ticket = w->commits[0].ticket;
        memmove(w->commits, w->commits + 1, --w->commits_len * sizeof *w->commits);
        master_release_confirm(&w->m, ticket, &w->at);
        master_speaks(w);
    }
}

static void submit(struct world *w)
{
    w->errand.submit_ms = NEVER_MS;
    if (w->errand.f.order.outcome != ORDER_PENDING)
        master_file_again(&w->errand.f);
    master_submit(&w->m, &w->errand.f.order, &w->at);
    master_speaks(w);
}

static void turn(struct world *w)
{
    if (w->at.now_ms >= w->reconnect_ms)
        join(w);
    arrive(w, &w->outstation_end, &w->master_end.out, frame_to_outstation);
    arrive(w, &w->master_end, &w->outstation_end.out, frame_to_master);
    commit_due(w);
    if (w->at.now_ms >= w->errand.submit_ms)
        submit(w);
    if (w->connected && master_deadline_ms(&w->m) <= w->at.now_ms) {
        master_tick(&w->m, &w->at);
        master_speaks(w);
    }
    if (outstation_deadline_ms(&w->o) <= w->at.now_ms) {
        outstation_tick(&w->o, &w->at);
        outstation_speaks(w);
    }
    if (!w->faults)
        return;
    if (w->at.now_ms >= w->update_ms) {
        change(w);
        w->update_ms = soon(w, 400);
    }
    if (w->connected && w->cuts_wanted && w->at.now_ms >= w->cut_ms)
        cut(w);
}

static int64_t next_ms(const struct world *w)
{
    int64_t next = earlier_ms(master_deadline_ms(&w->m), outstation_deadline_ms(&w->o));
    next =
        earlier_ms(next, earlier_ms(pipe_next_ms(&w->master_end.out), pipe_next_ms(&w->outstation_end.out)));
    next = earlier_ms(next, earlier_ms(w->reconnect_ms, w->errand.submit_ms));
    next = earlier_ms(next, w->commits_len ? w->commits[0].done_ms : NEVER_MS);
    return earlier_ms(next, w->faults ? earlier_ms(w->update_ms, w->cut_ms) : NEVER_MS);
}

/* Until the errand is done, or all of `for_ms`. */
static void run(struct world *w, int64_t for_ms, bool whole)
{
    int64_t end = w->at.now_ms + for_ms;
    while (w->at.now_ms < end && (whole || !w->errand.done)) {
        int64_t next = earlier_ms(next_ms(w), end);
        int64_t step = next > w->at.now_ms ? next - w->at.now_ms : 1;
        w->at.now_ms += step;
        w->at.wall_ms += step;
        turn(w);
    }
}

static bool errand_begins(void *context)
{
    struct errand *e = context;
    tally.beginnings++;
    e->taken = 0;
    e->entries[0] = '\0';
    return EVP_DigestInit_ex(e->digest, EVP_sha256(), NULL) == 1;
}

static bool errand_sink(void *context, uint64_t offset, const uint8_t *octets, size_t len)
{
    struct errand *e = context;
    assert_int_equal(offset, e->taken);
    e->taken += len;
    return EVP_DigestUpdate(e->digest, octets, len) == 1;
}

static bool errand_source(void *context, uint64_t offset, uint8_t *into, size_t len)
{
    struct errand *e = context;
    memcpy(into, e->source + offset, len);
    return true;
}

static bool errand_entry(void *context, const struct file_descriptor *entry)
{
    struct errand *e = context;
    size_t len = strlen(e->entries);
    snprintf(e->entries + len, sizeof e->entries - len, "%.*s %u; ", (int)entry->name.len,
             (const char *)entry->name.octets, entry->size);
    return true;
}

static void errand_run(struct world *w, struct master_file_job job)
{
    struct errand *e = &w->errand;
    e->job = job;
    e->job.context = e;
    e->job.begin = errand_begins;
    e->job.sink = errand_sink;
    e->job.source = errand_source;
    e->job.entry = errand_entry;
    if (w->files.users_len) {
        e->job.user = (struct file_text){(const uint8_t *)"operator", 8};
        e->job.password = (struct file_text){(const uint8_t *)"secret", 6};
    }
    master_file_init(&e->f, &e->job, e->request, sizeof e->request);
    e->done = false;
    e->entries[0] = '\0';
    e->submit_ms = soon(w, 500);
    run(w, LIMIT_MS, false);
    if (!e->done)
        print_error("job %d: %s, status %u, %s\n", job.kind, order_outcome_name(e->f.order.outcome),
                    e->f.order.status, master_file_defect_text(e->f.defect));
    assert_true(e->done);
}

static void setup_station(struct world *w, uint64_t seed, size_t size)
{
    static const struct file_user users[] = {{"guest", ""}, {"operator", "secret"}};
    outstation_files_init(&w->files, &disk_system, &w->disk, seed);
    w->files.users = users;
    w->files.users_len = seed & 2 ? 2 : 0;
    w->config = outstation_defaults();
    w->config.files = &w->files;
    w->config.need_time = false;
    w->config.tx_fragment_max = seed & 1 && size <= 100000 ? 249 : APP_FRAGMENT_MAX;
    w->config.unsolicited = seed % 3 != 0;
    for (uint32_t i = 0; i < POINTS; i++)
        w->points[i] = (struct outstation_point){.index = i,
                                                 .type = POINT_ANALOG_INPUT,
                                                 .flags = FLAG_ONLINE,
                                                 .class_mask = (uint8_t)(CLASS_1 << i),
                                                 .event_variation = 7,
                                                 .in_class_0 = true};
    outstation_init(&w->o, &w->config, w->points, POINTS, w->events, ROOM, w->tx, sizeof w->tx);
}

static void setup(struct world *w, uint64_t seed, size_t size)
{
    memset(w, 0, sizeof *w);
    w->seed = seed * 7919 + size;
    w->faults = true;
    w->at = (struct instant){.now_ms = 7, .wall_ms = WALL_0, .wall_trusted = true};
    w->update_ms = 10;
    w->errand.submit_ms = NEVER_MS;
    w->permille = size < 10000 ? 120 : size <= 100000 ? 15 : 3;
    w->cuts_wanted = true;
    w->cut_every_ms = size < 10000 ? 8000 : size <= 100000 ? 60000 : 120000;
    w->cut_ms = soon(w, size < 10000 ? 2000 : 15000);
    pipe_init(&w->master_end.out);
    pipe_init(&w->outstation_end.out);
    w->errand.digest = EVP_MD_CTX_new();
    assert_non_null(w->errand.digest);
    setup_station(w, seed, size);
    w->polls[0] = (struct master_poll){.period_ms = 2000, .classes = CLASS_EVENTS};
    w->master_config = master_defaults();
    w->master_config.polls = w->polls;
    w->master_config.polls_len = w->config.unsolicited ? 0 : 1;
    w->master_config.time_sync = TIME_SYNC_NONE;
    w->master_config.response_timeout_ms = 2000;
    master_init(&w->m, &w->master_config, w->config.master_address, w->config.address, w->poll_due_ms, 1);
    join(w);
}

/* With the faults gone everything arrives, and what nobody uses is closed. */
static void check_rest(struct world *w)
{
    w->faults = false;
    run(w, HANDLES_MS + 60000, true);
    for (uint64_t id = 1; id <= w->made; id++)
        assert_true(w->stored[id] && w->confirmed[id]);
    tally.events += w->made;
    assert_null(outstation_buffered(&w->o, 0));
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++)
        assert_false(w->disk.drafts[i].open);
}

static void tear_down(struct world *w)
{
    pipe_drop(&w->master_end.out);
    pipe_drop(&w->outstation_end.out);
    EVP_MD_CTX_free(w->errand.digest);
    for (size_t i = 0; i < DISK_FILES; i++)
        disk_forget(&w->disk.files[i]);
}

static void put(struct world *w, const char *name, const uint8_t *octets, size_t len)
{
    struct disk_file *f = &w->disk.files[0];
    while (f->name[0])
        f++;
    f->octets = malloc(len + 1);
    assert_non_null(f->octets);
    if (len)
        memcpy(f->octets, octets, len);
    f->len = len;
    snprintf(f->name, sizeof f->name, "%s", name);
}

#define TEXT(t) ((struct file_text){(const uint8_t *)(t), strlen(t)})

static uint16_t block_size_of(uint64_t seed)
{
    static const uint16_t sizes[] = {0, 1024, 512, 200};
    return sizes[seed / 2 % 4];
}

static void read_one(struct world *w, uint64_t seed, const uint8_t *content, size_t size)
{
    uint8_t here[32], there[32];
    put(w, "a.bin", content, size);
    errand_run(w, (struct master_file_job){.kind = MASTER_FILE_READ,
                                           .name = TEXT("a.bin"),
                                           .limit = (uint32_t)size,
                                           .block_size = size > 100000 ? 0 : block_size_of(seed)});
    assert_int_equal(w->errand.taken, size);
    assert_int_equal(w->errand.f.announced, size);
    assert_int_equal(EVP_DigestFinal_ex(w->errand.digest, here, NULL), 1);
    sha256(w->disk.files[0].octets, w->disk.files[0].len, there);
    assert_memory_equal(here, there, sizeof here);
}

static void write_one(struct world *w, uint64_t seed, const uint8_t *content, size_t size)
{
    uint8_t here[32], there[32];
    w->errand.source = content;
    errand_run(w, (struct master_file_job){.kind = MASTER_FILE_WRITE,
                                           .name = TEXT("a.bin"),
                                           .size = (uint32_t)size,
                                           .permissions = 0x01A4,
                                           .block_size = size > 100000 ? 0 : block_size_of(seed)});
    const struct disk_file *f = &w->disk.files[0];
    assert_string_equal(f->name, "a.bin");
    assert_int_equal(f->len, size);
    assert_int_equal(w->errand.f.octets, size);
    sha256(content, size, here);
    sha256(f->octets, f->len, there);
    assert_memory_equal(here, there, sizeof here);
}

static void list_describe_delete(struct world *w, size_t size)
{
    char expected[64];
    put(w, "b", (const uint8_t *)"bbb", 3);
    errand_run(w, (struct master_file_job){.kind = MASTER_FILE_LIST, .name = TEXT("."), .block_size = 30});
    snprintf(expected, sizeof expected, "a.bin %zu; b 3; ", size);
    assert_string_equal(w->errand.entries, expected);
    errand_run(w, (struct master_file_job){.kind = MASTER_FILE_INFO, .name = TEXT("a.bin")});
    assert_string_equal(w->errand.entries,
                        (snprintf(expected, sizeof expected, "a.bin %zu; ", size), expected));
    errand_run(w, (struct master_file_job){.kind = MASTER_FILE_DELETE, .name = TEXT("a.bin")});
    assert_int_equal(disk_find(&w->disk, &TEXT("a.bin")), DISK_FILES);
}

static void files_of_all_sizes(void (*move)(struct world *w, uint64_t seed, const uint8_t *content,
                                            size_t size))
{
    static const struct {
        size_t size;
        uint64_t seeds;
    } rows[] = {{0, 60}, {1, 60}, {1023, 60}, {1024, 60}, {1025, 60}, {100000, 16}, {1 << 20, 4}};
    static struct world w;
    static uint8_t content[SIZE_MAX_MOVED];
    tally = (struct tally){0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint64_t seed = 1; seed <= rows[i].seeds; seed++) {
            print_message("%s%zu/%d", i || seed > 1 ? " " : "octets/seed ", rows[i].size, (int)seed);
            setup(&w, seed, rows[i].size);
            fill(content, rows[i].size, seed);
            move(&w, seed, content, rows[i].size);
            list_describe_delete(&w, rows[i].size);
            check_rest(&w);
            tear_down(&w);
        }
    print_message(
        "\n%u lost, %u cut, %u repeated, %u reconnections, files begun %u times, %d events; outcomes:",
        tally.lost, tally.cut, tally.repeated, tally.reconnections, tally.beginnings, (int)tally.events);
    for (enum order_outcome o = 0; o < ORDER_OUTCOMES; o++)
        if (tally.outcomes[o])
            print_message(" %s %u", order_outcome_name(o), tally.outcomes[o]);
    print_message("\n");
    assert_true(tally.lost && tally.cut && tally.repeated && tally.reconnections > 100);
    assert_true(tally.events > 10000 && tally.outcomes[ORDER_DISCONNECTED] > 0 && tally.beginnings > 2 * 320);
}

static void files_are_read(void **state)
{
    (void)state;
    files_of_all_sizes(read_one);
}

static void files_are_written(void **state)
{
    (void)state;
    files_of_all_sizes(write_one);
}

/* A connection that lasts, but loses: an append that succeeds has been carried out once. */
static void appends_are_made_once(void **state)
{
    (void)state;
    static struct world w;
    static uint8_t content[5000];
    tally = (struct tally){0};
    fill(content, sizeof content, 77);
    for (uint64_t seed = 1; seed <= 24; seed++) {
        setup(&w, seed, 1);
        w.cuts_wanted = false;
        w.cut_ms = NEVER_MS;
        put(&w, "a.bin", content, 2000);
        w.errand.source = content + 2000;
        errand_run(&w, (struct master_file_job){.kind = MASTER_FILE_APPEND,
                                                .name = TEXT("a.bin"),
                                                .size = 3000,
                                                .tries = 20,
                                                .block_size = block_size_of(seed)});
        assert_int_equal(tally.outcomes[ORDER_SUCCESS], seed);
        assert_int_equal(w.disk.files[0].len, sizeof content);
        assert_memory_equal(w.disk.files[0].octets, content, sizeof content);
        check_rest(&w);
        tear_down(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_are_read), cmocka_unit_test(files_are_written),
                                       cmocka_unit_test(appends_are_made_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
