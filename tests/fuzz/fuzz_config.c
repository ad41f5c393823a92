// SPDX-License-Identifier: Apache-2.0
/* Any octets give either a snapshot or errors. */
#include "config/config.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct config_errors errors = {0};
    struct config *config = config_load_memory("fuzz.yaml", (const char *)bytes, len, &errors);
    assert((config == NULL) == (errors.len > 0));
    config_free(config);
    config_errors_free(&errors);
    return 0;
}
