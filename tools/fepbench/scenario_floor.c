// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/scenarios.h"

#include <math.h>

static bool measure_floor(struct bench *b, uint32_t connections, uint32_t rows)
{
    struct floor_figures f;
    const struct floor_spec spec = {.commit = rows > 0,
                                    .connections = connections,
                                    .rows = rows,
                                    .interval_ms = BENCH_COMMIT_INTERVAL_MS,
                                    .folder = b->folder};
    if (!bench_floor(b, &spec, &(struct floor_window){.seconds = b->seconds}, bench_pairs(b, 1), &f))
        return false;
    struct record *r = report_add(&b->report, "floor");
    record_put(r, "stations", connections);
    record_put(r, "rows", rows);
    record_put(r, "msg_s", f.messages_per_s);
    record_put(r, "cpu_us", f.cpu_us);
    record_put(r, "user_us", f.user_us);
    record_put(r, "system_us", f.system_us);
    record_put(r, "p50_us", f.p50_us);
    record_put(r, "p99_us", f.p99_us);
    record_put(r, "msg_commit", rows ? f.messages_per_commit : NAN);
    return true;
}

bool scenario_floor(struct bench *b)
{
    for (size_t s = 0; s < b->stations.len; s++) {
        if (!measure_floor(b, b->stations.of[s], 0))
            return false;
        for (size_t v = 0; v < b->values.len; v++)
            if (!measure_floor(b, b->stations.of[s], b->values.of[v]))
                return false;
    }
    return true;
}
