// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a fuzz target without libFuzzer, in every test run: all files of the folders and files named, then
 * mutations of them, the same ones each time: the target's own, where it has some, and plain ones.
 *
 *     fuzz_link [-n MUTATIONS] [FILE | FOLDER]...
 *
 * What can't be opened is passed over, so that corpora outside the tree may be absent.
 */
#include "grammar.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma weak LLVMFuzzerCustomMutator

enum { SEEDS_MAX = 4096, INPUT_MAX = 8192 };

struct seed {
    uint8_t *octets;
    size_t len;
};

struct driver {
    struct seed seeds[SEEDS_MAX];
    size_t n;
    struct dice dice;
};

/* What LLVMFuzzerMutate has no parameter for. */
static struct driver driver = {.dice = {88172645463325252U}};

/* A copy of exact size, so that a sanitizer sees every octet read too far. */
static void run(const uint8_t *octets, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    if (len)
        memcpy(copy, octets, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void add_file(struct driver *d, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return;
    uint8_t *octets = malloc(INPUT_MAX);
    if (octets && d->n < SEEDS_MAX) {
        d->seeds[d->n++] = (struct seed){octets, fread(octets, 1, INPUT_MAX, f)};
        octets = NULL;
    }
    free(octets);
    fclose(f);
}

/* In the order of names: the mutations must not depend on the file system. */
static void add_path(struct driver *d, const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) {
        add_file(d, path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char name[1024];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            add_file(d, name);
        free(entries[i]);
    }
    free(entries);
}

static void set_length(uint8_t *octets, size_t *len, size_t wanted)
{
    if (wanted > INPUT_MAX)
        wanted = INPUT_MAX;
    if (wanted > *len)
        memset(octets + *len, 0, wanted - *len);
    *len = wanted;
}

static void mutate_once(struct driver *d, uint8_t *octets, size_t *len)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x05, 0x06, 0x07, 0x17, 0x28,
                                      0x5B, 0x64, 0x7F, 0x80, 0x81, 0xC0, 0xFF};
    uint32_t at = *len ? dice_roll(&d->dice, (uint32_t)*len) : 0;
    switch (*len ? dice_roll(&d->dice, 6) : 5) {
    case 0:
        octets[at] ^= (uint8_t)(1U << dice_roll(&d->dice, 8));
        break;
    case 1:
        octets[at] = telling[dice_roll(&d->dice, sizeof telling)];
        break;
    case 2:
        octets[at] = (uint8_t)dice_roll(&d->dice, 256);
        break;
    case 3: /* cut out an octet */
        memmove(octets + at, octets + at + 1, *len - at - 1);
        --*len;
        break;
    case 4:
        set_length(octets, len, at);
        break;
    default: { /* put in a piece of another seed */
        const struct seed *other = &d->seeds[dice_roll(&d->dice, (uint32_t)d->n)];
        size_t n = other->len ? dice_roll(&d->dice, (uint32_t)(other->len < 64 ? other->len : 64)) + 1U : 0;
        size_t from = other->len > n ? dice_roll(&d->dice, (uint32_t)(other->len - n)) : 0;
        size_t old = *len;
        set_length(octets, len, *len + n);
        n = *len - old;
        memmove(octets + at + n, octets + at, old - at);
        memcpy(octets + at, other->octets + from, n);
    }
    }
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    static uint8_t octets[INPUT_MAX];
    size_t len = size;
    memcpy(octets, data, len);
    mutate_once(&driver, octets, &len);
    len = len < max_size ? len : max_size;
    memcpy(data, octets, len);
    return len;
}

static void run_mutation(struct driver *d)
{
    static uint8_t octets[INPUT_MAX];
    const struct seed *seed = &d->seeds[dice_roll(&d->dice, (uint32_t)d->n)];
    size_t len = seed->len;
    memcpy(octets, seed->octets, len);
    for (uint32_t times = dice_roll(&d->dice, 6) + 1; times > 0; times--) {
        if (LLVMFuzzerCustomMutator)
            len = LLVMFuzzerCustomMutator(octets, len, INPUT_MAX, (unsigned)dice_roll(&d->dice, UINT32_MAX));
        else
            mutate_once(d, octets, &len);
    }
    run(octets, len);
}

int main(int argc, char **argv)
{
    struct driver *d = &driver;
    unsigned long mutations = 20000;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            mutations = strtoul(argv[++i], NULL, 10);
        else
            add_path(d, argv[i]);
    }
    if (d->n == 0) {
        fprintf(stderr, "%s: no seeds\n", argv[0]);
        return 1;
    }
    run(NULL, 0);
    for (size_t i = 0; i < d->n; i++)
        run(d->seeds[i].octets, d->seeds[i].len);
    for (unsigned long i = 0; i < mutations; i++)
        run_mutation(d);
    printf("%zu seeds, %lu mutations\n", d->n, mutations);
    for (size_t i = 0; i < d->n; i++)
        free(d->seeds[i].octets);
    return 0;
}
