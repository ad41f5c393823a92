// SPDX-License-Identifier: Apache-2.0
/*
 * Time synchronisation (dnp3-reference/time.md 3-6): a measuring request and a WRITE, or the WRITE alone.
 */
#include "protocol/master_internal.h"

enum { STEP_FIRST, STEP_WRITE };

/* The procedure asked for, or else the other one, or else the direct write (time.md 6). */
static enum master_time_sync sync_mode(const struct master *m)
{
    if (m->config->quirks & QUIRK_BARE_G50V1)
        return TIME_SYNC_DIRECT;
    const uint8_t order[] = {
        m->config->time_sync,
        m->config->time_sync == TIME_SYNC_LAN ? TIME_SYNC_NON_LAN : TIME_SYNC_LAN,
    };
    for (size_t i = 0; i < 2 && m->config->time_sync != TIME_SYNC_DIRECT; i++)
        if (!(m->sync_refused & 1u << order[i]))
            return order[i];
    return TIME_SYNC_DIRECT;
}

static int64_t clip(int64_t value, int64_t most)
{
    return value > most ? most : value;
}

enum master_delay master_read_delay(const struct app_fragment *f, int64_t *delay_ms)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    bool sound =
        object_walk_next(&walk, &h) == WALK_HEADER && h.group == 52 && h.count == 1 && h.data_len >= 2;
    if (!sound && (f->objects_len < 5 || f->objects[0] != 52 || f->objects[1] < 1 || f->objects[1] > 2))
        return DELAY_NONE;
    const uint8_t *value = sound ? h.data + h.data_len - 2 : f->objects + f->objects_len - 2;
    struct reader r = reader_over(value, 2);
    *delay_ms = (int64_t)read_u16(&r) * (f->objects[1] == 1 ? 1000 : 1);
    if (!sound)
        return DELAY_BENT;
    return h.qualifier == 0x07 ? DELAY_SOUND : DELAY_WIDE;
}

/* time.md 4: half of what the journey took, less what the station says that it took itself. */
void master_sync_measure(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    if (m->step != STEP_FIRST || sync_mode(m) != TIME_SYNC_NON_LAN)
        return;
    int64_t own_ms;
    enum master_delay told = master_read_delay(f, &own_ms);
    bool borne = told > DELAY_SOUND && master_bears(m, QUIRK_G52_COUNT);
    if (told == DELAY_NONE || (told == DELAY_BENT && !borne))
        return;
    m->delay_ms = (int32_t)clip((at->now_ms - m->sent_ms - own_ms) / 2, INT32_MAX);
    if (at->now_ms - m->sent_ms < own_ms)
        m->delay_ms = -1;
}

static void first_step_complete(struct master *m, const struct instant *at)
{
    if (m->response_iin & IIN_NO_FUNC_CODE_SUPPORT) {
        m->sync_refused = (uint8_t)(m->sync_refused | 1u << sync_mode(m));
        master_send_step(m, sync_mode(m) == TIME_SYNC_DIRECT ? STEP_WRITE : STEP_FIRST);
    } else if (m->response_iin & IIN_REQUEST_ERRORS) {
        master_finish(m, OUTCOME_REFUSED_BY_IIN, at);
    } else if (sync_mode(m) == TIME_SYNC_NON_LAN && m->delay_ms < 0) {
        master_finish(m, OUTCOME_BAD_RESPONSE, at);
    } else if (!at->wall_trusted) {
        master_finish(m, OUTCOME_DROPPED, at);
    } else {
        master_send_step(m, STEP_WRITE);
    }
}

void master_sync_complete(struct master *m, const struct instant *at)
{
    if (m->step == STEP_FIRST && sync_mode(m) != TIME_SYNC_DIRECT) {
        first_step_complete(m, at);
        return;
    }
    /* Without g50v3 there is no LAN procedure; the next attempt takes another. */
    if (m->response_iin & IIN_OBJECT_UNKNOWN)
        m->sync_refused = (uint8_t)(m->sync_refused | 1u << sync_mode(m));
    bool bad = m->response_iin & (IIN_REQUEST_ERRORS | IIN_NEED_TIME);
    master_finish(m, bad ? OUTCOME_REFUSED_BY_IIN : OUTCOME_OK, at);
}

static void write_time(struct writer *w, uint8_t variation, int64_t wall_ms)
{
    object_write_count(w, 50, variation, 1);
    write_u48(w, (uint64_t)wall_ms);
}

/* The fragment after its control octet is the caller's; `m->requested_wall_ms` is when the step before left.
 */
void master_sync_write(const struct master *m, struct writer *w, const struct instant *at)
{
    enum master_time_sync mode = sync_mode(m);
    uint8_t control = APP_FIR | APP_FIN | m->seq;
    if (mode == TIME_SYNC_DIRECT) {
        app_write_request(w, control, APP_WRITE);
        write_time(w, 1, at->wall_ms);
    } else if (m->step == STEP_FIRST) {
        app_write_request(w, control, mode == TIME_SYNC_LAN ? APP_RECORD_CURRENT_TIME : APP_DELAY_MEASURE);
    } else {
        app_write_request(w, control, APP_WRITE);
        if (mode == TIME_SYNC_LAN)
            write_time(w, 3, m->requested_wall_ms);
        else
            write_time(w, 1, at->wall_ms + m->delay_ms);
    }
}
