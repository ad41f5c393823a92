// SPDX-License-Identifier: Apache-2.0
/*
 * Octets written down by people and logs: "05 64 05 C0", "0564 05c0", "0x05, 0x64", "05:64". What follows a #
 * is a remark. Lines that belong together follow each other; an empty line ends them.
 */
#ifndef TOOLS_DNP3DUMP_HEX_H
#define TOOLS_DNP3DUMP_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends the octets of one line. *len grows up to `room`. False where it is not hex or does not fit: *column
 * (from 1) tells where. */
bool hex_line(const char *line, uint8_t *octets, size_t room, size_t *len, size_t *column);
bool hex_line_is_empty(const char *line); /* white space at most; a remark is not empty */

#endif
