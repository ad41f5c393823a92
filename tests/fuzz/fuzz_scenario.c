// SPDX-License-Identifier: Apache-2.0
/* Any octets give either a scenario whose stations and points are within their bounds, or errors. */
#include "outstation-sim/scenario.h"
#include "protocol/objects.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_group(const struct scenario_group *g)
{
    uint64_t points = 0;
    for (size_t i = 0; i < g->points_len; i++) {
        assert(g->points[i].type < POINT_TYPES && g->points[i].class <= 3);
        points += g->points[i].count;
    }
    assert(g->name && points <= SCENARIO_POINTS_MAX);
    assert(g->rate >= 0 && g->timed >= 0 && g->timed <= 1 && g->twins >= 0 && g->twins <= 1);
    assert(g->latency.min_ms <= g->latency.max_ms);
}

static void check(const struct scenario *s)
{
    uint64_t stations = 0;
    assert(s->groups_len >= 1 && s->name && s->first_address);
    for (size_t i = 0; i < s->groups_len; i++) {
        check_group(&s->groups[i]);
        stations += s->groups[i].stations;
    }
    assert(stations == s->stations && stations <= SCENARIO_STATIONS_MAX);
    assert(s->rate >= 0 && s->address >> 24 == 127);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct config_errors errors = {0};
    struct scenario s;
    bool loaded = scenario_load_memory(&s, "fuzz.yaml", (const char *)bytes, len, &errors);
    assert(loaded == (errors.len == 0));
    if (loaded) {
        check(&s);
        if (scenario_scale(&s, len ? bytes[0] * 100U : 0, len ? bytes[0] * 3.0 : -1))
            check(&s);
        scenario_free(&s);
    }
    config_errors_free(&errors);
    return 0;
}
