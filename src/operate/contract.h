// openapi.yaml, embedded in the program by the build: itself, as JSON, and as a page for people.
#ifndef THIDUA_OPERATE_CONTRACT_H
#define THIDUA_OPERATE_CONTRACT_H

#include <stddef.h>

struct contract {
    const char *text;
    size_t length;
};

extern const struct contract contract_yaml, contract_json, contract_page;

#endif
