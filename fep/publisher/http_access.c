// SPDX-License-Identifier: Apache-2.0
/*
 * Who asks, and what he may.
 *
 * With TLS everybody shows a token or a client certificate. Without it only this machine is served (see
 * http_listen.c), and fep.api.loopback says how: `read`: anybody on it reads, nobody writes; `write`: anybody
 * reads, and who writes needs a token, unless there are no users; `closed`: nothing without a token. A wrong
 * token is refused also where none is needed.
 */
#include "fep/publisher/parts.h"

#include "config/config.h"
#include "fep/io/clock.h"
#include "fep/publisher/commands.h"

#include <event2/bufferevent_ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { NAME_MAX_LEN = 64 };

const struct api_caller *api_caller(const struct publisher *p)
{
    return &p->caller;
}

/* The common name of a certificate that was verified; false where there is none. */
static bool certificate_name(struct evhttp_request *request, char name[NAME_MAX_LEN + 1])
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    SSL *ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(connection));
    X509 *certificate =
        ssl && SSL_get_verify_result(ssl) == X509_V_OK ? SSL_get1_peer_certificate(ssl) : NULL;
    if (!certificate)
        return false;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *text = NULL;
    int len =
        at < 0 ? -1 : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    bool fits = len > 0 && len <= NAME_MAX_LEN && memchr(text, 0, (size_t)len) == NULL;
    if (fits) {
        memcpy(name, text, (size_t)len);
        name[len] = '\0';
    }
    OPENSSL_free(text);
    X509_free(certificate);
    return fits;
}

static const char *token_of(struct evhttp_request *request)
{
    const char *given = evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");
    if (given == NULL)
        return NULL;
    return strncasecmp(given, "Bearer ", 7) == 0 ? given + 7 + strspn(given + 7, " ") : "";
}

/* What the audit and the log shall not be filled with: told in bundles. */
static void tell_failures(struct publisher *p, const uint8_t address[16], const char *text,
                          const char *reason)
{
    uint32_t failures = attempts_untold(&p->attempts, address, p->now_ms);
    char count[80];
    if (failures == 0)
        return;
    snprintf(count, sizeof count, "{\"failures\":%u}", failures);
    publisher_audit(p, &(struct audit_record){.at_ms = clock_wall_ms(),
                                              .who = "unknown",
                                              .role = "none",
                                              .action = "login_failed",
                                              .station = "",
                                              .subject = text,
                                              .state = "refused",
                                              .detail = count});
    if (p->options.log)
        LOG(p->options.log, LOG_LEVEL_WARNING, "access_refused", "somebody could not prove who he is",
            log_text("address", text), log_number("failures", failures), log_text("reason", reason));
}

/* 401, or 429 where this address has failed too often; the connection ends. Who shows nothing does not guess.
 */
static void refuse(struct publisher *p, struct evhttp_request *request, const struct door_slot *slot,
                   const char *reason)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    if (!p->caller.shown) {
        metric_add(&p->options.metrics->publisher.denied, 1);
        evhttp_add_header(headers, "WWW-Authenticate", "Bearer realm=\"fepd\"");
        http_problem(p, request, 401, reason, NULL, NULL);
        return;
    }
    bool too_many = attempts_failed(&p->attempts, slot->address, p->now_ms);
    metric_add(&p->options.metrics->publisher.denied, 1);
    tell_failures(p, slot->address, slot->text, reason);
    evhttp_add_header(headers, "Connection", "close");
    if (too_many)
        evhttp_add_header(headers, "Retry-After", "10");
    else
        evhttp_add_header(headers, "WWW-Authenticate", "Bearer realm=\"fepd\"");
    http_problem(p, request, too_many ? 429 : 401,
                 too_many ? "too many failed attempts from this address" : reason, NULL, NULL);
}

static bool sees_all(const struct access_user *user)
{
    for (size_t i = 0; i < user->stations_len; i++)
        if (strcmp(user->stations[i], "*") == 0)
            return true;
    return false;
}

/* Without TLS a role counts for as much as fep.api.loopback lets it. */
static uint8_t role_here(const struct publisher *p, uint8_t role)
{
    const struct publisher_secrets *s = p->secrets;
    bool reading_only = s->tls == NULL && s->loopback == CONFIG_LOOPBACK_READ;
    return reading_only && role > ACCESS_VIEWER ? ACCESS_VIEWER : role;
}

static void caller_is(struct api_caller *caller, const struct publisher *p, const struct access_user *user)
{
    caller->user = user;
    caller->name = user->name;
    caller->role = role_here(p, user->role);
    caller->all = sees_all(user);
}

/* Nobody has shown anything: what that is good for here. */
static uint8_t nobodys_role(const struct publisher *p)
{
    const struct publisher_secrets *s = p->secrets;
    if (s->tls || s->loopback == CONFIG_LOOPBACK_CLOSED)
        return ACCESS_NONE;
    return s->loopback == CONFIG_LOOPBACK_WRITE && s->access == NULL ? ACCESS_ENGINEER : ACCESS_VIEWER;
}

/* NULL where the caller is known, else why not. */
static const char *identify(struct publisher *p, struct evhttp_request *request, const struct door_slot *slot)
{
    struct publisher_secrets *s = p->secrets;
    const char *token = token_of(request);
    char name[NAME_MAX_LEN + 1];
    enum access_refusal why = ACCESS_UNKNOWN;
    const struct access_user *user = NULL;
    p->caller = (struct api_caller){.name = "", .shown = true};
    memcpy(p->caller.address, slot->text, sizeof p->caller.address);
    if (token)
        user = s->access ? access_by_token(s->access, token, clock_wall_ms(), &why) : NULL;
    else if (s->tls && s->access && certificate_name(request, name))
        user = access_by_certificate(s->access, name, clock_wall_ms(), &why);
    else if (nobodys_role(p) != ACCESS_NONE) {
        p->caller.name = "loopback";
        p->caller.role = nobodys_role(p);
        p->caller.all = true;
        return NULL;
    } else {
        p->caller.shown = false;
        return "a token is needed: Authorization: Bearer TOKEN";
    }
    if (user) {
        caller_is(&p->caller, p, user);
        return NULL;
    }
    return why == ACCESS_EXPIRED ? "this token or certificate has expired"
           : token               ? "this token is not known"
                                 : "this certificate's name is not known";
}

static bool is_writing(struct evhttp_request *request)
{
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    return command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD;
}

/* A page of another server may not write with what its reader's browser knows. */
static bool origin_is_ours(const struct publisher *p, struct evhttp_request *request)
{
    const struct evkeyvalq *in = evhttp_request_get_input_headers(request);
    const char *origin = evhttp_find_header(in, "Origin"), *host = evhttp_find_header(in, "Host");
    if (origin == NULL)
        return true; /* no browser */
    const char *scheme = p->secrets->tls ? "https://" : "http://";
    size_t len = strlen(scheme);
    return host && strncasecmp(origin, scheme, len) == 0 && strcasecmp(origin + len, host) == 0;
}

static bool role_suffices(struct publisher *p, struct evhttp_request *request, uint8_t role)
{
    if (p->caller.role >= role)
        return true;
    char detail[160];
    const struct publisher_secrets *s = p->secrets;
    const char *held = access_role_name(p->caller.user ? p->caller.user->role : ACCESS_NONE);
    if (s->tls == NULL && s->loopback == CONFIG_LOOPBACK_READ)
        snprintf(detail, sizeof detail, "without TLS this is for reading only (fep.api.loopback: read)");
    else if (p->caller.user)
        snprintf(detail, sizeof detail, "this needs the role %s; %s has the role %s", access_role_name(role),
                 p->caller.name, held);
    else
        snprintf(detail, sizeof detail, "this needs a token of the role %s", access_role_name(role));
    metric_add(&p->options.metrics->publisher.denied, 1);
    http_problem(p, request, 403, detail, NULL, NULL);
    return false;
}

bool http_admit(struct publisher *p, struct evhttp_request *request, struct door_slot *slot, uint8_t role)
{
    if (role == ACCESS_NONE) {
        p->caller = (struct api_caller){.name = ""};
        return true;
    }
    if (is_writing(request) && !origin_is_ours(p, request)) {
        http_problem(p, request, 403, "a page of another origin may not write here", NULL, NULL);
        return false;
    }
    const char *reason = identify(p, request, slot);
    if (reason) {
        refuse(p, request, slot, reason);
        return false;
    }
    slot->known = true;
    return role_suffices(p, request, role);
}

bool api_may(struct publisher *p, struct evhttp_request *request, uint8_t role)
{
    return role_suffices(p, request, role);
}

bool api_sees(struct publisher *p, const struct api_caller *caller, uint32_t station)
{
    if (caller->all)
        return true;
    const char *name = caller->user ? feed_station_name(&p->feed, station) : NULL;
    return name && access_includes(caller->user, name);
}

bool api_may_see(struct publisher *p, struct evhttp_request *request, uint32_t station)
{
    if (api_sees(p, &p->caller, station))
        return true;
    metric_add(&p->options.metrics->publisher.denied, 1);
    http_problem(p, request, 403, "this station is not among those that you may see", "station", NULL);
    return false;
}

bool exchange_sees(struct exchange *x, uint32_t station)
{
    if (x->caller.all)
        return true;
    if (station >= x->scope_len) {
        uint32_t len = station + 64;
        x->scope = realloc(x->scope, len);
        if (x->scope == NULL)
            abort();
        memset(x->scope + x->scope_len, 0, len - x->scope_len);
        x->scope_len = len;
    }
    if (x->scope[station] == 0)
        x->scope[station] = api_sees(x->p, &x->caller, station) ? 1 : 2;
    return x->scope[station] == 1;
}

/* False where this caller has no access any more. */
static bool renew_caller(struct publisher *p, struct exchange *x, int64_t wall_ms)
{
    struct api_caller *caller = &x->caller;
    x->scope_len = 0;
    if (caller->user == NULL)
        return nobodys_role(p) >= caller->role;
    const struct access_user *user =
        p->secrets->access ? access_again(p->secrets->access, caller->user) : NULL;
    if (user == NULL || user->role < caller->user->role || (user->expires_ms && user->expires_ms <= wall_ms))
        return false;
    caller_is(caller, p, user);
    return true;
}

void access_renew(struct publisher *p)
{
    struct publisher_secrets *coming = atomic_exchange(&p->coming, NULL);
    if (coming == NULL)
        return;
    struct publisher_secrets *before = p->secrets;
    int64_t wall_ms = clock_wall_ms();
    p->secrets = coming;
    for (struct exchange *x = p->exchanges, *next; x; x = next) {
        next = x->next;
        if (!renew_caller(p, x, wall_ms)) {
            x->caller = (struct api_caller){.name = ""};
            exchange_end(x, 401, "the access of whoever asked has been taken away");
        }
    }
    publisher_secrets_free(before);
}

void access_tick(struct publisher *p)
{
    int64_t wall_ms = clock_wall_ms();
    for (struct exchange *x = p->exchanges, *next; x; x = next) {
        next = x->next;
        const struct access_user *user = x->caller.user;
        if (user && user->expires_ms && user->expires_ms <= wall_ms)
            exchange_end(x, 401, "this token or certificate has expired");
    }
}

bool access_host_is_ours(const struct publisher *p, const char *host)
{
    X509 *own = p->secrets->tls ? SSL_CTX_get0_certificate(p->secrets->tls) : NULL;
    return own && X509_check_host(own, host, 0, 0, NULL) == 1;
}
