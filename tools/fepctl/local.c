// SPDX-License-Identifier: Apache-2.0
/* What needs no server: a configuration is looked at, the database copied, a token made. */
#include "tools/fepctl/fepctl.h"

#include "config/access.h"
#include "config/config.h"
#include "db/backup.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

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

int command_backup(struct fepctl *ctl, int argc, char **argv)
{
    (void)ctl;
    if (!fepctl_options(argc, argv, NULL, 0, 2, 2))
        return EX_USAGE;
    char error[400];
    enum store_result result = store_backup(argv[optind], argv[optind + 1], error, sizeof error);
    if (result != STORE_OK) {
        fprintf(stderr, "fepctl: %s\n", error);
        return result == STORE_CANNOT_OPEN ? EX_NOINPUT : EX_IOERR;
    }
    puts(argv[optind + 1]);
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
