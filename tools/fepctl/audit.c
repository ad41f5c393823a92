// SPDX-License-Identifier: Apache-2.0
/* The audit: from the server; or the chain itself, out of the database or a copy of it. */
#include "tools/fepctl/fepctl.h"

#include "db/audit.h"

#include <inttypes.h>
#include <stdlib.h>

static bool on_line(void *json, const char *text, size_t len)
{
    (void)len;
    json_t *r = json_loads(text, 0, NULL);
    if (*(const bool *)json || !r) {
        puts(text);
    } else if (!text_of(r, "next")) {
        char id[24];
        printf("%6s  %s  %-16s %-8s  %s  %s  %s  %s  %s\n", shown(r, "id", id, sizeof id), text_of(r, "at"),
               text_of(r, "who"), text_of(r, "role"), text_of(r, "action"), text_of(r, "station"),
               text_of(r, "subject"), text_of(r, "state"), text_of(r, "detail"));
    }
    json_decref(r);
    return true;
}

static int print_records(struct fepctl *ctl, const char *after, const char *limit)
{
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    char *path = client_param(ctl->client, strdup("/v1/audit"), "after", after);
    path = client_param(ctl->client, path, "limit", limit);
    status = client_lines(ctl->client, path, on_line, &ctl->json);
    free(path);
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
        puts(text_of(answer, "head") ? text_of(answer, "head") : "");
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
    const char *after = NULL, *limit = NULL, *head = NULL, *database = "/var/lib/fepd/fepd.db";
    const struct fepctl_option options[] = {{"after", &after, NULL},
                                            {"limit", &limit, NULL},
                                            {"head", &head, NULL},
                                            {"database", &database, NULL}};
    if (!fepctl_options(argc, argv, options, sizeof options / sizeof options[0], 0, 1))
        return EX_USAGE;
    const char *word = argv[optind];
    if (!word)
        return print_records(ctl, after, limit);
    if (strcmp(word, "head") == 0)
        return print_head(ctl);
    return strcmp(word, "verify") == 0 ? verify(ctl, database, head) : fepctl_usage(argv[0]);
}
