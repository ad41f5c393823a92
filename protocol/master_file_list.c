// SPDX-License-Identifier: Apache-2.0
#include "protocol/master_file_list.h"

enum { NAME_LEN_AT = 2 };

static size_t name_len(const struct file_list *list)
{
    return (size_t)list->octets[NAME_LEN_AT] | (size_t)list->octets[NAME_LEN_AT + 1] << 8;
}

static size_t skip(struct file_list *list, struct reader *r)
{
    size_t len = reader_left(r) < list->skip ? reader_left(r) : list->skip;
    read_octets(r, len);
    list->skip = (uint16_t)(list->skip - len);
    return len;
}

/* Fills the entry under way up to `len` octets; false where the block ends before. */
static bool fill(struct file_list *list, struct reader *r, size_t len)
{
    size_t more = len - list->have;
    if (more > reader_left(r))
        more = reader_left(r);
    memcpy(list->octets + list->have, read_octets(r, more), more);
    list->have = (uint16_t)(list->have + more);
    return list->have == len;
}

static enum file_list_result hand_over(struct file_list *list, file_list_entry *entry, void *context)
{
    struct reader r = reader_over(list->octets, list->have);
    struct file_descriptor descriptor;
    if (!file_entry_next(&r, &descriptor))
        return FILE_LIST_WRONG;
    list->have = 0;
    return entry(context, &descriptor) ? FILE_LIST_MORE : FILE_LIST_STOPPED;
}

/* A name that no file system of ours could hold: the entry is left out, those behind it are not. */
static void leave_out(struct file_list *list)
{
    list->skip = (uint16_t)name_len(list);
    list->have = 0;
    list->too_long++;
}

enum file_list_result file_list_take(struct file_list *list, const uint8_t *octets, size_t len,
                                     file_list_entry *entry, void *context)
{
    struct reader r = reader_over(octets, len);
    while (skip(list, &r), reader_left(&r)) {
        if (list->have < FILE_LIST_FIXED && !fill(list, &r, FILE_LIST_FIXED))
            break;
        if (name_len(list) > FILE_LIST_NAME_MAX) {
            leave_out(list);
            continue;
        }
        if (!fill(list, &r, FILE_LIST_FIXED + name_len(list)))
            break;
        enum file_list_result result = hand_over(list, entry, context);
        if (result != FILE_LIST_MORE)
            return result;
    }
    return FILE_LIST_MORE;
}

bool file_list_is_whole(const struct file_list *list)
{
    return list->have == 0 && list->skip == 0;
}
