// SPDX-License-Identifier: Apache-2.0
/* cmocka and the headers that it wants before it. */
#ifndef SUPPORT_CM_H
#define SUPPORT_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
