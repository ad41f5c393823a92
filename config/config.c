// SPDX-License-Identifier: Apache-2.0
/* From the files to the snapshot: fep, then the templates of all files, then the stations of all files. */
#include "config/config.h"
#include "config/files.h"
#include "config/index.h"
#include "config/points.h"
#include "config/scalar.h"
#include "config/session.h"
#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* Where something was said first. */
struct said {
    const struct config_file *file;
    const struct schema_node *node;
};

struct template
{
    struct said said;
    const struct config_session *session;
    const struct config_points *points;
};

/* What tells an association from all others: where, and which address there. */
struct endpoint {
    uint8_t ip[16]; /* v4 mapped into v6 */
    uint16_t port;
    uint16_t outstation_address;
};

struct builder {
    struct config_files files;
    struct config_arena *arena; /* of the snapshot */
    struct config *config;
    struct config_station *stations;
    struct config_session *session; /* of stations without settings */
    struct said fep;
    struct keys_template template_defaults;
    struct keys_station station_defaults;
    struct config_index templates; /* name to struct template */
    struct config_index names;     /* name to struct said */
    struct config_index endpoints; /* struct endpoint to struct said */
};

static const struct config_points no_points = {0};

static char *keep(struct builder *b, const char *text)
{
    return config_arena_string(b->arena, text, strlen(text));
}

/* --- fep --- */

static bool read_ip(const char *text, uint8_t ip[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    memcpy(ip, mapped, sizeof(mapped));
    return inet_pton(AF_INET, text, ip + 12) == 1 || inet_pton(AF_INET6, text, ip) == 1;
}

static bool is_loopback(const char *host)
{
    static const uint8_t six[16] = {[15] = 1};
    static const uint8_t four[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
    uint8_t ip[16];
    return read_ip(host, ip) && (memcmp(ip, six, sizeof(six)) == 0 || memcmp(ip, four, sizeof(four)) == 0);
}

static void check_api(struct schema_doc *doc, const struct schema_node *node, const struct config_fep *fep)
{
    const struct config_api *api = &fep->api;
    const struct schema_node *place = schema_get(node, "api");
    uint8_t ip[16];
    if (!api->tls_certificate != !api->tls_key)
        schema_error(doc, place, "tls_certificate and tls_key are given both or not at all");
    if (api->client_ca && !api->tls_certificate)
        schema_error(doc, place, "client_ca is of no use without tls_certificate and tls_key");
    if (api->tls_certificate && !api->users)
        schema_error(doc, place, "with TLS everybody has to prove who he is: 'users' is missing");
    if (api->loopback == CONFIG_LOOPBACK_CLOSED && !api->users)
        schema_error(doc, place, "'loopback' is closed, so nobody could come in: 'users' is missing");
    if (!api->tls_certificate && !is_loopback(fep->listen_host))
        schema_error(
            doc, schema_place(node, "listen_host"),
            "'listen_host' is '%s'. Allowed without TLS: a loopback address such as 127.0.0.1 or ::1 "
            "(api: {tls_certificate, tls_key, users})",
            fep->listen_host);
    else if (!read_ip(fep->listen_host, ip))
        schema_error(doc, schema_place(node, "listen_host"), "'listen_host' is '%s', which is no IP address",
                     fep->listen_host);
}

static void read_fep(struct builder *b, const struct config_file *file)
{
    struct config_fep *fep = &b->config->fep;
    const struct schema_node *node = file->keys.fep;
    if (!node)
        return;
    if (b->fep.node) {
        schema_error(file->doc, node, "a second 'fep', the first is in %s line %u", b->fep.file->path,
                     b->fep.node->line);
        return;
    }
    b->fep = (struct said){file, node};
    schema_read(file->doc, node, &keys_fep, fep);
    check_api(file->doc, node, fep);
}

/* --- templates --- */

/* The entries of a list, NULL where it is empty, missing, or no list (which is reported). */
static const struct schema_node *entries(const struct config_file *file, const struct schema_node *list,
                                         const struct schema *schema)
{
    if (!list || list->kind == SCHEMA_NODE_LIST)
        return list ? list->child : NULL;
    char found[SCALAR_TEXT_ROOM];
    scalar_describe_found(list, found, sizeof(found));
    schema_error(file->doc, list, "'%ss' is %s. Allowed: a list of mappings (%s)", schema->name, found,
                 schema->name);
    return NULL;
}

static void read_template(struct builder *b, const struct config_file *file, const struct schema_node *node)
{
    struct keys_template keys = b->template_defaults;
    struct template *template = config_arena_take(b->files.arena, sizeof(*template));
    schema_read(file->doc, node, &keys_template, &keys);
    template->said = (struct said){file, schema_place(node, "name")};
    template->session =
        keys.session ? session_build(file->doc, keys.session, b->session, b->arena) : b->session;
    template->points =
        points_build(file->doc, schema_get(node, "points"), keys.points, keys.points_len, NULL, b->arena);
    if (!keys.name)
        return;
    const struct template *first = config_index_add(&b->templates, keys.name, strlen(keys.name), template);
    if (first)
        schema_error(file->doc, schema_place(node, "name"),
                     "duplicate template name '%s', first in %s line %u", keys.name, first->said.file->path,
                     first->said.node->line);
}

/* --- stations --- */

static const struct said *say_once(struct builder *b, struct config_index *index, const void *key, size_t len,
                                   const struct config_file *file, const struct schema_node *node)
{
    struct said *said = config_arena_take(b->files.arena, sizeof(*said));
    *said = (struct said){file, node};
    return config_index_add(index, key, len, said);
}

static void check_name(struct builder *b, const struct config_file *file, const struct schema_node *node,
                       const char *name)
{
    const struct schema_node *place = schema_place(node, "name");
    const struct said *first = say_once(b, &b->names, name, strlen(name), file, place);
    if (first)
        schema_error(file->doc, place, "duplicate station name '%s', first in %s line %u", name,
                     first->file->path, first->node->line);
}

static bool check_host(const struct config_file *file, const struct schema_node *node, const char *host)
{
    uint8_t ip[sizeof(((struct endpoint *)0)->ip)];
    if (read_ip(host, ip))
        return true;
    schema_error(file->doc, schema_place(node, "host"), "'host' is '%s'. Allowed: an IP address, v4 or v6",
                 host);
    return false;
}

static void check_addresses(struct builder *b, const struct config_file *file, const struct schema_node *node,
                            const struct keys_station *keys)
{
    const struct schema_node *place = schema_place(node, "outstation_address");
    struct endpoint *endpoint = config_arena_take(b->files.arena, sizeof(*endpoint));
    (void)read_ip(keys->host, endpoint->ip);
    endpoint->port = keys->port;
    endpoint->outstation_address = keys->outstation_address;
    if (keys->master_address == keys->outstation_address)
        schema_error(file->doc, place,
                     "'outstation_address' is %u, which is the master's. Allowed: another one",
                     keys->outstation_address);
    const struct said *first = say_once(b, &b->endpoints, endpoint, sizeof(*endpoint), file, place);
    if (first)
        schema_error(file->doc, place, "duplicate outstation address %u on %s port %u, first in %s line %u",
                     keys->outstation_address, keys->host, keys->port, first->file->path, first->node->line);
}

static const struct template *find_template(struct builder *b, const struct config_file *file,
                                            const struct schema_node *node, const char *name)
{
    const struct template *template = config_index_find(&b->templates, name, strlen(name));
    if (template || b->files.incomplete)
        return template;
    const char *names[65];
    char hint[256];
    size_t len = 0;
    for (size_t i = 0; i < b->templates.room && len < 64; i++) {
        if (b->templates.slots[i].value)
            names[len++] = b->templates.slots[i].key;
    }
    names[len] = NULL;
    schema_suggest(name, names, hint, sizeof(hint));
    schema_error(file->doc, schema_place(node, "template"),
                 "unknown template '%s'.%s Allowed: the name of an entry of 'templates', in any file", name,
                 hint);
    return NULL;
}

static void merge(struct builder *b, const struct config_file *file, const struct schema_node *node,
                  const struct keys_station *keys, struct config_station *station)
{
    const struct template *template = keys->template ? find_template(b, file, node, keys->template) : NULL;
    station->session = template ? template->session : b->session;
    station->points = template ? template->points : &no_points;
    if (keys->session)
        station->session = session_build(file->doc, keys->session, station->session, b->arena);
    if (keys->points_len)
        station->points = points_build(file->doc, schema_get(node, "points"), keys->points, keys->points_len,
                                       station->points, b->arena);
}

static void read_station(struct builder *b, const struct config_file *file, const struct schema_node *node)
{
    struct keys_station keys = b->station_defaults;
    struct config_station *station = &b->stations[b->config->stations_len++];
    bool sound = schema_read(file->doc, node, &keys_station, &keys);
    if (keys.name)
        check_name(b, file, node, keys.name);
    bool reachable = keys.host && check_host(file, node, keys.host);
    if (sound && reachable)
        check_addresses(b, file, node, &keys);
    merge(b, file, node, &keys, station);
    station->name = keys.name ? keep(b, keys.name) : NULL;
    station->host = keys.host ? keep(b, keys.host) : NULL;
    station->port = keys.port;
    station->master_address = keys.master_address;
    station->outstation_address = keys.outstation_address;
    station->enabled = keys.enabled;
}

/* --- all --- */

static size_t count_stations(const struct builder *b)
{
    size_t count = 0;
    for (const struct config_file *file = b->files.first; file; file = file->next) {
        const struct schema_node *list = file->keys.stations;
        for (const struct schema_node *node = list ? list->child : NULL; node; node = node->next)
            count++;
    }
    return count;
}

static void keep_api(struct builder *b, struct config_api *api)
{
    const char **const files[] = {&api->tls_certificate, &api->tls_key, &api->client_ca, &api->users};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (*files[i])
            *files[i] = keep(b, *files[i]);
}

static void build(struct builder *b)
{
    b->session = config_arena_take(b->arena, sizeof(*b->session));
    schema_defaults(&keys_session, b->session, b->arena);
    schema_defaults(&keys_fep, &b->config->fep, b->arena);
    schema_defaults(&keys_template, &b->template_defaults, b->files.arena);
    schema_defaults(&keys_station, &b->station_defaults, b->files.arena);
    for (const struct config_file *file = b->files.first; file; file = file->next) {
        read_fep(b, file);
        const struct schema_node *node = entries(file, file->keys.templates, &keys_template);
        for (; node; node = node->next)
            read_template(b, file, node);
    }
    b->stations = config_arena_take(b->arena, count_stations(b) * sizeof(*b->stations) + 1);
    b->config->stations = b->stations;
    for (const struct config_file *file = b->files.first; file; file = file->next) {
        const struct schema_node *node = entries(file, file->keys.stations, &keys_station);
        for (; node; node = node->next)
            read_station(b, file, node);
    }
    b->config->fep.database = keep(b, b->config->fep.database);
    b->config->fep.listen_host = keep(b, b->config->fep.listen_host);
    keep_api(b, &b->config->fep.api);
}

static void begin(struct builder *b, struct config_errors *errors)
{
    b->files.arena = config_arena_new();
    b->files.errors = errors;
    b->arena = config_arena_new();
    b->config = config_arena_take(b->arena, sizeof(*b->config));
    b->config->arena = b->arena;
}

static struct config *finish(struct builder *b, size_t errors_before)
{
    struct config_errors *errors = b->files.errors;
    build(b);
    files_close(&b->files);
    config_index_free(&b->templates);
    config_index_free(&b->names);
    config_index_free(&b->endpoints);
    config_errors_sort(errors);
    if (errors->len + errors->dropped == errors_before)
        return b->config;
    config_free(b->config);
    return NULL;
}

struct config *config_load(const char *path, struct config_errors *errors)
{
    struct builder b = {0};
    size_t before = errors->len + errors->dropped;
    begin(&b, errors);
    files_read(&b.files, path);
    return finish(&b, before);
}

struct config *config_load_memory(const char *name, const char *bytes, size_t len,
                                  struct config_errors *errors)
{
    struct builder b = {0};
    size_t before = errors->len + errors->dropped;
    begin(&b, errors);
    files_read_memory(&b.files, name, bytes, len);
    return finish(&b, before);
}

void config_free(struct config *config)
{
    if (config)
        config_arena_free(config->arena);
}
