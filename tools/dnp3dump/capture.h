// SPDX-License-Identifier: Apache-2.0
/* Where octets come from: capture files through libpcap, and hex. Each returns an exit status of sysexits.h.
 */
#ifndef TOOLS_DNP3DUMP_CAPTURE_H
#define TOOLS_DNP3DUMP_CAPTURE_H

#include "tools/dnp3dump/dump.h"

/* pcap or pcapng; "-" is stdin. A file that ends in the middle of a packet is told, and read up to there. */
int capture_read(struct dump *d, const char *name);
/* Frames; blocks end with an empty line. With options.fragments each line is an application fragment. */
int capture_read_hex(struct dump *d, FILE *from);

#endif
