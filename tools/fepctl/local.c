// SPDX-License-Identifier: Apache-2.0
/* What needs no server: a configuration is looked at, the database copied, a token made. */
#include "tools/fepctl/fepctl.h"

#include "config/config.h"
#include "fep/publisher/access.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

int command_check(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(argc, argv, NULL, 0, 1, 1))
        return EX_USAGE;
    struct config_errors errors = {0};
    struct config *config = config_load(argv[optind], &errors);
    if (ctl->json)
        config_errors_print_json(&errors, stdout);
    else if (!config)
        config_errors_print(&errors, stderr);
    else
        printf("%s: %zu stations, no error\n", argv[optind], config->stations_len);
    int status = config ? EX_OK : EX_CONFIG;
    config_free(config);
    config_errors_free(&errors);
    return status;
}

static int backup_error(sqlite3 *db, const char *path)
{
    fprintf(stderr, "fepctl: %s: %s\n", path, db ? sqlite3_errmsg(db) : "no memory");
    return EX_IOERR;
}

static int text_row(void *room, int columns, char **texts, char **names)
{
    (void)names;
    snprintf(room, 64, "%s", columns && texts[0] ? texts[0] : "");
    return 0;
}

/* A copy that is damaged, or of another thing, is none. */
static int look_at_copy(sqlite3 *copy, const char *path)
{
    char check[64] = "", newest[64] = "";
    if (sqlite3_exec(copy, "PRAGMA quick_check(1)", text_row, check, NULL) != SQLITE_OK ||
        sqlite3_exec(copy, "SELECT last_seq FROM meta UNION SELECT max(seq) FROM event ORDER BY 1 DESC",
                     text_row, newest, NULL) != SQLITE_OK)
        return backup_error(copy, path);
    if (strcmp(check, "ok") != 0) {
        fprintf(stderr, "fepctl: %s: %s\n", path, check);
        return EX_DATAERR;
    }
    return EX_OK;
}

/*
 * In one go: between two steps the writer commits, and SQLite would begin again and again. While it lasts the
 * write-ahead log grows by what is committed. Nothing is checkpointed here: only fepd does that.
 */
static int copy_pages(sqlite3 *from, sqlite3 *to, const char *path)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return backup_error(to, path);
    (void)sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK)
        return backup_error(to, path);
    /* It must stand alone, without a log beside it. */
    if (sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return backup_error(to, path);
    return look_at_copy(to, path);
}

static int copy_database(const char *source, const char *target)
{
    sqlite3 *from = NULL, *to = NULL;
    int status = EX_OK;
    if (sqlite3_open_v2(source, &from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        status = backup_error(from, source);
    else if (sqlite3_open_v2(target, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        status = backup_error(to, target);
    if (status == EX_OK) {
        sqlite3_db_config(from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_busy_timeout(from, 5000);
        status = copy_pages(from, to, target);
    }
    sqlite3_close(to);
    sqlite3_close(from);
    return status;
}

/* The name appears when the octets are on the disk. */
static int settle(const char *partial, const char *target)
{
    int fd = open(partial, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (good && rename(partial, target) == 0)
        return EX_OK;
    fprintf(stderr, "fepctl: %s: %s\n", target, strerror(errno));
    return EX_CANTCREAT;
}

int command_backup(struct fepctl *ctl, int argc, char **argv)
{
    (void)ctl;
    if (!fepctl_options(argc, argv, NULL, 0, 2, 2))
        return EX_USAGE;
    const char *source = argv[optind], *target = argv[optind + 1];
    char *partial = NULL;
    if (access(target, F_OK) == 0) {
        fprintf(stderr, "fepctl: %s exists already\n", target);
        return EX_CANTCREAT;
    }
    if (asprintf(&partial, "%s.partial", target) < 0)
        abort();
    (void)unlink(partial);
    int status = copy_database(source, partial);
    if (status == EX_OK)
        status = settle(partial, target);
    if (status != EX_OK)
        (void)unlink(partial);
    else
        printf("%s\n", target);
    free(partial);
    return status;
}

/* 32 random octets in an alphabet that every shell and header bears. */
static bool make_token(char token[64], char hash[65])
{
    uint8_t octets[33] = {0}, digest[EVP_MAX_MD_SIZE];
    char text[48];
    if (RAND_bytes(octets, 32) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)text, octets, 33);
    for (char *c = text; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    snprintf(token, 64, "fep_%.43s", text);
    if (EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    for (int i = 0; i < 32; i++)
        snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* The token to stdout, so that it can go to a file; the line for the users' file to stderr. */
int command_token(struct fepctl *ctl, int argc, char **argv)
{
    const char *role = NULL, *expires = NULL, *stations = NULL;
    const struct fepctl_option options[] = {
        {"role", &role, NULL}, {"expires", &expires, NULL}, {"stations", &stations, NULL}};
    (void)ctl;
    if (!fepctl_options(argc, argv, options, 3, 1, 1))
        return EX_USAGE;
    int64_t expires_ms;
    char token[64], hash[65];
    if (!role || (expires && !access_time_parse(expires, &expires_ms)))
        return fepctl_usage(argv[0]);
    if (!make_token(token, hash)) {
        fputs("fepctl: the machine gives no random octets\n", stderr);
        return EX_OSERR;
    }
    fprintf(stderr, "  - {name: %s, role: %s, token_sha256: %s%s%s%s%s%s}\n", argv[optind], role, hash,
            expires ? ", expires: " : "", expires ? expires : "", stations ? ", stations: [\"" : "",
            stations ? stations : "", stations ? "\"]" : "");
    puts(token);
    return EX_OK;
}
