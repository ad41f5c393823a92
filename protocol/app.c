// SPDX-License-Identifier: Apache-2.0
#include "protocol/app.h"

enum app_result app_parse(const uint8_t *octets, size_t len, struct app_fragment *f)
{
    struct reader r = reader_over(octets, len);
    *f = (struct app_fragment){.octets = octets, .len = len};
    f->control = read_u8(&r);
    f->function = read_u8(&r);
    if (app_is_response(f->function))
        f->iin = read_u16(&r);
    f->objects = r.at;
    f->objects_len = reader_left(&r);
    return r.failed ? APP_TOO_SHORT : APP_OK;
}

struct function_row {
    const char *name;
    uint8_t mask;
    bool with_objects; /* application.md 4: object data follows the indexes and ranges */
};

static const struct function_row functions[] = {
    [APP_CONFIRM] = {"CONFIRM", 0, false},
    [APP_READ] = {"READ", OBJECT_IN_READ, false},
    [APP_WRITE] = {"WRITE", OBJECT_IN_WRITE, true},
    [APP_SELECT] = {"SELECT", OBJECT_IN_OPERATE, true},
    [APP_OPERATE] = {"OPERATE", OBJECT_IN_OPERATE, true},
    [APP_DIRECT_OPERATE] = {"DIRECT_OPERATE", OBJECT_IN_OPERATE, true},
    [APP_DIRECT_OPERATE_NR] = {"DIRECT_OPERATE_NR", OBJECT_IN_OPERATE, true},
    [APP_IMMED_FREEZE] = {"IMMED_FREEZE", OBJECT_IN_FREEZE, false},
    [APP_IMMED_FREEZE_NR] = {"IMMED_FREEZE_NR", OBJECT_IN_FREEZE, false},
    [APP_FREEZE_CLEAR] = {"FREEZE_CLEAR", OBJECT_IN_FREEZE, false},
    [APP_FREEZE_CLEAR_NR] = {"FREEZE_CLEAR_NR", OBJECT_IN_FREEZE, false},
    [APP_FREEZE_AT_TIME] = {"FREEZE_AT_TIME", OBJECT_IN_FREEZE, false},
    [APP_FREEZE_AT_TIME_NR] = {"FREEZE_AT_TIME_NR", OBJECT_IN_FREEZE, false},
    [APP_COLD_RESTART] = {"COLD_RESTART", 0, false},
    [APP_WARM_RESTART] = {"WARM_RESTART", 0, false},
    [APP_INITIALIZE_DATA] = {"INITIALIZE_DATA", 0, false},
    [APP_INITIALIZE_APPL] = {"INITIALIZE_APPL", 0, true},
    [APP_START_APPL] = {"START_APPL", 0, true},
    [APP_STOP_APPL] = {"STOP_APPL", 0, true},
    [APP_SAVE_CONFIG] = {"SAVE_CONFIG", 0, false},
    [APP_ENABLE_UNSOLICITED] = {"ENABLE_UNSOLICITED", OBJECT_IN_CLASS, false},
    [APP_DISABLE_UNSOLICITED] = {"DISABLE_UNSOLICITED", OBJECT_IN_CLASS, false},
    [APP_ASSIGN_CLASS] = {"ASSIGN_CLASS", OBJECT_IN_CLASS, false},
    [APP_DELAY_MEASURE] = {"DELAY_MEASURE", 0, false},
    [APP_RECORD_CURRENT_TIME] = {"RECORD_CURRENT_TIME", 0, false},
    [APP_OPEN_FILE] = {"OPEN_FILE", 0, true},
    [APP_CLOSE_FILE] = {"CLOSE_FILE", 0, true},
    [APP_DELETE_FILE] = {"DELETE_FILE", 0, true},
    [APP_GET_FILE_INFO] = {"GET_FILE_INFO", 0, true},
    [APP_AUTHENTICATE_FILE] = {"AUTHENTICATE_FILE", 0, true},
    [APP_ABORT_FILE] = {"ABORT_FILE", 0, true},
    [APP_ACTIVATE_CONFIG] = {"ACTIVATE_CONFIG", 0, true},
    [APP_AUTHENTICATE_REQ] = {"AUTHENTICATE_REQ", 0, true},
    [APP_AUTH_REQ_NO_ACK] = {"AUTH_REQ_NO_ACK", 0, true},
    [APP_RESPONSE] = {"RESPONSE", OBJECT_IN_RESPONSE | OBJECT_IN_OPERATE, true},
    [APP_UNSOLICITED_RESPONSE] = {"UNSOLICITED_RESPONSE", OBJECT_IN_UNSOLICITED, true},
    [APP_AUTHENTICATE_RESP] = {"AUTHENTICATE_RESP", 0, true},
};

static const struct function_row *function_find(uint8_t function)
{
    bool known = function < sizeof functions / sizeof functions[0] && functions[function].name;
    return known ? &functions[function] : NULL;
}

uint8_t app_function_mask(uint8_t function)
{
    const struct function_row *row = function_find(function);
    return row ? row->mask : 0;
}

const char *app_function_name(uint8_t function)
{
    const struct function_row *row = function_find(function);
    return row ? row->name : NULL;
}

const char *app_iin_name(unsigned bit)
{
    static const char *const names[16] = {
        "IIN1.0 BROADCAST",
        "IIN1.1 CLASS_1_EVENTS",
        "IIN1.2 CLASS_2_EVENTS",
        "IIN1.3 CLASS_3_EVENTS",
        "IIN1.4 NEED_TIME",
        "IIN1.5 LOCAL_CONTROL",
        "IIN1.6 DEVICE_TROUBLE",
        "IIN1.7 DEVICE_RESTART",
        "IIN2.0 NO_FUNC_CODE_SUPPORT",
        "IIN2.1 OBJECT_UNKNOWN",
        "IIN2.2 PARAMETER_ERROR",
        "IIN2.3 EVENT_BUFFER_OVERFLOW",
        "IIN2.4 ALREADY_EXECUTING",
        "IIN2.5 CONFIG_CORRUPT",
        NULL,
        NULL,
    };
    return bit < 16 ? names[bit] : NULL;
}

struct object_walk app_objects(const struct app_fragment *f)
{
    const struct function_row *row = function_find(f->function);
    return (struct object_walk){
        .r = reader_over(f->objects, f->objects_len),
        .fragment = f->octets,
        .function = f->function,
        .with_objects = !row || row->with_objects,
        .empty_strings = f->empty_strings,
    };
}

void app_write_request(struct writer *w, uint8_t control, uint8_t function)
{
    const uint8_t header[APP_REQUEST_HEADER_LEN] = {control, function};
    write_octets(w, header, sizeof header);
}

void app_write_response(struct writer *w, uint8_t control, uint8_t function, uint16_t iin)
{
    const uint8_t header[APP_RESPONSE_HEADER_LEN] = {control, function, (uint8_t)iin, (uint8_t)(iin >> 8)};
    write_octets(w, header, sizeof header);
}
