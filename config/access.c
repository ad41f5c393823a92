// SPDX-License-Identifier: Apache-2.0
#include "config/access.h"

#include "config/keys.h"

#include <assert.h>
#include <fnmatch.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct access {
    struct config_arena *arena;
    struct access_user *users;
    size_t len;
};

/* As it stands in the file. */
struct user_row {
    const char *name;
    const char *token_sha256;
    const char *certificate;
    const char *expires;
    const char *const *stations;
    size_t stations_len;
    uint8_t role;
};
struct user_file {
    const struct user_row *users;
    size_t users_len;
};

static const char *const role_names[] = {"viewer", "operator", "engineer", NULL};

static const struct schema_row user_rows[] = {
    {.key = "name",
     .kind = SCHEMA_STRING,
     FIELD(struct user_row, name),
     .min = 1,
     .max = 64,
     .required = true,
     .help = "Who it is, for the audit."},
    {.key = "role",
     .kind = SCHEMA_ENUM,
     FIELD(struct user_row, role),
     .names = role_names,
     .first_name = ACCESS_VIEWER,
     .required = true,
     .help = "viewer reads; operator controls too; engineer does everything."},
    {.key = "token_sha256",
     .kind = SCHEMA_STRING,
     FIELD(struct user_row, token_sha256),
     .min = 64,
     .max = 64,
     .help = "SHA-256 of the token, as `fepctl token` prints it."},
    {.key = "certificate",
     .kind = SCHEMA_STRING,
     FIELD(struct user_row, certificate),
     .min = 1,
     .max = 64,
     .help = "Common name of a client certificate, instead of a token."},
    {.key = "expires",
     .kind = SCHEMA_STRING,
     FIELD(struct user_row, expires),
     .min = 10,
     .max = 20,
     .help = "2027-06-30, the end of that day in UTC, or 2027-06-30T12:00:00Z. Not given: never."},
    {.key = "stations",
     .kind = SCHEMA_STRINGS,
     LIST_FIELD(struct user_row, stations, stations_len),
     .min = 1,
     .max = 1000,
     .fallback = "[\"*\"]",
     .help = "Names or patterns (* ? [ ]) of the stations that this user sees."},
};
const struct schema keys_user = SCHEMA("user", struct user_row, user_rows);

static const struct schema_row file_rows[] = {
    {.key = "users",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct user_file, users, users_len),
     .max = 10000,
     .sub = &keys_user,
     .required = true,
     .help = "Everybody who may use the API."},
};
static const struct schema file_schema = SCHEMA("file", struct user_file, file_rows);

const char *access_role_name(enum access_role role)
{
    return role == ACCESS_NONE ? "none" : role_names[role - ACCESS_VIEWER];
}

/* "2027-06-30" (its end, UTC) or "2027-06-30T12:00:00Z". */
static bool time_parse(const char *text, int64_t *wall_ms)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    bool whole_day = end && *end == '\0';
    if (!whole_day) {
        tm = (struct tm){0};
        end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
    if (!end || *end != '\0')
        return false;
    struct tm given = tm;
    time_t seconds = timegm(&tm);
    if (tm.tm_mday != given.tm_mday || seconds < 0) /* there is no 31 June */
        return false;
    *wall_ms = ((int64_t)seconds + (whole_day ? 24 * 60 * 60 : 0)) * 1000;
    return true;
}

static bool hash_parse(const char *text, uint8_t hash[ACCESS_HASH_LEN])
{
    for (size_t i = 0; i < ACCESS_HASH_LEN; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *high = strchr(digits, text[2 * i]), *low = strchr(digits, text[2 * i + 1]);
        if (!high || !low || !*high || !*low)
            return false;
        hash[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return true;
}

static void take_user(struct schema_doc *doc, const struct schema_node *node, const struct user_row *row,
                      struct access_user *user)
{
    *user = (struct access_user){.name = row->name,
                                 .certificate = row->certificate,
                                 .stations = row->stations,
                                 .stations_len = row->stations_len,
                                 .role = row->role,
                                 .has_token = row->token_sha256 != NULL};
    if (row->expires && !time_parse(row->expires, &user->expires_ms))
        schema_error(doc, schema_place(node, "expires"),
                     "'%s' is not a day like 2027-06-30 or a time like 2027-06-30T12:00:00Z", row->expires);
    if (row->token_sha256 && !hash_parse(row->token_sha256, user->hash))
        schema_error(doc, schema_place(node, "token_sha256"),
                     "64 digits of 0-9 and a-f are expected; `fepctl token` makes a token and prints them");
    if (!row->token_sha256 == !row->certificate)
        schema_error(doc, node, "a user has either token_sha256 or certificate");
}

static bool is_same(const struct access_user *a, const struct access_user *b)
{
    return strcmp(a->name, b->name) == 0 ||
           (a->has_token && b->has_token && memcmp(a->hash, b->hash, sizeof a->hash) == 0) ||
           (a->certificate && b->certificate && strcmp(a->certificate, b->certificate) == 0);
}

static void take_users(struct access *access, struct schema_doc *doc, const struct user_file *file)
{
    const struct schema_node *list = schema_get(schema_root(doc), "users");
    const struct schema_node *node = list ? list->child : NULL;
    access->users = config_arena_take(access->arena, (file->users_len + 1) * sizeof *access->users);
    access->len = file->users_len;
    for (size_t i = 0; i < file->users_len && node; i++, node = node->next) {
        take_user(doc, node, &file->users[i], &access->users[i]);
        for (size_t k = 0; k < i; k++)
            if (access->users[k].name && access->users[i].name &&
                is_same(&access->users[k], &access->users[i]))
                schema_error(doc, node, "this name, token or certificate is another user's too");
    }
}

static struct access *access_take(struct access *access, struct schema_doc *doc, struct config_errors *errors)
{
    size_t before = errors->len;
    struct user_file file;
    schema_defaults(&file_schema, &file, access->arena);
    if (doc && schema_read(doc, schema_root(doc), &file_schema, &file))
        take_users(access, doc, &file);
    schema_close(doc);
    config_errors_sort(errors);
    if (doc && errors->len == before)
        return access;
    access_free(access);
    return NULL;
}

static struct access *access_new(void)
{
    struct access *access = calloc(1, sizeof *access);
    assert(access);
    access->arena = config_arena_new();
    return access;
}

/* Whoever may write the file is an engineer. */
static bool only_the_owner_writes(const char *path, struct config_errors *errors)
{
    struct stat about;
    if (stat(path, &about) != 0 || !(about.st_mode & (S_IWGRP | S_IWOTH)))
        return true; /* that it can't be read is told by reading it */
    const struct config_place place = {.file = path};
    config_errors_add(errors, &place, "others than its owner may write this file: chmod go-w");
    return false;
}

struct access *access_load(const char *path, struct config_errors *errors)
{
    struct access *access = access_new();
    struct schema_doc *doc = NULL;
    if (only_the_owner_writes(path, errors))
        doc = schema_open(path, 0, access->arena, errors);
    return access_take(access, doc, errors);
}

struct access *access_load_memory(const char *name, const char *bytes, size_t len,
                                  struct config_errors *errors)
{
    struct access *access = access_new();
    return access_take(access, schema_parse(name, bytes, len, 0, access->arena, errors), errors);
}

void access_free(struct access *access)
{
    if (!access)
        return;
    config_arena_free(access->arena);
    free(access);
}

static const struct access_user *unless_expired(const struct access_user *user, int64_t wall_ms,
                                                enum access_refusal *why)
{
    bool expired = user && user->expires_ms && wall_ms >= user->expires_ms;
    *why = !user ? ACCESS_UNKNOWN : expired ? ACCESS_EXPIRED : ACCESS_FOUND;
    return expired ? NULL : user;
}

const struct access_user *access_by_token(const struct access *access, const char *token, int64_t wall_ms,
                                          enum access_refusal *why)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    int hashed = EVP_Digest(token, strlen(token), hash, NULL, EVP_sha256(), NULL);
    assert(hashed == 1);
    const struct access_user *found = NULL;
    /* Which octet of a hash differs tells nothing of a token: no need to compare in constant time. */
    for (size_t i = 0; i < access->len && !found; i++)
        if (access->users[i].has_token && memcmp(access->users[i].hash, hash, ACCESS_HASH_LEN) == 0)
            found = &access->users[i];
    return unless_expired(found, wall_ms, why);
}

const struct access_user *access_by_certificate(const struct access *access, const char *common_name,
                                                int64_t wall_ms, enum access_refusal *why)
{
    const struct access_user *found = NULL;
    for (size_t i = 0; i < access->len && !found; i++)
        if (access->users[i].certificate && strcmp(access->users[i].certificate, common_name) == 0)
            found = &access->users[i];
    return unless_expired(found, wall_ms, why);
}

const struct access_user *access_again(const struct access *access, const struct access_user *user)
{
    for (size_t i = 0; i < access->len; i++) {
        const struct access_user *now = &access->users[i];
        bool same =
            now->certificate && user->certificate
                ? strcmp(now->certificate, user->certificate) == 0
                : now->has_token && user->has_token && memcmp(now->hash, user->hash, ACCESS_HASH_LEN) == 0;
        if (same && strcmp(now->name, user->name) == 0)
            return now;
    }
    return NULL;
}

bool access_includes(const struct access_user *user, const char *station)
{
    for (size_t i = 0; i < user->stations_len; i++)
        if (fnmatch(user->stations[i], station, 0) == 0)
            return true;
    return false;
}
