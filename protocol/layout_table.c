// SPDX-License-Identifier: Apache-2.0
/* The layouts: dnp3-reference/objects.md 3, files.md 1, security-sav5.md 3 and 9. */
#include "protocol/layout.h"

#define NUMBER(octets, n)                                                                                    \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_NUMBER, .width = (octets)                                                \
    }
#define NAMED(octets, n, list)                                                                               \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_NUMBER, .width = (octets), .names = (list)                               \
    }
#define BITS(octets, n, list)                                                                                \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_BITS, .width = (octets), .names = (list)                                 \
    }
#define TOPPED(octets, n, bit)                                                                               \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_NUMBER, .width = (octets), .top = (bit)                                  \
    }
#define TIME(n)                                                                                              \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_TIME, .width = 6                                                         \
    }
#define BCD(octets, n)                                                                                       \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_BCD, .width = (octets)                                                   \
    }
/* As many octets as the field in place `by` counts; all that are left. */
#define TEXT_BY(by, n)                                                                                       \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_TEXT, .length = (by) + 1                                                 \
    }
#define TEXT_AT(by, place, n)                                                                                \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_TEXT, .length = (by) + 1, .position = (place) + 1                        \
    }
#define TEXT_REST(n)                                                                                         \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_TEXT                                                                     \
    }
#define OCTETS_BY(by, n)                                                                                     \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_OCTETS, .length = (by) + 1                                               \
    }
#define OCTETS_REST(n)                                                                                       \
    {                                                                                                        \
        .name = (n), .kind = LAYOUT_OCTETS                                                                   \
    }

static const struct layout_name schedule_units[] = {{0, "NO_REPEAT"},
                                                    {1, "MS"},
                                                    {2, "S"},
                                                    {3, "MIN"},
                                                    {4, "H"},
                                                    {5, "DAYS"},
                                                    {6, "WEEKS"},
                                                    {7, "MONTHS"},
                                                    {8, "MONTHS_SAME_WEEKDAY"},
                                                    {9, "MONTHS_SAME_WEEKDAY_FROM_END"},
                                                    {10, "SEASONS"},
                                                    {0, NULL}};
static const struct layout_name file_modes[] = {
    {0, "NULL"}, {1, "READ"}, {2, "WRITE"}, {3, "APPEND"}, {0, NULL}};
static const struct layout_name file_types[] = {{0, "DIRECTORY"}, {1, "FILE"}, {0, NULL}};
static const struct layout_name file_statuses[] = {{0, "SUCCESS"},
                                                   {1, "PERMISSION_DENIED"},
                                                   {2, "INVALID_MODE"},
                                                   {3, "FILE_NOT_FOUND"},
                                                   {4, "FILE_LOCKED"},
                                                   {5, "TOO_MANY_OPEN"},
                                                   {6, "INVALID_HANDLE"},
                                                   {7, "WRITE_BLOCK_SIZE"},
                                                   {8, "COMM_LOST"},
                                                   {9, "CANNOT_ABORT"},
                                                   {16, "NOT_OPENED"},
                                                   {17, "HANDLE_EXPIRED"},
                                                   {18, "BUFFER_OVERRUN"},
                                                   {19, "FATAL"},
                                                   {20, "BLOCK_SEQ"},
                                                   {255, "UNDEFINED"},
                                                   {0, NULL}};
static const struct layout_name file_permissions[] = {
    {0x100, "OWNER_R"}, {0x080, "OWNER_W"}, {0x040, "OWNER_X"}, {0x020, "GROUP_R"}, {0x010, "GROUP_W"},
    {0x008, "GROUP_X"}, {0x004, "WORLD_R"}, {0x002, "WORLD_W"}, {0x001, "WORLD_X"}, {0, NULL}};
static const struct layout_name statistic_flags[] = {{0x01, "ONLINE"},
                                                     {0x02, "RESTART"},
                                                     {0x04, "COMM_LOST"},
                                                     {0x08, "REMOTE_FORCED"},
                                                     {0x10, "LOCAL_FORCED"},
                                                     {0x40, "DISCONTINUITY"},
                                                     {0, NULL}};
static const struct layout_name mac_algorithms[] = {{0, "NONE"},
                                                    {1, "HMAC_SHA_1_4"},
                                                    {2, "HMAC_SHA_1_10"},
                                                    {3, "HMAC_SHA_256_8"},
                                                    {4, "HMAC_SHA_256_16"},
                                                    {5, "HMAC_SHA_1_8"},
                                                    {6, "AES_GMAC_12"},
                                                    {0, NULL}};
static const struct layout_name wrap_algorithms[] = {{1, "AES_128"}, {2, "AES_256"}, {0, NULL}};
static const struct layout_name key_statuses[] = {
    {1, "OK"}, {2, "NOT_INIT"}, {3, "COMM_FAIL"}, {4, "AUTH_FAIL"}, {0, NULL}};
static const struct layout_name challenge_reasons[] = {{1, "CRITICAL"}, {0, NULL}};
static const struct layout_name key_methods[] = {
    {3, "AES_128_SHA_1"},       {4, "AES_256_SHA_256"},       {5, "AES_256_GMAC"},
    {67, "RSA_1024_DSA_SHA_1"}, {68, "RSA_2048_DSA_SHA_256"}, {69, "RSA_3072_DSA_SHA_256"},
    {70, "RSA_2048_DSA_GMAC"},  {71, "RSA_3072_DSA_GMAC"},    {0, NULL}};
static const struct layout_name user_operations[] = {{1, "ADD"}, {2, "DELETE"}, {3, "CHANGE"}, {0, NULL}};
static const struct layout_name roles[] = {{0, "VIEWER"},    {1, "OPERATOR"},        {2, "ENGINEER"},
                                           {3, "INSTALLER"}, {4, "SECADM"},          {5, "SECAUD"},
                                           {6, "RBACMNT"},   {32768, "SINGLE_USER"}, {0, NULL}};
static const struct layout_name certificate_types[] = {{1, "ID"}, {2, "ATTRIBUTE"}, {0, NULL}};
static const struct layout_name security_errors[] = {{1, "AUTHENTICATION_FAILED"},
                                                     {2, "UNEXPECTED_REPLY"},
                                                     {3, "NO_REPLY"},
                                                     {4, "AGGRESSIVE_NOT_PERMITTED"},
                                                     {5, "MAC_NOT_PERMITTED"},
                                                     {6, "KEY_WRAP_NOT_PERMITTED"},
                                                     {7, "AUTHORISATION_FAILED"},
                                                     {8, "METHOD_NOT_PERMITTED"},
                                                     {9, "INVALID_SIGNATURE"},
                                                     {10, "INVALID_CERTIFICATION"},
                                                     {11, "UNKNOWN_USER"},
                                                     {12, "MAX_STATUS_REQUESTS"},
                                                     {0, NULL}};
static const struct layout_name activation_statuses[] = {{0, "WILL_BE_ACTIVATED"}, {0, NULL}};

static const struct layout_field schedule[] = {TIME("start"), NUMBER(4, "count"),
                                               NAMED(1, "units", schedule_units)};

static const struct layout_field file_authentication[] = {
    NUMBER(2, "user_offset"),
    NUMBER(2, "user_size"),
    NUMBER(2, "password_offset"),
    NUMBER(2, "password_size"),
    NUMBER(4, "key"),
    TEXT_AT(1, 0, "user"),
    {.name = "password", .kind = LAYOUT_SECRET, .length = 4, .position = 3}};
static const struct layout_field file_command[] = {NUMBER(2, "name_offset"),
                                                   NUMBER(2, "name_size"),
                                                   TIME("created"),
                                                   BITS(2, "permissions", file_permissions),
                                                   NUMBER(4, "key"),
                                                   NUMBER(4, "size"),
                                                   NAMED(2, "mode", file_modes),
                                                   NUMBER(2, "block_size"),
                                                   NUMBER(2, "request"),
                                                   TEXT_AT(1, 0, "name")};
static const struct layout_field file_status[] = {NUMBER(4, "handle"),
                                                  NUMBER(4, "size"),
                                                  NUMBER(2, "block_size"),
                                                  NUMBER(2, "request"),
                                                  NAMED(1, "status", file_statuses),
                                                  TEXT_REST("text")};
static const struct layout_field file_block[] = {NUMBER(4, "handle"), TOPPED(4, "block", "last"),
                                                 TEXT_REST("data")};
static const struct layout_field file_block_status[] = {NUMBER(4, "handle"), TOPPED(4, "block", "last"),
                                                        NAMED(1, "status", file_statuses), TEXT_REST("text")};
static const struct layout_field file_descriptor[] = {
    NUMBER(2, "name_offset"), NUMBER(2, "name_size"), NAMED(2, "type", file_types),
    NUMBER(4, "size"),        TIME("created"),        BITS(2, "permissions", file_permissions),
    NUMBER(2, "request"),     TEXT_AT(1, 0, "name")};
static const struct layout_field file_specification[] = {TEXT_REST("name")};

static const struct layout_field storage[] = {TOPPED(1, "fill_percent", "overflow"), NUMBER(1, "group"),
                                              NUMBER(1, "variation")};
static const struct layout_field device_profile[] = {
    {.name = "functions", .kind = LAYOUT_OCTETS, .width = 8}, NUMBER(2, "count"), OCTETS_REST("headers")};
static const struct layout_field registration[] = {{.name = "vendor", .kind = LAYOUT_TEXT, .width = 4},
                                                   NUMBER(2, "object"),
                                                   NUMBER(2, "length"),
                                                   OCTETS_BY(2, "data")};
static const struct layout_field registration_descriptor[] = {
    {.name = "vendor", .kind = LAYOUT_TEXT, .width = 4},
    NUMBER(2, "object"),
    NUMBER(2, "count"),
    {.name = "quantity", .kind = LAYOUT_NUMBER, .width = 2, .repeats = 3},
    NUMBER(1, "group"),
    NUMBER(1, "variation")};
static const struct layout_field application[] = {TEXT_REST("name")};
static const struct layout_field activation[] = {
    NUMBER(4, "delay_ms"),
    NUMBER(1, "count"),
    {.name = "length", .kind = LAYOUT_NUMBER, .width = 1, .repeats = 2},
    NAMED(1, "status", activation_statuses),
    {.name = "ancillary", .kind = LAYOUT_OCTETS, .length = 3, .less = 1}};
static const struct layout_field bcd_4[] = {BCD(2, "value")};
static const struct layout_field bcd_8[] = {BCD(4, "value")};
static const struct layout_field bcd_16[] = {BCD(8, "value")};
static const struct layout_field unsigned_8[] = {NUMBER(1, "value")};

static const struct layout_field challenge[] = {
    NUMBER(4, "challenge_seq"), NUMBER(2, "user"), NAMED(1, "mac_algorithm", mac_algorithms),
    NAMED(1, "reason", challenge_reasons), OCTETS_REST("challenge")};
static const struct layout_field reply[] = {NUMBER(4, "challenge_seq"), NUMBER(2, "user"),
                                            OCTETS_REST("mac")};
static const struct layout_field aggressive[] = {NUMBER(4, "challenge_seq"), NUMBER(2, "user")};
static const struct layout_field key_status_request[] = {NUMBER(2, "user")};
static const struct layout_field key_status[] = {NUMBER(4, "key_seq"),
                                                 NUMBER(2, "user"),
                                                 NAMED(1, "key_wrap", wrap_algorithms),
                                                 NAMED(1, "status", key_statuses),
                                                 NAMED(1, "mac_algorithm", mac_algorithms),
                                                 NUMBER(2, "challenge_size"),
                                                 OCTETS_BY(5, "challenge"),
                                                 OCTETS_REST("mac")};
static const struct layout_field key_change[] = {NUMBER(4, "key_seq"), NUMBER(2, "user"),
                                                 OCTETS_REST("wrapped_keys")};
static const struct layout_field security_error[] = {
    NUMBER(4, "seq"), NUMBER(2, "user"), NUMBER(2, "association"), NAMED(1, "error", security_errors),
    TIME("time"),     TEXT_REST("text")};
static const struct layout_field certificate[] = {
    NAMED(1, "method", key_methods), NAMED(1, "type", certificate_types), OCTETS_REST("certificate")};
static const struct layout_field mac[] = {OCTETS_REST("mac")};
static const struct layout_field user_status[] = {NAMED(1, "method", key_methods),
                                                  NAMED(1, "operation", user_operations),
                                                  NUMBER(4, "status_seq"),
                                                  NAMED(2, "role", roles),
                                                  NUMBER(2, "expiry_days"),
                                                  NUMBER(2, "name_size"),
                                                  NUMBER(2, "public_key_size"),
                                                  NUMBER(2, "certification_size"),
                                                  TEXT_BY(5, "name"),
                                                  OCTETS_BY(6, "public_key"),
                                                  OCTETS_BY(7, "certification")};
static const struct layout_field update_key_request[] = {NAMED(1, "method", key_methods),
                                                         NUMBER(2, "name_size"), NUMBER(2, "challenge_size"),
                                                         TEXT_BY(1, "name"), OCTETS_BY(2, "challenge")};
static const struct layout_field update_key_reply[] = {
    NUMBER(4, "key_seq"), NUMBER(2, "user"), NUMBER(2, "challenge_size"), OCTETS_BY(2, "challenge")};
static const struct layout_field update_key_change[] = {NUMBER(4, "key_seq"), NUMBER(2, "user"),
                                                        NUMBER(2, "key_size"), OCTETS_BY(2, "encrypted_key")};
static const struct layout_field signature[] = {OCTETS_REST("signature")};
static const struct layout_field statistic[] = {BITS(1, "flags", statistic_flags), NUMBER(2, "association"),
                                                NUMBER(4, "count")};
static const struct layout_field statistic_timed[] = {
    BITS(1, "flags", statistic_flags), NUMBER(2, "association"), NUMBER(4, "count"), TIME("time")};

#define LAYOUT(g, v, list)                                                                                   \
    {                                                                                                        \
        (g), (v), (list), sizeof(list) / sizeof(list)[0]                                                     \
    }

static const struct layout layouts[] = {
    LAYOUT(50, 4, schedule),
    LAYOUT(70, 2, file_authentication),
    LAYOUT(70, 3, file_command),
    LAYOUT(70, 4, file_status),
    LAYOUT(70, 5, file_block),
    LAYOUT(70, 6, file_block_status),
    LAYOUT(70, 7, file_descriptor),
    LAYOUT(70, 8, file_specification),
    LAYOUT(81, 1, storage),
    LAYOUT(82, 1, device_profile),
    LAYOUT(83, 1, registration),
    LAYOUT(83, 2, registration_descriptor),
    LAYOUT(90, 1, application),
    LAYOUT(91, 1, activation),
    LAYOUT(101, 1, bcd_4),
    LAYOUT(101, 2, bcd_8),
    LAYOUT(101, 3, bcd_16),
    LAYOUT(102, 1, unsigned_8),
    LAYOUT(120, 1, challenge),
    LAYOUT(120, 2, reply),
    LAYOUT(120, 3, aggressive),
    LAYOUT(120, 4, key_status_request),
    LAYOUT(120, 5, key_status),
    LAYOUT(120, 6, key_change),
    LAYOUT(120, 7, security_error),
    LAYOUT(120, 8, certificate),
    LAYOUT(120, 9, mac),
    LAYOUT(120, 10, user_status),
    LAYOUT(120, 11, update_key_request),
    LAYOUT(120, 12, update_key_reply),
    LAYOUT(120, 13, update_key_change),
    LAYOUT(120, 14, signature),
    LAYOUT(120, 15, mac),
    LAYOUT(121, 1, statistic),
    LAYOUT(122, 1, statistic),
    LAYOUT(122, 2, statistic_timed),
};

const struct layout *layout_find(uint8_t group, uint8_t variation)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].group == group && layouts[i].variation == variation)
            return &layouts[i];
    }
    return NULL;
}
