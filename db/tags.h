// SPDX-License-Identifier: Apache-2.0
/* Tags: while there is one, nobody operates the point, or anything of the station. */
#ifndef DB_TAGS_H
#define DB_TAGS_H

#include "db/reader.h"

enum { TAGS_MAX = 10000 };

/* Texts are UTF-8. */
struct stored_tag {
    int64_t id; /* of the record in the audit that tells of its placing */
    int64_t at_ms;
    uint32_t station;
    uint32_t index;
    uint8_t type; /* of the point; 0: the whole station */
    const char *kind;
    const char *text;
    const char *who;
};

/* Inside a transaction. Taking away one that is not there is no error. */
enum store_result store_put_tag(struct store *s, const struct stored_tag *tag);
enum store_result store_delete_tag(struct store *s, int64_t id);

/* In the order of their placing, at most TAGS_MAX; `take` is called within the call, its texts are lent for
 * that long, and it may say false to end it. */
enum store_result reader_tags(struct journal_reader *r,
                              bool (*take)(void *context, const struct stored_tag *tag), void *context);

#endif
