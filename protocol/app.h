// SPDX-License-Identifier: Apache-2.0
/*
 * The application layer's headers (dnp3-reference/application.md 1-4): fragment header, IIN, object headers.
 *
 * Walking a fragment costs what its octets cost: a header that claims 65,536 values in 5 octets is refused
 * before anything is done for it.
 *
 *     struct app_fragment f;
 *     if (app_parse(octets, len, &f) != APP_OK) ...;
 *     struct object_walk walk = app_objects(&f);
 *     struct object_header h;
 *     while (object_walk_next(&walk, &h) == WALK_HEADER) ...;
 */
#ifndef PROTOCOL_APP_H
#define PROTOCOL_APP_H

#include "protocol/bytes.h"
#include "protocol/objects.h"

enum { APP_FIR = 0x80, APP_FIN = 0x40, APP_CON = 0x20, APP_UNS = 0x10, APP_SEQ = 0x0F };
enum { APP_FRAGMENT_MAX = 2048, APP_REQUEST_HEADER_LEN = 2, APP_RESPONSE_HEADER_LEN = 4 };

enum app_function {
    APP_CONFIRM = 0,
    APP_READ = 1,
    APP_WRITE = 2,
    APP_SELECT = 3,
    APP_OPERATE = 4,
    APP_DIRECT_OPERATE = 5,
    APP_DIRECT_OPERATE_NR = 6,
    APP_IMMED_FREEZE = 7,
    APP_IMMED_FREEZE_NR = 8,
    APP_FREEZE_CLEAR = 9,
    APP_FREEZE_CLEAR_NR = 10,
    APP_FREEZE_AT_TIME = 11,
    APP_FREEZE_AT_TIME_NR = 12,
    APP_COLD_RESTART = 13,
    APP_WARM_RESTART = 14,
    APP_INITIALIZE_DATA = 15,
    APP_INITIALIZE_APPL = 16,
    APP_START_APPL = 17,
    APP_STOP_APPL = 18,
    APP_SAVE_CONFIG = 19,
    APP_ENABLE_UNSOLICITED = 20,
    APP_DISABLE_UNSOLICITED = 21,
    APP_ASSIGN_CLASS = 22,
    APP_DELAY_MEASURE = 23,
    APP_RECORD_CURRENT_TIME = 24,
    APP_OPEN_FILE = 25,
    APP_CLOSE_FILE = 26,
    APP_DELETE_FILE = 27,
    APP_GET_FILE_INFO = 28,
    APP_AUTHENTICATE_FILE = 29,
    APP_ABORT_FILE = 30,
    APP_ACTIVATE_CONFIG = 31,
    APP_AUTHENTICATE_REQ = 32,
    APP_AUTH_REQ_NO_ACK = 33,
    APP_RESPONSE = 129,
    APP_UNSOLICITED_RESPONSE = 130,
    APP_AUTHENTICATE_RESP = 131
};

/* Internal indications as one 16-bit word, IIN1 in the low octet: bit 8*(octet-1)+bit, as g80v1 numbers them.
 */
enum {
    IIN_BROADCAST = 0x0001,
    IIN_CLASS_1_EVENTS = 0x0002,
    IIN_CLASS_2_EVENTS = 0x0004,
    IIN_CLASS_3_EVENTS = 0x0008,
    IIN_NEED_TIME = 0x0010,
    IIN_LOCAL_CONTROL = 0x0020,
    IIN_DEVICE_TROUBLE = 0x0040,
    IIN_DEVICE_RESTART = 0x0080,
    IIN_NO_FUNC_CODE_SUPPORT = 0x0100,
    IIN_OBJECT_UNKNOWN = 0x0200,
    IIN_PARAMETER_ERROR = 0x0400,
    IIN_EVENT_BUFFER_OVERFLOW = 0x0800,
    IIN_ALREADY_EXECUTING = 0x1000,
    IIN_CONFIG_CORRUPT = 0x2000,
    IIN_REQUEST_ERRORS = IIN_NO_FUNC_CODE_SUPPORT | IIN_OBJECT_UNKNOWN | IIN_PARAMETER_ERROR
};

enum { GROUP_AUTHENTICATION = 120 };

/* Masks of classes: of a point, an event, a poll. */
enum {
    CLASS_0 = 0x01,
    CLASS_1 = 0x02,
    CLASS_2 = 0x04,
    CLASS_3 = 0x08,
    CLASS_EVENTS = 0x0E,
    CLASS_ALL = 0x0F
};

struct app_fragment {
    uint8_t control;
    uint8_t function;
    uint16_t iin;          /* responses only, else 0 */
    const uint8_t *octets; /* the whole fragment, its header included */
    size_t len;
    const uint8_t *objects; /* what follows the header */
    size_t objects_len;
    bool empty_strings; /* not on the wire: its sender has strings without octets, g110v0 and g111v0 */
};

enum app_result { APP_OK, APP_TOO_SHORT };

static inline bool app_is_response(uint8_t function)
{
    return function >= APP_RESPONSE;
}

/* OBJECT_IN_* of that function: what a row's `functions` is compared with; 0 where it takes no objects. */
uint8_t app_function_mask(uint8_t function);

/* Functions 129 and up have a response header. Flags are not judged here: master and outstation have their
 * rules. */
enum app_result app_parse(const uint8_t *octets, size_t len, struct app_fragment *f);

/* One object header and the octets behind it. */
struct object_header {
    const struct object_type *type; /* NULL where the table does not know the group and variation */
    uint8_t group;
    uint8_t variation;
    uint8_t qualifier;
    uint8_t prefix_len;  /* octets before each object: 0, 1, 2, 4 */
    bool sized;          /* the prefix is the object's size, not its index */
    bool ranged;         /* start is meant: objects are start, start+1, ... */
    bool all;            /* qualifier 06 */
    bool has_objects;    /* `data` holds objects (else bare indexes, or nothing) */
    uint32_t start;      /* first index of a range, else 0 */
    uint32_t count;      /* number of objects; 0 with `all` */
    uint32_t whole;      /* with WALK_TRUNCATED: so many objects are there all the same, of one size each */
    const uint8_t *data; /* prefixes and objects */
    size_t data_len;
    size_t offset; /* of the header within the fragment, for messages */
};

enum walk_result {
    WALK_HEADER,
    WALK_END,
    WALK_UNKNOWN_OBJECT, /* unknown size: the rest can't be read (header fields are set) */
    WALK_BAD_QUALIFIER,  /* reserved, or not one for this object */
    WALK_BAD_RANGE,      /* start > stop, or a count of 0 */
    WALK_TRUNCATED
};

struct object_walk {
    struct reader r;
    const uint8_t *fragment;
    uint8_t function;
    bool with_objects;  /* the function code carries object data behind index prefixes and ranges */
    bool empty_strings; /* as in the fragment */
};

/*
 * The headers in order. A header that carries no objects (READ, FREEZE, qualifier 06, a size prefix) is
 * returned with type NULL where the table does not know it, and the walk goes on: it is the caller's to
 * refuse (IIN2.1). Whether an object has a place in the function is the caller's too: type->functions. What
 * remains after a defect can't be read: the walk then ends with WALK_TRUNCATED. A range in a request may well
 * span 2^32 - 1 points: compare it with the points that there are before stepping through it.
 */
struct object_walk app_objects(const struct app_fragment *f);
enum walk_result object_walk_next(struct object_walk *walk, struct object_header *h);
/* After a defect: goes on behind the header all the same, where it is known where that is: its qualifier has
 * a meaning, if not for this object, and no objects follow it. False: nowhere. */
bool object_walk_pass(struct object_walk *walk, const struct object_header *h);
const char *walk_result_text(enum walk_result result);
/* More of the rule that the header breaks: "start after stop". */
const char *object_defect_text(const struct object_header *h, enum walk_result result);

/* The i-th object of a header: its index (from prefix or range; i where it has neither) and octets. NULL data
 * where the header carries none; packed objects give `data` of the whole header. i < h->count. */
struct object_at {
    uint32_t index;
    const uint8_t *data;
    size_t len; /* octets of `data` */
};
struct object_at object_header_at(const struct object_header *h, uint32_t i);

/* Writers. Each fails through the writer's sticky error and writes all or nothing of what it is asked. */
void app_write_request(struct writer *w, uint8_t control, uint8_t function);
void app_write_response(struct writer *w, uint8_t control, uint8_t function, uint16_t iin);
void object_write_all(struct writer *w, uint8_t group, uint8_t variation); /* qualifier 06 */
void object_write_count(struct writer *w, uint8_t group, uint8_t variation, uint32_t count); /* 07 or 08 */
void object_write_range(struct writer *w, uint8_t group, uint8_t variation, uint32_t start,
                        uint32_t stop); /* 00, 01 */

/* Names for people: "READ", "IIN1.7 DEVICE_RESTART". */
const char *app_function_name(uint8_t function); /* NULL where reserved */
const char *app_iin_name(unsigned bit);          /* bit 0..15; NULL where reserved */

#endif
