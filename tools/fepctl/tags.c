// SPDX-License-Identifier: Apache-2.0
/* Blocking tags: while one hangs on a point or a station, nobody operates it. */
#include "tools/fepctl/fepctl.h"

#include <stdlib.h>

static const struct table_column tag_columns[] = {{"ID", true},   {"STATION", false}, {"POINT", false},
                                                  {"WHO", false}, {"SINCE", false},   {"TEXT", false}};

static void print_tags(const json_t *answer)
{
    struct table table = {.columns = tag_columns, .columns_len = sizeof tag_columns / sizeof tag_columns[0]};
    size_t i;
    json_t *tag;
    json_array_foreach(json_object_get(answer, "tags"), i, tag)
    {
        char id[24];
        const char *row[] = {shown(tag, "id", id, sizeof id),
                             text_of(tag, "station"),
                             text_of(tag, "point"),
                             text_of(tag, "who"),
                             text_of(tag, "at"),
                             text_of(tag, "text")};
        table_add(&table, row);
    }
    table_print(&table, stdout);
}

int command_tags(struct fepctl *ctl, int argc, char **argv)
{
    const char *station = NULL;
    const struct fepctl_option options[] = {{"station", &station, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, 1, 0, 0))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    char *path = client_param(ctl->client, strdup("/v1/tags"), "station", station);
    json_t *answer = NULL;
    status = client_get(ctl->client, path, &answer);
    free(path);
    if (status == EX_OK)
        (ctl->json ? print_json : print_tags)(answer);
    json_decref(answer);
    return status;
}

/* Type and index of the point that is meant, which may be told by its name. */
static int set_point(struct fepctl *ctl, json_t *body, const char *station, const char *text)
{
    json_t *meant = point_named(text), *answer = NULL, *p;
    size_t i;
    int status = EX_OK;
    if (!meant)
        return EX_USAGE;
    if (text_of(meant, "point")) {
        char *path = client_param(ctl->client, strdup("/v1/points"), "station", station);
        status = client_get(ctl->client, path, &answer);
        free(path);
        json_array_foreach(json_object_get(answer, "points"), i, p)
        {
            if (text_of(p, "point") && strcmp(text_of(p, "point"), text) == 0)
                json_object_update(meant, p);
        }
    }
    if (status == EX_OK && !json_object_get(meant, "type")) {
        fprintf(stderr, "fepctl: %s has no point '%s'\n", station, text);
        status = EX_DATAERR;
    }
    if (status == EX_OK) {
        json_object_set(body, "type", json_object_get(meant, "type"));
        json_object_set(body, "index", json_object_get(meant, "index"));
    }
    json_decref(answer);
    json_decref(meant);
    return status;
}

int command_tag(struct fepctl *ctl, int argc, char **argv)
{
    const char *text = NULL;
    const struct fepctl_option options[] = {{"text", &text, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, 1, 1, 2))
        return EX_USAGE;
    if (!text)
        return fepctl_usage(argv[0]);
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    json_t *answer = NULL, *body = json_pack("{s:s, s:s}", "station", argv[optind], "text", text);
    if (argc - optind == 2)
        status = set_point(ctl, body, argv[optind], argv[optind + 1]);
    if (status == EX_OK)
        status = client_send(ctl->client, "POST", "/v1/tags", body, &answer);
    if (status == EX_OK)
        print_json(answer);
    json_decref(body);
    json_decref(answer);
    return status;
}

/* What has a number and goes for a reason. */
static int take_away(struct fepctl *ctl, int argc, char **argv, const char *kind)
{
    const char *reason = NULL;
    const struct fepctl_option options[] = {{"reason", &reason, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, 1, 1, 1))
        return EX_USAGE;
    if (!reason)
        return fepctl_usage(argv[0]);
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    json_t *body = json_pack("{s:s}", "reason", reason);
    char *path = client_path(ctl->client, kind, argv[optind]);
    json_t *answer = NULL;
    status = client_send(ctl->client, "DELETE", path, body, &answer);
    if (status == EX_OK && ctl->json)
        print_json(answer);
    free(path);
    json_decref(body);
    json_decref(answer);
    return status;
}

int command_untag(struct fepctl *ctl, int argc, char **argv)
{
    return take_away(ctl, argc, argv, "/v1/tags/");
}

/* Its outcome is told by `fepctl commands ID`: that it was asked for is not yet that it is. */
int command_cancel(struct fepctl *ctl, int argc, char **argv)
{
    return take_away(ctl, argc, argv, "/v1/commands/");
}
