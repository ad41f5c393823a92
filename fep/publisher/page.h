// SPDX-License-Identifier: Apache-2.0
/*
 * Files that are in the program itself: fep/page/ and openapi.json. The table is made when fepd is built
 * (fep/publisher/page.cmake).
 */
#ifndef FEP_PAGE_H
#define FEP_PAGE_H

#include <stddef.h>

struct page_file {
    const char *path; /* as it is asked for */
    const char *etag; /* with its quotes */
    const unsigned char *octets;
    size_t len;
};

extern const struct page_file page_files[];
extern const size_t page_files_len;

const struct page_file *page_find(const char *path); /* NULL where there is none */

#endif
