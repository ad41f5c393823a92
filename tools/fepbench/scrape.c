// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/scrape.h"

#include "tools/fepbench/http.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 1 << 18 };

#define ROW(name, field)                                                                                     \
    {                                                                                                        \
        name, offsetof(struct scrape, field)                                                                 \
    }
static const struct {
    const char *name;
    size_t offset;
} rows[] = {
    ROW("fep_reads_total", reads),
    ROW("fep_writes_total", writes),
    ROW("fep_connects_total", connects),
    ROW("fep_connect_failures_total", connect_failures),
    ROW("fep_sessions_online", online),
    ROW("fep_unsolicited_total", unsolicited),
    ROW("fep_fragments_total", fragments),
    ROW("fep_received_events_total", events),
    ROW("fep_confirms_total", confirms),
    ROW("fep_confirms_dropped_total", confirms_dropped),
    ROW("fep_fragment_repeats_total", repeats),
    ROW("fep_fragments_refused_total", refused),
    ROW("fep_fragments_not_stored_total", not_stored),
    ROW("fep_fragment_defects_total", defects),
    ROW("fep_timeouts_total", timeouts),
    ROW("fep_commits_total", commits),
    ROW("fep_failed_commits_total", failed_commits),
    ROW("fep_journal_rows_total", rows),
    ROW("fep_wal_pages", wal_pages),
    ROW("fep_retention_deleted_rows_total", deleted),
    ROW("fep_http_events_sent_total", events_sent),
    ROW("fep_http_slow_consumers_total", slow_consumers),
    ROW("fep_database_bytes", database_octets),
};
enum { ROWS = sizeof rows / sizeof *rows };
static const char delay_bucket[] = "fep_confirm_delay_seconds_bucket{le=\"";

static void parse_bucket(const char *line, struct cumulative *c)
{
    char *end;
    double upto = strtod(line + strlen(delay_bucket), &end);
    const char *value = strchr(end, '}');
    if (!value || c->len == CUMULATIVE_MAX)
        return;
    c->upto_s[c->len] = upto;
    c->counts[c->len++] = strtod(value + 1, NULL);
}

static void parse_line(const char *line, struct scrape *s, bool found[ROWS])
{
    size_t name_len = strcspn(line, " {\n");
    if (strncmp(line, delay_bucket, strlen(delay_bucket)) == 0) {
        parse_bucket(line, &s->delay);
        return;
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (strlen(rows[i].name) != name_len || memcmp(line, rows[i].name, name_len) != 0)
            continue;
        const char *value = line[name_len] == '{' ? strchr(line, '}') + 1 : line + name_len;
        double *field = (double *)(void *)((char *)s + rows[i].offset);
        *field += strtod(value, NULL);
        found[i] = true;
        return;
    }
}

bool scrape_parse(const char *text, struct scrape *s)
{
    bool found[ROWS] = {false};
    memset(s, 0, sizeof *s);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        /* A label that is never closed would be no Prometheus text. */
        size_t len = strcspn(line, "\n"), brace = strcspn(line, "{");
        if (brace >= len || memchr(line + brace, '}', len - brace))
            parse_line(line, s, found);
    }
    bool all = s->delay.len > 0 && isinf(s->delay.upto_s[s->delay.len - 1]);
    for (size_t i = 0; i < ROWS; i++)
        all = all && found[i];
    return all;
}

bool scrape_get(uint16_t port, struct scrape *s)
{
    char *page = malloc(PAGE_MAX);
    bool ok = page && http_get(port, "/metrics", page, PAGE_MAX) && scrape_parse(page, s);
    if (!ok)
        fprintf(stderr, "fepbench: fepd's metrics at port %u can't be read\n", port);
    free(page);
    return ok;
}
