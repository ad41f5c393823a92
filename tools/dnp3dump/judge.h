// SPDX-License-Identifier: Apache-2.0
/* The rules that a frame and a fragment can break by themselves. */
#ifndef TOOLS_DNP3DUMP_JUDGE_H
#define TOOLS_DNP3DUMP_JUDGE_H

#include "protocol/app.h"
#include "protocol/link.h"
#include "tools/dnp3dump/defect.h"

void judge_frame(const struct link_frame *frame, struct defects *d);
/* `from_master`: DIR of the frame that brought it. */
void judge_fragment(const uint8_t *octets, size_t len, bool from_master, struct defects *d);

#endif
