// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/station_list.h"
#include "outstation-sim/station.h"
#include "protocol/objects.h"
#include <inttypes.h>

/* Single quotes: nothing but the quote itself has a meaning between them. */
static void print_string(FILE *to, const char *text)
{
    putc('\'', to);
    for (; *text; text++) {
        if (*text == '\'')
            putc('\'', to);
        putc(*text, to);
    }
    putc('\'', to);
}

static void print_quirks(FILE *to, uint8_t quirks)
{
    const char *between = "";
    fputs("      quirks: [", to);
    for (unsigned bit = 0; scenario_quirk_names[bit]; bit++) {
        if (!(quirks >> bit & 1))
            continue;
        fprintf(to, "%s%s", between, scenario_quirk_names[bit]);
        between = ", ";
    }
    fputs("]\n", to);
}

static void print_session(FILE *to, const struct scenario_group *g)
{
    const struct scenario_master *m = &g->master;
    const struct {
        const char *key;
        uint32_t ms;
    } durations[] = {
        {"response_timeout", m->response_timeout_ms},
        {"confirm_timeout", g->confirm_ms},
        {"link_idle", m->link_idle_ms},
        {"link_timeout", m->link_timeout_ms},
        {"reconnect_min", m->reconnect_min_ms},
        {"reconnect_max", m->reconnect_max_ms},
        {"task_retry_min", m->task_retry_min_ms},
        {"task_retry_max", m->task_retry_max_ms},
        {"offline_poll", m->offline_poll_ms},
    };
    fputs("    session:\n", to);
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
        fprintf(to, "      %s: %" PRIu32 "ms\n", durations[i].key, durations[i].ms);
    fprintf(to, "      max_fragment: %u\n", g->fragment > 2048 ? g->fragment : 2048);
    fprintf(to, "      unsolicited_classes: %s\n", g->unsolicited == UNSOLICITED_NONE ? "[]" : "[1, 2, 3]");
    print_quirks(to, (uint8_t)(g->quirks | (g->refuse_link_status ? SIM_NO_LINK_STATUS : 0)));
    fprintf(to, "      polls:\n        - {classes: [0, 1, 2, 3], period: %" PRIu32 "ms}\n",
            m->integrity_poll_ms);
    if (m->event_poll_ms)
        fprintf(to, "        - {classes: [1, 2, 3], period: %" PRIu32 "ms}\n", m->event_poll_ms);
}

static void print_points(FILE *to, const struct scenario_group *g)
{
    fputs("    points:\n", to);
    for (size_t i = 0; i < g->points_len; i++) {
        const struct scenario_point *p = &g->points[i];
        fprintf(to, "      - type: %s\n        index: %" PRIu32, point_type_name(p->type), p->first_index);
        if (p->count > 1)
            fprintf(to, "..%" PRIu32, p->first_index + p->count - 1);
        if (p->name[0]) {
            fputs("\n        name: ", to);
            print_string(to, p->name);
        }
        if (p->unit[0]) {
            fputs("\n        unit: ", to);
            print_string(to, p->unit);
        }
        putc('\n', to);
    }
}

static void print_stations(FILE *to, const struct scenario *s, const struct scenario_group *g, uint32_t first)
{
    for (uint32_t i = 0; i < g->stations; i++) {
        char name[STATION_NAME_ROOM];
        uint32_t number = first + i;
        uint32_t a = s->address + number / s->ports;
        station_name(number, name);
        fprintf(to,
                "  - name: %s\n    host: %u.%u.%u.%u\n    port: %u\n    master_address: %u\n"
                "    outstation_address: %u\n    template: ",
                name, a >> 24, a >> 16 & 0xFF, a >> 8 & 0xFF, a & 0xFF, s->port + number % s->ports,
                g->master_address, station_address(g, i));
        print_string(to, g->name);
        putc('\n', to);
    }
}

void station_list_print(const struct scenario *s, FILE *to)
{
    fprintf(to, "# %" PRIu32 " simulated stations, made by outstation-sim; the scenario is ", s->stations);
    print_string(to, s->name);
    fputs(".\ntemplates:\n", to);
    for (size_t i = 0; i < s->groups_len; i++) {
        fputs("  - name: ", to);
        print_string(to, s->groups[i].name);
        putc('\n', to);
        print_session(to, &s->groups[i]);
        print_points(to, &s->groups[i]);
    }
    fputs("stations:\n", to);
    uint32_t first = 0;
    for (size_t i = 0; i < s->groups_len; first += s->groups[i++].stations)
        print_stations(to, s, &s->groups[i], first);
}
