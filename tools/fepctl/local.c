// SPDX-License-Identifier: Apache-2.0
/* What needs no server: a configuration is looked at, the database copied, a token made. */
#include "tools/fepctl/fepctl.h"

#include "config/access.h"
#include "config/config.h"
#include "db/backup.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <unistd.h>

/* The file of users, as fepd reads it when it starts. A name without a path means one that only systemd
 * knows. */
static void check_users(const char *path, struct config_errors *errors)
{
    if (!path || *path != '/')
        return;
    if (access(path, R_OK) != 0 && errno == EACCES)
        fprintf(stderr, "fepctl: %s: not looked at: %s\n", path, strerror(errno));
    else
        access_free(access_load(path, errors));
}

int command_check(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 1, 1))
        return EX_USAGE;
    struct config_errors errors = {0};
    struct config *config = config_load(argv[optind], &errors);
    if (config)
        check_users(config->fep.api.users, &errors);
    if (ctl->json)
        config_errors_print_json(&errors, stdout);
    else if (errors.len)
        config_errors_print(&errors, stderr);
    else
        printf("%s: %zu stations, no error\n", argv[optind], config->stations_len);
    int status = errors.len ? EX_CONFIG : EX_OK;
    config_free(config);
    config_errors_free(&errors);
    return status;
}

static int backup_status(enum store_result result)
{
    static const enum store_result not_a_source[] = {STORE_CANNOT_OPEN, STORE_NOT_A_DATABASE, STORE_FOREIGN,
                                                     STORE_NEWER};
    for (size_t i = 0; i < sizeof not_a_source / sizeof not_a_source[0]; i++)
        if (not_a_source[i] == result)
            return EX_NOINPUT;
    return EX_IOERR;
}

int command_backup(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 2, 2))
        return EX_USAGE;
    char error[400];
    enum store_result result = store_backup(argv[optind], argv[optind + 1], error, sizeof error);
    if (result != STORE_OK) {
        fprintf(stderr, "fepctl: %s\n", error);
        return backup_status(result);
    }
    if (ctl->json) {
        json_t *answer = json_pack("{s:s%}", "copy", argv[optind + 1], strlen(argv[optind + 1]));
        print_json(answer);
        json_decref(answer);
    } else {
        puts(argv[optind + 1]);
    }
    return EX_OK;
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

/* As a text of YAML, whatever is in it. */
static char *quoted(const char *text)
{
    json_t *string = json_string(text);
    char *result = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    json_decref(string);
    return result ? result : strdup("\"\"");
}

/* The line of a user, as the file of users has it. To be freed. */
static char *user_line(const char *name, const char *role, const char *hash, const char *expires,
                       const char *stations)
{
    char *named = quoted(name), *pattern = quoted(stations ? stations : "*"), *line = NULL;
    if (asprintf(&line, "  - {name: %s, role: %s, token_sha256: %s%s%s, stations: [%s]}\n", named, role, hash,
                 expires ? ", expires: " : "", expires ? expires : "", pattern) < 0)
        abort();
    free(named);
    free(pattern);
    return line;
}

/* Whether fepd would take it; says why not. */
static bool is_user(const char *line)
{
    char *file = NULL;
    struct config_errors errors = {0};
    if (asprintf(&file, "users:\n%s", line) < 0)
        abort();
    struct access *access = access_load_memory("this user", file, strlen(file), &errors);
    if (!access)
        config_errors_print(&errors, stderr);
    bool good = access != NULL;
    access_free(access);
    config_errors_free(&errors);
    free(file);
    return good;
}

/* The token to stdout, so that it can go to a file; the line for the users' file to stderr. */
int command_token(struct fepctl *ctl, int argc, char **argv)
{
    const char *role = NULL, *expires = NULL, *stations = NULL;
    const struct fepctl_option options[] = {
        {"role", &role, NULL}, {"expires", &expires, NULL}, {"stations", &stations, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, 3, 1, 1))
        return EX_USAGE;
    if (!role)
        return fepctl_usage(argv[0]);
    char token[64], hash[65];
    if (!make_token(token, hash)) {
        fputs("fepctl: the machine gives no random octets\n", stderr);
        return EX_OSERR;
    }
    char *line = user_line(argv[optind], role, hash, expires, stations);
    bool good = is_user(line);
    if (good && ctl->json) {
        json_t *answer = json_pack("{s:s, s:s}", "token", token, "line", line);
        print_json(answer);
        json_decref(answer);
    } else if (good) {
        fputs(line, stderr);
        puts(token);
    }
    free(line);
    return good ? EX_OK : EX_USAGE;
}
