// SPDX-License-Identifier: Apache-2.0
/* Where octets come from: capture files through libpcap, and hex. Each returns an exit status of sysexits.h.
 */
#ifndef TOOLS_DNP3DUMP_CAPTURE_H
#define TOOLS_DNP3DUMP_CAPTURE_H

#include "tools/dnp3dump/dump.h"

/* pcap or pcapng; "-" is stdin. A file that ends in the middle of a packet is told, and read up to there. */
int capture_read(struct dump *d, const char *name);
/* An open one, which is closed unless it is stdin. Where the status is not EX_OK, `why` tells. */
int capture_read_file(struct dump *d, FILE *file, const char *name, char *why, size_t room);
/* Frames; blocks end with an empty line. With options.fragments each line is an application fragment. */
int capture_read_hex(struct dump *d, FILE *from, char *why, size_t room);

#endif
