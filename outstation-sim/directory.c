// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/directory.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PERMISSIONS = 0777, COPY_ROOM = 4096 };

void directory_init(struct directory *d, const struct scenario_files *says, const char *station)
{
    *d = (struct directory){.says = says};
    snprintf(d->station, sizeof(d->station), "%s", station);
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++)
        d->open[i].fd = -1;
    (void)mkdir(says->directory, 0700); /* where that fails, each command on a file says so */
}

static uint8_t status_of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
        return FILE_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return FILE_PERMISSION_DENIED;
    default:
        return FILE_FATAL;
    }
}

/* The directory is opened anew each time: thousands of stations would hold thousands of descriptors. */
static int open_directory(const struct directory *d)
{
    return open(d->says->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void hidden_name(const struct directory *d, const struct directory_open *o,
                        char name[DIRECTORY_NAME_ROOM])
{
    snprintf(name, DIRECTORY_NAME_ROOM, ".%s-%d.part", d->station, (int)(o - d->open));
}

enum meaning { MEANS_DIRECTORY, MEANS_FILE, MEANS_NOTHING };

/* Without what may lead elsewhere. */
static enum meaning meaning_of(const struct file_text *given, char name[DIRECTORY_NAME_ROOM])
{
    const char *at = (const char *)given->octets;
    size_t len = given->len;
    if (len && at[0] == '.' && (len == 1 || at[1] == '/'))
        at++, len--;
    if (len && at[0] == '/')
        at++, len--;
    if (len == 0)
        return MEANS_DIRECTORY;
    if (len >= DIRECTORY_NAME_ROOM || at[0] == '.' || memchr(at, '/', len) || memchr(at, '\0', len))
        return MEANS_NOTHING;
    memcpy(name, at, len);
    name[len] = '\0';
    return MEANS_FILE;
}

static struct directory_entry entry_of(const char *name, const struct stat *about)
{
    struct directory_entry e = {.modified_ms = (uint64_t)about->st_mtim.tv_sec * 1000 +
                                               (uint64_t)about->st_mtim.tv_nsec / 1000000,
                                .size = about->st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)about->st_size,
                                .permissions = about->st_mode & PERMISSIONS};
    snprintf(e.name, sizeof(e.name), "%s", name);
    return e;
}

static bool is_plain(int at, const char *name, struct stat *about)
{
    return fstatat(at, name, about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about->st_mode);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct directory_entry *)a)->name, ((const struct directory_entry *)b)->name);
}

/* The plain files, ordered by name; NULL with errno. */
static struct directory_entry *list(const struct directory *d, uint32_t *len)
{
    int fd = open_directory(d);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    *len = 0;
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct directory_entry *entries = calloc(DIRECTORY_ENTRIES_MAX, sizeof(*entries));
    if (!entries)
        abort();
    struct dirent *found;
    while (*len < DIRECTORY_ENTRIES_MAX && (found = readdir(stream))) {
        struct stat about;
        if (found->d_name[0] != '.' && is_plain(fd, found->d_name, &about))
            entries[(*len)++] = entry_of(found->d_name, &about);
    }
    closedir(stream);
    qsort(entries, *len, sizeof(*entries), by_name);
    return entries;
}

static uint8_t open_listing(struct directory *d, struct directory_open *o, struct file_opened *opened)
{
    o->entries = list(d, &o->entries_len);
    opened->directory = true;
    return o->entries ? FILE_SUCCESS : status_of_errno();
}

/* O_NONBLOCK: the open of a pipe must not wait, though pipes are refused. */
static int open_plain(int at, const char *name, struct stat *about)
{
    int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, about) || !S_ISREG(about->st_mode))) {
        close(fd);
        errno = ENOENT;
        return -1;
    }
    return fd;
}

static uint8_t open_read(const struct directory *d, struct directory_open *o, int at)
{
    struct stat about;
    (void)d;
    o->fd = open_plain(at, o->name, &about);
    if (o->fd < 0)
        return status_of_errno();
    o->size = about.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)about.st_size;
    return FILE_SUCCESS;
}

static bool is_written(const struct directory *d, const char *name)
{
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++) {
        const struct directory_open *o = &d->open[i];
        if ((o->mode == FILE_MODE_WRITE || o->mode == FILE_MODE_APPEND) && strcmp(o->name, name) == 0)
            return true;
    }
    return false;
}

/* What an append begins with. */
static uint8_t copy_before(struct directory *d, struct directory_open *o, int at)
{
    struct stat about;
    char octets[COPY_ROOM];
    ssize_t n;
    int from = open_plain(at, o->name, &about);
    if (from < 0)
        return errno == ENOENT ? FILE_SUCCESS : status_of_errno();
    while ((n = read(from, octets, sizeof(octets))) > 0 && o->size + (size_t)n <= d->says->max_size &&
           write(o->fd, octets, (size_t)n) == n)
        o->size += (uint32_t)n;
    close(from);
    return n == 0 ? FILE_SUCCESS : FILE_BUFFER_OVERRUN;
}

static bool has_room(const struct directory *d, int at, const char *name)
{
    struct stat about;
    uint32_t len;
    if (is_plain(at, name, &about))
        return true;
    free(list(d, &len));
    return len < d->says->max_files;
}

static uint8_t open_write(struct directory *d, struct directory_open *o, const struct file_command *how,
                          int at)
{
    char hidden[DIRECTORY_NAME_ROOM];
    struct stat about;
    if (fstatat(at, o->name, &about, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(about.st_mode))
        return FILE_PERMISSION_DENIED;
    bool told = how->size != UINT32_MAX; /* else the master does not know */
    if (!has_room(d, at, o->name) || (told && how->size > d->says->max_size))
        return FILE_PERMISSION_DENIED;
    hidden_name(d, o, hidden);
    unlinkat(at, hidden, 0); /* of a run that was killed */
    o->fd = openat(at, hidden, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (o->fd < 0)
        return status_of_errno();
    o->created_ms = how->created_ms;
    o->permissions = how->permissions & PERMISSIONS;
    return how->mode == FILE_MODE_APPEND ? copy_before(d, o, at) : FILE_SUCCESS;
}

static void give_up(struct directory *d, struct directory_open *o)
{
    char hidden[DIRECTORY_NAME_ROOM];
    int at = o->fd >= 0 && o->mode != FILE_MODE_READ ? open_directory(d) : -1;
    if (at >= 0) {
        hidden_name(d, o, hidden);
        unlinkat(at, hidden, 0);
        close(at);
    }
    if (o->fd >= 0)
        close(o->fd);
    free(o->entries);
    *o = (struct directory_open){.fd = -1};
}

void directory_free(struct directory *d)
{
    for (size_t i = 0; i < OUTSTATION_FILES_OPEN; i++)
        if (d->open[i].mode != FILE_MODE_NULL)
            give_up(d, &d->open[i]);
}

static uint8_t open_named(struct directory *d, struct directory_open *o, const struct file_command *how)
{
    int at = open_directory(d);
    if (at < 0)
        return FILE_COMM_LOST;
    uint8_t status = how->mode == FILE_MODE_READ ? open_read(d, o, at) : open_write(d, o, how, at);
    close(at);
    return status;
}

static uint8_t files_open(void *context, const struct file_command *how, struct file_opened *opened)
{
    struct directory *d = context;
    uint32_t i = 0;
    char name[DIRECTORY_NAME_ROOM];
    enum meaning meaning = meaning_of(&how->name, name);
    while (i < OUTSTATION_FILES_OPEN && d->open[i].mode != FILE_MODE_NULL)
        i++;
    assert(i < OUTSTATION_FILES_OPEN); /* the outstation has as many */
    if (meaning == MEANS_NOTHING)
        return FILE_NOT_FOUND;
    if (meaning == MEANS_DIRECTORY && how->mode != FILE_MODE_READ)
        return FILE_PERMISSION_DENIED;
    if (meaning == MEANS_FILE && is_written(d, name))
        return FILE_LOCKED;
    struct directory_open *o = &d->open[i];
    *o = (struct directory_open){.fd = -1, .mode = (uint8_t)how->mode};
    if (meaning == MEANS_FILE)
        memcpy(o->name, name, sizeof(o->name));
    uint8_t status = meaning == MEANS_DIRECTORY ? open_listing(d, o, opened) : open_named(d, o, how);
    opened->file = i;
    opened->size = o->size;
    if (status != FILE_SUCCESS)
        give_up(d, o);
    return status;
}

static uint8_t files_read(void *context, uint32_t file, uint32_t offset, uint8_t *into, size_t room,
                          size_t *len, bool *end)
{
    struct directory *d = context;
    const struct directory_open *o = &d->open[file];
    ssize_t n = pread(o->fd, into, room, offset);
    if (n < 0)
        return FILE_FATAL;
    *len = (size_t)n;
    *end = (size_t)n < room || offset + (uint64_t)n >= o->size;
    return FILE_SUCCESS;
}

static uint8_t files_write(void *context, uint32_t file, const uint8_t *octets, size_t len)
{
    struct directory *d = context;
    struct directory_open *o = &d->open[file];
    if (len > d->says->max_size - o->size)
        return FILE_BUFFER_OVERRUN;
    if (pwrite(o->fd, octets, len, o->size) != (ssize_t)len)
        return FILE_FATAL;
    o->size += (uint32_t)len;
    return FILE_SUCCESS;
}

static bool files_entry(void *context, uint32_t file, uint32_t i, struct file_descriptor *entry)
{
    struct directory *d = context;
    const struct directory_open *o = &d->open[file];
    if (i >= o->entries_len)
        return false;
    const struct directory_entry *e = &o->entries[i];
    *entry = (struct file_descriptor){.name = {(const uint8_t *)e->name, strlen(e->name)},
                                      .created_ms = e->modified_ms,
                                      .size = e->size,
                                      .type = FILE_TYPE_FILE,
                                      .permissions = e->permissions};
    return true;
}

static uint8_t keep(struct directory *d, struct directory_open *o)
{
    char hidden[DIRECTORY_NAME_ROOM];
    int at = open_directory(d);
    if (at < 0)
        return FILE_COMM_LOST;
    hidden_name(d, o, hidden);
    struct timespec created = {.tv_sec = (time_t)(o->created_ms / 1000),
                               .tv_nsec = (long)(o->created_ms % 1000 * 1000000)};
    if (o->created_ms)
        (void)futimens(o->fd, (const struct timespec[]){created, created});
    bool kept = fchmod(o->fd, o->permissions) == 0 && renameat(at, hidden, at, o->name) == 0;
    uint8_t status = kept ? FILE_SUCCESS : status_of_errno();
    close(at);
    return status;
}

static uint8_t files_close(void *context, uint32_t file, bool kept)
{
    struct directory *d = context;
    struct directory_open *o = &d->open[file];
    uint8_t status = FILE_SUCCESS;
    if (kept && o->mode != FILE_MODE_READ)
        status = keep(d, o);
    give_up(d, o);
    return status;
}

static uint8_t files_remove(void *context, const struct file_text *given)
{
    struct directory *d = context;
    char name[DIRECTORY_NAME_ROOM];
    struct stat about;
    enum meaning meaning = meaning_of(given, name);
    if (meaning != MEANS_FILE)
        return meaning == MEANS_DIRECTORY ? FILE_PERMISSION_DENIED : FILE_NOT_FOUND;
    if (is_written(d, name))
        return FILE_LOCKED;
    int at = open_directory(d);
    if (at < 0)
        return FILE_COMM_LOST;
    errno = ENOENT;
    bool gone = is_plain(at, name, &about) && unlinkat(at, name, 0) == 0;
    uint8_t status = gone ? FILE_SUCCESS : status_of_errno();
    close(at);
    return status;
}

static uint8_t directory_info(const struct directory *d, struct file_descriptor *about)
{
    struct stat own;
    uint32_t entries;
    if (stat(d->says->directory, &own))
        return FILE_COMM_LOST;
    free(list(d, &entries));
    struct directory_entry e = entry_of("", &own);
    *about = (struct file_descriptor){.created_ms = e.modified_ms,
                                      .size = entries,
                                      .type = FILE_TYPE_DIRECTORY,
                                      .permissions = e.permissions};
    return FILE_SUCCESS;
}

static uint8_t files_info(void *context, const struct file_text *given, struct file_descriptor *about)
{
    struct directory *d = context;
    char name[DIRECTORY_NAME_ROOM];
    struct stat own;
    enum meaning meaning = meaning_of(given, name);
    if (meaning != MEANS_FILE)
        return meaning == MEANS_DIRECTORY ? directory_info(d, about) : FILE_NOT_FOUND;
    int at = open_directory(d);
    if (at < 0)
        return FILE_COMM_LOST;
    bool found = is_plain(at, name, &own);
    close(at);
    if (!found)
        return FILE_NOT_FOUND;
    struct directory_entry e = entry_of(name, &own);
    *about = (struct file_descriptor){
        .created_ms = e.modified_ms, .size = e.size, .type = FILE_TYPE_FILE, .permissions = e.permissions};
    return FILE_SUCCESS;
}

/* Any file that is there will do. */
static uint8_t files_activate(void *context, const struct file_text *given)
{
    struct file_descriptor about = {.type = FILE_TYPE_DIRECTORY};
    uint8_t status = files_info(context, given, &about);
    return status == FILE_SUCCESS && about.type == FILE_TYPE_DIRECTORY ? FILE_NOT_FOUND : status;
}

const struct file_system directory_file_system = {
    .open = files_open,
    .read = files_read,
    .write = files_write,
    .entry = files_entry,
    .close = files_close,
    .remove = files_remove,
    .info = files_info,
    .activate = files_activate,
};
