// SPDX-License-Identifier: Apache-2.0
/*
 * Tells fields one behind the other, for field.c: what they mean is put into `value` and `detail` first, then
 * teller_tell() takes the next octets.
 *
 *     text_uint(&x.value, teller_at(&x)[0]);
 *     teller_tell(&x, "group", 1);
 */
#ifndef TOOLS_DNP3DUMP_TELLER_H
#define TOOLS_DNP3DUMP_TELLER_H

#include "protocol/app.h"
#include "protocol/text.h"
#include "tools/dnp3dump/field.h"

enum { TELLER_VALUE = 1024 }; /* a longer one ends in "..." */

struct teller {
    field_taker *take;
    void *context;
    const uint8_t *octets;
    size_t len;
    size_t done; /* octets told */
    bool secret; /* the next field is */
    enum defect_kind defect;
    struct text value;
    char value_room[TELLER_VALUE];
    char detail[DEFECT_DETAIL];
};

void teller_begin(struct teller *x, const uint8_t *octets, size_t len, field_taker *take, void *context);
const uint8_t *teller_at(const struct teller *x);
/* The next field breaks a rule; the first one marked counts. */
void teller_mark(struct teller *x, enum defect_kind kind, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));
void teller_tell(struct teller *x, const char *name, size_t len);
/* Octets that nothing can be made of; marked before. */
void teller_pass(struct teller *x, size_t len);
/* A little-endian number of up to 8 octets. */
uint64_t teller_uint(struct teller *x, const char *name, size_t len);

/* The i-th object of a header that carries objects, without its prefix; packed ones all at once, with i 0. */
void field_object(struct teller *x, const struct object_header *h, uint32_t i, bool have_base);

#endif
