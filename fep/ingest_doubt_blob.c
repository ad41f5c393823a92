// SPDX-License-Identifier: Apache-2.0
/*
 * The checkpoint of the rows in doubt, for this program on a machine of this kind: an octet of version, the
 * number of rows in four octets, the rows as they lie in memory, then for each string among them, in order,
 * its length in one octet and its octets. Version 1 had rows alone, none of them a string. A change of struct
 * doubt_row is a new version.
 */
#include "fep/ingest_doubt.h"

#include <assert.h>
#include <stdlib.h>

enum { ROWS_ALONE = 1, WITH_STRINGS = 2, HEAD_LEN = 5 };

static size_t blob_len(const struct station_doubts *d)
{
    size_t len = HEAD_LEN + d->len * sizeof d->rows[0];
    for (uint32_t i = 0; i < d->len; i++)
        if (d->rows[i].type == POINT_OCTET_STRING)
            len += 1U + d->rows[i].string->len;
    return len;
}

size_t doubt_save(struct station_image *s, uint8_t **blob, size_t *room)
{
    doubt_settle(s);
    const struct station_doubts *d = s->doubts;
    if (!d)
        return 0;
    size_t len = blob_len(d);
    if (*room < len) {
        *blob = realloc(*blob, len);
        assert(*blob);
        *room = len;
    }
    uint8_t *to = *blob;
    *to = WITH_STRINGS;
    memcpy(to + 1, &d->len, sizeof d->len);
    memcpy(to + HEAD_LEN, d->rows, d->len * sizeof d->rows[0]);
    to += HEAD_LEN + d->len * sizeof d->rows[0];
    for (uint32_t i = 0; i < d->len; i++) {
        if (d->rows[i].type != POINT_OCTET_STRING)
            continue;
        size_t octets = 1U + d->rows[i].string->len;
        memcpy(to, d->rows[i].string, octets);
        to += octets;
    }
    return len;
}

/* Rows point nowhere until they have strings of their own; what is wrong with a string ends the blob. */
static bool load_strings(struct station_doubts *d, const uint8_t *at, const uint8_t *end)
{
    bool good = true;
    for (uint32_t i = 0; i < d->len; i++) {
        if (d->rows[i].type != POINT_OCTET_STRING)
            continue;
        good = good && at < end && *at < end - at;
        d->rows[i].string = string_keep(good ? at + 1 : NULL, good ? *at : 0);
        at += good ? 1U + *at : 0;
    }
    return good && at == end;
}

/* Where the rows begin; NULL where there are none, or the blob is not one. */
static const uint8_t *blob_rows(const uint8_t *octets, size_t len, uint32_t *rows, bool *good)
{
    size_t head = len && octets[0] == ROWS_ALONE ? 1 : HEAD_LEN;
    *rows = 0;
    *good = false;
    if (len < head || (octets[0] != ROWS_ALONE && octets[0] != WITH_STRINGS))
        return NULL;
    if (head == HEAD_LEN)
        memcpy(rows, octets + 1, sizeof *rows);
    else
        *rows = (uint32_t)((len - head) / sizeof(struct doubt_row));
    *good = (len - head) / sizeof(struct doubt_row) >= *rows &&
            (head == HEAD_LEN || (len - head) % sizeof(struct doubt_row) == 0);
    return *good && *rows ? octets + head : NULL;
}

bool doubt_load(struct station_image *s, const void *blob, size_t len)
{
    uint32_t rows;
    bool good;
    const uint8_t *from = blob_rows(blob, len, &rows, &good);
    if (!from)
        return good;
    doubt_free(s);
    struct station_doubts *d = s->doubts = malloc(sizeof *d + rows * sizeof d->rows[0]);
    assert(d);
    *d = (struct station_doubts){.len = rows, .room = rows, .oldest = INT64_MAX};
    memcpy(d->rows, from, rows * sizeof d->rows[0]);
    for (uint32_t i = 0; i < rows; i++) {
        d->rows[i].ticket = d->rows[i].response = 0;
        if (d->rows[i].seq < d->oldest)
            d->oldest = d->rows[i].seq;
    }
    good = load_strings(d, from + rows * sizeof d->rows[0], (const uint8_t *)blob + len);
    if (!good)
        doubt_free(s);
    else
        doubt_settle(s);
    return good;
}
