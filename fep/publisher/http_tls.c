// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "config/config.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What systemd hands over lies in a folder of its own, which has another name at each start. */
static const char *secret_path(const char *path, char room[PATH_MAX])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (*path == '/' || folder == NULL)
        return path;
    snprintf(room, PATH_MAX, "%s/%s", folder, path);
    return room;
}

static void tell(struct config_errors *errors, const char *path, const char *text)
{
    const struct config_place place = {.file = path};
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    config_errors_add(errors, &place, "%s%s%s", text, reason ? ": " : "", reason ? reason : "");
    ERR_clear_error();
}

static bool is_readable(const char *path, bool is_secret, struct config_errors *errors)
{
    struct stat about;
    const struct config_place place = {.file = path};
    if (stat(path, &about) != 0) {
        config_errors_add(errors, &place, "it can't be read: %s", strerror(errno));
        return false;
    }
    if (is_secret && about.st_mode & S_IRWXO) {
        config_errors_add(errors, &place, "everybody on this machine may read the key: chmod o-rwx");
        return false;
    }
    return true;
}

/* TLS 1.2 with forward secrecy and authenticated encryption, and 1.3. */
static bool set_protocol(SSL_CTX *tls)
{
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    /* An idle connection holds no buffers of 16 kB each way; sessions are not kept for those who come back.
     */
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_session_id_context(tls, (const unsigned char *)"fepd", 4) == 1 &&
           SSL_CTX_set_num_tickets(tls, 0) == 1;
}

static bool load_own(SSL_CTX *tls, const struct config_api *api, struct config_errors *errors)
{
    char certificate_room[PATH_MAX], key_room[PATH_MAX];
    const char *certificate = secret_path(api->tls_certificate, certificate_room);
    const char *key = secret_path(api->tls_key, key_room);
    if (!is_readable(certificate, false, errors) || !is_readable(key, true, errors))
        return false;
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1) {
        tell(errors, certificate, "no certificate in PEM can be read from it");
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(tls) != 1) {
        tell(errors, key, "no key in PEM that fits the certificate can be read from it");
        return false;
    }
    return true;
}

/* Who shows a certificate must show one of these; who shows none needs a token. */
static bool load_clients(SSL_CTX *tls, const char *path, struct config_errors *errors)
{
    char room[PATH_MAX];
    const char *file = secret_path(path, room);
    if (!is_readable(file, false, errors))
        return false;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(file);
    if (names == NULL || SSL_CTX_load_verify_file(tls, file) != 1) {
        tell(errors, file, "no certificates in PEM can be read from it");
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return false;
    }
    SSL_CTX_set_client_CA_list(tls, names);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    return true;
}

static SSL_CTX *load_tls(const struct config_api *api, struct config_errors *errors)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL)
        abort();
    if (!set_protocol(tls))
        tell(errors, api->tls_certificate, "this system's OpenSSL can't be set up");
    else if (load_own(tls, api, errors) && (!api->client_ca || load_clients(tls, api->client_ca, errors)))
        return tls;
    SSL_CTX_free(tls);
    return NULL;
}

struct publisher_secrets *publisher_secrets_load(const struct config_api *api, struct config_errors *errors)
{
    size_t before = errors->len;
    char room[PATH_MAX];
    struct publisher_secrets *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    s->loopback = api->loopback;
    if (api->tls_certificate)
        s->tls = load_tls(api, errors);
    if (api->users)
        s->access = access_load(secret_path(api->users, room), errors);
    if (errors->len == before)
        return s;
    publisher_secrets_free(s);
    return NULL;
}

void publisher_secrets_free(struct publisher_secrets *s)
{
    if (s == NULL)
        return;
    SSL_CTX_free(s->tls);
    access_free(s->access);
    free(s);
}
