// SPDX-License-Identifier: Apache-2.0
/*
 * Commands on files (files.md 3 and 4). A command has one object; its answer, one object too, is kept for a
 * repeat of the request. Blocks: outstation_blocks.c.
 */
#include "protocol/outstation_files.h"

#include <assert.h>

#include "protocol/outstation_blocks.h"
#include "protocol/outstation_parts.h"

enum { GROUP_FILE = 70, SIZE_UNKNOWN = -1, OBJECT_HEADER_LEN = 6, DESCRIPTOR_LEN = 20 };

void outstation_files_init(struct outstation_files *files, const struct file_system *system, void *context,
                           uint64_t seed)
{
    *files = (struct outstation_files){
        .system = system, .context = context, .timeout_ms = 60000, .activate_ms = 1000, .random = seed};
}

/* SplitMix64: never 0. */
static uint32_t next_random(struct outstation_files *files)
{
    uint64_t z = files->random += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    uint32_t number = (uint32_t)(z >> 32);
    return number ? number : next_random(files);
}

/* Well-formed UTF-8 without control characters; overlong forms and surrogates are not. */
static size_t character_len(const uint8_t *at, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = at[0];
    if (first < 0x80)
        return first >= 0x20 && first != 0x7F;
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC0 || first > 0xF4 || left < len)
        return 0;
    uint32_t code = first & (0x7FU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3F);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code >= least[len] && code <= 0x10FFFF && !surrogate ? len : 0;
}

static bool is_name(const struct file_text *name)
{
    if (name->len == 0 || name->len > OUTSTATION_FILE_NAME_MAX)
        return false;
    for (size_t at = 0, len; at < name->len; at += len)
        if (!(len = character_len(name->octets + at, name->len - at)))
            return false;
    return true;
}

static struct writer answer_of(struct outstation_files *files)
{
    return writer_over(files->answer, sizeof files->answer);
}

static void keep_answer(struct outstation_files *files, const struct writer *w)
{
    assert(!w->failed);
    files->answer_len = (uint16_t)writer_len(w);
}

static void answer_status(struct outstation_files *files, const struct file_status *s)
{
    struct writer w = answer_of(files);
    file_status_write(&w, s);
    keep_answer(files, &w);
}

static void shut(struct outstation_files *files, struct outstation_file *f)
{
    if (f->mode != FILE_MODE_NULL)
        files->system->close(files->context, f->file, false);
    f->mode = FILE_MODE_NULL;
}

void files_drop_all(struct outstation *o)
{
    struct outstation_files *files = o->config->files;
    if (!files)
        return;
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++) {
        shut(files, &files->open[i]);
        files->open[i].handle = 0;
    }
    files->key = 0;
}

/* The handle is remembered, so that its next use can be told why it fails. */
void files_tick(struct outstation *o, const struct instant *at)
{
    struct outstation_files *files = o->config->files;
    for (size_t i = 0; files && i < OUTSTATION_FILES_OPEN; i++)
        if (at->now_ms >= files->open[i].expires_ms)
            shut(files, &files->open[i]);
}

int64_t files_due_ms(const struct outstation *o)
{
    const struct outstation_files *files = o->config->files;
    int64_t due_ms = NEVER_MS;
    for (size_t i = 0; files && i < OUTSTATION_FILES_OPEN; i++)
        if (files->open[i].mode != FILE_MODE_NULL)
            due_ms = earlier_ms(due_ms, files->open[i].expires_ms);
    return due_ms;
}

struct outstation_file *file_of_handle(struct outstation_files *files, uint32_t handle,
                                       const struct instant *at, uint8_t *status)
{
    *status = FILE_INVALID_HANDLE;
    for (size_t i = 0; handle && i < OUTSTATION_FILES_OPEN; i++) {
        struct outstation_file *f = &files->open[i];
        if (f->handle != handle)
            continue;
        if (at->now_ms >= f->expires_ms)
            shut(files, f);
        *status = f->mode == FILE_MODE_NULL ? FILE_HANDLE_EXPIRED : FILE_SUCCESS;
        f->expires_ms = at->now_ms + files->timeout_ms;
        return f->mode == FILE_MODE_NULL ? NULL : f;
    }
    return NULL;
}

/* A key serves once, also where it is wrong (files.md 3). */
static bool use_key(struct outstation_files *files, uint32_t key, const struct instant *at)
{
    if (files->users_len == 0)
        return true;
    bool good = files->key && key == files->key && at->now_ms < files->key_until_ms;
    files->key = 0;
    return good;
}

/* As long for a wrong text as for the right one. */
static unsigned difference_of(const char *known, const struct file_text *given)
{
    size_t len = strlen(known);
    unsigned difference = len != given->len;
    for (size_t i = 0; i < given->len; i++)
        difference |= (unsigned)given->octets[i] ^ (uint8_t)(len ? known[i % len] : 0);
    return difference;
}

static struct outstation_file *free_file(struct outstation_files *files)
{
    struct outstation_file *expired = NULL;
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++) {
        if (files->open[i].handle == 0)
            return &files->open[i];
        if (files->open[i].mode == FILE_MODE_NULL)
            expired = &files->open[i];
    }
    return expired;
}

/* The most octets of data that a fragment holds in the direction of the transfer. */
static uint16_t negotiate(const struct outstation *o, const struct file_command *c)
{
    uint32_t size = c->mode == FILE_MODE_READ ? o->config->tx_fragment_max - BLOCK_READ_OVERHEAD
                                              : APP_FRAGMENT_MAX - BLOCK_WRITE_OVERHEAD;
    if (o->config->files->block_max && o->config->files->block_max < size)
        size = o->config->files->block_max;
    return c->block_size < size ? c->block_size : (uint16_t)size;
}

/* The octets that the entries of a directory are. */
static uint32_t directory_size(const struct outstation_files *files, uint32_t file)
{
    struct file_descriptor entry;
    uint64_t size = 0;
    for (uint32_t i = 0; files->system->entry(files->context, file, i, &entry); i++)
        size += DESCRIPTOR_LEN + entry.name.len;
    return size > UINT32_MAX ? (uint32_t)SIZE_UNKNOWN : (uint32_t)size;
}

static uint32_t fresh_handle(struct outstation_files *files)
{
    for (;;) {
        uint32_t handle = next_random(files);
        bool taken = false;
        for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++)
            taken |= files->open[i].handle == handle;
        if (!taken)
            return handle;
    }
}

static uint8_t open_file(struct outstation *o, const struct file_command *c, const struct instant *at,
                         struct file_status *answer)
{
    struct outstation_files *files = o->config->files;
    if (!use_key(files, c->key, at))
        return FILE_PERMISSION_DENIED;
    if (c->mode < FILE_MODE_READ || c->mode > FILE_MODE_APPEND)
        return FILE_INVALID_MODE;
    if (!is_name(&c->name))
        return FILE_NOT_FOUND;
    struct outstation_file *f = free_file(files);
    uint16_t block_size = negotiate(o, c);
    if (block_size == 0)
        return FILE_WRITE_BLOCK_SIZE;
    if (!f)
        return FILE_TOO_MANY_OPEN;
    struct file_opened opened = {0};
    uint8_t status = files->system->open(files->context, c, &opened);
    if (status != FILE_SUCCESS)
        return status;
    *f = (struct outstation_file){.expires_ms = at->now_ms + files->timeout_ms,
                                  .handle = fresh_handle(files),
                                  .file = opened.file,
                                  .block_size = block_size,
                                  .mode = (uint8_t)c->mode,
                                  .directory = opened.directory};
    answer->handle = f->handle;
    answer->size = opened.directory ? directory_size(files, opened.file) : opened.size;
    answer->block_size = block_size;
    return FILE_SUCCESS;
}

static uint16_t command_open(struct outstation *o, const struct object_at *at, const struct instant *now)
{
    struct file_command c;
    if (file_command_parse(at->data, at->len, &c) != LAYOUT_OK)
        return IIN_PARAMETER_ERROR;
    struct file_status answer = {.request = c.request};
    answer.status = open_file(o, &c, now, &answer);
    answer_status(o->config->files, &answer);
    return 0;
}

static uint16_t command_remove(struct outstation *o, const struct object_at *at, const struct instant *now)
{
    struct outstation_files *files = o->config->files;
    struct file_command c;
    if (file_command_parse(at->data, at->len, &c) != LAYOUT_OK)
        return IIN_PARAMETER_ERROR;
    struct file_status answer = {.request = c.request};
    if (!use_key(files, c.key, now))
        answer.status = FILE_PERMISSION_DENIED;
    else
        answer.status = is_name(&c.name) ? files->system->remove(files->context, &c.name) : FILE_NOT_FOUND;
    answer_status(files, &answer);
    return 0;
}

/* A handle that is given back means nothing any more; that of a file that could not be kept neither. */
static uint16_t end_file(struct outstation *o, const struct object_at *at, const struct instant *now,
                         bool keep)
{
    struct outstation_files *files = o->config->files;
    struct file_status s;
    if (file_status_parse(at->data, at->len, &s) != LAYOUT_OK)
        return IIN_PARAMETER_ERROR;
    struct file_status answer = {.handle = s.handle, .request = s.request};
    struct outstation_file *f = file_of_handle(files, s.handle, now, &answer.status);
    if (f) {
        answer.status = files->system->close(files->context, f->file, keep);
        f->mode = FILE_MODE_NULL;
        f->handle = 0;
    }
    answer_status(files, &answer);
    return 0;
}

static uint16_t command_close(struct outstation *o, const struct object_at *at, const struct instant *now)
{
    return end_file(o, at, now, true);
}

static uint16_t command_abort(struct outstation *o, const struct object_at *at, const struct instant *now)
{
    return end_file(o, at, now, false);
}

static uint16_t command_info(struct outstation *o, const struct object_at *at, const struct instant *now)
{
    (void)now;
    struct outstation_files *files = o->config->files;
    struct file_descriptor asked, about = {0};
    if (file_descriptor_parse(at->data, at->len, &asked) != LAYOUT_OK)
        return IIN_PARAMETER_ERROR;
    size_t answer_len = APP_RESPONSE_HEADER_LEN + OBJECT_HEADER_LEN + DESCRIPTOR_LEN + asked.name.len;
    bool sayable = is_name(&asked.name) && answer_len <= o->config->tx_fragment_max;
    uint8_t status = sayable ? files->system->info(files->context, &asked.name, &about) : FILE_NOT_FOUND;
    if (status != FILE_SUCCESS) {
        answer_status(files, &(struct file_status){.request = asked.request, .status = status});
        return 0;
    }
    about.name = asked.name;
    about.request = asked.request;
    struct writer w = answer_of(files);
    file_descriptor_write(&w, &about);
    keep_answer(files, &w);
    return 0;
}

static uint16_t command_authenticate(struct outstation *o, const struct object_at *at,
                                     const struct instant *now)
{
    struct outstation_files *files = o->config->files;
    struct file_authentication a;
    if (file_authentication_parse(at->data, at->len, &a) != LAYOUT_OK)
        return IIN_PARAMETER_ERROR;
    bool good = files->users_len == 0;
    for (size_t i = 0; i < files->users_len; i++)
        good |= (difference_of(files->users[i].name, &a.user) |
                 difference_of(files->users[i].password, &a.password)) == 0;
    files->key = good ? next_random(files) : 0;
    files->key_until_ms = now->now_ms + files->timeout_ms;
    struct writer w = answer_of(files);
    file_authentication_write(&w, &(struct file_authentication){.key = files->key});
    keep_answer(files, &w);
    return 0;
}

static const struct command {
    uint8_t function;
    uint8_t variation;
    uint16_t (*execute)(struct outstation *o, const struct object_at *at, const struct instant *now);
} commands[] = {
    {APP_OPEN_FILE, 3, command_open},
    {APP_CLOSE_FILE, 4, command_close},
    {APP_DELETE_FILE, 3, command_remove},
    {APP_GET_FILE_INFO, 7, command_info},
    {APP_AUTHENTICATE_FILE, 2, command_authenticate},
    {APP_ABORT_FILE, 4, command_abort},
};

static const struct command *command_find(uint8_t function)
{
    const struct command *end = commands + sizeof commands / sizeof commands[0], *c = commands;
    while (c < end && c->function != function)
        c++;
    assert(c < end); /* services has a row for each, and no other */
    return c;
}

/* FC 25 to 30: one object, and nothing behind it. */
uint16_t service_file(struct outstation *o, const struct request *q)
{
    assert(o->config->files); /* else the function is refused */
    const struct command *c = command_find(q->f.function);
    struct object_walk walk = app_objects(&q->f);
    struct object_header h, more;
    enum walk_result result = object_walk_next(&walk, &h);
    if (result != WALK_HEADER)
        return walk_errors(result);
    if (h.group != GROUP_FILE || h.variation != c->variation)
        return IIN_OBJECT_UNKNOWN;
    if (h.count != 1 || object_walk_next(&walk, &more) != WALK_END)
        return IIN_PARAMETER_ERROR;
    struct object_at at = object_header_at(&h, 0);
    return c->execute(o, &at, q->at);
}

/* What FC 31 may name: files, and strings. */
static bool is_configuration(const struct object_header *h)
{
    return h->type && h->has_objects &&
           ((h->group == GROUP_FILE && h->variation == 8) || (h->group == GROUP_STRING && h->variation));
}

enum { ACTIVATE_MAX = 32, GROUP_STATUS = 91 };

static uint16_t activate_all(struct outstation_files *files, const struct request *q, struct writer *w,
                             uint8_t *count)
{
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        if (!is_configuration(&h))
            return IIN_OBJECT_UNKNOWN;
        for (uint32_t i = 0; i < h.count; i++) {
            struct object_at at = object_header_at(&h, i);
            struct file_text name = {at.data, at.len};
            if (++*count > ACTIVATE_MAX)
                return IIN_PARAMETER_ERROR;
            write_u8(w, 1); /* octets that follow */
            write_u8(w, is_name(&name) ? files->system->activate(files->context, &name) : FILE_NOT_FOUND);
        }
    }
    return walk_errors(result);
}

/* FC 31: g91v1 tells how long it takes, and of each object whether it is taken. */
uint16_t service_activate(struct outstation *o, const struct request *q)
{
    struct outstation_files *files = o->config->files;
    if (!files->system->activate)
        return IIN_NO_FUNC_CODE_SUPPORT;
    if (q->at->now_ms < files->active_until_ms)
        return IIN_ALREADY_EXECUTING;
    uint8_t statuses[2 * ACTIVATE_MAX], count = 0;
    struct writer w = writer_over(statuses, sizeof statuses);
    uint16_t errors = activate_all(files, q, &w, &count);
    if (errors)
        return errors;
    size_t len = writer_len(&w);
    files->active_until_ms = q->at->now_ms + files->activate_ms;
    w = answer_of(files);
    write_octets(&w, (const uint8_t[]){GROUP_STATUS, 1, 0x5B, 1}, 4);
    write_u16(&w, (uint16_t)(4 + 1 + len));
    write_u32(&w, files->activate_ms);
    write_u8(&w, count);
    write_octets(&w, statuses, len);
    keep_answer(files, &w);
    return 0;
}
