// SPDX-License-Identifier: Apache-2.0
/*
 * Who may use the API. A file of users, each with the hash of a token, or the name in a client certificate:
 *
 *     users:
 *       - {name: anna, role: operator, token_sha256: 5f2a…, stations: ["Mill Road*"], expires: 2027-06-30}
 *       - {name: historian, role: viewer, certificate: historian.example}
 *
 *     struct access *access = access_load("/etc/fepd/users.yaml", &errors);
 *     const struct access_user *user = access_by_token(access, token, wall_ms, &why);
 *     if (user && user->role >= ACCESS_OPERATOR && access_includes(user, "Mill Road 17")) ...
 *
 * Tokens are 32 random octets (`fepctl token` makes them), so that one round of SHA-256 is enough and a wrong
 * one costs a microsecond. Read only after loading; any thread.
 */
#ifndef CONFIG_ACCESS_H
#define CONFIG_ACCESS_H

#include "config/errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum access_role { ACCESS_NONE, ACCESS_VIEWER, ACCESS_OPERATOR, ACCESS_ENGINEER };
const char *access_role_name(enum access_role role);

enum { ACCESS_HASH_LEN = 32 };

struct access_user {
    const char *name;
    const char *certificate; /* common name of a client certificate; NULL: none */
    const char *const *stations;
    size_t stations_len;
    int64_t expires_ms; /* wall; 0: never */
    uint8_t role;       /* enum access_role */
    bool has_token;
    uint8_t hash[ACCESS_HASH_LEN]; /* of the token */
};

/* Why nobody was found. */
enum access_refusal { ACCESS_FOUND, ACCESS_UNKNOWN, ACCESS_EXPIRED };

struct access;

/* NULL where there is any error; the errors then tell all of them. */
struct access *access_load(const char *path, struct config_errors *errors);
struct access *access_load_memory(const char *name, const char *bytes, size_t len,
                                  struct config_errors *errors);
void access_free(struct access *access); /* NULL is fine */

const struct access_user *access_by_token(const struct access *access, const char *token, int64_t wall_ms,
                                          enum access_refusal *why);
const struct access_user *access_by_certificate(const struct access *access, const char *common_name,
                                                int64_t wall_ms, enum access_refusal *why);
/* The same user in a file that was read again: of the same name, with the same token or certificate; or NULL.
 */
const struct access_user *access_again(const struct access *access, const struct access_user *user);
/* A station's name against the user's patterns (glob(7): * ? [ ]). */
bool access_includes(const struct access_user *user, const char *station);

#endif
