// SPDX-License-Identifier: Apache-2.0
#include "tools/account/stream.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_value(const json_t *raw, double value)
{
    if (json_is_number(raw))
        return json_number_value(raw) == value;
    const char *text = json_string_value(raw);
    if (!text)
        return false;
    if (isnan(value))
        return strcmp(text, "NaN") == 0;
    return isinf(value) && strcmp(text, value > 0 ? "Infinity" : "-Infinity") == 0;
}

static bool same_octets(const json_t *raw, const struct journal_row *row)
{
    const char *text = json_string_value(raw);
    if (!text || strlen(text) != 2U * row->octets_len)
        return false;
    for (unsigned i = 0; i < row->octets_len; i++) {
        char two[3];
        snprintf(two, sizeof two, "%02x", row->octets[i]);
        if (memcmp(text + 2U * i, two, 2) != 0)
            return false;
    }
    return true;
}

static bool same_row(const json_t *event, const struct journal_row *row)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    if (row->type == ROW_HOLE)
        return type && strcmp(type, "hole") == 0;
    return json_integer_value(json_object_get(event, "index")) == (json_int_t)row->index &&
           json_is_true(json_object_get(event, "possible_repeat")) ==
               (bool)(row->marks & MARK_POSSIBLE_REPEAT) &&
           (row->type == ROW_OCTET_STRING ? same_octets(json_object_get(event, "raw"), row)
                                          : same_value(json_object_get(event, "raw"), row->value));
}

/* The row at or after a sequence. */
static size_t row_at(const struct journal *j, int64_t seq)
{
    size_t low = 0, high = j->len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (j->rows[mid].seq < seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void take(const struct journal *j, const json_t *event, struct stream_tally *t)
{
    int64_t seq = json_integer_value(json_object_get(event, "sequence"));
    t->received++;
    if (!t->first)
        t->first = seq;
    if (t->last && seq <= t->last) {
        t->repeated++;
        return;
    }
    size_t expected = t->last ? row_at(j, t->last + 1) : row_at(j, seq), at = row_at(j, seq);
    t->missing += at - expected;
    t->last = seq;
    if (at == j->len || j->rows[at].seq != seq)
        t->foreign++;
    else
        t->different += !same_row(event, &j->rows[at]);
}

bool stream_compare(const struct journal *j, const char *path, struct stream_tally *tally, char *error,
                    size_t room)
{
    *tally = (struct stream_tally){0};
    FILE *file = fopen(path, "r");
    if (!file) {
        snprintf(error, room, "%s: %s", path, strerror(errno));
        return false;
    }
    char *text = NULL;
    size_t text_room = 0;
    bool good = true;
    for (uint64_t line = 1; good && getline(&text, &text_room, file) > 0; line++) {
        json_t *event = json_loads(text, 0, NULL);
        good = json_is_integer(json_object_get(event, "sequence"));
        if (good)
            take(j, event, tally);
        else
            snprintf(error, room, "%s:%llu: not an event", path, (unsigned long long)line);
        json_decref(event);
    }
    free(text);
    fclose(file);
    return good;
}

bool stream_balances(const struct stream_tally *t)
{
    return !t->missing && !t->repeated && !t->foreign && !t->different;
}
