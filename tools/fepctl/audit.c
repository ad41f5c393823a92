// SPDX-License-Identifier: Apache-2.0
/* The audit: from the server; or the chain itself, out of the database or a copy of it. */
#include "tools/fepctl/fepctl.h"

#include "db/audit.h"

#include <inttypes.h>
#include <stdlib.h>

struct page {
    bool json;
    bool any;
    char last[24]; /* record */
};

static bool on_line(void *page, const char *text, size_t len)
{
    static const char *const columns[7] = {"who", "role", "action", "station", "point", "state", "detail"};
    struct page *p = page;
    (void)len;
    json_t *r = json_loads(text, 0, NULL);
    const char *id = shown(r, "id", p->last, sizeof p->last);
    p->any |= id != NULL;
    if (p->json) {
        puts(text);
    } else if (id) {
        const char *cells[7];
        for (size_t i = 0; i < 7; i++) {
            const char *cell = text_of(r, columns[i]);
            cells[i] = cell && *cell ? cell : "-";
        }
        print_line("%6s  %s  %s  %s  %s  %s  %s  %s  %s", id, text_of(r, "at"), cells[0], cells[1], cells[2],
                   cells[3], cells[4], cells[5], cells[6]);
    }
    json_decref(r);
    return true;
}

/* Page after page until one is empty, or the limit that was asked for. */
static int print_records(struct fepctl *ctl, const char *after, const char *limit, const char *station)
{
    struct page p = {.json = ctl->json};
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    snprintf(p.last, sizeof p.last, "%s", after ? after : "0");
    do {
        p.any = false;
        char *path = client_param(ctl->client, strdup("/v1/audit"), "after", p.last);
        path = client_param(ctl->client, path, "limit", limit);
        path = client_param(ctl->client, path, "station", station);
        status = client_lines(ctl->client, path, on_line, &p);
        free(path);
    } while (status == EX_OK && !limit && p.any && !ferror(stdout));
    return status;
}

static int print_head(struct fepctl *ctl)
{
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    json_t *answer = NULL;
    status = client_get(ctl->client, "/v1/audit/head", &answer);
    if (status == EX_OK && ctl->json)
        print_json(answer);
    else if (status == EX_OK)
        printf("%lld:%s\n", (long long)json_integer_value(json_object_get(answer, "id")),
               text_of(answer, "hash") ? text_of(answer, "hash") : "");
    json_decref(answer);
    return status;
}

static int tell_verdict(const struct fepctl *ctl, const struct audit_verdict *v)
{
    char head[AUDIT_HEAD_TEXT];
    audit_head_print(&v->head, head);
    bool intact = v->finding == AUDIT_INTACT;
    if (ctl->json)
        printf("{\"intact\":%s,\"finding\":\"%s\",\"record\":%" PRId64 ",\"head\":\"%s\"}\n",
               intact ? "true" : "false", audit_finding_text(v->finding), v->id, head);
    else if (intact)
        printf("intact: %" PRId64 " records; head %s\n", v->head.id, head);
    else
        printf("record %" PRId64 ": %s; good up to %s\n", v->id, audit_finding_text(v->finding), head);
    return intact ? EX_OK : 1;
}

static int verify(const struct fepctl *ctl, const char *database, const char *noted)
{
    struct audit_head head;
    if (noted && !audit_head_parse(noted, &head)) {
        fprintf(stderr,
                "fepctl: '%s' is not a head; it is ID:HASH, as the log and `fepctl audit head` tell it\n",
                noted);
        return EX_USAGE;
    }
    char error[400];
    struct journal_reader *reader;
    if (reader_open(&reader, database, NULL, error, sizeof error) != STORE_OK) {
        fprintf(stderr, "fepctl: %s\n", error);
        return EX_NOINPUT;
    }
    struct audit_verdict verdict;
    enum store_result result = audit_verify(reader, noted ? &head : NULL, &verdict);
    if (result != STORE_OK)
        fprintf(stderr, "fepctl: %s: %s\n", database, reader_error(reader));
    reader_close(reader);
    return result == STORE_OK ? tell_verdict(ctl, &verdict) : EX_IOERR;
}

int command_audit(struct fepctl *ctl, int argc, char **argv)
{
    const char *after = NULL, *limit = NULL, *station = NULL, *head = NULL,
               *database = "/var/lib/fepd/fepd.db";
    const struct fepctl_option options[] = {{"after", &after, NULL},
                                            {"limit", &limit, NULL},
                                            {"station", &station, NULL},
                                            {"head", &head, NULL},
                                            {"database", &database, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, sizeof options / sizeof options[0], 0, 1))
        return EX_USAGE;
    const char *word = argv[optind];
    if (!word)
        return print_records(ctl, after, limit, station);
    if (strcmp(word, "head") == 0)
        return print_head(ctl);
    return strcmp(word, "verify") == 0 ? verify(ctl, database, head) : fepctl_usage(argv[0]);
}
