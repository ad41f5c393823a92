// SPDX-License-Identifier: Apache-2.0
#include "fep/ingest_points.h"

#include <assert.h>
#include <stdlib.h>

#define TYPE_BITS 0x1Fu
static_assert(POINT_TYPES <= TYPE_BITS + 1, "types");
static_assert(sizeof(struct point_image) == 40, "a point");

static uint64_t key_of(uint8_t type, uint32_t index)
{
    return (uint64_t)type << 32 | index;
}

static uint64_t image_key(const struct point_image *p)
{
    return key_of(p->type, p->index);
}

struct point_image *points_find(const struct station_image *s, uint8_t type, uint32_t index)
{
    if (!s->points)
        return NULL;
    uint64_t key = key_of(type, index);
    struct point_image *image = s->points->image;
    uint32_t low = 0, high = s->points->len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (image_key(&image[mid]) < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->points->len && image_key(&image[low]) == key ? &image[low] : NULL;
}

void points_want(struct points_wanted *w, uint8_t type, uint32_t index)
{
    if (type >= POINT_TYPES)
        return;
    if (w->len == w->room) {
        w->room = w->room ? w->room * 2 : 64;
        w->keys = realloc(w->keys, w->room * sizeof *w->keys);
        assert(w->keys);
    }
    w->keys[w->len++] = key_of(type, index);
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Each once, in order. */
static void sort_wanted(struct points_wanted *w)
{
    bool sorted = true;
    for (size_t i = 1; i < w->len && sorted; i++)
        sorted = w->keys[i - 1] < w->keys[i];
    if (sorted)
        return;
    qsort(w->keys, w->len, sizeof *w->keys, by_key);
    size_t kept = 1;
    for (size_t i = 1; i < w->len; i++)
        if (w->keys[i] != w->keys[kept - 1])
            w->keys[kept++] = w->keys[i];
    w->len = kept;
}

static bool is_configured(const struct config_points *config, uint64_t key)
{
    return config && config_point_find(config, (uint8_t)(key >> 32), (uint32_t)key);
}

static void count_unconfigured(struct station_points *p, const struct config_points *config)
{
    p->unconfigured = 0;
    for (uint32_t i = 0; i < p->len; i++)
        p->unconfigured += !is_configured(config, image_key(&p->image[i]));
}

/* A little more than is needed: a station that grows by a point a fragment must not move each time. */
static struct station_points *points_reserve(struct station_image *s, size_t more)
{
    struct station_points *p = s->points;
    size_t len = p ? p->len : 0, room = len + more + (len + more) / 16;
    assert(room <= UINT32_MAX);
    if (p && p->room >= len + more)
        return p;
    s->points = realloc(p, sizeof *p + room * sizeof p->image[0]);
    assert(s->points);
    if (!p)
        *s->points = (struct station_points){0};
    s->points->room = (uint32_t)room;
    return s->points;
}

/* Drops what is there already, and what there is no place for. */
static uint32_t choose(struct station_image *s, struct points_wanted *w, const struct config_points *config,
                       uint32_t most)
{
    struct station_points *p = points_reserve(s, 0);
    uint32_t refused = 0;
    size_t kept = 0;
    if (p->unconfigured == POINTS_UNCOUNTED)
        count_unconfigured(p, config);
    for (size_t i = 0; i < w->len; i++) {
        uint64_t key = w->keys[i];
        if (points_find(s, (uint8_t)(key >> 32), (uint32_t)key))
            continue;
        bool configured = is_configured(config, key);
        if (!configured && p->unconfigured >= most) {
            refused++;
            continue;
        }
        p->unconfigured += !configured;
        w->keys[kept++] = key;
    }
    w->len = kept;
    return refused;
}

uint32_t points_admit(struct station_image *s, struct points_wanted *w, const struct config_points *config,
                      uint32_t most)
{
    if (!w->len)
        return 0;
    sort_wanted(w);
    uint32_t refused = choose(s, w, config, most);
    struct station_points *p = points_reserve(s, w->len);
    size_t old = p->len, fresh = w->len, to = old + fresh;
    p->len = (uint32_t)to;
    /* From the end: what is greater than the greatest new one stays where it is once all of them have a
     * place. */
    while (fresh) {
        to--;
        if (old && image_key(&p->image[old - 1]) > w->keys[fresh - 1]) {
            p->image[to] = p->image[--old];
            w->moved++;
        } else {
            uint64_t key = w->keys[--fresh];
            p->image[to] =
                (struct point_image){.type = (unsigned)(key >> 32) & TYPE_BITS, .index = (uint32_t)key};
        }
    }
    w->len = 0;
    return refused;
}

void points_settle(struct station_image *s)
{
    struct station_points *p = s->points;
    uint32_t kept = 0;
    if (!p)
        return;
    for (uint32_t i = 0; i < p->len; i++)
        if (p->image[i].seq)
            p->image[kept++] = p->image[i];
    if (kept != p->len)
        p->unconfigured = POINTS_UNCOUNTED;
    p->len = kept;
    if (!kept) {
        free(p);
        s->points = NULL;
    }
}

void points_free(struct station_image *s)
{
    for (uint32_t i = 0; s->points && i < s->points->len; i++)
        if (s->points->image[i].type == POINT_OCTET_STRING)
            free(s->points->image[i].string);
    free(s->points);
    s->points = NULL;
}
