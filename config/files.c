// SPDX-License-Identifier: Apache-2.0
#include "config/files.h"
#include "config/file.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST_INCLUDE = 16, PATH_ROOM = 8192 };

/* Where a file is asked for; `file` is NULL for the first one. */
struct asker {
    struct config_file *file;
    const struct schema_node *node;
};

static void report(struct config_files *files, const struct asker *from, const char *path, const char *text)
{
    struct config_place place = {path, 0, 0, 0};
    files->incomplete = true;
    if (from->file)
        schema_error(from->file->doc, from->node, "'%s': %s", path, text);
    else
        config_errors_add(files->errors, &place, "%s", text);
}

static struct config_file *add_file(struct config_files *files, const struct asker *from, const char *path,
                                    char *real)
{
    struct config_file *file = config_arena_take(files->arena, sizeof(*file));
    file->path = config_arena_string(files->arena, path, strlen(path));
    file->real = real;
    file->includer = from->file;
    file->include_line = from->node ? from->node->line : 0;
    if (!files->last)
        files->last = &files->first;
    *files->last = file;
    files->last = &file->next;
    files->len++;
    return file;
}

static void parse_file(struct config_files *files, struct config_file *file, const char *bytes, size_t len)
{
    file->doc = schema_parse(file->path, bytes, len, files->len - 1, files->arena, files->errors);
    if (file->doc)
        schema_read(file->doc, schema_root(file->doc), &keys_file, &file->keys);
    else
        files->incomplete = true;
}

/* False, with an error, for a file that was read before. */
static bool is_new(struct config_files *files, const struct asker *from, const char *path, const char *real)
{
    const struct config_file *file = files->first;
    while (file && strcmp(file->real, real) != 0)
        file = file->next;
    if (!file)
        return true;
    char text[PATH_ROOM];
    if (file->open)
        snprintf(text, sizeof(text), "an include cycle, this file is being read already%s%s",
                 file == from->file ? " and includes itself" : ", it leads here by way of ",
                 file == from->file ? "" : from->file->path);
    else
        snprintf(text, sizeof(text), "included before, in %s line %u", file->includer->path,
                 file->include_line);
    report(files, from, path, text);
    return false;
}

static void read_includes(struct config_files *files, struct config_file *file, unsigned depth);

static void read_file(struct config_files *files, const struct asker *from, const char *path, unsigned depth)
{
    char *bytes = NULL;
    size_t len = 0;
    char *real = realpath(path, NULL);
    int reason = real ? config_file_read(real, &bytes, &len) : errno;
    if (reason) {
        char text[256];
        snprintf(text, sizeof(text), "cannot be read: %s", config_file_reason(reason));
        report(files, from, path, text);
    } else if (is_new(files, from, path, real)) {
        struct config_file *file = add_file(files, from, path, real);
        real = NULL;
        parse_file(files, file, bytes, len);
        free(bytes);
        bytes = NULL;
        read_includes(files, file, depth + 1);
    }
    free(bytes);
    free(real);
}

/* The pattern in the folder of the file that asks; the folder's own name is no pattern. */
static bool write_pattern(const struct config_file *file, const char *pattern, bool escape, char *text)
{
    const char *slash = strrchr(file->path, '/');
    size_t folder_len = slash && *pattern != '/' ? (size_t)(slash - file->path) + 1 : 0;
    size_t used = 0;
    if (2 * folder_len + strlen(pattern) + 1 > PATH_ROOM)
        return false;
    for (size_t i = 0; i < folder_len; i++) {
        if (escape && strchr("*?[]\\", file->path[i]))
            text[used++] = '\\';
        text[used++] = file->path[i];
    }
    memcpy(text + used, pattern, strlen(pattern) + 1);
    return true;
}

static int stop_unless_a_file(const char *path, int reason)
{
    (void)path;
    return reason != ENOTDIR;
}

/* No match is fine, a folder may be empty; a folder that is missing is more likely misspelt. */
static void read_matches(struct config_files *files, const struct asker *from, const char *pattern,
                         const char *path, unsigned depth)
{
    glob_t found = {0};
    int result = glob(path, 0, stop_unless_a_file, &found);
    if (result != 0 && result != GLOB_NOMATCH)
        report(files, from, pattern, "a folder is missing or cannot be read");
    for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
        read_file(files, from, found.gl_pathv[i], depth);
    globfree(&found);
}

static void read_include(struct config_files *files, const struct asker *from, const char *pattern,
                         unsigned depth)
{
    char path[PATH_ROOM];
    bool several = strpbrk(pattern, "*?[") != NULL;
    if (!*pattern)
        return; /* was reported */
    if (depth > DEEPEST_INCLUDE)
        report(files, from, pattern, "included too deeply, at most 16 levels are allowed");
    else if (!write_pattern(from->file, pattern, several, path))
        report(files, from, pattern, "cannot be read: the path is too long");
    else if (several)
        read_matches(files, from, pattern, path, depth);
    else
        read_file(files, from, path, depth);
}

static void read_includes(struct config_files *files, struct config_file *file, unsigned depth)
{
    if (!file->doc)
        return;
    const struct schema_node *node = schema_get(schema_root(file->doc), "include");
    if (node && node->kind == SCHEMA_NODE_LIST)
        node = node->child;
    file->open = true;
    for (size_t i = 0; i < file->keys.include_len; i++, node = node->next) {
        struct asker from = {file, node};
        read_include(files, &from, file->keys.include[i], depth);
    }
    file->open = false;
}

void files_read(struct config_files *files, const char *path)
{
    struct asker nobody = {NULL, NULL};
    read_file(files, &nobody, path, 0);
}

void files_read_memory(struct config_files *files, const char *name, const char *bytes, size_t len)
{
    struct asker nobody = {NULL, NULL};
    struct config_file *file = add_file(files, &nobody, name, strdup(name));
    parse_file(files, file, bytes, len);
    if (file->keys.include_len) {
        schema_error(file->doc, schema_get(schema_root(file->doc), "include"),
                     "'include' is not allowed where no file is read");
        files->incomplete = true;
    }
}

void files_close(struct config_files *files)
{
    for (struct config_file *file = files->first; file; file = file->next) {
        schema_close(file->doc);
        free(file->real);
    }
    config_arena_free(files->arena);
}
