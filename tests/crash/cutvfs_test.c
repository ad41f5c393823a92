// SPDX-License-Identifier: Apache-2.0
/* The disk of the tests keeps and loses what it says: a test on a disk that forgets nothing would prove
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "support/cutvfs.h"

enum { LEN = 4096, SECTOR = 512 };

struct bench {
    struct cutvfs *disk;
    sqlite3_vfs *vfs;
    sqlite3_file *file;
};

static void bench_open(struct bench *b, int flags)
{
    memset(b->file, 0, (size_t)b->vfs->szOsFile);
    flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_DB;
    assert_int_equal(b->vfs->xOpen(b->vfs, "a", b->file, flags, NULL), SQLITE_OK);
}

static struct bench bench_new(uint64_t seed)
{
    struct bench b = {.disk = cutvfs_new("bench", seed), .vfs = sqlite3_vfs_find("bench")};
    assert_non_null(b.vfs);
    b.file = malloc((size_t)b.vfs->szOsFile);
    assert_non_null(b.file);
    bench_open(&b, SQLITE_OPEN_CREATE);
    return b;
}

static void bench_free(struct bench *b)
{
    b->file->pMethods->xClose(b->file);
    free(b->file);
    cutvfs_free(b->disk);
}

static void bench_reboot(struct bench *b)
{
    cutvfs_reboot(b->disk);
    b->file->pMethods->xClose(b->file);
    bench_open(b, 0);
}

static int bench_write(struct bench *b, int64_t at, char octet)
{
    char octets[LEN];
    memset(octets, octet, sizeof octets);
    return b->file->pMethods->xWrite(b->file, octets, LEN, at);
}

static int bench_sync(struct bench *b)
{
    return b->file->pMethods->xSync(b->file, SQLITE_SYNC_NORMAL);
}

static char bench_at(struct bench *b, int64_t at)
{
    char octet = '?';
    b->file->pMethods->xRead(b->file, &octet, 1, at);
    return octet;
}

static void a_cut_takes_all_that_was_not_synced(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    bench_write(&b, 0, 'a');
    assert_int_equal(bench_sync(&b), SQLITE_OK);
    bench_write(&b, 0, 'b');
    bench_write(&b, LEN, 'c');
    assert_int_equal(bench_at(&b, 0), 'b');
    assert_int_equal(cutvfs_file_size(b.disk, "a"), 2 * LEN);
    cutvfs_cut(b.disk, CUT_LOSE_ALL);
    assert_true(cutvfs_is_cut(b.disk));
    assert_int_not_equal(bench_write(&b, 0, 'd'), SQLITE_OK);
    bench_reboot(&b);
    assert_false(cutvfs_is_cut(b.disk));
    assert_int_equal(bench_at(&b, 0), 'a');
    assert_int_equal(cutvfs_file_size(b.disk, "a"), LEN);
    bench_free(&b);
}

static void a_cut_may_take_nothing(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    bench_write(&b, 0, 'a');
    bench_write(&b, LEN, 'b');
    b.file->pMethods->xTruncate(b.file, LEN);
    cutvfs_cut(b.disk, CUT_LOSE_NONE);
    bench_reboot(&b);
    assert_int_equal(bench_at(&b, 0), 'a');
    assert_int_equal(cutvfs_file_size(b.disk, "a"), LEN);
    bench_free(&b);
}

/* What survives of two writes over a synced file: for each of 16 sectors, new or old. */
static unsigned survivors(uint64_t seed)
{
    struct bench b = bench_new(seed);
    bench_write(&b, 0, 'a');
    bench_write(&b, LEN, 'a');
    bench_sync(&b);
    bench_write(&b, 0, 'b');
    bench_write(&b, LEN, 'b');
    cutvfs_cut(b.disk, CUT_LOSE_SOME);
    bench_reboot(&b);
    unsigned found = 0;
    for (unsigned i = 0; i < 2 * LEN; i++) {
        char octet = bench_at(&b, i);
        assert_true(octet == 'a' || octet == 'b');
        if (i % SECTOR == 0)
            found |= (octet == 'b' ? 1u : 0u) << i / SECTOR;
        else
            assert_int_equal(octet == 'b', found >> (i / SECTOR) & 1);
    }
    bench_free(&b);
    return found;
}

static void a_cut_may_tear(void **state)
{
    (void)state;
    unsigned kept = 0;
    unsigned lost = 0;
    unsigned torn_early = 0;
    unsigned torn_last = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        unsigned found = survivors(seed);
        unsigned early = found & 0xff;
        unsigned last = found >> 8;
        kept += early == 0xff;
        lost += early == 0;
        torn_early += early != 0 && early != 0xff;
        torn_last += last != 0 && last != 0xff;
        assert_int_equal(survivors(seed), found);
    }
    assert_true(kept > 5 && lost > 2 && torn_early > 2 && torn_last > 30);
}

static void a_cut_comes_at_the_operation_that_was_named(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    bench_write(&b, 0, 'a');
    uint64_t ops = cutvfs_ops(b.disk);
    cutvfs_cut_at(b.disk, 3, CUT_LOSE_NONE);
    assert_int_equal(bench_write(&b, 0, 'b'), SQLITE_OK);
    assert_int_equal(bench_sync(&b), SQLITE_OK);
    assert_false(cutvfs_is_cut(b.disk));
    assert_int_not_equal(bench_write(&b, 0, 'c'), SQLITE_OK);
    assert_int_equal(cutvfs_ops(b.disk), ops + 3);
    assert_int_not_equal(bench_sync(&b), SQLITE_OK);
    char octet = 0;
    assert_int_not_equal(b.file->pMethods->xRead(b.file, &octet, 1, 0), SQLITE_OK);
    cutvfs_reboot(b.disk);
    assert_int_not_equal(bench_write(&b, 0, 'd'), SQLITE_OK); /* of a former life */
    bench_reboot(&b);
    assert_int_equal(bench_at(&b, 0), 'c');
    assert_int_equal(bench_write(&b, 0, 'e'), SQLITE_OK);
    bench_free(&b);
}

static void a_write_fails_once(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    cutvfs_fail_write(b.disk, 2);
    assert_int_equal(bench_write(&b, 0, 'a'), SQLITE_OK);
    assert_int_equal(bench_write(&b, 0, 'b') & 0xff, SQLITE_IOERR);
    assert_int_equal(bench_at(&b, 0), 'a');
    assert_int_equal(bench_write(&b, 0, 'c'), SQLITE_OK);
    bench_free(&b);
}

static void a_full_disk_stays_full(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    cutvfs_full_at(b.disk, 2);
    assert_int_equal(bench_write(&b, 0, 'a'), SQLITE_OK);
    assert_int_equal(bench_write(&b, 0, 'b'), SQLITE_FULL);
    assert_int_equal(bench_write(&b, 0, 'b'), SQLITE_FULL);
    assert_int_equal(bench_at(&b, 0), 'a');
    assert_int_equal(bench_sync(&b), SQLITE_OK);
    cutvfs_give_space(b.disk);
    assert_int_equal(bench_write(&b, 0, 'c'), SQLITE_OK);
    bench_free(&b);
}

static void a_failed_sync_drops_what_waited(void **state)
{
    (void)state;
    for (int forget = 0; forget < 2; forget++) {
        struct bench b = bench_new(1);
        bench_write(&b, 0, 'a');
        bench_sync(&b);
        bench_write(&b, 0, 'b');
        cutvfs_fail_sync(b.disk, 1, forget);
        assert_int_equal(bench_sync(&b), SQLITE_IOERR_FSYNC);
        assert_int_equal(bench_at(&b, 0), forget ? 'a' : 'b');
        assert_int_equal(bench_sync(&b), SQLITE_OK); /* as if all were well */
        cutvfs_cut(b.disk, CUT_LOSE_ALL);
        bench_reboot(&b);
        assert_int_equal(bench_at(&b, 0), 'a');
        bench_free(&b);
    }
}

static void a_deletion_needs_its_directory_synced(void **state)
{
    (void)state;
    for (int synced = 0; synced < 2; synced++) {
        struct bench b = bench_new(1);
        bench_write(&b, 0, 'a');
        bench_sync(&b);
        assert_int_equal(b.vfs->xDelete(b.vfs, "a", synced), SQLITE_OK);
        assert_true(cutvfs_file_size(b.disk, "a") == SIZE_MAX);
        cutvfs_cut(b.disk, CUT_LOSE_ALL);
        cutvfs_reboot(b.disk);
        assert_true(cutvfs_file_size(b.disk, "a") == (synced ? SIZE_MAX : LEN));
        bench_free(&b);
    }
}

static void a_kill_loses_nothing_that_the_machine_holds(void **state)
{
    (void)state;
    struct bench b = bench_new(1);
    bench_write(&b, 0, 'a');
    cutvfs_kill(b.disk);
    assert_int_not_equal(bench_sync(&b), SQLITE_OK);
    b.file->pMethods->xClose(b.file);
    bench_open(&b, 0);
    assert_int_equal(bench_at(&b, 0), 'a');
    cutvfs_cut(b.disk, CUT_LOSE_ALL);
    cutvfs_reboot(b.disk);
    assert_true(cutvfs_file_size(b.disk, "a") == SIZE_MAX);
    bench_free(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_takes_all_that_was_not_synced),
        cmocka_unit_test(a_cut_may_take_nothing),
        cmocka_unit_test(a_cut_may_tear),
        cmocka_unit_test(a_cut_comes_at_the_operation_that_was_named),
        cmocka_unit_test(a_write_fails_once),
        cmocka_unit_test(a_full_disk_stays_full),
        cmocka_unit_test(a_failed_sync_drops_what_waited),
        cmocka_unit_test(a_deletion_needs_its_directory_synced),
        cmocka_unit_test(a_kill_loses_nothing_that_the_machine_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
