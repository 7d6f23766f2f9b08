// openapi.yaml, embedded in the program by the build.
#ifndef THIDUA_OPERATE_CONTRACT_H
#define THIDUA_OPERATE_CONTRACT_H

#include <stddef.h>

extern const char contract_text[];
extern const size_t contract_length;

#endif
