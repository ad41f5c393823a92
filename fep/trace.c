// SPDX-License-Identifier: Apache-2.0
#include "fep/trace.h"

#include "fep/io/clock.h"
#include "protocol/decode.h"
#include "protocol/transport.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE = TRANSPORT_FIR | TRANSPORT_FIN };

void trace_board_init(struct trace_board *board, struct wake *wake)
{
    *board = (struct trace_board){.wake = wake};
    for (int i = 0; i < TRACE_SLOTS; i++)
        pthread_mutex_init(&board->slots[i].lock, NULL);
}

void trace_board_free(struct trace_board *board)
{
    for (int i = 0; i < TRACE_SLOTS; i++) {
        free(board->slots[i].lines);
        pthread_mutex_destroy(&board->slots[i].lock);
    }
}

struct trace_slot *trace_open(struct trace_board *board, uint32_t station)
{
    for (int i = 0; i < TRACE_SLOTS; i++) {
        struct trace_slot *slot = &board->slots[i];
        if (slot->station) /* only the thread that looks writes it */
            continue;
        struct trace_line *lines = malloc(TRACE_LINES * sizeof *lines);
        if (!lines)
            return NULL;
        pthread_mutex_lock(&slot->lock);
        slot->lines = lines;
        slot->head = slot->len = 0;
        slot->lost = 0;
        slot->station = station;
        pthread_mutex_unlock(&slot->lock);
        atomic_fetch_add(&board->taken, 1);
        return slot;
    }
    return NULL;
}

void trace_close(struct trace_board *board, struct trace_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct trace_line *lines = slot->lines;
    slot->lines = NULL;
    slot->station = 0;
    pthread_mutex_unlock(&slot->lock);
    free(lines);
    atomic_fetch_sub(&board->taken, 1);
}

bool trace_take(struct trace_slot *slot, struct trace_line *line)
{
    pthread_mutex_lock(&slot->lock);
    bool some = slot->len > 0;
    if (some) {
        *line = slot->lines[slot->head];
        slot->head = (slot->head + 1) % TRACE_LINES;
        slot->len--;
    }
    pthread_mutex_unlock(&slot->lock);
    return some;
}

/* True where somebody has to be woken. */
static bool trace_put(struct trace_slot *slot, uint32_t station, enum trace_direction direction,
                      const char *text)
{
    bool put = false;
    pthread_mutex_lock(&slot->lock);
    if (slot->station == station && slot->len == TRACE_LINES) {
        slot->lost++;
    } else if (slot->station == station) {
        struct trace_line *line = &slot->lines[(slot->head + slot->len++) % TRACE_LINES];
        line->at_ms = clock_wall_ms();
        line->lost = slot->lost;
        line->direction = (uint8_t)direction;
        strcpy(line->text, text);
        slot->lost = 0;
        put = true;
    }
    pthread_mutex_unlock(&slot->lock);
    return put;
}

static bool is_watched(const struct trace_board *board)
{
    return board && atomic_load_explicit(&board->taken, memory_order_relaxed) > 0;
}

static bool is_wanted(const struct tracer *t)
{
    return is_watched(t->board) || log_wants(t->log, LOG_LEVEL_DEBUG);
}

static bool holds_fragment(const struct link_frame *frame)
{
    uint8_t function = frame->control & LINK_FUNCTION;
    return frame->control & LINK_PRM && frame->user_len > 1 && (frame->user[0] & WHOLE) == WHOLE &&
           (function == LINK_UNCONFIRMED_USER_DATA || function == LINK_CONFIRMED_USER_DATA);
}

void trace_frame(const struct tracer *t, enum trace_direction direction, const struct link_frame *frame)
{
    if (!is_wanted(t))
        return;
    char text[TRACE_TEXT];
    if (holds_fragment(frame))
        decode_fragment(frame->user + 1, frame->user_len - 1u, DECODE_LINE, text, sizeof text);
    else
        decode_frame(frame, text, sizeof text);
    if (log_wants(t->log, LOG_LEVEL_DEBUG))
        LOG(t->log, LOG_LEVEL_DEBUG, direction == TRACE_SENT ? "sent" : "received", text,
            log_text("station", t->name));
    bool put = false;
    for (int i = 0; is_watched(t->board) && i < TRACE_SLOTS; i++)
        put |= trace_put(&t->board->slots[i], t->station, direction, text);
    if (put)
        wake_up(t->board->wake);
}

void trace_octets(const struct tracer *t, enum trace_direction direction, const uint8_t *octets, size_t len)
{
    if (!is_wanted(t))
        return;
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t at = 0, used;
    for (; link_parse(octets + at, len - at, &used, &frame, &errors) == LINK_FRAME; at += used)
        trace_frame(t, direction, &frame);
}
