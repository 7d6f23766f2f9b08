// What the values of options must be: each function is a `fault` of struct option.
#ifndef THIDUA_APP_COMMAND_LINE_FAULTS_H
#define THIDUA_APP_COMMAND_LINE_FAULTS_H

#include <stdbool.h>

const char *fault_of_name(const char *value);
const char *fault_of_role(const char *value);
const char *fault_of_uuid(const char *value);
const char *fault_of_days(const char *value);
const char *fault_of_year(const char *value);
const char *fault_of_instant(const char *value);
const char *fault_of_head(const char *value);

// "SEQ:HASH", the end of the journal as it once was.
bool read_noted_head(const char *text, long long *ret_seq, const char **ret_hash);

#endif
