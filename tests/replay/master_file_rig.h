// SPDX-License-Identifier: Apache-2.0
/*
 * One file order against a scripted station: dnp3-reference/files.md 3. Include it after "support/cm.h".
 *
 *     struct rig r;
 *     rig_begin(&r, MASTER_FILE_READ);           "a.txt", in blocks of 16 octets
 *     asks(&r, OPEN(READ, "01 00"));             without the control octet: SEQ counts by itself
 *     answers(&r, OPENED("14 00 00 00", "10 00"));
 *     ends(&r, ORDER_SUCCESS);
 */
#ifndef REPLAY_MASTER_FILE_RIG_H
#define REPLAY_MASTER_FILE_RIG_H

#include "protocol/master_file.h"
#include "support/script.h"

#define HANDLE "78 56 34 12"
#define NAME   "61 2E 74 78 74"
#define READ   "01 00"
#define WRITE  "02 00"
#define APPEND "03 00"
/* The commands; those that write say what they write. */
#define COMMAND(function, key, size, mode, block, id)                                                        \
    function " 46 03 5B 01 1F 00 1A 00 05 00 00 00 00 00 00 00 00 00 " key " " size " " mode " " block       \
             " " id " " NAME
#define OPEN(mode, id)           COMMAND("19", "00 00 00 00", "00 00 00 00", mode, "10 00", id)
#define OPEN_FOR(size, mode, id) COMMAND("19", "00 00 00 00", size, mode, "10 00", id)
#define DELETE(key, id)          COMMAND("1B", key, "00 00 00 00", "00 00", "00 00", id)
#define ASK_BLOCK(n)             "01 46 05 5B 01 08 00 " HANDLE " " n
#define PUT_BLOCK(len, n)        "02 46 05 5B 01 " len " 00 " HANDLE " " n
#define CLOSE(id)                "1A 46 04 5B 01 0D 00 " HANDLE " 00 00 00 00 00 00 " id " 00"
#define ABORT(id)                "1E 46 04 5B 01 0D 00 " HANDLE " 00 00 00 00 00 00 " id " 00"
/* The objects of answers. */
#define OPENED(size, block) "46 04 5B 01 0D 00 " HANDLE " " size " " block " 01 00 00"
#define STATUS(code)        "46 04 5B 01 0D 00 " HANDLE " 00 00 00 00 00 00 01 00 " code
#define BLOCK(len, n)       "46 05 5B 01 " len " 00 " HANDLE " " n
#define ACK(n, code)        "46 06 5B 01 09 00 " HANDLE " " n " " code
#define SIXTEEN             "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66"

enum { RIG_TIMEOUT_MS = 5000 };

struct rig {
    struct script s;
    struct master_file f;
    struct master_file_job job;
    uint8_t request[APP_FRAGMENT_MAX];
    uint8_t seq;
    char content[256]; /* read, or to be written */
    char entries[512]; /* "name type size; " */
    unsigned begins;
    bool refuse_begin, refuse_sink, refuse_source, refuse_entry;
};

static inline bool rig_begins(void *context)
{
    struct rig *r = context;
    r->begins++;
    if (r->job.kind == MASTER_FILE_READ)
        memset(r->content, 0, sizeof r->content);
    r->entries[0] = '\0';
    return !r->refuse_begin;
}

static inline bool rig_sink(void *context, uint64_t offset, const uint8_t *octets, size_t len)
{
    struct rig *r = context;
    assert_int_equal(offset, strlen(r->content));
    assert_true(offset + len < sizeof r->content);
    memcpy(r->content + offset, octets, len);
    return !r->refuse_sink;
}

static inline bool rig_source(void *context, uint64_t offset, uint8_t *into, size_t len)
{
    struct rig *r = context;
    assert_true(offset + len <= r->job.size);
    memcpy(into, r->content + offset, len);
    return !r->refuse_source;
}

static inline bool rig_entry(void *context, const struct file_descriptor *entry)
{
    struct rig *r = context;
    size_t len = strlen(r->entries);
    snprintf(r->entries + len, sizeof r->entries - len, "%.*s %u %u; ", (int)entry->name.len,
             (const char *)entry->name.octets, entry->type, entry->size);
    return !r->refuse_entry;
}

static inline void rig_submit(struct rig *r)
{
    master_submit(&r->s.m, &r->f.order, &r->s.at);
    script_drain(&r->s);
}

/* Connected, and with nothing due for a day. */
static inline void rig_connect(struct rig *r)
{
    struct master_config config = master_defaults();
    memset(r, 0, sizeof *r);
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    config.link_idle_ms = 0;
    config.offline_after = 0;
    script_connect(&r->s, config);
    sends(&r->s, "C0 " INTEGRITY);
    gets(&r->s, "C0 81 00 00");
    r->seq = 1;
}

/* For what a test wants otherwise: between rig_prepare() and rig_submit(). */
static inline void rig_prepare(struct rig *r, enum master_file_kind kind)
{
    rig_connect(r);
    r->job = (struct master_file_job){.kind = kind,
                                      .name = {(const uint8_t *)"a.txt", 5},
                                      .block_size = 16,
                                      .tries = 2,
                                      .context = r,
                                      .begin = rig_begins,
                                      .sink = rig_sink,
                                      .source = rig_source,
                                      .entry = rig_entry};
    if (kind == MASTER_FILE_WRITE || kind == MASTER_FILE_APPEND)
        r->job.size = (uint32_t)sprintf(r->content, "0123456789abcdefwxyz");
    master_file_init(&r->f, &r->job, r->request, sizeof r->request);
    r->f.order.retries = 0;
}

static inline void rig_begin(struct rig *r, enum master_file_kind kind)
{
    rig_prepare(r, kind);
    rig_submit(r);
}

static inline void rig_asks(struct rig *r, const char *hex, const char *file, int line)
{
    char text[1200];
    snprintf(text, sizeof text, "C%X %s", r->seq, hex);
    script_sends(&r->s, text, file, line);
}

static inline void rig_answers(struct rig *r, const char *iin, const char *hex, const char *file, int line)
{
    char text[2048];
    snprintf(text, sizeof text, "C%X 81 %s %s", r->seq, iin, hex);
    r->seq = (r->seq + 1) & APP_SEQ;
    script_gets(&r->s, text, file, line);
}

/* No answer within the timeout; the next request has another SEQ. */
static inline void rig_is_silent(struct rig *r, const char *file, int line)
{
    r->seq = (r->seq + 1) & APP_SEQ;
    script_waits(&r->s, RIG_TIMEOUT_MS, file, line);
}

static inline void rig_ends(struct rig *r, enum order_outcome outcome, const char *file, int line)
{
    script_step(&r->s, file, line);
    if (r->f.order.outcome != outcome) {
        print_error("ended: %s (status %u, %s)\n", order_outcome_name(r->f.order.outcome), r->f.order.status,
                    master_file_defect_text(r->f.defect));
        _fail(file, line);
    }
}

#define asks(r, hex)             rig_asks((r), (hex), __FILE__, __LINE__)
#define answers(r, hex)          rig_answers((r), "00 00", (hex), __FILE__, __LINE__)
#define answers_iin(r, iin, hex) rig_answers((r), (iin), (hex), __FILE__, __LINE__)
#define is_silent(r)             rig_is_silent((r), __FILE__, __LINE__)
#define ends(r, outcome)         rig_ends((r), (outcome), __FILE__, __LINE__)

/* The first steps that many tests share. */
static inline void rig_open_to_read(struct rig *r)
{
    rig_begin(r, MASTER_FILE_READ);
    asks(r, OPEN(READ, "01 00"));
    answers(r, OPENED("14 00 00 00", "10 00"));
    asks(r, ASK_BLOCK("00 00 00 00"));
}

static inline void rig_open_to_write(struct rig *r, enum master_file_kind kind)
{
    rig_begin(r, kind);
    asks(r, kind == MASTER_FILE_WRITE ? OPEN_FOR("14 00 00 00", WRITE, "01 00")
                                      : OPEN_FOR("14 00 00 00", APPEND, "01 00"));
    answers(r, OPENED("00 00 00 00", "10 00"));
    asks(r, PUT_BLOCK("18", "00 00 00 00 " SIXTEEN));
}

#endif
