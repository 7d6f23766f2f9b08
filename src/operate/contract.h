// What the build embeds in the program: openapi.yaml, the same as JSON and as pages for people, and the front page
// (web/).
#ifndef THIDUA_OPERATE_CONTRACT_H
#define THIDUA_OPERATE_CONTRACT_H

#include <stddef.h>

struct contract {
    const char *media_type;
    const char *text, *gzip;
    size_t length, gzip_length;
    const char *etag;                    // without quotes
    const char *content_security_policy; // NULL: none
};

extern const struct contract contract_yaml, contract_json, contract_page, contract_schemas, contract_front;

#endif
