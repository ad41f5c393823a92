// SPDX-License-Identifier: Apache-2.0
#include "tools/fepctl/client.h"

#include "tools/fepctl/table.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_S = 10 };

struct client {
    CURL *curl;
    struct curl_slist *headers;
    char *server; /* without a slash at its end */
};

/* What comes back: gathered whole, or handed on by lines. */
struct sink {
    CURL *curl;
    char *text;
    size_t len, room;
    bool (*line)(void *context, const char *text, size_t len);
    void *context;
    bool ended; /* by `line` */
};

static bool read_token(const char *path, struct client *c)
{
    char token[256] = "", header[320];
    FILE *file = fopen(path, "re");
    if (!file || !fgets(token, sizeof token, file)) {
        fprintf(stderr, "fepctl: no token can be read from %s\n", path);
        if (file)
            fclose(file);
        return false;
    }
    fclose(file);
    token[strcspn(token, "\r\n")] = '\0';
    snprintf(header, sizeof header, "Authorization: Bearer %s", token);
    c->headers = curl_slist_append(c->headers, header);
    return true;
}

static bool is_this_machine(const char *host)
{
    struct in_addr four;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

bool client_is_overheard(const char *server)
{
    char *scheme = NULL, *host = NULL;
    CURLU *url = curl_url();
    bool overheard = curl_url_set(url, CURLUPART_URL, server, CURLU_GUESS_SCHEME) == CURLUE_OK &&
                     curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                     curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                     strcmp(scheme, "https") != 0 && !is_this_machine(host);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
    return overheard;
}

static void set_tls(CURL *curl, const struct client_options *o)
{
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (o->authorities)
        curl_easy_setopt(curl, CURLOPT_CAINFO, o->authorities);
    if (o->certificate)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, o->certificate);
    if (o->key)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, o->key);
}

struct client *client_open(const struct client_options *options)
{
    struct client *c = calloc(1, sizeof *c);
    assert(c);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c->curl = curl_easy_init();
    assert(c->curl);
    c->server = strdup(options->server);
    assert(c->server);
    for (size_t len = strlen(c->server); len && c->server[len - 1] == '/'; len--)
        c->server[len - 1] = '\0';
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (options->token_file && !read_token(options->token_file, c)) {
        client_close(c);
        return NULL;
    }
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "fepctl/" FEP_VERSION);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(c->curl, CURLOPT_TCP_KEEPALIVE, 1L); /* a stream may be silent for long */
    if (strncmp(c->server, "https:", 6) != 0)
        curl_easy_setopt(c->curl, CURLOPT_PROXY, ""); /* $http_proxy is not meant for this machine */
    set_tls(c->curl, options);
    return c;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    free(c->server);
    curl_slist_free_all(c->headers);
    curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    free(c);
}

bool client_has_asked(struct client *c)
{
    long octets = 0;
    return curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &octets) == CURLE_OK && octets > 0;
}

static char *joined(const char *a, const char *b, const char *between, const char *d)
{
    char *text = NULL;
    int len = asprintf(&text, "%s%s%s%s", a, b, between, d);
    assert(len >= 0);
    return text;
}

char *client_path(struct client *c, const char *before, const char *name)
{
    char *escaped = curl_easy_escape(c->curl, name, 0);
    assert(escaped);
    char *path = joined(before, escaped, "", "");
    curl_free(escaped);
    return path;
}

char *client_param(struct client *c, char *path, const char *key, const char *value)
{
    if (!value)
        return path;
    char *escaped = curl_easy_escape(c->curl, value, 0), *named = NULL;
    assert(escaped);
    named = joined(strchr(path, '?') ? "&" : "?", key, "=", escaped);
    char *longer = joined(path, named, "", "");
    curl_free(escaped);
    free(named);
    free(path);
    return longer;
}

static void keep(struct sink *s, const char *octets, size_t len)
{
    if (s->len + len + 1 > s->room) {
        s->room = 2 * (s->len + len + 1);
        s->text = realloc(s->text, s->room);
        assert(s->text);
    }
    memcpy(s->text + s->len, octets, len);
    s->len += len;
    s->text[s->len] = '\0';
}

static void hand_on_lines(struct sink *s)
{
    size_t from = 0;
    for (char *end; !s->ended && (end = memchr(s->text + from, '\n', s->len - from));) {
        size_t len = (size_t)(end - s->text) - from;
        *end = '\0';
        s->ended = !s->line(s->context, s->text + from, len);
        from += len + 1;
    }
    memmove(s->text, s->text + from, s->len - from);
    s->len -= from;
}

static size_t on_octets(char *octets, size_t size, size_t count, void *sink)
{
    struct sink *s = sink;
    long code = 0;
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
    keep(s, octets, size * count);
    if (s->line && code < 300)
        hand_on_lines(s);
    return s->ended ? 0 : size * count;
}

static int status_of(long code)
{
    static const struct {
        long code;
        int status;
    } table[] = {{401, EX_NOPERM},   {403, EX_NOPERM},      {429, EX_TEMPFAIL}, {503, EX_TEMPFAIL},
                 {501, EX_PROTOCOL}, {500, EX_UNAVAILABLE}, {502, EX_TEMPFAIL}, {504, EX_TEMPFAIL}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].status;
    return EX_DATAERR;
}

/* application/problem+json in one line. */
static int explain(long code, const char *text)
{
    json_t *problem = json_loads(text ? text : "", 0, NULL);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const char *culprit = json_string_value(json_object_get(problem, "field"));
    if (!culprit)
        culprit = json_string_value(json_object_get(problem, "parameter"));
    char *said = joined(culprit ? culprit : "", culprit ? ": " : "", "",
                        detail ? detail : "the server gives no reason");
    text_disarm(said); /* it may repeat what somebody else has chosen */
    fprintf(stderr, "fepctl: %s (HTTP %ld)\n", said, code);
    free(said);
    json_decref(problem);
    return status_of(code);
}

static int perform(struct client *c, const char *path, struct sink *s)
{
    char problem[CURL_ERROR_SIZE] = "", *url = joined(c->server, path, "", "");
    s->curl = c->curl;
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, problem);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_octets);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, s);
    CURLcode result = curl_easy_perform(c->curl);
    long code = 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
    free(url);
    if (s->ended)
        return EX_OK;
    if (result != CURLE_OK) {
        fprintf(stderr, "fepctl: %s: %s\n", c->server, *problem ? problem : curl_easy_strerror(result));
        return EX_UNAVAILABLE;
    }
    return code >= 200 && code < 300 ? EX_OK : explain(code, s->text);
}

static int take_json(int status, struct sink *s, json_t **answer)
{
    if (status == EX_OK && answer) {
        json_error_t error;
        *answer = json_loads(s->text && *s->text ? s->text : "{}", 0, &error);
        if (!*answer) {
            fprintf(stderr, "fepctl: the answer is no JSON: %s\n", error.text);
            status = EX_PROTOCOL;
        }
    }
    free(s->text);
    return status;
}

int client_get(struct client *c, const char *path, json_t **answer)
{
    struct sink s = {0};
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    return take_json(perform(c, path, &s), &s, answer);
}

int client_send(struct client *c, const char *method, const char *path, const json_t *body, json_t **answer)
{
    struct sink s = {0};
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, text ? text : "");
    int status = take_json(perform(c, path, &s), &s, answer);
    free(text);
    return status;
}

int client_lines(struct client *c, const char *path,
                 bool (*line)(void *context, const char *text, size_t len), void *context)
{
    struct sink s = {.line = line, .context = context};
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    int status = perform(c, path, &s);
    free(s.text);
    return status;
}
