// SPDX-License-Identifier: Apache-2.0
#include "tools/account/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_AT_ONCE = 10000, TIME_NONE_STORED = 0 };

static int by_point(const void *left, const void *right)
{
    const struct journal_row *a = *(struct journal_row *const *)left,
                             *b = *(struct journal_row *const *)right;
    if (a->station != b->station)
        return a->station < b->station ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The reader lends octets for one call only. */
static bool keep_octets(struct journal_row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (rows[i].type != ROW_OCTET_STRING)
            continue;
        uint8_t *copy = malloc(rows[i].octets_len + 1U);
        if (copy && rows[i].octets_len)
            memcpy(copy, rows[i].octets, rows[i].octets_len);
        rows[i].octets = copy;
        if (!copy)
            return false;
    }
    return true;
}

static bool load_rows(struct journal *j)
{
    size_t room = 0;
    for (int64_t after = 0;;) {
        if (room - j->len < READ_AT_ONCE) {
            room = room * 2 + READ_AT_ONCE;
            struct journal_row *grown = realloc(j->rows, room * sizeof *j->rows);
            if (!grown)
                return false;
            j->rows = grown;
        }
        size_t n = READ_AT_ONCE;
        int64_t before = after;
        if (reader_rows(j->reader, after, &(struct journal_filter){0}, j->rows + j->len, &n, &after) !=
            STORE_OK)
            return false;
        j->len += n;
        if (!keep_octets(j->rows + j->len - n, n))
            return false;
        if (!n && after == before)
            return true;
    }
}

bool journal_load(struct journal *j, const char *path, char *error, size_t room)
{
    *j = (struct journal){0};
    if (reader_open(&j->reader, path, NULL, error, room) != STORE_OK)
        return false;
    if (!load_rows(j)) {
        snprintf(error, room, "%s: %s", path, reader_error(j->reader));
        return false;
    }
    j->events = calloc(j->len + 1, sizeof(struct journal_row *));
    for (size_t i = 0; j->events && i < j->len; i++) {
        if (j->rows[i].origin != ORIGIN_UNSOLICITED && j->rows[i].origin != ORIGIN_EVENT)
            continue;
        j->events[j->events_len++] = &j->rows[i];
        j->strings += j->rows[i].type == ROW_OCTET_STRING;
    }
    qsort(j->events, j->events_len, sizeof(struct journal_row *), by_point);
    return j->events != NULL;
}

void journal_free(struct journal *j)
{
    if (j->reader)
        reader_close(j->reader);
    for (size_t i = 0; i < j->len; i++)
        if (j->rows[i].type == ROW_OCTET_STRING)
            free((void *)(uintptr_t)j->rows[i].octets);
    free(j->rows);
    free(j->events);
    free(j->scratch);
    *j = (struct journal){0};
}

/* The first event of the point; events_len where all are before it. */
static size_t lower_bound(const struct journal *j, const struct journal_row *key)
{
    size_t low = 0, high = j->events_len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_point(&j->events[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct stored *journal_point(struct journal *j, const char *station, uint8_t type, uint32_t index,
                                   size_t *len)
{
    struct journal_row key = {
        .station = reader_station_number(j->reader, station), .type = type, .index = index};
    size_t at = lower_bound(j, &key), n = 0;
    while (at + n < j->events_len && j->events[at + n]->station == key.station &&
           j->events[at + n]->type == type && j->events[at + n]->index == index)
        n++;
    if (j->scratch_room < n) {
        free(j->scratch);
        j->scratch = calloc(n, sizeof *j->scratch);
        j->scratch_room = n;
    }
    for (size_t i = 0; i < n; i++) {
        const struct journal_row *row = j->events[at + i];
        j->scratch[i] = (struct stored){.time_ms = row->time_ms,
                                        .flags = row->flags,
                                        .timed = row->time_quality != TIME_NONE_STORED,
                                        .marked = row->marks & MARK_POSSIBLE_REPEAT};
        if (row->type == ROW_OCTET_STRING)
            j->scratch[i].value_bits = compare_digest(row->octets, row->octets_len);
        else
            memcpy(&j->scratch[i].value_bits, &row->value, sizeof row->value);
    }
    *len = n;
    return j->scratch;
}
