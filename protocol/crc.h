// SPDX-License-Identifier: Apache-2.0
/* CRC-16/DNP (dnp3-reference/link.md 2). Sent low octet first. */
#ifndef PROTOCOL_CRC_H
#define PROTOCOL_CRC_H

#include <stddef.h>
#include <stdint.h>

uint16_t crc_dnp(const uint8_t *octets, size_t len);

#endif
