// SPDX-License-Identifier: Apache-2.0
/*
 * What the store must know of a station list before anything else happens: a number for each name, and the
 * descriptions of points for the public views. The store's owner only, outside a transaction.
 */
#ifndef FEP_REGISTRATION_H
#define FEP_REGISTRATION_H

#include "config/config.h"
#include "db/store.h"

/* One transaction. numbers[i] belongs to config->stations[i]. On failure nothing was stored and `error` holds
 * one line. */
enum store_result registration_write(struct store *store, const struct config *config, uint32_t *numbers,
                                     char *error, size_t room);

#endif
