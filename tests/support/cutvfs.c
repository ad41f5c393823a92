// SPDX-License-Identifier: Apache-2.0
/*
 * One mutex guards the whole disk: this is for tests, and SQLite calls nothing of ours from within itself.
 * A handle carries the life of the disk that it was opened in; a reboot begins the next life, so older
 * handles are dead for ever but still own their share of the WAL index.
 */
#include "support/cutvfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, REGIONS_MAX = 4096, NAME_MAX_OCTETS = 512 };

struct image {
    uint8_t *octets;
    size_t len;
    size_t room;
};

/* A write or a truncation that no sync has brought to the platter. */
struct change {
    size_t at;
    size_t len;
    uint8_t *octets; /* NULL: the file ends at `at` */
};

/* The WAL index: memory that the connections to one file share, and its locks. */
struct wal_index {
    unsigned handles;
    size_t regions;
    uint8_t *region[REGIONS_MAX];
};

struct handle;

struct disk_file {
    struct disk_file *next;
    char *name;
    struct image now;
    struct image platter;
    bool exists;
    bool on_platter; /* its name is */
    struct change *waiting;
    size_t waiting_len;
    size_t waiting_room;
    struct handle *handles;
    struct wal_index *index;
};

struct handle {
    sqlite3_file base;
    struct handle *next;
    struct cutvfs *disk;
    struct disk_file *file;
    struct wal_index *index;
    uint64_t life;
    int lock;
    unsigned index_shared; /* bits of the WAL index's locks that this handle holds */
    unsigned index_exclusive;
};

struct cutvfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *system;
    pthread_mutex_t mutex;
    struct disk_file *files;
    struct disk_file *nameless; /* temporary files: no part of the model */
    uint64_t random;
    uint64_t life;
    bool cut;
    enum cut_loss loss;
    uint64_t ops;
    uint64_t writes;
    uint64_t syncs;
    uint64_t cut_at; /* orders, as counts reached; 0: none */
    uint64_t fail_write_at;
    uint64_t full_from;
    uint64_t fail_sync_at;
    bool forget;
};

static uint64_t disk_random(struct cutvfs *v)
{
    /* splitmix64 */
    uint64_t z = v->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* --- images ------------------------------------------------------------------------------------------ */

static void image_resize(struct image *m, size_t len)
{
    if (len > m->room) {
        m->room = len < 65536 ? 65536 : len + len / 2;
        m->octets = must(realloc(m->octets, m->room));
    }
    if (len > m->len)
        memset(m->octets + m->len, 0, len - m->len);
    m->len = len;
}

static void image_write(struct image *m, size_t at, const uint8_t *octets, size_t len)
{
    if (len == 0)
        return;
    if (at + len > m->len)
        image_resize(m, at + len);
    memcpy(m->octets + at, octets, len);
}

static void image_apply(struct image *m, const struct change *c)
{
    if (c->octets != NULL)
        image_write(m, c->at, c->octets, c->len);
    else
        image_resize(m, c->at);
}

static void image_copy(struct image *m, const struct image *from)
{
    image_resize(m, 0);
    image_write(m, 0, from->octets, from->len);
}

/* --- files ------------------------------------------------------------------------------------------- */

static struct disk_file *file_find(struct cutvfs *v, const char *name)
{
    for (struct disk_file *f = v->files; f != NULL; f = f->next) {
        if (strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

static struct disk_file *file_new(struct disk_file **list, const char *name)
{
    struct disk_file *f = must(calloc(1, sizeof *f));
    f->name = must(strdup(name));
    f->next = *list;
    *list = f;
    return f;
}

/* Takes the memory of `change`'s octets. */
static void file_change(struct disk_file *f, struct change change)
{
    image_apply(&f->now, &change);
    if (f->waiting_len == f->waiting_room) {
        f->waiting_room = f->waiting_room != 0 ? f->waiting_room * 2 : 64;
        f->waiting = must(realloc(f->waiting, f->waiting_room * sizeof *f->waiting));
    }
    f->waiting[f->waiting_len++] = change;
}

static void file_drop_waiting(struct disk_file *f)
{
    for (size_t i = 0; i < f->waiting_len; i++)
        free(f->waiting[i].octets);
    f->waiting_len = 0;
}

static void file_sync(struct disk_file *f)
{
    for (size_t i = 0; i < f->waiting_len; i++)
        image_apply(&f->platter, &f->waiting[i]);
    f->on_platter = f->exists;
    file_drop_waiting(f);
}

/* Some sectors of a write arrive, others do not. */
static void file_tear(struct cutvfs *v, struct disk_file *f, const struct change *c)
{
    if (c->octets == NULL) {
        if (disk_random(v) & 1)
            image_apply(&f->platter, c);
        return;
    }
    for (size_t at = c->at; at < c->at + c->len;) {
        size_t end = (at / SECTOR + 1) * SECTOR;
        end = end < c->at + c->len ? end : c->at + c->len;
        if (disk_random(v) & 1)
            image_write(&f->platter, at, c->octets + (at - c->at), end - at);
        at = end;
    }
}

static void file_lose_some(struct cutvfs *v, struct disk_file *f)
{
    for (size_t i = 0; i < f->waiting_len; i++) {
        uint64_t fate = disk_random(v) % 4;
        if (i + 1 == f->waiting_len || fate == 0)
            file_tear(v, f, &f->waiting[i]);
        else if (fate > 1)
            image_apply(&f->platter, &f->waiting[i]);
    }
    if (f->exists != f->on_platter && (disk_random(v) & 1))
        f->on_platter = f->exists;
    file_drop_waiting(f);
}

static void file_free(struct disk_file *f)
{
    assert(f->handles == NULL);
    file_drop_waiting(f);
    free(f->waiting);
    free(f->now.octets);
    free(f->platter.octets);
    free(f->name);
    free(f);
}

/* --- faults ------------------------------------------------------------------------------------------ */

static void disk_cut(struct cutvfs *v, enum cut_loss loss)
{
    for (struct disk_file *f = v->files; f != NULL; f = f->next) {
        if (loss == CUT_LOSE_NONE)
            file_sync(f);
        else if (loss == CUT_LOSE_SOME)
            file_lose_some(v, f);
        file_drop_waiting(f);
        f->exists = f->on_platter;
        if (!f->exists)
            image_resize(&f->platter, 0);
        image_copy(&f->now, &f->platter);
    }
    v->cut = true;
}

static bool handle_dead(const struct handle *h)
{
    return h->disk->cut || h->life != h->disk->life;
}

/* Counts an operation: true where power goes in it. */
static bool disk_count(struct cutvfs *v)
{
    v->ops++;
    return v->cut_at != 0 && v->ops >= v->cut_at;
}

/* One write or truncation, under the mutex. `change` owns its octets, which this takes. */
static int handle_change(struct handle *h, struct change change)
{
    struct cutvfs *v = h->disk;
    int rc = SQLITE_OK;
    bool power_goes = false;
    if (handle_dead(h)) {
        rc = SQLITE_IOERR_WRITE;
    } else if (h->file->name[0] != '\0') {
        power_goes = disk_count(v);
        v->writes++;
        if (v->writes == v->fail_write_at)
            rc = SQLITE_IOERR_WRITE;
        else if (v->full_from != 0 && v->writes >= v->full_from && change.octets != NULL)
            rc = SQLITE_FULL;
    }
    if (rc == SQLITE_OK)
        file_change(h->file, change);
    else
        free(change.octets);
    if (power_goes) {
        disk_cut(v, v->loss);
        rc = SQLITE_IOERR_WRITE;
    }
    return rc;
}

static int handle_sync(struct handle *h)
{
    struct cutvfs *v = h->disk;
    if (handle_dead(h))
        return SQLITE_IOERR_FSYNC;
    if (h->file->name[0] == '\0')
        return SQLITE_OK;
    bool power_goes = disk_count(v);
    v->syncs++;
    if (power_goes) {
        disk_cut(v, v->loss);
        return SQLITE_IOERR_FSYNC;
    }
    if (v->syncs == v->fail_sync_at) {
        file_drop_waiting(h->file);
        if (v->forget)
            image_copy(&h->file->now, &h->file->platter);
        return SQLITE_IOERR_FSYNC;
    }
    file_sync(h->file);
    return SQLITE_OK;
}

/* --- the methods of a file --------------------------------------------------------------------------- */

static struct handle *handle_lock_disk(sqlite3_file *file)
{
    struct handle *h = (struct handle *)file;
    pthread_mutex_lock(&h->disk->mutex);
    return h;
}

static int handle_unlock_disk(struct handle *h, int rc)
{
    pthread_mutex_unlock(&h->disk->mutex);
    return rc;
}

static int file_read(sqlite3_file *file, void *into, int len, sqlite3_int64 at)
{
    struct handle *h = handle_lock_disk(file);
    if (handle_dead(h))
        return handle_unlock_disk(h, SQLITE_IOERR_READ);
    const struct image *m = &h->file->now;
    size_t from = (size_t)at;
    size_t have = from < m->len ? m->len - from : 0;
    have = have < (size_t)len ? have : (size_t)len;
    memset(into, 0, (size_t)len);
    if (have > 0)
        memcpy(into, m->octets + from, have);
    return handle_unlock_disk(h, have < (size_t)len ? SQLITE_IOERR_SHORT_READ : SQLITE_OK);
}

static int file_write(sqlite3_file *file, const void *octets, int len, sqlite3_int64 at)
{
    struct change change = {.at = (size_t)at, .len = (size_t)len, .octets = must(malloc((size_t)len + 1))};
    memcpy(change.octets, octets, (size_t)len);
    struct handle *h = handle_lock_disk(file);
    return handle_unlock_disk(h, handle_change(h, change));
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    struct handle *h = handle_lock_disk(file);
    return handle_unlock_disk(h, handle_change(h, (struct change){.at = (size_t)len}));
}

static int file_sync_method(sqlite3_file *file, int flags)
{
    (void)flags;
    struct handle *h = handle_lock_disk(file);
    return handle_unlock_disk(h, handle_sync(h));
}

static int file_size(sqlite3_file *file, sqlite3_int64 *len)
{
    struct handle *h = handle_lock_disk(file);
    *len = (sqlite3_int64)h->file->now.len;
    return handle_unlock_disk(h, handle_dead(h) ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

/* The strongest lock that another living handle holds on the file. */
static int file_strongest_other(const struct handle *h)
{
    int strongest = SQLITE_LOCK_NONE;
    for (const struct handle *o = h->file->handles; o != NULL; o = o->next) {
        if (o != h && o->life == h->life && o->lock > strongest)
            strongest = o->lock;
    }
    return strongest;
}

static int file_lock(sqlite3_file *file, int level)
{
    struct handle *h = handle_lock_disk(file);
    if (handle_dead(h))
        return handle_unlock_disk(h, SQLITE_IOERR_LOCK);
    if (h->lock >= level)
        return handle_unlock_disk(h, SQLITE_OK);
    int other = file_strongest_other(h);
    bool shared = level == SQLITE_LOCK_SHARED;
    if (other >= (shared ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
        return handle_unlock_disk(h, SQLITE_BUSY);
    if (level == SQLITE_LOCK_EXCLUSIVE && other >= SQLITE_LOCK_SHARED) {
        h->lock = SQLITE_LOCK_PENDING; /* keeps new readers out until the old ones have left */
        return handle_unlock_disk(h, SQLITE_BUSY);
    }
    h->lock = level;
    return handle_unlock_disk(h, SQLITE_OK);
}

static int file_unlock(sqlite3_file *file, int level)
{
    struct handle *h = handle_lock_disk(file);
    if (h->lock > level)
        h->lock = level;
    return handle_unlock_disk(h, SQLITE_OK);
}

static int file_check_reserved(sqlite3_file *file, int *reserved)
{
    struct handle *h = handle_lock_disk(file);
    *reserved = h->lock >= SQLITE_LOCK_RESERVED || file_strongest_other(h) >= SQLITE_LOCK_RESERVED;
    return handle_unlock_disk(h, SQLITE_OK);
}

static int file_control(sqlite3_file *file, int op, void *argument)
{
    (void)file;
    (void)op;
    (void)argument;
    return SQLITE_NOTFOUND;
}

/* As SQLite's own VFS on Linux says of itself. */
static int file_sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- the WAL index ----------------------------------------------------------------------------------- */

static void index_leave(struct handle *h)
{
    struct wal_index *x = h->index;
    h->index = NULL;
    h->index_shared = 0;
    h->index_exclusive = 0;
    if (x == NULL || --x->handles > 0)
        return;
    if (h->file->index == x)
        h->file->index = NULL;
    for (size_t i = 0; i < x->regions; i++)
        free(x->region[i]);
    free(x);
}

static int file_shm_map(sqlite3_file *file, int region, int octets, int extend, void volatile **memory)
{
    struct handle *h = handle_lock_disk(file);
    *memory = NULL;
    if (handle_dead(h) || region >= REGIONS_MAX)
        return handle_unlock_disk(h, SQLITE_IOERR_SHMMAP);
    if (h->index == NULL) {
        if (h->file->index == NULL)
            h->file->index = must(calloc(1, sizeof *h->file->index));
        h->index = h->file->index;
        h->index->handles++;
    }
    struct wal_index *x = h->index;
    while (extend && x->regions <= (size_t)region)
        x->region[x->regions++] = must(calloc(1, (size_t)octets));
    if ((size_t)region < x->regions)
        *memory = x->region[region];
    return handle_unlock_disk(h, SQLITE_OK);
}

static int file_shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    struct handle *h = handle_lock_disk(file);
    unsigned mask = ((1u << count) - 1u) << first;
    if (flags & SQLITE_SHM_UNLOCK) {
        h->index_shared &= ~mask;
        h->index_exclusive &= ~mask;
        return handle_unlock_disk(h, SQLITE_OK);
    }
    if (handle_dead(h))
        return handle_unlock_disk(h, SQLITE_IOERR_SHMLOCK);
    unsigned taken = 0;
    for (const struct handle *o = h->file->handles; o != NULL; o = o->next) {
        if (o != h && o->index == h->index)
            taken |= o->index_exclusive | (flags & SQLITE_SHM_EXCLUSIVE ? o->index_shared : 0u);
    }
    if (taken & mask)
        return handle_unlock_disk(h, SQLITE_BUSY);
    if (flags & SQLITE_SHM_EXCLUSIVE)
        h->index_exclusive |= mask;
    else
        h->index_shared |= mask;
    return handle_unlock_disk(h, SQLITE_OK);
}

static void file_shm_barrier(sqlite3_file *file)
{
    handle_unlock_disk(handle_lock_disk(file), SQLITE_OK);
}

static int file_shm_unmap(sqlite3_file *file, int discard)
{
    (void)discard; /* the last one discards it anyway: the next to come rebuilds it from the WAL */
    struct handle *h = handle_lock_disk(file);
    index_leave(h);
    return handle_unlock_disk(h, SQLITE_OK);
}

static int file_close(sqlite3_file *file)
{
    struct handle *h = handle_lock_disk(file);
    struct cutvfs *v = h->disk;
    index_leave(h);
    struct handle **at = &h->file->handles;
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    pthread_mutex_unlock(&v->mutex);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync_method,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* --- the methods of the VFS -------------------------------------------------------------------------- */

static struct disk_file *disk_file_for(struct cutvfs *v, const char *name, int flags)
{
    if (name == NULL)
        return file_new(&v->nameless, "");
    struct disk_file *f = file_find(v, name);
    if ((f == NULL || !f->exists) && !(flags & SQLITE_OPEN_CREATE))
        return NULL;
    if (f == NULL)
        f = file_new(&v->files, name);
    f->exists = true;
    return f;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    struct cutvfs *v = vfs->pAppData;
    struct handle *h = (struct handle *)file;
    h->base.pMethods = NULL;
    pthread_mutex_lock(&v->mutex);
    struct disk_file *f = v->cut ? NULL : disk_file_for(v, name, flags);
    if (f != NULL) {
        *h = (struct handle){.base.pMethods = &methods, .disk = v, .file = f, .life = v->life};
        h->next = f->handles;
        f->handles = h;
    }
    pthread_mutex_unlock(&v->mutex);
    if (out_flags != NULL)
        *out_flags = flags;
    return f != NULL ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    struct cutvfs *v = vfs->pAppData;
    int rc = SQLITE_OK;
    pthread_mutex_lock(&v->mutex);
    struct disk_file *f = file_find(v, name);
    if (v->cut) {
        rc = SQLITE_IOERR_DELETE;
    } else if (f == NULL || !f->exists) {
        rc = SQLITE_IOERR_DELETE_NOENT;
    } else {
        bool power_goes = disk_count(v);
        f->exists = false;
        file_change(f, (struct change){.at = 0});
        if (power_goes) {
            disk_cut(v, v->loss);
            rc = SQLITE_IOERR_DELETE;
        } else if (sync_directory) {
            file_sync(f);
        }
    }
    pthread_mutex_unlock(&v->mutex);
    return rc;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)flags;
    struct cutvfs *v = vfs->pAppData;
    pthread_mutex_lock(&v->mutex);
    struct disk_file *f = file_find(v, name);
    *result = f != NULL && f->exists;
    int rc = v->cut ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    pthread_mutex_unlock(&v->mutex);
    return rc;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int room, char *into)
{
    (void)vfs;
    size_t len = strlen(name);
    if (len >= (size_t)room)
        return SQLITE_CANTOPEN;
    memcpy(into, name, len + 1);
    return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int len, char *into)
{
    struct cutvfs *v = vfs->pAppData;
    pthread_mutex_lock(&v->mutex);
    for (int i = 0; i < len; i++)
        into[i] = (char)disk_random(v);
    pthread_mutex_unlock(&v->mutex);
    return len;
}

static int disk_sleep(sqlite3_vfs *vfs, int us)
{
    struct cutvfs *v = vfs->pAppData;
    return v->system->xSleep(v->system, us);
}

static int disk_time(sqlite3_vfs *vfs, double *julian)
{
    struct cutvfs *v = vfs->pAppData;
    return v->system->xCurrentTime(v->system, julian);
}

/* --- the door ---------------------------------------------------------------------------------------- */

struct cutvfs *cutvfs_new(const char *name, uint64_t seed)
{
    struct cutvfs *v = must(calloc(1, sizeof *v));
    v->system = sqlite3_vfs_find(NULL);
    v->random = seed;
    pthread_mutex_init(&v->mutex, NULL);
    v->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(struct handle),
        .mxPathname = NAME_MAX_OCTETS,
        .zName = must(strdup(name)),
        .pAppData = v,
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_full_path,
        .xRandomness = disk_randomness,
        .xSleep = disk_sleep,
        .xCurrentTime = disk_time,
    };
    sqlite3_vfs_register(&v->vfs, 0);
    return v;
}

static void files_free(struct disk_file *list)
{
    while (list != NULL) {
        struct disk_file *next = list->next;
        file_free(list);
        list = next;
    }
}

void cutvfs_free(struct cutvfs *v)
{
    sqlite3_vfs_unregister(&v->vfs);
    files_free(v->files);
    files_free(v->nameless);
    free((char *)v->vfs.zName);
    pthread_mutex_destroy(&v->mutex);
    free(v);
}

static uint64_t guarded_count(struct cutvfs *v, const uint64_t *count)
{
    pthread_mutex_lock(&v->mutex);
    uint64_t value = *count;
    pthread_mutex_unlock(&v->mutex);
    return value;
}

uint64_t cutvfs_ops(struct cutvfs *v)
{
    return guarded_count(v, &v->ops);
}

uint64_t cutvfs_writes(struct cutvfs *v)
{
    return guarded_count(v, &v->writes);
}

uint64_t cutvfs_syncs(struct cutvfs *v)
{
    return guarded_count(v, &v->syncs);
}

/* An order "at the n-th from now" becomes the count that it is due at. */
static uint64_t due(uint64_t count, uint64_t nth)
{
    return nth != 0 ? count + nth : 0;
}

void cutvfs_cut_at(struct cutvfs *v, uint64_t nth, enum cut_loss loss)
{
    pthread_mutex_lock(&v->mutex);
    v->cut_at = due(v->ops, nth);
    v->loss = loss;
    pthread_mutex_unlock(&v->mutex);
}

void cutvfs_cut(struct cutvfs *v, enum cut_loss loss)
{
    pthread_mutex_lock(&v->mutex);
    if (!v->cut)
        disk_cut(v, loss);
    pthread_mutex_unlock(&v->mutex);
}

bool cutvfs_is_cut(struct cutvfs *v)
{
    pthread_mutex_lock(&v->mutex);
    bool cut = v->cut;
    pthread_mutex_unlock(&v->mutex);
    return cut;
}

/* Who had files open is no more; the WAL index goes with the last of its dead handles. */
static void disk_next_life(struct cutvfs *v)
{
    v->life++;
    for (struct disk_file *f = v->files; f != NULL; f = f->next)
        f->index = NULL;
}

void cutvfs_kill(struct cutvfs *v)
{
    pthread_mutex_lock(&v->mutex);
    disk_next_life(v);
    pthread_mutex_unlock(&v->mutex);
}

void cutvfs_reboot(struct cutvfs *v)
{
    pthread_mutex_lock(&v->mutex);
    if (!v->cut)
        disk_cut(v, CUT_LOSE_ALL);
    v->cut = false;
    v->cut_at = 0;
    v->fail_write_at = 0;
    v->full_from = 0;
    v->fail_sync_at = 0;
    disk_next_life(v);
    pthread_mutex_unlock(&v->mutex);
}

void cutvfs_fail_write(struct cutvfs *v, uint64_t nth)
{
    pthread_mutex_lock(&v->mutex);
    v->fail_write_at = due(v->writes, nth);
    pthread_mutex_unlock(&v->mutex);
}

void cutvfs_full_at(struct cutvfs *v, uint64_t nth)
{
    pthread_mutex_lock(&v->mutex);
    v->full_from = due(v->writes, nth);
    pthread_mutex_unlock(&v->mutex);
}

void cutvfs_give_space(struct cutvfs *v)
{
    cutvfs_full_at(v, 0);
}

void cutvfs_fail_sync(struct cutvfs *v, uint64_t nth, bool forget)
{
    pthread_mutex_lock(&v->mutex);
    v->fail_sync_at = due(v->syncs, nth);
    v->forget = forget;
    pthread_mutex_unlock(&v->mutex);
}

size_t cutvfs_file_size(struct cutvfs *v, const char *name)
{
    pthread_mutex_lock(&v->mutex);
    struct disk_file *f = file_find(v, name);
    size_t len = f != NULL && f->exists ? f->now.len : SIZE_MAX;
    pthread_mutex_unlock(&v->mutex);
    return len;
}
