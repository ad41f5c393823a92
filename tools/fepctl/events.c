// SPDX-License-Identifier: Apache-2.0
/* The journal: events and holes, from where it begins or live; and how far consumers are. */
#include "tools/fepctl/fepctl.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct reading {
    bool json;
    bool server_sent; /* a stream, whose data stands behind "data:" */
    char *next;       /* the cursor to go on from */
    uint64_t printed;
};

/* One line, its columns as wide as usual: a table can't wait for what comes next hour. */
static void print_event(const json_t *e)
{
    char index[24], value[300], quality[128], point[300];
    const char *label = text_of(e, "state"), *name = text_of(e, "point"), *unit = text_of(e, "unit");
    const char *time = text_of(e, "time"),
               *shown_value = label ? label : shown(e, "value", value, sizeof value);
    snprintf(point, sizeof point, "%s %s", text_of(e, "type"), shown(e, "index", index, sizeof index));
    const char *flags = shown(e, "quality", quality, sizeof quality);
    print_line("%-24s  %-24s  %-28s  %12s %-4s  %s%s%s", time ? time : text_of(e, "received"),
               text_of(e, "station"), name ? name : point, shown_value ? shown_value : "-", unit ? unit : "",
               flags ? flags : "", time ? "" : "  (time received)",
               json_is_true(json_object_get(e, "possible_repeat")) ? "  (perhaps a repeat)" : "");
}

static void print_hole(const json_t *e)
{
    const char *from = text_of(e, "from"), *to = text_of(e, "to");
    print_line("%-24s  %-24s  hole: %s, until %s", from ? from : "-", text_of(e, "station"),
               text_of(e, "reason"), to ? to : "now");
}

static bool on_line(void *reading, const char *text, size_t len)
{
    struct reading *r = reading;
    if (r->server_sent) {
        if (strncmp(text, "data:", 5) != 0)
            return true;
        text += 5 + (text[5] == ' ');
    }
    (void)len;
    json_t *e = json_loads(text, 0, NULL);
    const char *next = text_of(e, "next"), *type = text_of(e, "type");
    if (next) {
        free(r->next);
        r->next = strdup(next);
    } else if (r->json && e) {
        puts(text);
    } else if (type) {
        (strcmp(type, "hole") == 0 ? print_hole : print_event)(e);
    } else if (text_of(e, "reason")) {
        fprintf(stderr, "fepctl: a gap: %s, %s to %s\n", text_of(e, "reason"), text_of(e, "from"),
                text_of(e, "to"));
    }
    r->printed += type != NULL;
    json_decref(e);
    if (r->server_sent && fflush(stdout) != 0)
        return false; /* whoever read it has gone */
    return true;
}

struct selection {
    const char *after, *station, *type, *limit;
    bool follow;
};

static char *selection_path(struct fepctl *ctl, const struct selection *s, const char *after)
{
    char *path = strdup(s->follow ? "/v1/stream" : "/v1/events");
    path = client_param(ctl->client, path, "after", after);
    path = client_param(ctl->client, path, "station", s->station);
    path = client_param(ctl->client, path, "type", s->type);
    return s->follow ? path : client_param(ctl->client, path, "limit", s->limit);
}

/* Page after page until one is empty, or the limit that was asked for. */
static int read_pages(struct fepctl *ctl, const struct selection *s)
{
    struct reading r = {.json = ctl->json, .next = s->after ? strdup(s->after) : NULL};
    int status;
    uint64_t before;
    do {
        before = r.printed;
        char *path = selection_path(ctl, s, r.next);
        status = client_lines(ctl->client, path, on_line, &r);
        free(path);
    } while (status == EX_OK && !s->limit && r.printed != before && !ferror(stdout));
    if (status == EX_OK && r.next && !ctl->json && isatty(STDERR_FILENO))
        fprintf(stderr, "next: %s\n", r.next);
    free(r.next);
    return status;
}

static int follow(struct fepctl *ctl, const struct selection *s)
{
    struct reading r = {.json = ctl->json, .server_sent = true};
    char *path = selection_path(ctl, s, s->after);
    int status = client_lines(ctl->client, path, on_line, &r);
    free(path);
    return status;
}

static int read_journal(struct fepctl *ctl, int argc, char **argv, struct selection *s, bool typed)
{
    const struct fepctl_option options[] = {{"after", &s->after, NULL},
                                            {"station", &s->station, NULL},
                                            {"limit", &s->limit, NULL},
                                            {"follow", NULL, &s->follow},
                                            {"type", &s->type, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, typed ? 5 : 4, 0, 0))
        return EX_USAGE;
    if (s->follow && s->limit)
        return fepctl_usage(argv[0]);
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    return s->follow ? follow(ctl, s) : read_pages(ctl, s);
}

int command_events(struct fepctl *ctl, int argc, char **argv)
{
    struct selection s = {0};
    return read_journal(ctl, argc, argv, &s, true);
}

int command_holes(struct fepctl *ctl, int argc, char **argv)
{
    struct selection s = {.type = "hole"};
    return read_journal(ctl, argc, argv, &s, false);
}

static const struct table_column consumer_columns[] = {
    {"CONSUMER", false}, {"CURSOR", false}, {"SINCE", false}};

static void print_consumers(const json_t *answer)
{
    struct table table = {.columns = consumer_columns, .columns_len = 3};
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(answer, "consumers"), i, c)
    {
        const char *row[] = {text_of(c, "name"), text_of(c, "cursor"), text_of(c, "acknowledged")};
        table_add(&table, row);
    }
    table_print(&table, stdout);
}

int command_consumers(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 0, 2))
        return EX_USAGE;
    int status = fepctl_connect(ctl), given = argc - optind;
    if (status != EX_OK)
        return status;
    json_t *answer = NULL;
    char *path = given ? client_path(ctl->client, "/v1/consumers/", argv[optind]) : strdup("/v1/consumers");
    json_t *body = given == 2 ? json_pack("{s:s}", "cursor", argv[optind + 1]) : NULL;
    status =
        body ? client_send(ctl->client, "PUT", path, body, &answer) : client_get(ctl->client, path, &answer);
    free(path);
    json_decref(body);
    if (status == EX_OK && (ctl->json || given))
        print_json(answer);
    else if (status == EX_OK)
        print_consumers(answer);
    json_decref(answer);
    return status;
}
