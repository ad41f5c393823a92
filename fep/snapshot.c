// SPDX-License-Identifier: Apache-2.0
#include "fep/snapshot.h"

#include <stdlib.h>
#include <string.h>

static void *snapshot_take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

struct snapshot *snapshot_new(enum snapshot_kind kind, uint32_t station, void *asker)
{
    struct snapshot *s = snapshot_take(1, sizeof(*s));
    s->kind = kind;
    s->station = station;
    s->asker = asker;
    return s;
}

void snapshot_empty(struct snapshot *snapshot)
{
    free(snapshot->stations);
    free(snapshot->points);
    free(snapshot->strings);
    snapshot->stations = NULL;
    snapshot->points = NULL;
    snapshot->strings = NULL;
    snapshot->stations_len = snapshot->points_len = 0;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    snapshot_empty(snapshot);
    note_free(snapshot->note);
    free(snapshot);
}

static struct station_view snapshot_view(uint32_t number, const struct station_image *s)
{
    struct station_view view = {.station = number,
                                .online = s->online,
                                .connected = s->connected,
                                .disabled = s->disabled,
                                .quirks_used = s->quirks_used,
                                .iin = s->iin,
                                .last_heard_ms = (int64_t)s->last_heard_ms,
                                .offline_since_ms = (int64_t)s->offline_since_ms};
    size_t points;
    ingest_points(s, &points);
    view.points = (uint32_t)points;
    counters_unpack(&s->counters, &view.counters);
    return view;
}

static void snapshot_fill_stations(struct snapshot *snapshot, struct ingest *in)
{
    uint32_t first = snapshot->station ? snapshot->station : 1;
    uint32_t end = snapshot->station ? snapshot->station + 1 : ingest_numbers(in);
    snapshot->stations = snapshot_take(end > first ? end - first : 0, sizeof(*snapshot->stations));
    for (uint32_t number = first; number < end; number++) {
        const struct station_image *s = ingest_station(in, number);
        if (s)
            snapshot->stations[snapshot->stations_len++] = snapshot_view(number, s);
    }
}

static void snapshot_fill_points(struct snapshot *snapshot, struct ingest *in)
{
    const struct station_image *s = ingest_station(in, snapshot->station);
    if (!s)
        return;
    snapshot->station_online = s->online;
    const struct point_image *points = ingest_points(s, &snapshot->points_len);
    snapshot->points = snapshot_take(snapshot->points_len, sizeof(*points));
    if (points)
        memcpy(snapshot->points, points, snapshot->points_len * sizeof(*points));
    snapshot->strings = ingest_copy_strings(snapshot->points, snapshot->points_len);
}

void snapshot_fill(struct snapshot *snapshot, struct ingest *in)
{
    snapshot->seq = ingest_next_seq(in) - 1;
    if (snapshot->kind == SNAPSHOT_STATIONS)
        snapshot_fill_stations(snapshot, in);
    else if (snapshot->kind == SNAPSHOT_POINTS)
        snapshot_fill_points(snapshot, in);
}
